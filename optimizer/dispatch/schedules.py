"""The times that a planned tour leaves open: when each stop may begin, and how much better times could be at most."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from optimizer.dispatch.building.ops import BEGUN, near_factor, seat_length_s
from optimizer.dispatch.building.people import Tour, tours_of
from optimizer.dispatch.building.spans import ALWAYS, Span, allowed_starts, intersect
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.model import Flight, Problem
from optimizer.dispatch.plan import Plan, Route, Stop, StopKind
from optimizer.dispatch.pricing import HOUR_S, TOLERANCE_S, banded, on_duty_s, worked_s
from optimizer.dispatch.technicians import Appointment, Technician


@dataclass(frozen=True, slots=True)
class Way:
    """How one gets to a stop, or back: by own mode, or by a flight (`number` in the problem)."""

    travel_s: float
    cost: float
    flight: Flight | None = None
    number: int | None = None

    def arrival_s(self, free_s: float) -> float:
        """Return when one arrives who is free then; `inf` where the flight is gone."""
        if self.flight is None:
            return free_s + self.travel_s
        return self.flight.arrives_s if free_s <= self.flight.departs_s + TOLERANCE_S else math.inf

    def leaving_s(self, by_s: float) -> float:
        """Return when one must be free at the latest to arrive by then; `-inf` where the flight is too late."""
        if self.flight is None:
            return by_s - self.travel_s
        return self.flight.departs_s if self.flight.arrives_s <= by_s + TOLERANCE_S else -math.inf


@dataclass(frozen=True, slots=True)
class Step:
    """A stop that is no break, the way to it, and the spans in which it may begin, whatever else is planned."""

    stop: Stop
    way: Way
    starts: Sequence[Span]
    length_s: float
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A planned tour without its times and breaks."""

    person: Technician
    tour: Tour
    route: Route
    steps: tuple[Step, ...]
    back: Way

    @property
    def rate(self) -> float:
        """Return what an hour out costs, fairness counted."""
        return self.person.pay.per_h + self.person.pay.fairness_per_h

    def earliest(self, leaves_s: float) -> list[tuple[float, float]]:
        """Return start and end of each stop if all is as early as it can, then the return twice; breaks left out."""
        found, free_s = [], leaves_s
        for step in self.steps:
            reached_s = step.way.arrival_s(free_s)
            start_s = next(
                (max(since, reached_s) for since, until in step.starts if until >= reached_s - TOLERANCE_S), math.inf
            )
            free_s = start_s + step.length_s
            found.append((start_s, free_s))
        back_s = self.back.arrival_s(free_s)
        return [*found, (back_s, back_s)]

    def latest(self) -> list[float]:
        """Return the departure and then the start of each stop if all is as late as it can; breaks left out."""
        found, ends_s, way = [], self.tour.end_s, self.back
        for step in reversed(self.steps):
            by_s = way.leaving_s(ends_s) - step.length_s
            ends_s = max(
                (min(until, by_s) for since, until in step.starts if since <= by_s + TOLERANCE_S), default=-math.inf
            )
            found.append(ends_s)
            way = step.way
        return [way.leaving_s(ends_s), *reversed(found)]


def schedules(problem: Problem, plan: Plan, only: Collection[int] | None = None) -> list[Schedule | None]:
    """Return for each route its schedule; None for one who is away, and where a break lies off the way.

    Where routes are named (`only`, their indices), the others have none.
    """
    jobs = {job.number: job for job in problem.jobs}
    people = {person.code: person for person in problem.technicians}
    tours = {(problem.technicians[tour.person].code, tour.shift): tour for tour in tours_of(problem)}
    return [
        _schedule(problem, jobs, people[route.technician], tours[route.technician, route.shift], route)
        if only is None or index in only
        else None
        for index, route in enumerate(plan.routes)
    ]


def _schedule(problem: Problem, jobs: dict[str, Job], person: Technician, tour: Tour, route: Route) -> Schedule | None:
    if person.away:
        return None
    steps: list[Step] = []
    place, rests = tour.from_place, list[Stop]()
    for stop in route.stops:
        if stop.kind is StopKind.BREAK:
            rests.append(stop)
            continue
        way = _way(problem, person, place, stop.place, rests, stop.flight)
        job = jobs[stop.name] if stop.kind is StopKind.JOB else None
        starts = _starts(problem, person, stop, job)
        if way is None or not starts:
            return None
        steps.append(Step(stop, way, starts, _length_s(problem, person, stop, job), job))
        place, rests = stop.place, []
    back = _way(problem, person, place, tour.to_place, rests, route.return_flight)
    return None if back is None else Schedule(person, tour, route, tuple(steps), back)


