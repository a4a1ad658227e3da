"""Checks a dispatch plan against its problem, and prices it anew. Shares no code with a solver."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from optimizer.dispatch.check_jobs import check_jobs
from optimizer.dispatch.check_tours import check_tours
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import TERMS, Plan, Route, Stop, StopKind
from optimizer.dispatch.pricing import cheapest_outcome, crews, price, spent
from optimizer.dispatch.violations import Violation, exceeds, is_worth
from optimizer.run import Status

__all__ = ["Violation", "check", "price"]


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """Return every rule that a plan breaks; empty when it is sound. Linear time but for sorting.

    The plan names what there is, and else nothing more is checked: `unknown` (a technician, shift, job, seat, depot,
    place or flight that the problem lacks), `number` (not a finite one), `route` (empty, out of order or given twice).
    Tours: `shift` (leaves too early or is back too late), `travel` (its seconds, or when one arrives), `flight` (cannot
    be taken), `place`, `arrival` (work before it), `duration`, `duty` (away, yet outside the shifts), `break`,
    `appointment`, `depot` (a second one, or outside its window). Jobs: `twice`, `missing`, `seats` (not all done),
    `crew` (two seats by one person), `seat_gap`, `window`, `release`, `forbidden`, `qualification`, `permission`,
    `pin`, `precedence`, `together`. Supplies: `parts` (a need of the first seat, each in its turn, not met in full by
    what will do), `kit` and `stock` (more used than there is), `tool`, `load`, `shared_tool`. The whole: `changes`,
    `budget`, `price` (of a leg or a job left out), `outcome` (a cheaper one is open), `total`, `status`, `proof`.
    """
    found = [*_names(problem, plan), *_numbers(plan)]
    if found:
        return found
    done = crews({job.number: job for job in problem.jobs}, plan.routes)
    return [
        *_routes(problem, plan),
        *_coverage(problem, plan),
        *check_tours(problem, plan),
        *check_jobs(problem, plan, done),
        *_budgets(problem, plan),
        *_left_out(problem, plan),
        *_totals(problem, plan),
    ]


def _names(problem: Problem, plan: Plan) -> Iterator[Violation]:
    people = {person.code: person for person in problem.technicians}
    seats = {job.number: len(job.seats) for job in problem.jobs}
    depots = {depot.code for depot in problem.depots}
    flights = len(problem.flights)
    for route in plan.routes:
        person = people.get(route.technician)
        if person is None or not 0 <= route.shift < (1 if person.away else len(person.shifts)):
            yield Violation("unknown", f"{route.technician} shift {route.shift}")
        for stop in route.stops:
            lacks = (
                not 0 <= stop.place < len(problem.places)
                or (stop.kind is StopKind.JOB and not 0 <= stop.seat < seats.get(stop.name, 0))
                or (stop.kind is StopKind.DEPOT and stop.name not in depots)
            )
            if lacks:
                yield Violation("unknown", stop.name or stop.kind)
        for flight in (route.return_flight, *(stop.flight for stop in route.stops)):
            if flight is not None and not 0 <= flight < flights:
                yield Violation("unknown", f"flight {flight}")
    for one in plan.left_out:
        if one.job not in seats:
            yield Violation("unknown", one.job)


def _numbers(plan: Plan) -> Iterator[Violation]:
    for route in plan.routes:
        own = (route.departs_s, route.returns_s, route.return_s, route.return_cost)
        if not all(map(math.isfinite, own)) or not all(map(_is_finite, route.stops)):
            yield Violation("number", f"{route.technician} shift {route.shift}")
    money = (plan.objective, plan.bound or 0.0, plan.gap or 0.0, *plan.cost_by_term.values())
    if not all(map(math.isfinite, (*money, *(one.cost for one in plan.left_out)))):
        yield Violation("number", "cost")


def _is_finite(stop: Stop) -> bool:
    told = (stop.arrives_s, stop.start_s, stop.end_s, stop.travel_s, stop.travel_cost)
    return all(map(math.isfinite, told)) and all(math.isfinite(taken.quantity) for taken in stop.parts)


def _routes(problem: Problem, plan: Plan) -> Iterator[Violation]:
    order = {person.code: number for number, person in enumerate(problem.technicians)}

    def position(route: Route) -> tuple[int, int]:
        return order[route.technician], route.shift

    for before, after in pairwise(plan.routes):
        if position(after) <= position(before):
            yield Violation("route", f"{after.technician} shift {after.shift}")
    for route in plan.routes:
        if not route.stops:
            yield Violation("route", f"{route.technician} shift {route.shift} has no stop")


def _coverage(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Check that each job is done with every seat once, or left out once."""
    named: dict[str, Counter[int]] = defaultdict(Counter)
    for route in plan.routes:
        for stop in route.stops:
            if stop.kind is StopKind.JOB:
                named[stop.name][stop.seat] += 1
    left = Counter(one.job for one in plan.left_out)
    for job in problem.jobs:
        seats = named.get(job.number, Counter[int]())
        if left[job.number] > 1 or (left[job.number] and seats) or max(seats.values(), default=0) > 1:
            yield Violation("twice", job.number)
        if not left[job.number] and not seats:
            yield Violation("missing", job.number)
        if seats and len(seats) < len(job.seats):
            yield Violation("seats", job.number, len(job.seats) - len(seats))


def _budgets(problem: Problem, plan: Plan) -> Iterator[Violation]:
    money = spent(problem, plan)
    for region, budget in problem.budgets.items():
        if exceeds(money[region], budget):
            yield Violation("budget", region, money[region] - budget)


def _left_out(problem: Problem, plan: Plan) -> Iterator[Violation]:
    jobs = {job.number: job for job in problem.jobs}
    for one in plan.left_out:
        outcome, cost = cheapest_outcome(jobs[one.job])
        if one.outcome is not outcome:
            yield Violation("outcome", one.job)
        if not is_worth(one.cost, cost):
            yield Violation("price", one.job, one.cost - cost)


def _totals(problem: Problem, plan: Plan) -> Iterator[Violation]:
    terms = price(problem, plan)
    for term in TERMS:
        told = plan.cost_by_term.get(term)
        if told is None or not _adds_up(told, terms[term]):
            yield Violation("total", term, None if told is None else told - terms[term])
    for term in plan.cost_by_term.keys() - terms.keys():
        yield Violation("total", term)
    objective = math.fsum(terms.values())
    if not _adds_up(plan.objective, objective):
        yield Violation("total", "objective", plan.objective - objective)
    mandatory = {job.number for job in problem.jobs if job.mandatory or job.pin is not None}
    fails = bool(plan.missed) or any(one.job in mandatory for one in plan.left_out)
    if fails is not (plan.status is Status.INFEASIBLE) or plan.status is Status.TIMEOUT_NO_PLAN:
        yield Violation("status", plan.status)
    yield from _proof(plan)


def _proof(plan: Plan) -> Iterator[Violation]:
    """Check that bound and gap come together, that the bound is below, and reached where the plan claims to be best."""
    if (plan.bound is None) is not (plan.gap is None):
        yield Violation("proof", "gap")
    if plan.bound is not None and plan.bound > plan.objective and not _adds_up(plan.bound, plan.objective):
        yield Violation("proof", "bound", plan.bound - plan.objective)
    if plan.status is Status.OPTIMAL and (plan.bound is None or not _adds_up(plan.bound, plan.objective)):
        yield Violation("proof", plan.status)


def _adds_up(told: float, true: float) -> bool:
    return math.isclose(told, true, rel_tol=1e-6, abs_tol=1e-4)
