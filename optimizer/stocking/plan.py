"""What stock targets are asked for with, and what comes out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.model import Budget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from optimizer.run import Status
    from optimizer.stocking.evaluate import Evaluation
    from optimizer.stocking.model import Assumption, Scenario


@dataclass(frozen=True, slots=True)
class Problem:
    """A scenario and the money for pieces beyond those that are owned.

    Pieces that are owned cost nothing, wherever they lie; one that is not kept brings `resale_share` of its price to
    its budget. Raises ValueError for bad numbers, and where the least that lines must hold cannot be paid.
    """

    scenario: Scenario
    budgets: Mapping[Budget, float]
    resale_share: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.resale_share <= 1:
            raise ValueError(f"resale_share must lie between 0 and 1, not {self.resale_share}")
        pieces = self._pieces()
        for budget in Budget:
            of = [index for index, part in enumerate(self.scenario.parts) if part.budget is budget]
            money = self.budgets.get(budget)
            if money is None:
                if of:
                    raise ValueError(f"no {budget} budget for {len(of)} parts: give it, 0 to buy none")
                continue
            if not 0 <= money < math.inf:
                raise ValueError(f"the {budget} budget must be 0 or more and finite, not {money}")
            self._payable(budget, money, {index: pieces[index] for index in of})

    def _pieces(self) -> list[tuple[int, int]]:
        lines = self.scenario.lines
        least = np.bincount(lines.part, lines.least).astype(np.int64).tolist()
        owned = np.bincount(lines.part, lines.owned).astype(np.int64).tolist()
        return list(zip(least, owned, strict=True))

    def _payable(self, budget: Budget, money: float, pieces: Mapping[int, tuple[int, int]]) -> None:
        parts, resale = self.scenario.parts, self.resale_share
        costs = {
            index: parts[index].price * ((least - owned) if least > owned else (least - owned) * resale)
            for index, (least, owned) in pieces.items()
        }
        total = math.fsum(costs.values())
        if total > money * (1 + 1e-12):
            dearest = max(costs, key=costs.__getitem__)
            raise ValueError(
                f"the {budget} budget of {money:,.2f} does not pay the least that must be held beyond what is owned: "
                f"{total:,.2f}, of which part {parts[dearest].number} takes {costs[dearest]:,.2f}; raise the budget by "
                f"{total - money:,.2f}, or lower `least`"
            )


@dataclass(frozen=True, slots=True)
class Spending:
    """How one budget is used.

    `price` is what the last money saves: weighted backorders by unit of money. `points` are money and weighted
    backorders of its parts along the efficient curve: less cannot wait for that money, but for what does not divide.
    """

    budget: float
    spent: float
    price: float
    objective: float
    bound: float
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Stock targets, with what they leave waiting and what proves them.

    Columns are by node (a place of a part), as in `evaluation`, where `stock` are the targets. `saves` is what one
    piece more would save there, in weighted backorders. `surplus` are owned pieces by part that are in no target, sold
    where that brings money. No stock for this money leaves less than `bound` waiting, in the model that the
    evaluation is labelled with; `gap` is the share of `objective` that lies above it.
    """

    status: Status
    objective: float
    bound: float
    gap: float
    seconds: float
    evaluation: Evaluation
    saves: NDArray[np.float64]
    surplus: NDArray[np.int64]
    spending: Mapping[Budget, Spending]
    assumptions: tuple[Assumption, ...]
