"""The part of the checker that looks at one tour: its shift, its times, its way, its breaks, appointments, depots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from optimizer.dispatch.jobs import Job, PinKind
from optimizer.dispatch.model import Depot, Problem
from optimizer.dispatch.plan import Plan, Route, Stop, StopKind
from optimizer.dispatch.pricing import TOLERANCE_S, begins_within, end_place, legs, shifts_of
from optimizer.dispatch.technicians import Appointment, Break, Shift, Technician
from optimizer.dispatch.violations import Violation, is_same, is_worth


@dataclass(frozen=True, slots=True)
class Tour:
    """A route with what its names stand for."""

    problem: Problem
    jobs: Mapping[str, Job]
    depots: Mapping[str, Depot]
    person: Technician
    route: Route

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """Return the shifts that it takes place in."""
        return shifts_of(self.person, self.route)

    @property
    def name(self) -> str:
        """Return what to call it."""
        return f"{self.person.code} shift {self.route.shift}"

    def duty_s(self, second: float) -> float:
        """Return the duty clock of one who is away: the seconds on duty until then."""
        return sum(max(0.0, min(second, shift.end_s) - shift.start_s) for shift in self.shifts)

    def holds(self, start_s: float, end_s: float) -> bool:
        """Say whether one shift has it all."""
        return any(
            shift.start_s - TOLERANCE_S <= start_s and end_s <= shift.end_s + TOLERANCE_S for shift in self.shifts
        )


def check_tours(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Yield what is wrong with the tours, each by itself."""
    people = {person.code: person for person in problem.technicians}
    jobs = {job.number: job for job in problem.jobs}
    depots = {depot.code: depot for depot in problem.depots}
    for route in plan.routes:
        tour = Tour(problem, jobs, depots, people[route.technician], route)
        for rule in (_span, _ways, _works, _breaks, _depots, _head):
            yield from rule(tour)
    yield from _appointments(problem, plan)


def _span(tour: Tour) -> Iterator[Violation]:
    first, last = tour.shifts[0], tour.shifts[-1]
    latest_s = last.end_s if tour.person.away else _overtime_until_s(tour.person, tour.route.shift)
    if tour.route.departs_s < first.start_s - TOLERANCE_S:
        yield Violation("shift", f"{tour.name} leaves", first.start_s - tour.route.departs_s)
    if tour.route.returns_s > latest_s + TOLERANCE_S:
        yield Violation("shift", f"{tour.name} is back", tour.route.returns_s - latest_s)


def _overtime_until_s(person: Technician, number: int) -> float:
    """Return until when a shift may last: overtime ends where the rest before the next shift begins."""
    shift, later = person.shifts[number], person.shifts[number + 1 : number + 2]
    rest_s = min((following.start_s - person.rest_s - shift.end_s for following in later), default=shift.overtime_s)
    return shift.end_s + max(0.0, min(shift.overtime_s, rest_s))


def _ways(tour: Tour) -> Iterator[Violation]:
    """Check each leg: what it takes and costs, that a flight goes there, and when one arrives."""
    route = tour.route
    place, free_s = tour.person.shifts[route.shift].start_place, route.departs_s
    told = [
        (stop.place, stop.flight, stop.travel_s, stop.travel_cost, stop.arrives_s, stop.end_s) for stop in route.stops
    ]
    ends = end_place(tour.person, route)
    told.append((ends, route.return_flight, route.return_s, route.return_cost, route.returns_s, route.returns_s))
    for (to, taken, told_s, told_cost, arrives_s, end_s), (travel_s, cost) in zip(
        told, legs(tour.problem, tour.person, route), strict=True
    ):
        where = f"{tour.name} to {tour.problem.places[to]}"
        if not is_same(told_s, travel_s):
            yield Violation("travel", where, told_s - travel_s)
        if not is_worth(told_cost, cost):
            yield Violation("price", where, told_cost - cost)
        if taken is not None:
            flight = tour.problem.flights[taken]
            goes = tour.person.flies and (flight.origin, flight.destination) == (place, to)
            if not goes or free_s > flight.departs_s + TOLERANCE_S or not is_same(arrives_s, flight.arrives_s):
                yield Violation("flight", where)
        elif not _arrives(tour, free_s, travel_s, arrives_s):
            yield Violation("travel", where, free_s + travel_s - arrives_s)
        place, free_s = to, end_s


def _arrives(tour: Tour, from_s: float, travel_s: float, arrives_s: float) -> bool:
    """Say whether own travel ends then; away it takes time on duty only, so arriving may wait for the next shift."""
    if not tour.person.away:
        return is_same(from_s + travel_s, arrives_s)
    return arrives_s >= from_s - TOLERANCE_S and is_same(tour.duty_s(arrives_s) - tour.duty_s(from_s), travel_s)


