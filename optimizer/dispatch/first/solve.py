"""Solve a dispatch problem: insertion, ruin and recreate, then the OR-Tools routing library on groups of technicians.

The routing library alone needs long to put jobs in and finds little at a hundred jobs and more; from a good plan of
about forty jobs it still finds improvements.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from optimizer.dispatch.first.explain import why_unassigned
from optimizer.dispatch.first.insertion import Draft, filled, improvements, priced
from optimizer.dispatch.first.model import Assignment, Plan, Problem, Unassigned
from optimizer.dispatch.first.routing import improved_routes
from optimizer.dispatch.first.timing import Route, Timing
from optimizer.run import Limit, OnProgress, Progress, ShouldStop, Status, never_stop, no_progress

GROUP_JOBS = 40
"""A group of technicians that the routing library looks at together has about this many jobs."""

ROUTING_SHARE = 0.2
"""Share of a time limit that the routing library gets at most."""


def solve(
    problem: Problem,
    *,
    limit: Limit,
    seed: int = 0,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = no_progress,
) -> Plan:
    """Return a plan that every rule holds for, with a true reason for each job left out.

    `limit.iterations` counts rounds of ruin and recreate; the routing library's descent ends by itself. With it, the
    same problem, seed and versions give the same plan. `should_stop` ends the search early with the best plan so far.
    The plan is claimed optimal only where nobody can do anything, so that there is nothing to decide.
    """
    began = time.monotonic()
    timing = Timing(problem)
    draft = filled(timing, [_empty(timing, technician) for technician in range(len(problem.technicians))])

    def report(iteration: int, found: Draft) -> None:
        on_progress(Progress(iteration, time.monotonic() - began, found.objective))

    if any(timing.able):
        draft = _recreated(timing, draft, limit, Random(seed), should_stop, report)
        draft = _routed(timing, draft, limit, should_stop)
        draft = filled(timing, draft.routes)
    report(limit.iterations or 0, draft)
    return _plan(timing, draft, time.monotonic() - began)


def _recreated(
    timing: Timing,
    draft: Draft,
    limit: Limit,
    random: Random,
    should_stop: ShouldStop,
    report: Callable[[int, Draft], None],
) -> Draft:
    deadline = None if limit.seconds is None else time.monotonic() + limit.seconds * (1 - ROUTING_SHARE)
    for iteration, found in enumerate(improvements(timing, draft, random), start=1):
        if found.objective < draft.objective:
            report(iteration, found)
        draft = found
        out_of_time = deadline is not None and time.monotonic() >= deadline
        if iteration == limit.iterations or out_of_time or should_stop():
            break
    return draft


def _routed(timing: Timing, draft: Draft, limit: Limit, should_stop: ShouldStop) -> Draft:
    """Let the routing library improve group after group; what is not better in exact prices is not taken."""
    groups = _groups(timing.problem, draft)
    seconds_max = None if limit.seconds is None else limit.seconds * ROUTING_SHARE / max(len(groups), 1)
    for group in groups:
        if should_stop():
            break
        waiting = [job for job in draft.unserved if any(who in timing.able[job] for who in group)]
        routes = [(who, draft.routes[who].jobs) for who in group]
        jobs = sorted([*waiting, *(job for _, order in routes for job in order)])
        if not jobs:
            continue
        changed = list(draft.routes)
        for who, order in improved_routes(timing, routes, jobs, should_stop, seconds_max):
            route = timing.route(who, order)
            if not isinstance(route, Route):
                raise AssertionError(f"the routing library broke a rule on the route of {who}: {route}")
            changed[who] = route
        found = priced(timing, changed)
        if found.objective < draft.objective:
            draft = found
    return draft


def _groups(problem: Problem, draft: Draft) -> list[list[int]]:
    """Return technicians in groups of neighbours by base, each with about GROUP_JOBS jobs on their routes."""
    groups: list[list[int]] = []
    jobs = GROUP_JOBS
    for who in sorted(range(len(problem.technicians)), key=lambda who: (problem.technicians[who].base, who)):
        if jobs >= GROUP_JOBS:
            groups.append([])
            jobs = 0
        groups[-1].append(who)
        jobs += len(draft.routes[who].jobs)
    return groups


def _empty(timing: Timing, technician: int) -> Route:
    route = timing.route(technician, ())
    if not isinstance(route, Route):
        raise AssertionError("an empty route always has a schedule")
    return route


def _plan(timing: Timing, draft: Draft, seconds: float) -> Plan:
    problem = timing.problem
    assignments = tuple(one for route in draft.routes for one in _assignments(problem, timing, route))
    cost_by_term = {
        "labour": sum(one.labour_cost for one in assignments),
        "travel": sum(one.travel_cost + one.return_travel_cost for one in assignments),
        "lateness": sum(one.lateness_cost for one in assignments),
    }
    penalties = sum(problem.jobs[job].unserved_penalty for job in draft.unserved)
    objective = sum(cost_by_term.values()) + penalties
    # nothing to decide: no job can be done by anybody, so every plan is this one
    proven = not any(timing.able)
    return Plan(
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        objective=objective,
        bound=objective if proven else None,
        gap=0.0 if proven else None,
        seconds=seconds,
        assignments=assignments,
        unassigned=tuple(
            Unassigned(problem.jobs[job].number, why_unassigned(timing, draft.routes, job)) for job in draft.unserved
        ),
        cost_by_term=cost_by_term,
    )


def _assignments(problem: Problem, timing: Timing, route: Route) -> list[Assignment]:
    person = problem.technicians[route.technician]
    origin, found = person.base, []
    for position, (number, start_s) in enumerate(zip(route.jobs, route.starts, strict=True)):
        job = problem.jobs[number]
        home = position == len(route.jobs) - 1
        travel_s = int(problem.travel_s[origin, job.place])
        return_s = int(problem.travel_s[job.place, person.base]) if home else 0
        found.append(
            Assignment(
                job=job.number,
                technician=person.code,
                start_s=start_s,
                end_s=start_s + job.duration_s,
                travel_s=travel_s,
                travel_cost=float(problem.travel_cost[origin, job.place]),
                labour_cost=(job.duration_s + travel_s + return_s) / 3600 * person.cost_per_h,
                lateness_cost=timing.lateness_cost(number, start_s),
                return_travel_s=return_s,
                return_travel_cost=float(problem.travel_cost[job.place, person.base]) if home else 0.0,
            )
        )
        origin = job.place
    return found


def doable_jobs(problem: Problem) -> frozenset[str]:
    """Return the numbers of the jobs that some technician could do if there were no other job."""
    timing = Timing(problem)
    return frozenset(
        job.number
        for number, job in enumerate(problem.jobs)
        if any(isinstance(timing.route(who, [number]), Route) for who in timing.able[number])
    )
