"""What is left of a day to plan: the problem from now on, and the running plan as one of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from optimizer.dispatch.building.people import binds
from optimizer.dispatch.jobs import Job, Pin, PinKind, Running
from optimizer.dispatch.live.day import HERE, HOME, LEAST_S, Begun, Day, crew_of, is_called
from optimizer.dispatch.live.ledger import Key
from optimizer.dispatch.live.ways import arrives_s
from optimizer.dispatch.model import Depot, Problem
from optimizer.dispatch.plan import LeftOut, Plan, Route, Stop, StopKind
from optimizer.dispatch.pricing import cheapest_outcome, end_place, price
from optimizer.dispatch.technicians import Appointment, Shift, Technician, Validity
from optimizer.run import Status


class Left:
    """What is left of a day after all that has happened; what begins within `freeze_s` (seconds) is frozen."""

    def __init__(self, day: Day, freeze_s: float = 0.0) -> None:
        self.day, self.freeze_s = day, freeze_s

    def problem(self) -> Problem:
        """Return the problem that is left."""
        pins = self.day.pins | dict(self._frozen())
        home = [(key[0], one) for key, one in self.day.begun.items() if one.back_s is not None]
        running = {
            number: Running(crew_of(seats), seats[0][1].start_s)
            for number, seats in self.day.seats().items()
            if len(seats) == len(self.day.jobs[number].seats)
        }
        jobs = []
        for number, job in self.day.jobs.items():
            job = replace(job, running=running.get(number))
            if number in pins:
                job = replace(job, pin=pins[number])
            elif not self.day.is_over(number):
                job = self._from_now(job, home)
            jobs.append(job)
        depots = tuple(self._depot(one) for one in self.day.problem.depots)
        people = tuple(self._person(self.day.people[one.code]) for one in self.day.problem.technicians)
        names = set(self.day.jobs)
        return replace(
            self.day.problem,
            technicians=people,
            jobs=tuple(jobs),
            depots=depots,
            precedence=tuple(tie for tie in self.day.problem.precedence if {tie.before, tie.after} <= names),
            together=tuple(tie for tie in self.day.problem.together if {tie.first, tie.second} <= names),
            now_s=self.day.now_s,
        )

    def plan(self, problem: Problem) -> Plan:
        """Return the running plan as one of the problem that is left, priced; it may break what has changed."""
        routes = tuple(self._route(route) for route in self.day.plan.routes if self._stops_of(route))
        done = {stop.name for route in routes for stop in route.stops if stop.kind is StopKind.JOB}
        out = (job for job in problem.jobs if job.number not in done)
        left = tuple(LeftOut(job.number, *cheapest_outcome(job)) for job in out)
        plan = replace(
            self.day.plan, status=Status.FEASIBLE, bound=None, gap=None, routes=routes, left_out=left, missed=()
        )
        terms = price(problem, plan)
        return replace(plan, cost_by_term=terms, objective=math.fsum(terms.values()))

    def _frozen(self) -> Iterator[tuple[str, Pin]]:
        """Yield the pins of what begins soon, and of what stands before it or before what has begun on its tours."""
        seats = self.day.seats()
        until_s = self.day.now_s + self.freeze_s
        soon = {number for number, own in seats.items() if self.freeze_s > 0 and own[min(own)][1].start_s <= until_s}
        waiting = [*self.day.pins, *soon]
        found = set(soon)
        while waiting:
            for key, stop in seats.get(waiting.pop(), {}).values():
                jobs = [one for one in self.day.stops[key] if one.kind is StopKind.JOB]
                before = {one.name for one in jobs[: jobs.index(stop)]}
                waiting += before - found
                found |= before
        for number in sorted(found - set(self.day.pins)):
            own = seats[number]
            if len(own) == len(self.day.jobs[number].seats):
                yield number, Pin(PinKind.SEQUENCED, crew_of(own), own[0][1].start_s)

    def _depot(self, depot: Depot) -> Depot:
        """Return a depot with what is left there; nobody who has not left for it by now is there before."""
        opens_s = min(max(depot.window.from_s, self.day.now_s), depot.window.until_s)
        return replace(depot, stock=self.day.stock[depot.code], window=replace(depot.window, from_s=opens_s))

    def _from_now(self, job: Job, home: Sequence[tuple[str, Begun]]) -> Job:
        """Let a job begin no earlier than now, and nobody who is at home leave for it before."""
        job = replace(job, release_s=max(job.release_s, self.day.now_s))
        if not home:
            return job
        from_s = {}
        for code, begun in home:
            way = self.day.problem.travel[self.day.people[code].mode].seconds
            leaves_s = max(self._free_s(code), begun.back_s or 0.0)
            from_s[code] = leaves_s + float(way[begun.place, job.place])

        def permitted(given: Mapping[str, tuple[Validity, ...]] | None) -> dict[str, tuple[Validity, ...]]:
            always: tuple[Validity, ...] = (Validity(0.0, math.inf),)
            allowed = dict.fromkeys(self.day.people, always) if given is None else dict(given)
            for code, since_s in from_s.items():
                allowed[code] = _since(allowed.get(code, ()), since_s)
            return allowed

        seats = tuple(replace(seat, permitted=permitted(seat.permitted)) for seat in job.seats)
        return replace(job, seats=seats)

    def _person(self, person: Technician) -> Technician:
        """Return a technician with what binds him, and what is left of his shifts and his kit."""
        dates = [date for date in person.appointments if date.name != HERE]
        for key, begun in self.day.begun.items():
            if key[0] == person.code:
                dates += (date for date in self._dates(key, begun) if date not in dates)
        free_s = self._free_s(person.code)
        shifts = tuple(
            shift if self._is_out(person, number) else _rest(shift, free_s)
            for number, shift in enumerate(person.shifts)
        )
        parts = {part: max(0.0, held) for part, held in self.day.kits[person.code].items()}
        return replace(person, shifts=shifts, appointments=tuple(dates), parts=parts)

    def _free_s(self, code: str) -> float:
        """Return from when on somebody can leave for something else."""
        return self.day.detained.get(code, self.day.now_s)

    def _dates(self, key: Key, begun: Begun) -> Iterator[Appointment]:
        for stop in begun.stops:
            if stop.kind is StopKind.APPOINTMENT:
                yield Appointment(stop.name, stop.place, stop.start_s, stop.end_s - stop.start_s)
        for here in (self._here(key, begun), self._set_out(key, begun)):
            if here is not None:
                yield Appointment(here.name, here.place, here.start_s, 0.0)

    def _here(self, key: Key, begun: Begun) -> Stop | None:
        """Return from where and when an idle tour goes on; None if it does not, or that is among its stops already.

        From home on the return, elsewhere from now; who is away, from when on duty again.
        """
        if not begun.idle and key[0] not in self.day.detained:
            return None
        person, last, at_s = self.day.people[key[0]], begun.stops[-1], begun.back_s
        if at_s is not None and is_called(last, HOME):
            return None
        name = HERE if at_s is None else HOME
        if at_s is None:
            at_s = max(self._free_s(key[0]), last.end_s)
        if binds(person, Appointment(name, begun.place, at_s, 0.0)):
            return _at(name, begun.place, at_s)
        later = [shift.start_s for shift in person.shifts if person.away and shift.start_s > at_s]
        return _at(name, begun.place, min(later)) if later else None

    def _set_out(self, key: Key, begun: Begun) -> Stop | None:
        """Return from where and when somebody left for an appointment, or a depot, and is on the way to: by now."""
        person, stop = self.day.people[key[0]], begun.stops[-1]
        if stop.kind is not StopKind.APPOINTMENT or stop.start_s <= self.day.now_s:
            return None
        if person.away or stop.flight is not None:
            return None
        place = begun.stops[-2].place if len(begun.stops) > 1 else person.shifts[key[1]].start_place
        way_s = float(self.day.problem.travel[person.mode].seconds[place, stop.place])
        return _at(HERE, place, min(stop.start_s - way_s, self.day.now_s))

    def _is_out(self, person: Technician, shift: int) -> bool:
        return (person.code, 0 if person.away else shift) in self.day.begun

    def _stops_of(self, route: Route) -> list[Stop]:
        """Return the stops of a tour as they now are."""
        key = route.technician, route.shift
        stops = list(self.day.stops[key])
        begun = self.day.begun.get(key)
        here = self._here(key, begun) if begun is not None else None
        if begun is not None and here is not None:
            stops.insert(len(begun.stops), here)
        left = self._set_out(key, begun) if begun is not None else None
        if begun is not None and left is not None:
            stops.insert(len(begun.stops) - 1, left)
        return stops

    def _route(self, route: Route) -> Route:
        """Return a tour with its stops at their times, and the ways between them as they now are."""
        person, stops = self.day.people[route.technician], self._stops_of(route)
        way = self.day.problem.travel[person.mode]
        place = person.shifts[route.shift].start_place
        departs_s = free_s = route.departs_s
        if stops[0].flight is None and not person.away:
            departs_s = free_s = stops[0].start_s - float(way.seconds[place, stops[0].place])
        timed = []
        for stop in stops:
            if stop.flight is None:
                seconds, cost = float(way.seconds[place, stop.place]), float(way.cost[place, stop.place])
                stop = replace(stop, arrives_s=arrives_s(person, free_s, seconds), travel_s=seconds, travel_cost=cost)
            timed.append(stop)
            place, free_s = stop.place, stop.end_s
        home = end_place(person, route)
        if route.return_flight is not None:
            return replace(route, departs_s=departs_s, stops=tuple(timed))
        back_s = float(way.seconds[place, home])
        return replace(
            route,
            departs_s=departs_s,
            stops=tuple(timed),
            return_s=back_s,
            return_cost=float(way.cost[place, home]),
            returns_s=arrives_s(person, free_s, back_s),
        )


def _at(name: str, place: int, at_s: float) -> Stop:
    """Return where somebody is at a time."""
    return Stop(StopKind.APPOINTMENT, name, place, at_s, at_s, at_s, 0.0, 0.0)


def _rest(shift: Shift, from_s: float) -> Shift:
    """Return what is left of a shift from a time on."""
    if shift.start_s >= from_s:
        return shift
    overtime_s = shift.overtime_s if from_s < shift.end_s else 0.0
    return replace(shift, start_s=min(from_s, shift.end_s - LEAST_S), overtime_s=overtime_s)


def _since(spans: Sequence[Validity], since_s: float) -> tuple[Validity, ...]:
    """Return what of spans lies behind a time."""
    return tuple(
        Validity(max(one.from_s, since_s), one.until_s) for one in spans if one.until_s > max(one.from_s, since_s)
    )
