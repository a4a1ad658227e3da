"""The best times of a plan whose tours stand, in who does what and in which order: exact, by CP-SAT.

The search begins each stop as early as it can. Where a night costs more, a job should begin when the customer was
told, or a crew makes somebody wait, later can be cheaper. Tours that are linked are timed together, and those that
cannot gain are left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from optimizer.dispatch.check import check
from optimizer.dispatch.components import Groups
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan, StopKind
from optimizer.dispatch.pricing import HOUR_S, price
from optimizer.dispatch.schedules import Schedule, gain_most, late_s, schedules
from optimizer.dispatch.timetable import Timing
from optimizer.dispatch.work import Work
from optimizer.run import Limit, ShouldStop, never_stop

WORTH = 1e-6
"""Less money than this is no gain."""


def retimed(problem: Problem, plan: Plan, *, limit: Limit, should_stop: ShouldStop = never_stop) -> Plan:
    """Return the plan with the cheapest starts, departures and breaks, or itself where that saves nothing.

    Who does what, in which order, by which way and with which parts stays. Whoever is away keeps his times. A region
    under a budget spends no more for overtime and nights than before. Linear time where nothing can be gained. With
    `limit.iterations` it can be repeated.
    """
    work = Work(limit, should_stop)
    all_ = schedules(problem, plan)
    fixed = [route for route, one in zip(plan.routes, all_, strict=True) if one is None]
    for group in _groups(problem, all_):
        if work.over():
            break
        given = [one for index in group if (one := all_[index]) is not None]
        routes = Timing(problem, given, fixed, _worst_beside(problem, plan, given)).solved(work)
        if routes is None:
            continue
        new = dict(zip(group, routes, strict=True))
        later = replace(plan, routes=tuple(new.get(index, route) for index, route in enumerate(plan.routes)))
        terms = price(problem, later)
        later = replace(later, objective=sum(terms.values()), cost_by_term=terms, bound=None, gap=None)
        if later.objective < plan.objective - WORTH and not check(problem, later):
            plan = later
    return plan


def _groups(problem: Problem, all_: Sequence[Schedule | None]) -> list[list[int]]:
    """Return the tours (indices) that are timed together, if they can gain anything."""
    tours: dict[str, list[int]] = defaultdict(list)
    late: list[int] = []
    worst_s = max((seat_s for one in all_ if one is not None for seat_s in late_s(one)), default=0.0)
    for index, one in enumerate(all_):
        if one is None:
            continue
        for step in one.steps:
            if step.job is not None:
                tours[step.job.number].append(index)
        if problem.worst_lateness_per_h and max(late_s(one), default=0.0) > 0:
            late.append(index)
    groups = Groups(len(all_))
    for members in (*tours.values(), late):
        groups.join(members)
    for tie in problem.precedence:
        groups.join([*tours.get(tie.before, ()), *tours.get(tie.after, ())])
    found: dict[int, list[int]] = defaultdict(list)
    gain: dict[int, float] = defaultdict(float)
    for index, one in enumerate(all_):
        if one is not None:
            root = groups.root(index)
            found[root].append(index)
            gain[root] += gain_most(problem, one)
    if late:
        gain[groups.root(late[0])] += problem.worst_lateness_per_h * max(0.0, worst_s - _worst_least_s(all_)) / HOUR_S
    return [members for root, members in found.items() if gain[root] > WORTH]


def _worst_beside(problem: Problem, plan: Plan, group: Sequence[Schedule]) -> float:
    """Return the worst lateness of what a group does not do, in seconds; 0 where it costs nothing."""
    if not problem.worst_lateness_per_h:
        return 0.0
    own = {step.stop.name for one in group for step in one.steps}
    due_s = {job.number: job.due_s for job in problem.jobs if job.number not in own}
    stops = (stop for route in plan.routes for stop in route.stops if stop.kind is StopKind.JOB)
    return max([0.0, *(stop.end_s - due_s[stop.name] for stop in stops if stop.name in due_s)])


def _worst_least_s(all_: Sequence[Schedule | None]) -> float:
    """Return what the worst lateness is at least."""
    pairs = [
        pair for one in all_ if one is not None for pair in zip(one.steps, one.earliest(one.tour.start_s), strict=False)
    ]
    late = (end_s - step.job.due_s for step, (_, end_s) in pairs if step.job is not None)
    return max([0.0, *late])
