"""Find stock targets: for each budget a curve by part, units by what they save for their money, and where they lie."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from optimizer.run import Limit, OnProgress, Progress, ShouldStop, Status, never_stop, no_progress
from optimizer.stocking.curves import Curves
from optimizer.stocking.evaluate import Method, evaluated
from optimizer.stocking.model import Budget
from optimizer.stocking.plan import Plan
from optimizer.stocking.purse import Purse
from optimizer.stocking.tree import tree_of

if TYPE_CHECKING:
    from optimizer.stocking.curves import Curve
    from optimizer.stocking.plan import Problem

SMALL = 64
"""Parts up to which every way to share pieces is tried, and every number of pieces of each."""
SMALL_NODES = 20
"""And nodes of a part, for that."""
REPORT_EVERY = 500


def solve(
    problem: Problem,
    *,
    limit: Limit,
    seed: int = 0,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = no_progress,
) -> Plan:
    """Return targets that leave the least waiting, weighted, for the money; `limit.iterations` counts curves of parts.

    The bound is Lagrangian: in the two-moment model, no targets leave less. It is optimal where the search of a small
    network was complete. Ended early by the limit or `should_stop`, the parts left get the least that they must hold,
    and the bound has them leave nothing waiting. `seed` has no influence: nothing is drawn. Time grows with the places
    of a part and the pieces that are of use above them.
    """
    del seed
    return _Run(problem, limit, should_stop, on_progress).plan()


class _Run:
    """One solve."""

    def __init__(self, problem: Problem, limit: Limit, should_stop: ShouldStop, on_progress: OnProgress) -> None:
        self.problem, self.limit, self.should_stop, self.on_progress = problem, limit, should_stop, on_progress
        self.started_s = time.monotonic()
        self.tree = tree_of(problem.scenario)
        self.whole = self.tree.at.size - 1 <= SMALL and int(np.diff(self.tree.at).max()) <= SMALL_NODES
        self.curves = Curves(self.tree, exact=self.whole)
        self.worked = 0

    def plan(self) -> Plan:
        """Return the plan."""
        parts, at = self.problem.scenario.parts, self.tree.at
        stock, surplus = self.tree.least.copy(), np.zeros(len(parts), np.int64)
        purses = []
        for budget in Budget:
            mine = np.array([index for index, part in enumerate(parts) if part.budget is budget], np.int64)
            if mine.size:
                purse = Purse(self.problem, self.tree, self.curves, budget, mine)
                purse.spend(self.curve, whole=self.whole)
                purse.lay(stock)
                surplus[mine] = purse.surplus
                purses.append(purse)
        evaluation = evaluated(self.problem.scenario, self.tree, stock, Method.NEGATIVE_BINOMIAL)
        waiting = np.add.reduceat(evaluation.own_backorders * self.tree.weight, at[:-1])
        spending = {purse.budget: purse.told(float(waiting[purse.parts].sum())) for purse in purses}
        objective = math.fsum(one.objective for one in spending.values())
        bound = math.fsum(one.bound for one in spending.values())
        seconds = time.monotonic() - self.started_s
        self.on_progress(Progress(self.worked, seconds, objective, bound))
        saves = [self.curves.savings(index, stock[at[index] : at[index + 1]]) for index in range(len(parts))]
        return Plan(
            status=Status.OPTIMAL if all(purse.proven for purse in purses) else Status.FEASIBLE,
            objective=objective,
            bound=bound,
            gap=(objective - bound) / objective if objective > 0 else 0.0,
            seconds=seconds,
            evaluation=evaluation,
            saves=np.concatenate(saves),
            surplus=surplus,
            spending=spending,
            assumptions=self.problem.scenario.assumptions(),
        )

    def curve(self, index: int, enough: float) -> Curve | None:
        """Return the curve of a part, None where no work is left."""
        seconds = time.monotonic() - self.started_s
        late = self.limit.seconds is not None and seconds >= self.limit.seconds
        if late or self.worked == self.limit.iterations or self.should_stop():
            return None
        self.worked += 1
        if self.worked % REPORT_EVERY == 0:
            self.on_progress(Progress(self.worked, seconds, math.inf))
        return self.curves.of(index, enough)
