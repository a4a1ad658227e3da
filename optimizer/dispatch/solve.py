"""Solve a dispatch problem: independent parts by themselves, each by ruin and recreate under simulated annealing.

Parts are worked on by several threads; a problem in one part is searched from several seeds, which meet at the best
plan from time to time. Every plan is checked before it leaves.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from optimizer.dispatch.building.demands import able
from optimizer.dispatch.building.fixed import settled
from optimizer.dispatch.building.state import built
from optimizer.dispatch.check import check, price
from optimizer.dispatch.components import Component, components, in_whole
from optimizer.dispatch.faults import count
from optimizer.dispatch.model import Problem
from optimizer.dispatch.parallel import improve
from optimizer.dispatch.plan import LeftOut, Missed, Plan, Route
from optimizer.dispatch.proof import proven
from optimizer.dispatch.search import Search
from optimizer.dispatch.timing import retimed
from optimizer.dispatch.violations import UnsoundPlan
from optimizer.dispatch.work import share_of
from optimizer.run import Limit, OnProgress, Progress, ShouldStop, Status, never_stop, no_progress

OnPlan = Callable[[Plan], None]
"""Told each better plan."""


def no_plan(_: Plan) -> None:
    """Ignore a plan: the default `on_plan`."""


def solve(
    problem: Problem,
    *,
    limit: Limit,
    seed: int = 0,
    threads: int = 1,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = no_progress,
    on_plan: OnPlan = no_plan,
    start: Plan | None = None,
) -> Plan:
    """Return a plan that every rule holds for.

    `limit.iterations` counts rounds of ruin and recreate over all parts; with it, the same problem, seed, threads and
    versions give the same plan. `limit.seconds` is wall time, counted from when the first plan stands; making the times
    of the last plan better (`timing`) and proving the optimum of a small problem (`proof`) may take a twentieth of it
    more each. `start` is a running plan to begin with: the result costs no more than what of it the problem still
    allows. `should_stop` ends the search with the best plan so far. `on_progress` is told twice a second how far it is,
    `on_plan` each better plan that the checker passes. Raises UnsoundPlan if the checker refuses the plan in the end,
    ValueError for a seed or threads that are no whole numbers, 0 or more.
    """
    count("solve", seed=seed, threads=threads)
    began = time.monotonic()
    parts = components(problem, able(problem))
    routes = start.routes if start is not None else ()
    searches = [
        Search(settled(built(part.problem)), seed + index, _own(routes, part)) for index, part in enumerate(parts)
    ]

    def plan_so_far() -> Plan:
        return _plan(problem, parts, searches, time.monotonic() - began)

    report = _Report(searches, began, on_progress, _Incumbents(problem, plan_so_far, on_plan))
    report()
    improve(searches, limit, seed, threads, should_stop, report)
    plan = plan_so_far()
    plan = retimed(problem, plan, limit=share_of(limit), should_stop=should_stop)
    plan = proven(problem, plan, limit=share_of(limit), should_stop=should_stop)
    plan = replace(plan, seconds=time.monotonic() - began)
    wrong = check(problem, plan)
    if wrong:
        raise UnsoundPlan("; ".join(f"{one.code} {one.where}" for one in wrong[:5]))
    return plan


def _own(routes: Sequence[Route], part: Component) -> list[Route]:
    codes = {person.code for person in part.problem.technicians}
    return [route for route in routes if route.technician in codes]


class _Incumbents:
    """Tells plans on the way, each better than the one before, if the checker passes it.

    Reading and checking them takes a tenth of the time at most.
    """

    def __init__(self, problem: Problem, read: Callable[[], Plan], on_plan: OnPlan) -> None:
        self.problem, self.read, self.on_plan = problem, read, on_plan
        self.told, self.next = math.inf, 0.0

    def __call__(self, objective: float) -> None:
        began = time.monotonic()
        if self.on_plan is no_plan or objective >= self.told or began < self.next:
            return
        plan = self.read()
        if not check(self.problem, plan):
            self.told = objective
            self.on_plan(plan)
        self.next = time.monotonic() + 9 * (time.monotonic() - began)


@dataclass
class _Report:
    """Tells of the best plan so far, and when the search began to tell."""

    searches: Sequence[Search]
    began: float
    on_progress: OnProgress
    incumbents: _Incumbents

    def __call__(self) -> None:
        objective = sum(one.objective() for one in self.searches)
        self.on_progress(Progress(sum(one.done for one in self.searches), time.monotonic() - self.began, objective))
        self.incumbents(objective)


def _plan(problem: Problem, parts: Sequence[Component], searches: Sequence[Search], seconds: float) -> Plan:
    routes: list[Route] = []
    out: list[LeftOut] = []
    missed: list[Missed] = []
    for part, one in zip(parts, searches, strict=True):
        found, left, dates = one.read()
        routes += in_whole(found, part, problem.flights)
        out += left
        missed += dates
    order = {person.code: index for index, person in enumerate(problem.technicians)}
    number = {job.number: index for index, job in enumerate(problem.jobs)}
    mandatory = {job.number for job in problem.jobs if job.mandatory or job.pin is not None}
    fails = bool(missed) or any(one.job in mandatory for one in out)
    plan = Plan(
        status=Status.INFEASIBLE if fails else Status.FEASIBLE,
        objective=0.0,
        bound=None,
        gap=None,
        seconds=seconds,
        routes=tuple(sorted(routes, key=lambda route: (order[route.technician], route.shift))),
        left_out=tuple(sorted(out, key=lambda one: number[one.job])),
        missed=tuple(sorted(missed, key=lambda one: (order[one.technician], one.start_s))),
    )
    terms = price(problem, plan)
    return replace(plan, objective=sum(terms.values()), cost_by_term=terms)
