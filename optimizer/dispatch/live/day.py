"""A day that is under way: what of a running plan stands at a time, and the problem that is left.

Who has further stops waits where he is, and leaves for each as late as its start allows. What he has left for stands:
jobs are pinned to their starts, a visit to a depot is an appointment, and what he took there is in his kit. Who is idle
has an appointment where he is now; who has gone home can be sent again from there. What begins soon is frozen: it keeps
its technicians and its order.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from optimizer.dispatch.jobs import Job, Pin, PinKind, Running
from optimizer.dispatch.live.ledger import Key
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import LeftOut, Plan, Route, Stop, StopKind
from optimizer.dispatch.pricing import cheapest_outcome, end_place, price
from optimizer.dispatch.technicians import Appointment, Shift, Technician, Validity
from optimizer.run import Status

HERE, VISIT = "here", "depot"
"""What appointments are called where somebody is idle, and at a depot where somebody has been."""

BEGUN = (PinKind.STARTED, PinKind.DONE)
FIRM = (*BEGUN, PinKind.SEQUENCED)
LEAST_S = 1e-3
"""So long is at least what is left of a shift that is over."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a tour has left for, and where it goes on from; `back_s` is when he is home if nothing else is planned."""

    stops: tuple[Stop, ...]
    place: int
    idle: bool
    back_s: float | None


