"""What CP-SAT may still do: seconds, or an effort that can be repeated."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ortools.sat.python import cp_model

from optimizer.run import Limit, ShouldStop

EFFORT = 1e-3
"""What CP-SAT may do for one iteration, in its own measure of work, in which a second is about 1."""

SHARE = 0.05
"""Share of the seconds of a solve that what comes after its search may take, each."""


def share_of(limit: Limit) -> Limit:
    """Return the limit of what comes after a search that had this one: a part of its seconds, or as many iterations."""
    return limit if limit.seconds is None else Limit(seconds=SHARE * limit.seconds)


@dataclass
class Work:
    """How much may still be done."""

    limit: Limit
    should_stop: ShouldStop

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.effort = (self.limit.iterations or 0) * EFFORT

    def left(self) -> float:
        """Return the seconds, or the effort, that are left."""
        if self.limit.seconds is None:
            return self.effort
        return self.limit.seconds - (time.monotonic() - self.began)

    def over(self) -> bool:
        """Say whether to stop."""
        return self.left() <= 0 or self.should_stop()

    def solve(self, model: cp_model.CpModel) -> cp_model.CpSolver | None:
        """Return the solver with a solution of a model; None without one."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        if self.limit.seconds is None:
            solver.parameters.max_deterministic_time = self.left()
        else:
            solver.parameters.max_time_in_seconds = self.left()
        solver.best_bound_callback = lambda _: solver.stop_search() if self.should_stop() else None
        status = solver.solve(model, _Stop(self.should_stop))
        self.effort -= solver.response_proto.deterministic_time
        return solver if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None


class _Stop(cp_model.CpSolverSolutionCallback):
    """Ends a search that is to stop, at its next solution."""

    def __init__(self, should_stop: ShouldStop) -> None:
        super().__init__()
        self.should_stop = should_stop

    def on_solution_callback(self) -> None:
        """Look whether to stop."""
        if self.should_stop():
            self.stop_search()
