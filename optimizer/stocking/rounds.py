"""One round: the best stock for given weights, with what it leaves, costs and proves."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.stocking.aim import waiting_of
from optimizer.stocking.curves import Curves
from optimizer.stocking.evaluate import valued
from optimizer.stocking.purse import Purse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from optimizer.stocking.aim import Aim
    from optimizer.stocking.case import Case
    from optimizer.stocking.curves import Curve
    from optimizer.stocking.evaluate import Evaluation
    from optimizer.stocking.model import Budget

    Floats = NDArray[np.float64]
    Ask = Callable[[Curves, int, float, float], Curve | None]

SMALL = 64
"""Parts up to which every way to share pieces is tried, and every number of pieces of each."""
SMALL_NODES = 20
"""And nodes of a part, for that."""


class Round(NamedTuple):
    """A stock; by part the goal, what it costs; what floors lack; the bound, and by budget price, bound and points."""

    evaluation: Evaluation
    goal: Floats
    costs: Floats
    lack: Floats
    bound: float
    prices: Mapping[Budget, float]
    bounds: Mapping[Budget, float]
    points: Mapping[Budget, tuple[tuple[float, float], ...]]
    money: Mapping[Budget, float]  # for pieces beyond the least
    proven: bool
    whole: bool  # everything was worked out, nothing ended it early

    @property
    def objective(self) -> float:
        """What the goal comes to."""
        return math.fsum(self.goal)


def is_small(case: Case) -> bool:
    """Return whether a network is so small that everything is tried."""
    at = case.tree.at
    return at.size - 1 <= SMALL and int(np.diff(at).max()) <= SMALL_NODES


def settled(
    case: Case,
    aim: Aim,
    slopes: Floats,
    multipliers: Floats,
    ask: Ask,
    *,
    prices: Mapping[Budget, float] | None = None,
    goal: bool = True,
) -> Round:
    """Return the best stock for slopes of the goal and multipliers of the floors.

    It spends the budgets; or, with `prices`, whatever saves its price, of which the bound counts what goes beyond the
    budgets. Without the `goal` money itself is the goal.
    """
    tree = case.tree
    weights = aim.weights(slopes, multipliers, goal=goal)
    curves = Curves(tree, *weights, exact=is_small(case))
    stock = tree.least.copy()
    purses, paid = [], 0.0
    for budget in case.parts:
        purse = Purse(case, curves, budget)
        if prices is None:
            purse.spend(partial(ask, curves), whole=curves.exact)
        else:
            price = prices[budget]
            purse.buy(partial(ask, curves), price)
            paid += price * (purse.taken.spent - purse.money if goal else purse.taken.spent + purse.beyond)
        purse.lay(stock)
        purses.append(purse)
    evaluation = valued(tree, stock)
    waiting = waiting_of(tree, evaluation, *weights)
    bounds = {purse.budget: purse.bound(float(waiting[purse.parts].sum())) for purse in purses}
    bound = math.fsum(bounds.values()) - float(multipliers @ aim.lacks.limit) + paid
    if goal and aim.seats is not None and slopes.size:
        bound -= aim.seats.under(slopes)
    return Round(
        evaluation,
        aim.objective(evaluation),
        case.costs(stock),
        aim.lacks.of(evaluation),
        bound,
        {purse.budget: purse.taken.price for purse in purses},
        bounds,
        {purse.budget: purse.points() for purse in purses} if prices is None else {},
        {purse.budget: purse.money for purse in purses},
        all(purse.proven for purse in purses) and aim.plain,
        not any(purse.unknown for purse in purses),
    )