class Day:
    """A running plan at a time (seconds), which can be changed by what happens; then tells what is left to plan."""

    def __init__(self, problem: Problem, plan: Plan, now_s: float) -> None:
        """Take up a plan. Linear time. Raises ValueError if it has a technician or job that the problem has not."""
        self.problem, self.plan, self.now_s = problem, plan, now_s
        self.people = {person.code: person for person in problem.technicians}
        self.jobs = {job.number: job for job in problem.jobs}
        self.kits = {person.code: dict(person.parts) for person in problem.technicians}
        self.stock = {depot.code: dict(depot.stock) for depot in problem.depots}
        self.stops: dict[Key, list[Stop]] = {}
        self.begun: dict[Key, Begun] = {}
        self.pins: dict[str, Pin] = {}
        self.detained: dict[str, float] = {}
        for route in plan.routes:
            self._take_up(route)
        self._pin_begun()

    def _take_up(self, route: Route) -> None:
        if route.technician not in self.people:
            raise ValueError(f"the plan has technician {route.technician}, who is not in the problem")
        person, key = self.people[route.technician], (route.technician, route.shift)
        stops = [stop for stop in route.stops if stop.name != HERE]
        for stop in stops:
            if stop.kind is StopKind.JOB and stop.name not in self.jobs:
                raise ValueError(f"the plan has job {stop.name}, which is not in the problem")
        left = tuple(takewhile(lambda stop: stop.start_s - stop.travel_s <= self.now_s, stops))
        if left:
            idle = left[-1].end_s <= self.now_s
            home = idle and len(left) == len(stops)
            place = end_place(person, route) if home else left[-1].place
            self._use_up(key, stops, len(left))
            stops[: len(left)] = (_visit(stop) for stop in left)
            left = tuple(stops[: len(left)])
            self.begun[key] = Begun(left, place, idle, route.returns_s if home else None)
        self.stops[key] = stops

    def _use_up(self, key: Key, stops: list[Stop], begun: int) -> None:
        """Take what begun jobs used out of kits and depots; what was fetched for others is in the kit from then on."""
        code, kit, fetched = key[0], self.kits[key[0]], set[str]()
        for at, stop in enumerate(stops):
            if stop.kind is StopKind.DEPOT and at < begun:
                fetched.add(stop.name)
                tools = next(one.tools for one in self.problem.depots if one.code == stop.name)
                self.people[code] = replace(self.people[code], tools=self.people[code].tools | tools)
            if stop.kind is not StopKind.JOB or self._is_over(stop.name):
                continue
            for taken in stop.parts:
                if taken.source in fetched:
                    self.stock[taken.source][taken.part] -= taken.quantity
                    kit[taken.part] = kit.get(taken.part, 0.0) + taken.quantity
                if at < begun and (taken.source == "kit" or taken.source in fetched):
                    kit[taken.part] = kit.get(taken.part, 0.0) - taken.quantity
            parts = (replace(one, source="kit") if one.source in fetched else one for one in stop.parts)
            stops[at] = replace(stop, parts=tuple(parts))

    def _is_over(self, number: str) -> bool:
        """Say whether a job had begun in the problem already: what it used is out of the kit."""
        pin = self.jobs[number].pin
        return pin is not None and pin.kind in BEGUN

    def _pin_begun(self) -> None:
        begun = {stop.name for one in self.begun.values() for stop in one.stops if stop.kind is StopKind.JOB}
        for number, seats in self.seats().items():
            if number in begun and len(seats) == len(self.jobs[number].seats):
                over = all(stop.end_s <= self.now_s for _, stop in seats.values())
                kind = PinKind.DONE if over else PinKind.STARTED
                self.pins[number] = Pin(kind, _crew(seats), seats[0][1].start_s)

    def seats(self) -> dict[str, dict[int, tuple[Key, Stop]]]:
        """Return the tour and stop of each seat of each planned job."""
        found: dict[str, dict[int, tuple[Key, Stop]]] = defaultdict(dict)
        for key, stops in self.stops.items():
            for stop in stops:
                if stop.kind is StopKind.JOB:
                    found[stop.name][stop.seat] = (key, stop)
        return found

    def give_up(self, number: str, until_s: float) -> None:
        """Take a job out of the plan; who was at it was there in vain until then, which stays an appointment."""
        self.pins.pop(number, None)
        for key in [key for key, _ in self.seats().get(number, {}).values()]:
            stops = self.stops[key]
            at = next(at for at, stop in enumerate(stops) if stop.kind is StopKind.JOB and stop.name == number)
            begun = self.begun.get(key)
            if begun is None or at >= len(begun.stops):
                del stops[at]
                continue
            stop, left = stops[at], len(begun.stops)
            if stop.start_s < until_s:
                end_s = min(stop.end_s, until_s)
                stops[at] = replace(stop, kind=StopKind.APPOINTMENT, name=f"{number} in vain", end_s=end_s, parts=())
            else:
                del stops[at]
                left -= 1
            if left:
                own = tuple(stops[:left])
                self.begun[key] = Begun(own, own[-1].place, own[-1].end_s <= self.now_s, None)
            else:
                del self.begun[key]

    def lengthen(self, number: str, by_s: float) -> None:
        """Let a planned job end later, which makes the rest of the tours later only once they are planned anew."""
        for key in {key for key, _ in self.seats().get(number, {}).values()}:
            self._change(key, number, lambda stop: replace(stop, end_s=stop.end_s + by_s))

    def put_off(self, number: str, by_s: float) -> None:
        """Let a job that somebody is on the way to begin later, with its whole crew."""
        for key in {key for key, _ in self.seats()[number].values()}:
            self._change(key, number, lambda stop: replace(stop, start_s=stop.start_s + by_s, end_s=stop.end_s + by_s))
        pin = self.pins[number]
        self.pins[number] = replace(pin, start_s=(pin.start_s or 0.0) + by_s)

    def _change(self, key: Key, number: str, change: Callable[[Stop], Stop]) -> None:
        own = [change(stop) if stop.name == number and stop.kind is StopKind.JOB else stop for stop in self.stops[key]]
        self.stops[key] = own
        if key in self.begun:
            begun = self.begun[key]
            self.begun[key] = replace(begun, stops=tuple(own[: len(begun.stops)]))

    def spoil(self, number: str, part: str) -> None:
        """Take what a job was to use of a part from where it was to come from."""
        for key, stop in self.seats().get(number, {}).values():
            for taken in stop.parts:
                if taken.part == part and taken.source != "delivered":
                    store = self.kits[key[0]] if taken.source == "kit" else self.stock[taken.source]
                    store[part] = max(0.0, store.get(part, 0.0) - taken.quantity)

    def detain(self, code: str, by_s: float) -> None:
        """Let a technician go on later from where he is."""
        self.detained[code] = self.now_s + by_s

    def ill(self, code: str, from_s: float) -> None:
        """End the duty of a technician at a time; from the last place where he has been he gets home."""
        person = self.people[code]
        home_s = [
            one.stops[-1].end_s + float(self.problem.travel[person.mode].seconds[one.stops[-1].place, shift.end_place])
            for number, shift in enumerate(person.shifts)
            if (one := self.begun.get((code, 0 if person.away else number))) is not None and one.stops
        ]
        until_s = max([from_s, *home_s])
        shifts = []
        for shift in person.shifts:
            if shift.end_s > until_s:
                end_s = max(until_s, shift.start_s + LEAST_S)
                breaks = tuple(one for one in shift.breaks if one.latest_s < from_s)
                shift = replace(shift, end_s=end_s, overtime_s=0.0, breaks=breaks)
            shifts.append(shift)
        self.people[code] = replace(person, shifts=tuple(shifts))
        for key, begun in self.begun.items():
            if key[0] == code:
                self.begun[key] = replace(begun, idle=False)

    def problem_left(self, freeze_s: float) -> Problem:
        """Return the problem that is left; what begins within `freeze_s` (seconds) is frozen."""
        pins = self.pins | dict(self._frozen(freeze_s))
        home = {key[0]: one.back_s for key, one in self.begun.items() if one.back_s is not None}
        running = {
            number: Running(_crew(seats), seats[0][1].start_s)
            for number, seats in self.seats().items()
            if len(seats) == len(self.jobs[number].seats)
        }
        jobs = []
        for number, job in self.jobs.items():
            job = replace(job, running=running.get(number))
            if number in pins:
                job = replace(job, pin=pins[number])
            elif not self._is_over(number):
                job = self._from_now(job, home)
            jobs.append(job)
        depots = tuple(replace(one, stock=self.stock[one.code]) for one in self.problem.depots)
        people = tuple(self._person(self.people[one.code]) for one in self.problem.technicians)
        names = set(self.jobs)
        return replace(
            self.problem,
            technicians=people,
            jobs=tuple(jobs),
            depots=depots,
            precedence=tuple(tie for tie in self.problem.precedence if {tie.before, tie.after} <= names),
            together=tuple(tie for tie in self.problem.together if {tie.first, tie.second} <= names),
            now_s=self.now_s,
        )

    def plan_left(self, problem: Problem) -> Plan:
        """Return the running plan as one of the problem that is left, priced; it may break what has changed."""
        routes = tuple(self._route(route) for route in self.plan.routes if self._stops_of(route))
        done = {stop.name for route in routes for stop in route.stops if stop.kind is StopKind.JOB}
        out = (job for job in problem.jobs if job.number not in done)
        left = tuple(LeftOut(job.number, *cheapest_outcome(job)) for job in out)
        plan = replace(self.plan, status=Status.FEASIBLE, bound=None, gap=None, routes=routes, left_out=left, missed=())
        terms = price(problem, plan)
        return replace(plan, cost_by_term=terms, objective=math.fsum(terms.values()))

    def _frozen(self, freeze_s: float) -> Iterator[tuple[str, Pin]]:
        """Yield the pins of what begins soon, and of what stands before it or before what has begun on its tours."""
        seats = self.seats()
        until_s = self.now_s + freeze_s
        soon = {number for number, own in seats.items() if freeze_s > 0 and own[min(own)][1].start_s <= until_s}
        waiting = [*self.pins, *soon]
        found = set(soon)
        while waiting:
            for key, stop in seats.get(waiting.pop(), {}).values():
                jobs = [one for one in self.stops[key] if one.kind is StopKind.JOB]
                before = {one.name for one in jobs[: jobs.index(stop)]}
                waiting += before - found
                found |= before
        for number in sorted(found - set(self.pins)):
            own = seats[number]
            if len(own) == len(self.jobs[number].seats):
                yield number, Pin(PinKind.SEQUENCED, _crew(own), own[0][1].start_s)

    def _from_now(self, job: Job, home: Mapping[str, float]) -> Job:
        """Let a job begin no earlier than now, and nobody who is at home leave for it before."""
        job = replace(job, release_s=max(job.release_s, self.now_s))
        if not home:
            return job
        ways = {code: self.problem.travel[self.people[code].mode].seconds for code in home}
        from_s = {
            code: max(self._free_s(code), back_s) + float(ways[code][self.people[code].shifts[0].end_place, job.place])
            for code, back_s in home.items()
        }

        def permitted(given: Mapping[str, tuple[Validity, ...]] | None) -> dict[str, tuple[Validity, ...]]:
            always: tuple[Validity, ...] = (Validity(0.0, math.inf),)
            allowed = dict.fromkeys(self.people, always) if given is None else dict(given)
            for code, since_s in from_s.items():
                allowed[code] = _since(allowed.get(code, ()), since_s)
            return allowed

        seats = tuple(replace(seat, permitted=permitted(seat.permitted)) for seat in job.seats)
        return replace(job, seats=seats)

    def _person(self, person: Technician) -> Technician:
        """Return a technician with what binds him, and what is left of his shifts and his kit."""
        dates = [date for date in person.appointments if date.name != HERE]
        for key, begun in self.begun.items():
            if key[0] == person.code:
                dates += (date for date in self._dates(key, begun) if date not in dates)
        free_s = self._free_s(person.code)
        shifts = tuple(
            shift if self._is_out(person, number) else _rest(shift, free_s)
            for number, shift in enumerate(person.shifts)
        )
        parts = {part: max(0.0, held) for part, held in self.kits[person.code].items()}
        return replace(person, shifts=shifts, appointments=tuple(dates), parts=parts)

    def _free_s(self, code: str) -> float:
        """Return from when on somebody can leave for something else."""
        return self.detained.get(code, self.now_s)

    def _dates(self, key: Key, begun: Begun) -> Iterator[Appointment]:
        for stop in begun.stops:
            if stop.kind is StopKind.APPOINTMENT:
                yield Appointment(stop.name, stop.place, stop.start_s, stop.end_s - stop.start_s)
        here = self._here(key, begun)
        if here is not None:
            yield Appointment(HERE, here.place, here.start_s, 0.0)

    def _here(self, key: Key, begun: Begun) -> Stop | None:
        """Return from where and when an idle tour goes on: from home on the return, elsewhere from now."""
        if not begun.idle and key[0] not in self.detained:
            return None
        at_s = begun.back_s
        if at_s is None:
            at_s = max(self._free_s(key[0]), begun.stops[-1].end_s)
        return Stop(StopKind.APPOINTMENT, HERE, begun.place, at_s, at_s, at_s, 0.0, 0.0)

    def _is_out(self, person: Technician, shift: int) -> bool:
        return (person.code, 0 if person.away else shift) in self.begun

    def _stops_of(self, route: Route) -> list[Stop]:
        """Return the stops of a tour as they now are."""
        key = route.technician, route.shift
        stops = list(self.stops[key])
        begun = self.begun.get(key)
        here = self._here(key, begun) if begun is not None else None
        if begun is not None and here is not None:
            stops.insert(len(begun.stops), here)
        return stops

    def _route(self, route: Route) -> Route:
        """Return a tour with its stops at their times, and the ways between them as they now are."""
        person, stops = self.people[route.technician], self._stops_of(route)
        way = self.problem.travel[person.mode]
        place = person.shifts[route.shift].start_place
        departs_s = free_s = route.departs_s
        if stops[0].flight is None and not person.away:
            departs_s = free_s = stops[0].start_s - float(way.seconds[place, stops[0].place])
        timed = []
        for stop in stops:
            if stop.flight is None and not person.away:
                seconds = float(way.seconds[place, stop.place])
                stop = replace(
                    stop, arrives_s=free_s + seconds, travel_s=seconds, travel_cost=float(way.cost[place, stop.place])
                )
            timed.append(stop)
            place, free_s = stop.place, stop.end_s
        home = end_place(person, route)
        if route.return_flight is not None or person.away:
            return replace(route, departs_s=departs_s, stops=tuple(timed))
        back_s = float(way.seconds[place, home])
        return replace(
            route,
            departs_s=departs_s,
            stops=tuple(timed),
            return_s=back_s,
            return_cost=float(way.cost[place, home]),
            returns_s=free_s + back_s,
        )


def _rest(shift: Shift, from_s: float) -> Shift:
    """Return what is left of a shift from a time on."""
    if shift.start_s >= from_s:
        return shift
    overtime_s = shift.overtime_s if from_s < shift.end_s else 0.0
    return replace(shift, start_s=min(from_s, shift.end_s - LEAST_S), overtime_s=overtime_s)


def _visit(stop: Stop) -> Stop:
    return replace(stop, kind=StopKind.APPOINTMENT, name=VISIT) if stop.kind is StopKind.DEPOT else stop


def _crew(seats: Mapping[int, tuple[Key, Stop]]) -> tuple[str, ...]:
    return tuple(seats[seat][0][0] for seat in sorted(seats))


def _since(spans: Sequence[Validity], since_s: float) -> tuple[Validity, ...]:
    """Return what of spans lies behind a time."""
    return tuple(
        Validity(max(one.from_s, since_s), one.until_s) for one in spans if one.until_s > max(one.from_s, since_s)
    )
