"""What stock targets are asked for with, and what comes out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.goals import Goal, lines_are_there
from optimizer.stocking.model import Budget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from optimizer.run import Status
    from optimizer.stocking.evaluate import Evaluation
    from optimizer.stocking.goals import Fleets, Floors
    from optimizer.stocking.model import Assumption, Scenario


@dataclass(frozen=True, slots=True)
class Problem:
    """A scenario and the money for pieces beyond those that are owned.

    Pieces that are owned cost nothing, wherever they lie; one that is not kept brings `resale_share` of its price to
    its budget. Floors hold beside the goal; `fleets` are told their availability, and must be given for that goal.
    Raises ValueError for bad numbers, and where the least that lines must hold cannot be paid.
    """

    scenario: Scenario
    budgets: Mapping[Budget, float]
    resale_share: float = 0.0
    goal: Goal = Goal.WAITING
    floors: Floors | None = None
    fleets: Fleets | None = None

    def __post_init__(self) -> None:
        if self.goal is Goal.AVAILABILITY and self.fleets is None:
            raise ValueError("availability is of fleets: give them, or another goal")
        for columns in (self.floors, self.fleets):
            if columns is not None:
                lines_are_there(self.scenario, columns.line)
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

    `price` is what the last money saves: of the objective by unit of money. `points` are money and the objective
    of its parts along the efficient curve, without floors and with a straight goal: less cannot be had for that money,
    but for what does not divide. Where floors or fleets join the budgets, `bound` is the part of the whole bound that
    `objective` is of the whole.
    """

    budget: float
    spent: float
    price: float
    objective: float
    bound: float
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """What a floor reaches, in its own measure.

    `multiplier` is what one more piece that it may lack (waiting; or, of a share served at once, missed in a day) would
    save of the objective. `money` is its part in what all floors cost: the money that would bring the objective back to
    what it is without floors, at the price of money, shared out by how much each one changed at its multiplier.
    """

    floor: str
    value: float
    met: bool
    multiplier: float
    money: float


@dataclass(frozen=True, slots=True)
class Flying:
    """A fleet's expected backorders and availability: the share of aircraft that miss no part."""

    fleet: str
    backorders: float
    availability: float


@dataclass(frozen=True, slots=True)
class WayOut:
    """Money by budget for which stock was found that meets all floors; no stock for less than `bound` in all does."""

    money: Mapping[Budget, float]
    bound: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Stock targets, with what they leave waiting and what proves them.

    Columns are by node (a place of a part), as in `evaluation`, where `stock` are the targets. `saves` is what one
    piece more would save there, of the objective. `surplus` are owned pieces by part that are in no target, sold
    where that brings money. No stock for this money leaves less than `bound` of the objective, in the model that the
    evaluation is labelled with; `gap` is the share of `objective` that lies above it.

    Where no stock was found that meets all floors for the money, the status is infeasible: the targets are those that
    come nearest, `floors` tell how near, and `way_out` the money that would do (None: none was found). Where the search
    was ended before that is known, the status is that there is no plan.
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
    floors: tuple[Reached, ...] = ()
    fleets: tuple[Flying, ...] = ()
    way_out: WayOut | None = None
