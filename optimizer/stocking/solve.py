"""Find stock targets: for each budget a curve by part, units by what they save for their money, and where they lie."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from optimizer.run import Limit, OnProgress, Progress, ShouldStop, Status, never_stop, no_progress
from optimizer.stocking.aim import aim_of, reachable
from optimizer.stocking.case import case_of
from optimizer.stocking.curves import Curves
from optimizer.stocking.evaluate import valued
from optimizer.stocking.floors import searched, way_out
from optimizer.stocking.free import lay_free
from optimizer.stocking.plan import Plan, Spending
from optimizer.stocking.told import flying

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.stocking.curves import Curve
    from optimizer.stocking.floors import Loop
    from optimizer.stocking.model import Budget
    from optimizer.stocking.plan import Problem

REPORT_EVERY = 500
ROUNDING = 1e-12
"""What sums of the same numbers may differ by, as a share."""


def solve(
    problem: Problem,
    *,
    limit: Limit,
    seed: int = 0,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = no_progress,
) -> Plan:
    """Return targets that make the goal least for the money and meet the floors; `limit.iterations` counts curves.

    The bound is Lagrangian: in the two-moment model, no targets leave less. It is optimal where the search of a small
    network was complete. Ended early by the limit or `should_stop`, the parts left get the least that they must hold,
    and the bound has them leave nothing waiting; if floors are then not met, there is no plan yet, but what comes
    nearest. `seed` has no influence: nothing is drawn. Time grows with the places
    of a part and the pieces that are of use above them; floors and availability take several such rounds. Raises
    ValueError for a floor that no money meets.
    """
    del seed
    return _Run(problem, limit, should_stop, on_progress).plan()


class _Run:
    """One solve."""

    def __init__(self, problem: Problem, limit: Limit, should_stop: ShouldStop, on_progress: OnProgress) -> None:
        self.problem, self.limit, self.should_stop, self.on_progress = problem, limit, should_stop, on_progress
        self.started_s = time.monotonic()
        self.case = case_of(problem)
        self.aim = aim_of(problem, self.case.tree)
        self.worked = 0

    def plan(self) -> Plan:
        """Return the plan."""
        reachable(self.case.tree, self.aim.lacks)
        loop = searched(self.case, self.aim, self.curve)
        way = way_out(loop) if loop.best is None else None
        self._lay_free(loop)
        found, evaluation = loop.found, loop.found.evaluation
        spending = self._spending(loop)
        objective = math.fsum(one.objective for one in spending.values())
        bound = math.fsum(one.bound for one in spending.values())
        status = Status.OPTIMAL if bound >= objective and found.whole else Status.FEASIBLE
        if loop.best is None:
            status = Status.TIMEOUT_NO_PLAN if loop.ended else Status.INFEASIBLE
        seconds = time.monotonic() - self.started_s
        self.on_progress(Progress(self.worked, seconds, objective, bound))
        return Plan(
            status=status,
            objective=objective,
            bound=bound,
            gap=(objective - bound) / objective if objective > 0 else 0.0,
            seconds=seconds,
            evaluation=evaluation,
            saves=self._saves(loop, evaluation.stock),
            surplus=self.case.surplus(evaluation.stock),
            spending=spending,
            assumptions=self.problem.scenario.assumptions(),
            floors=loop.told(),
            fleets=flying(self.problem.fleets, self.aim.seats, evaluation),
            way_out=way,
        )

    def _curves(self, loop: Loop) -> Curves:
        """Return curves of the goal, as it weighs at what was found."""
        return Curves(
            self.case.tree, *self.aim.weights(loop.slopes_at(loop.found), np.zeros_like(self.aim.lacks.limit))
        )

    def _lay_free(self, loop: Loop) -> None:
        """Lay what is owned where it helps the goal, which the last round may have left out for the floors."""
        case, found = self.case, loop.found
        stock = found.evaluation.stock.copy()
        lay_free(case, self._curves(loop), stock, np.arange(case.price.size))
        if (stock == found.evaluation.stock).all():
            return
        told = valued(case.tree, stock)
        laid = found._replace(evaluation=told, goal=self.aim.objective(told), lack=self.aim.lacks.of(told))
        if loop.best is None:
            loop.nearest = laid
        else:
            loop.best = laid

    def _saves(self, loop: Loop, stock: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what one piece more at each node would save of the goal."""
        tree, curves = self.case.tree, self._curves(loop)
        nodes = zip(tree.at[:-1].tolist(), tree.at[1:].tolist(), strict=True)
        return np.concatenate([curves.savings(index, stock[one:two]) for index, (one, two) in enumerate(nodes)])

    def _spending(self, loop: Loop) -> dict[Budget, Spending]:
        """Return how each budget is used; its bound is its own where nothing joins it to others."""
        found, told = loop.found, {}
        for budget, mine in self.case.parts.items():
            goal = math.fsum(found.goal[mine])
            share = (
                found.bounds[budget] / goal if self.aim.plain and goal > 0 else loop.bound / (found.objective or 1.0)
            )
            told[budget] = Spending(
                self.case.money[budget],
                math.fsum(found.costs[mine]),
                found.prices[budget],
                goal,
                goal if share > 1.0 - ROUNDING else max(0.0, share * goal),
                loop.points[budget],
            )
        return told

    def curve(self, curves: Curves, index: int, enough: float, near: float) -> Curve | None:
        """Return the curve of a part, None where no work is left."""
        seconds = time.monotonic() - self.started_s
        late = self.limit.seconds is not None and seconds >= self.limit.seconds
        if late or self.worked == self.limit.iterations or self.should_stop():
            return None
        self.worked += 1
        if self.worked % REPORT_EVERY == 0:
            self.on_progress(Progress(self.worked, seconds, math.inf))
        return curves.of(index, enough, near)
