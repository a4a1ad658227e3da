"""What a target plan is asked for with."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from inventory.planning.stock_plans.schemas import MakeTargets
from optimizer.run import Limit
from optimizer.stocking.model import Budget


@dataclass(frozen=True, slots=True)
class TargetRequest:
    """What to plan, and with which version of the program.

    `id` makes the request safe to repeat: the plan of that key is made once, and told again.
    """

    wanted: MakeTargets
    program: str
    id: UUID | None = None

    @property
    def limit(self) -> Limit:
        """The work limit: none is more curves than there are parts."""
        if self.wanted.seconds is not None:
            return Limit(seconds=self.wanted.seconds)
        return Limit(iterations=self.wanted.iterations or 10**9)

    def budgets(self) -> dict[Budget, float]:
        """Return the money by budget; one sum for all is the capital, which then buys everything."""
        if self.wanted.capital_budget is None:
            return {Budget.CAPITAL: float(self.wanted.budget)}
        return {Budget.CAPITAL: float(self.wanted.capital_budget), Budget.OPERATING: float(self.wanted.budget)}
