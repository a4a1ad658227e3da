"""What a plan costs, term by term, read off its routes and what it leaves out. Shares no code with a solver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from optimizer.dispatch.jobs import Job, Running
from optimizer.dispatch.model import ChangeCost, Problem
from optimizer.dispatch.plan import TERMS, Outcome, Plan, Route, Stop, StopKind
from optimizer.dispatch.technicians import Band, Break, Shift, Technician

HOUR_S = 3600.0
TOLERANCE_S = 1e-6
"""How far times may be off, since they are added up in floating point."""

BUDGETED = {"travel", "overtime", "night", "call_out"}
"""The terms that a region's budget limits."""

TERM_OF = {Outcome.UNSERVED: "unserved", Outcome.DEFERRED: "deferral", Outcome.OUTSOURCED: "outsourcing"}


@dataclass(frozen=True, slots=True)
class Crew:
    """A job that is done, with the route and the stop of each of its seats."""

    job: Job
    seats: Mapping[int, tuple[Route, Stop]]

    @property
    def start_s(self) -> float:
        """Return when the first seat begins."""
        return self.seats[0][1].start_s

    @property
    def end_s(self) -> float:
        """Return when the last one ends."""
        return max(stop.end_s for _, stop in self.seats.values())

    @property
    def technicians(self) -> tuple[str, ...]:
        """Return who does it, in the order of the seats."""
        return tuple(self.seats[seat][0].technician for seat in sorted(self.seats))


def price(problem: Problem, plan: Plan) -> dict[str, float]:
    """Return the money of each of TERMS, from the routes and from which jobs are left out; what is stated is not read.

    The plan names nothing that the problem lacks and does all seats of a job. Linear time.
    """
    people = {person.code: person for person in problem.technicians}
    jobs = {job.number: job for job in problem.jobs}
    cost = dict.fromkeys(TERMS, 0.0)
    done = crews(jobs, plan.routes)
    for term, money in served(problem, people, done, plan.routes):
        cost[term] += money
    for one in plan.left_out:
        for term, money in leaving_terms(jobs[one.job]):
            cost[term] += money
    worst_s = max((crew.end_s - crew.job.due_s for crew in done.values()), default=0.0)
    cost["worst_lateness"] = problem.worst_lateness_per_h * max(0.0, worst_s) / HOUR_S
    return cost


def served(
    problem: Problem, people: Mapping[str, Technician], done: Mapping[str, Crew], routes: Iterable[Route]
) -> Iterator[tuple[str, float]]:
    """Yield term and money of tours and of the jobs done on them, apart from the worst lateness."""
    for route in routes:
        yield from tour_terms(problem, people[route.technician], route)
    for crew in done.values():
        yield from job_terms(problem, people, crew)


def crews(jobs: Mapping[str, Job], routes: Iterable[Route]) -> dict[str, Crew]:
    """Return the jobs that are done, those of whose stops are the seats of one whole job."""
    seats: dict[str, dict[int, tuple[Route, Stop]]] = defaultdict(dict)
    for route in routes:
        for stop in route.stops:
            if stop.kind is StopKind.JOB:
                seats[stop.name][stop.seat] = (route, stop)
    return {
        number: Crew(job, seats[number])
        for number, job in jobs.items()
        if number in seats and seats[number].keys() == set(range(len(job.seats)))
    }


def spent(problem: Problem, plan: Plan) -> dict[str, float]:
    """Return by region the money that a budget limits: travel, overtime, nights and call-outs of its technicians."""
    people = {person.code: person for person in problem.technicians}
    money = dict.fromkeys((*problem.budgets, *(person.region for person in problem.technicians)), 0.0)
    for route in plan.routes:
        person = people[route.technician]
        money[person.region] += sum(cost for term, cost in tour_terms(problem, person, route) if term in BUDGETED)
    return money


def tour_terms(problem: Problem, person: Technician, route: Route) -> Iterator[tuple[str, float]]:
    """Yield term and money of what a tour costs by itself, whichever jobs it is for."""
    pay, shift = person.pay, person.shifts[route.shift]
    hours = worked_s(person, route) / HOUR_S
    yield "labour", pay.per_h * hours
    yield "fairness", pay.fairness_per_h * hours
    if not person.away:
        yield "overtime", banded(pay.overtime, route.returns_s - shift.end_s)
    nights_s = sum(on_duty_s(person, route, night.from_s, night.until_s) for night in pay.nights)
    yield "night", pay.night_per_h * nights_s / HOUR_S
    if any(stop.kind is StopKind.JOB for stop in route.stops):
        yield "call_out", pay.call_out
    yield "travel", sum(cost for _, cost in legs(problem, person, route))


