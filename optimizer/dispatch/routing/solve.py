"""Solve a dispatch problem with the OR-Tools routing library: the same problem and plan as `optimizer.dispatch.solve`.

It shares with the engine who may do what when, and neither search nor prices. The library searches in whole numbers;
its tours are timed exactly, by a linear program and where nights or breaks count by CP-SAT, priced, and checked.
"""

from __future__ import annotations

import time
from dataclasses import replace

from optimizer.dispatch.check import check
from optimizer.dispatch.faults import count
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan
from optimizer.dispatch.routing.search import Search
from optimizer.dispatch.routing.sound import sound_plan
from optimizer.dispatch.routing.stated import NotStated, Statement
from optimizer.dispatch.timing import retimed
from optimizer.dispatch.work import share_of
from optimizer.run import Limit, OnProgress, ShouldStop, never_stop, no_progress

__all__ = ["NotStated", "solve"]


def solve(
    problem: Problem,
    *,
    limit: Limit,
    seed: int = 0,
    threads: int = 1,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = no_progress,
    start: Plan | None = None,
) -> Plan:
    """Return a plan that every rule holds for, priced exactly.

    `limit.iterations` counts accepted solutions or a hundred branches each, whichever comes first, and gives the same
    plan again; `limit.seconds` is wall time. `start` is a running plan to begin with: if it is still sound, the result
    costs no more. `should_stop` ends the search with the best plan so far. The library searches in one thread, whatever
    `threads` are. Raises NotStated for a problem that the library cannot be told, ValueError as the engine does,
    UnsoundPlan if the checker refuses the plan.
    """
    count("solve", seed=seed, threads=threads)
    began = time.monotonic()
    stated = Statement(problem)
    drafts = Search(stated, limit, seed, should_stop, on_progress).drafts(start) if stated.nodes else []
    if not drafts and stated.has_dates():  # the library insists on them, and finds no time for them beside breaks
        stated = Statement(problem, dates=False)
        drafts = Search(stated, limit, seed, should_stop, on_progress).drafts(start) if stated.nodes else []
    plan = retimed(problem, sound_plan(stated, drafts), limit=share_of(limit), should_stop=should_stop)
    if start is not None and start.objective < plan.objective and not check(problem, start):
        plan = start
    return replace(plan, seconds=time.monotonic() - began)
