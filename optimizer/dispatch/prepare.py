"""The kernel compiled ahead of the first problem, so that whoever waits can be told why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from optimizer.dispatch.choices import Choices
from optimizer.dispatch.explain import explained
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.kernel.search import rounds
from optimizer.dispatch.live.running import RunningPlan
from optimizer.dispatch.model import Problem, Travel
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Shift, Technician
from optimizer.run import Limit


def is_prepared() -> bool:
    """Say whether the kernel is compiled, in this process or by one before it; with the compiler off, always."""
    cache = getattr(rounds, "_cache", None)
    # compiled by numba, which types nothing: to mypy it is the plain function, without signatures
    if cache is None or rounds.signatures:  # type: ignore[attr-defined]
        return True
    kept = cache.cache_path
    return kept is not None and any(Path(kept).glob("search.rounds-*.nbi"))


def prepare() -> None:
    """Compile what plans, their explanations and questions to them need, about a minute, by planning two jobs."""
    jobs = (Job("done", 0, 60.0, unserved_cost=1.0), Job("left", 0, 600.0))
    people = tuple(Technician(code, (Shift(0.0, 600.0, 0, 0),)) for code in ("first", "second"))
    still = np.zeros((1, 1))
    problem = Problem(("here",), {"road": Travel(still, still)}, people, jobs)
    plan = explained(problem, solve(problem, limit=Limit(iterations=1)))
    Choices(problem, plan).of("done")
    RunningPlan(problem, plan).recommend(replace(jobs[0], number="new"), displaced_max=1)