def legs(problem: Problem, person: Technician, route: Route) -> Iterator[tuple[float, float]]:
    """Yield seconds and money of the way to each stop and of the way back, from the matrix or the flight taken."""
    travel = problem.travel[person.mode]
    origin = person.shifts[route.shift].start_place
    ends = end_place(person, route)
    for place, taken in (*((stop.place, stop.flight) for stop in route.stops), (ends, route.return_flight)):
        if taken is None:
            yield float(travel.seconds[origin, place]), float(travel.cost[origin, place])
        else:
            flight = problem.flights[taken]
            yield flight.arrives_s - flight.departs_s, flight.cost
        origin = place


def end_place(person: Technician, route: Route) -> int:
    """Return where a tour ends: away, where the last shift does."""
    return person.shifts[-1 if person.away else route.shift].end_place


def worked_s(person: Technician, route: Route) -> float:
    """Return the seconds paid: from leaving to being back, away only those on duty, unpaid breaks off."""
    left = [rest for shift in shifts_of(person, route) for rest in shift.breaks]
    unpaid_s = 0.0
    for stop in route.stops:
        if stop.kind is StopKind.BREAK:
            length_s = stop.end_s - stop.start_s
            fits = [one for one in left if begins_within(one, stop.start_s) and _lasts(one, length_s)]
            if fits:  # each stop is one break, also where several could be taken then
                left.remove(fits[0])
                unpaid_s += 0.0 if fits[0].paid else fits[0].duration_s
    return on_duty_s(person, route, route.departs_s, route.returns_s) - unpaid_s


def begins_within(rest: Break, start_s: float) -> bool:
    """Say whether a stop that begins at `start_s` can be this break."""
    return rest.earliest_s - TOLERANCE_S <= start_s <= rest.latest_s + TOLERANCE_S


def _lasts(rest: Break, length_s: float) -> bool:
    return abs(rest.duration_s - length_s) <= TOLERANCE_S


def shifts_of(person: Technician, route: Route) -> tuple[Shift, ...]:
    """Return the shifts that a tour takes place in."""
    return person.shifts if person.away else (person.shifts[route.shift],)


def on_duty_s(person: Technician, route: Route, from_s: float, until_s: float) -> float:
    """Return how long within a span a tour is on duty: away, within the shifts; else all the time."""
    from_s, until_s = max(from_s, route.departs_s), min(until_s, route.returns_s)
    if not person.away:
        return max(0.0, until_s - from_s)
    return sum(max(0.0, min(until_s, shift.end_s) - max(from_s, shift.start_s)) for shift in person.shifts)


def banded(bands: Iterable[Band], seconds: float) -> float:
    """Return what bands charge for so many seconds."""
    return sum(band.per_h * max(0.0, seconds - band.after_s) / HOUR_S for band in bands)


def cheapest_outcome(job: Job) -> tuple[Outcome, float]:
    """Return what becomes of a job that nobody does, and its price: the least, the first named of equals.

    To leave out what the running plan does costs that change, too.
    """
    prices = (
        (Outcome.UNSERVED, job.unserved_cost),
        (Outcome.DEFERRED, job.deferral_cost),
        (Outcome.OUTSOURCED, job.outsourcing_cost),
    )
    outcome, cost = min(((outcome, cost) for outcome, cost in prices if cost is not None), key=lambda one: one[1])
    return outcome, cost + _leaving(job)


def leaving_terms(job: Job) -> tuple[tuple[str, float], ...]:
    """Return term and money of what becomes of a job that nobody does."""
    outcome, cost = cheapest_outcome(job)
    return (TERM_OF[outcome], cost - _leaving(job)), ("plan_change", _leaving(job))


def _leaving(job: Job) -> float:
    return 0.0 if job.running is None else job.running.leaving_cost


def changed_seats(running: Running, crew: Crew) -> int:
    """Return how many seats have another technician than in the running plan."""
    return sum(told != now for told, now in zip(running.technicians, crew.technicians, strict=True))


def job_terms(problem: Problem, people: Mapping[str, Technician], crew: Crew) -> Iterator[tuple[str, float]]:
    """Yield term and money of what a job costs beyond the tours that it is part of."""
    job = crew.job
    yield "lateness", banded(job.lateness, crew.end_s - job.due_s)
    if job.preferred:
        yield "preference", job.unpreferred_cost * sum(code not in job.preferred for code in crew.technicians)
    route, stop = crew.seats[0]
    for need, taken in zip(job.parts, stop.parts, strict=False):
        if taken.part != need.parts[0]:
            yield "alternates", need.alternate_cost
    if job.removed is not None and end_place(people[route.technician], route) == job.removed.place:
        yield "return_freight", -job.removed.saving
    if job.running is not None:
        yield "plan_change", _change(problem.change, problem.now_s, job.running, crew)


def _change(change: ChangeCost, now_s: float, running: Running, crew: Crew) -> float:
    """Return what it costs to deviate from the running plan: double for what is about to begin."""
    nearness = min(max(1 - (running.start_s - now_s) / change.near_s, 0.0), 1.0) if change.near_s > 0 else 0.0
    moved_h = abs(crew.start_s - running.start_s) / HOUR_S
    return (1 + nearness) * (change.technician * changed_seats(running, crew) + change.per_h * moved_h)