def _works(tour: Tour) -> Iterator[Violation]:
    """Check each stop: where it is, that it begins after arrival, how long it takes, and that it is on duty."""
    for stop in tour.route.stops:
        where = f"{tour.name} {stop.name or stop.kind}"
        if stop.start_s < stop.arrives_s - TOLERANCE_S:
            yield Violation("arrival", where, stop.arrives_s - stop.start_s)
        if stop.kind is StopKind.JOB:
            place, duration_s = _job(tour, stop)
        elif stop.kind is StopKind.DEPOT:
            place, duration_s = tour.depots[stop.name].place, tour.depots[stop.name].handling_s
        else:
            place, duration_s = stop.place, stop.end_s - stop.start_s
        if stop.place != place:
            yield Violation("place", where)
        pauses = tour.person.away and stop.kind is StopKind.JOB and tour.jobs[stop.name].pausable
        if pauses and not _pauses(tour, stop, duration_s):
            yield Violation("duty", where)
        if not pauses and not is_same(stop.end_s - stop.start_s, duration_s):
            yield Violation("duration", where, stop.end_s - stop.start_s - duration_s)
        if not pauses and tour.person.away and not tour.holds(stop.start_s, stop.end_s):
            yield Violation("duty", where)
        if stop.parts and (stop.kind is not StopKind.JOB or stop.seat):
            yield Violation("parts", where)


def _job(tour: Tour, stop: Stop) -> tuple[int, float]:
    """Return where a job is and how long this seat of it takes this technician."""
    job = tour.jobs[stop.name]
    own_s = job.seats[stop.seat].duration_s
    return job.place, (job.duration_s if own_s is None else own_s) * tour.person.proficiency.get(job.kind, 1.0)


def _pauses(tour: Tour, stop: Stop, duration_s: float) -> bool:
    """Say whether work that may pause takes its time on duty, begins on duty, and ends as soon as it is done."""
    done_s = tour.duty_s(stop.end_s) - tour.duty_s(stop.start_s)
    if not is_same(done_s, duration_s) or not tour.holds(stop.start_s, stop.start_s):
        return False
    if is_same(stop.start_s, stop.end_s):
        return True
    return any(shift.start_s + TOLERANCE_S < stop.end_s <= shift.end_s + TOLERANCE_S for shift in tour.shifts)


def _breaks(tour: Tour) -> Iterator[Violation]:
    """Check that each break that is due is taken once, and none besides; at the edge of being due both will do."""
    route = tour.route
    rests = [rest for shift in tour.shifts for rest in shift.breaks]
    left = [rest for rest in rests if _is_due(rest, route, TOLERANCE_S)]
    for stop in route.stops:
        if stop.kind is not StopKind.BREAK:
            continue
        fits = [
            rest
            for rest in left
            if begins_within(rest, stop.start_s) and is_same(stop.end_s - stop.start_s, rest.duration_s)
        ]
        if fits:
            left.remove(fits[0])
        else:
            yield Violation("break", f"{tour.name} at {stop.start_s}")
    for rest in left:
        if _is_due(rest, route, -TOLERANCE_S):
            yield Violation("break", f"{tour.name} by {rest.latest_s}")


def _is_due(rest: Break, route: Route, slack_s: float) -> bool:
    return route.departs_s - slack_s < rest.latest_s < route.returns_s + slack_s


def _depots(tour: Tour) -> Iterator[Violation]:
    stops = [stop for stop in tour.route.stops if stop.kind is StopKind.DEPOT]
    if len(stops) > 1:
        yield Violation("depot", f"{tour.name} stops at more than one")
    for stop in stops:
        window = tour.depots[stop.name].window
        missed_s = max(window.from_s - stop.start_s, stop.start_s - window.until_s)
        if missed_s > TOLERANCE_S:
            yield Violation("depot", f"{tour.name} {stop.name}", missed_s)


def _head(tour: Tour) -> Iterator[Violation]:
    """Check that jobs pinned in order come first, in the order of their pins."""
    reached_s: float | None = 0.0
    for stop in tour.route.stops:
        if stop.kind is not StopKind.JOB:
            continue
        pin = tour.jobs[stop.name].pin
        if pin is None or pin.kind is PinKind.ASSIGNED or pin.start_s is None:
            reached_s = None
        elif reached_s is None or pin.start_s < reached_s:
            yield Violation("pin", f"{tour.name} {stop.name} is not at the head")
        else:
            reached_s = pin.start_s


def _appointments(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Check that every appointment that binds is either kept or told as missed, once, and no other is."""
    due = {
        person.code: [date for date in person.appointments if _binds(person, date)] for person in problem.technicians
    }
    for route in plan.routes:
        own = due[route.technician]
        for stop in route.stops:
            if stop.kind is StopKind.APPOINTMENT:
                fits = [date for date in own if _is_kept(date, stop)]
                if fits:
                    own.remove(fits[0])
                else:
                    yield Violation("appointment", f"{route.technician} {stop.name} is not such")
    for one in plan.missed:
        own = due.get(one.technician, [])
        fits = [date for date in own if date.name == one.appointment and is_same(date.start_s, one.start_s)]
        if fits:
            own.remove(fits[0])
        else:
            yield Violation("appointment", f"{one.technician} {one.appointment} is told as missed: kept, or no such")
    for code, left in due.items():
        for date in left:
            yield Violation("appointment", f"{code} {date.name} is missing")


def _binds(person: Technician, date: Appointment) -> bool:
    """Say whether part of an appointment, or all of it, lies in a shift with its overtime."""
    for number, shift in enumerate(person.shifts):
        until_s = shift.end_s if person.away else _overtime_until_s(person, number)
        common_s = min(until_s, date.start_s + date.duration_s) - max(shift.start_s, date.start_s)
        if common_s > 0 or common_s == date.duration_s:
            return True
    return False


def _is_kept(date: Appointment, stop: Stop) -> bool:
    agreed = (date.name, date.place) == (stop.name, stop.place)
    return agreed and is_same(date.start_s, stop.start_s) and is_same(date.duration_s, stop.end_s - stop.start_s)