def _way(
    problem: Problem, person: Technician, here: int, there: int, rests: Sequence[Stop], last: int | None
) -> Way | None:
    """Return the one way that leads past some breaks; None where there is more than one."""
    taken = [flight for flight in (*(rest.flight for rest in rests), last) if flight is not None]
    turns = [place for place, _ in groupby([here, *(rest.place for rest in rests), there])]
    if len(taken) > 1 or len(turns) > 2:
        return None
    if taken:
        flight = problem.flights[taken[0]]
        return Way(flight.arrives_s - flight.departs_s, flight.cost, flight, taken[0])
    travel = problem.travel[person.mode]
    return Way(float(travel.seconds[here, there]), float(travel.cost[here, there]))


def _length_s(problem: Problem, person: Technician, stop: Stop, job: Job | None) -> float:
    """Return how long a stop takes, as given: its end less its start would be a rounding off."""
    if job is not None:
        return seat_length_s(job, stop.seat, person)
    if stop.kind is StopKind.DEPOT:
        return next(depot.handling_s for depot in problem.depots if depot.code == stop.name)
    return next(date.duration_s for date in person.appointments if _is_same(date, stop))


def _is_same(date: Appointment, stop: Stop) -> bool:
    agreed = (date.name, date.place) == (stop.name, stop.place)
    return agreed and abs(date.start_s - stop.start_s) + abs(date.start_s + date.duration_s - stop.end_s) < 1e-3


def _starts(problem: Problem, person: Technician, stop: Stop, job: Job | None) -> Sequence[Span]:
    if stop.kind is StopKind.APPOINTMENT:
        return [(stop.start_s, stop.start_s)]
    if job is None:
        window = next(depot.window for depot in problem.depots if depot.code == stop.name)
        return [(window.from_s, window.until_s)]
    if job.pin is not None and job.pin.kind in BEGUN:
        return ALWAYS if stop.seat or job.pin.start_s is None else [(job.pin.start_s, job.pin.start_s)]
    allowed = allowed_starts(job.seats[stop.seat], job, person, stop.end_s - stop.start_s)
    if stop.seat:
        return allowed
    delivered = [
        need.ready_s
        for need, taken in zip(job.parts, stop.parts, strict=True)
        if taken.source == "delivered" and need.ready_s is not None
    ]
    ready_s = max([job.release_s, *delivered])
    opened = [(max(window.from_s, ready_s), window.until_s) for window in job.windows if window.until_s >= ready_s]
    return intersect(opened, allowed)


def gain_most(problem: Problem, one: Schedule) -> float:
    """Return a limit on what better times of a tour can save, whatever it is linked to; the worst lateness apart."""
    earliest, latest = one.earliest(one.tour.start_s), one.latest()
    pay, route, shift = one.person.pay, one.route, one.tour.shifts[0]
    gain = one.rate * (worked_s(one.person, route) - _paid_least_s(one, latest[0])) / HOUR_S
    gain += banded(pay.overtime, route.returns_s - shift.end_s) - banded(pay.overtime, earliest[-1][1] - shift.end_s)
    if pay.night_per_h:
        out_s = sum(on_duty_s(one.person, route, night.from_s, night.until_s) for night in pay.nights)
        gain += pay.night_per_h * out_s / HOUR_S
    for step, (start_s, end_s), late_s in zip(one.steps, earliest, latest[1:], strict=False):
        if step.job is not None:
            late = step.job.lateness
            gain += banded(late, step.stop.end_s - step.job.due_s) - banded(late, end_s - step.job.due_s)
            if step.job.running is not None and not step.stop.seat:
                told_s, rate = step.job.running.start_s, move_rate(problem, step.job)
                least_s = max(0.0, start_s - told_s, told_s - late_s)
                gain += rate * (abs(step.stop.start_s - told_s) - least_s) / HOUR_S
    return gain


def _paid_least_s(one: Schedule, leaves_s: float) -> float:
    """Return the least time paid: what the work takes, or waiting that no departure (`leaves_s` the latest) avoids."""
    busy_s = sum(step.way.travel_s + step.length_s for step in one.steps) + one.back.travel_s
    unpaid_s = sum(rest.duration_s for rest in one.tour.breaks if not rest.paid)
    free_s = leaves_s
    for step in one.steps:
        free_s = max(step.way.arrival_s(free_s), step.starts[0][0]) + step.length_s
    return max(busy_s, one.back.arrival_s(free_s) - leaves_s - unpaid_s)


def move_rate(problem: Problem, job: Job) -> float:
    """Return what an hour costs by which a job moves away from the start that was told."""
    if job.running is None:
        return 0.0
    return problem.change.per_h * near_factor(problem.change, job.running, problem.now_s)


def late_s(schedule: Schedule) -> Iterator[float]:
    """Yield by how much each seat of a tour ends after its job's due time."""
    return (step.stop.end_s - step.job.due_s for step in schedule.steps if step.job is not None)
