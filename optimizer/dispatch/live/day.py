"""A day that is under way: what of a running plan stands at a time, and the problem that is left.

Who has further stops waits where he is, and leaves for each as late as its start allows. What he has left for stands:
jobs are pinned to their starts, a visit to a depot is an appointment, and what he took there is in his kit. Who is idle
has an appointment where he is now; who has gone home has one there, which stays, and can be sent again. What begins
soon is frozen: it keeps its technicians and its order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile

from optimizer.dispatch.jobs import Job, Pin, PinKind
from optimizer.dispatch.live.ledger import Key
from optimizer.dispatch.live.ways import leaves_s
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan, Route, Stop, StopKind, Taken
from optimizer.dispatch.pricing import end_place

HERE, HOME, VISIT = "here", "home", "depot"
"""What appointments are called where somebody is idle, at home where somebody has gone, at a depot where he has been.
"""

BEGUN = (PinKind.STARTED, PinKind.DONE)
FIRM = (*BEGUN, PinKind.SEQUENCED)
LEAST_S = 1e-3
"""So long is at least what is left of a shift that is over."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a tour has left for, and where it goes on from; `back_s` is when he is home if he has gone there."""

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
        stops = [stop for stop in route.stops if not is_called(stop, HERE)]
        for stop in stops:
            if stop.kind is StopKind.JOB and stop.name not in self.jobs:
                raise ValueError(f"the plan has job {stop.name}, which is not in the problem")
        left = tuple(takewhile(lambda stop: leaves_s(person, stop.start_s, stop.travel_s) <= self.now_s, stops))
        if left:
            idle = left[-1].end_s <= self.now_s
            place, back_s = left[-1].place, None
            if idle and is_called(left[-1], HOME):
                back_s = left[-1].end_s
            elif idle and len(left) == len(stops):
                place, back_s = end_place(person, route), route.returns_s
            self._use_up(key, stops, len(left))
            stops[: len(left)] = (_visit(stop) for stop in left)
            left = tuple(stops[: len(left)])
            self.begun[key] = Begun(left, place, idle, back_s)
        self.stops[key] = stops

    def _use_up(self, key: Key, stops: list[Stop], begun: int) -> None:
        """Take what begun jobs used out of kits and depots; what was fetched for others is in the kit from then on.

        Of a job that had begun before the plan was made, the plan does not tell it: then it was the first of each need.
        """
        code, kit, fetched = key[0], self.kits[key[0]], set[str]()
        for at, stop in enumerate(stops):
            if stop.kind is StopKind.DEPOT and at < begun:
                fetched.add(stop.name)
                tools = next(one.tools for one in self.problem.depots if one.code == stop.name)
                self.people[code] = replace(self.people[code], tools=self.people[code].tools | tools)
            if stop.kind is not StopKind.JOB or self.is_over(stop.name):
                continue
            for taken in stop.parts or _needed(self.jobs[stop.name], stop):
                if taken.source in fetched:
                    self.stock[taken.source][taken.part] -= taken.quantity
                    kit[taken.part] = kit.get(taken.part, 0.0) + taken.quantity
                if at < begun and (taken.source == "kit" or taken.source in fetched):
                    kit[taken.part] = kit.get(taken.part, 0.0) - taken.quantity
            parts = (replace(one, source="kit") if one.source in fetched else one for one in stop.parts)
            stops[at] = replace(stop, parts=tuple(parts))

    def is_over(self, number: str) -> bool:
        """Say whether a job had begun in the problem already: what it used is out of the kit."""
        pin = self.jobs[number].pin
        return pin is not None and pin.kind in BEGUN

    def _pin_begun(self) -> None:
        begun = {stop.name for one in self.begun.values() for stop in one.stops if stop.kind is StopKind.JOB}
        for number, seats in self.seats().items():
            if number in begun and len(seats) == len(self.jobs[number].seats):
                over = all(stop.end_s <= self.now_s for _, stop in seats.values())
                kind = PinKind.DONE if over else PinKind.STARTED
                self.pins[number] = Pin(kind, crew_of(seats), seats[0][1].start_s)

    def seats(self) -> dict[str, dict[int, tuple[Key, Stop]]]:
        """Return the tour and stop of each seat of each planned job."""
        found: dict[str, dict[int, tuple[Key, Stop]]] = defaultdict(dict)
        for key, stops in self.stops.items():
            for stop in stops:
                if stop.kind is StopKind.JOB:
                    found[stop.name][stop.seat] = (key, stop)
        return found

    def give_up(self, number: str, until_s: float) -> None:
        """Take a job out of the plan; who was at it was there in vain until then, which stays an appointment.

        The parts for it are in the kit again, unless the problem had it as begun: then what they were is not known.
        """
        self.pins.pop(number, None)
        for key in [key for key, _ in self.seats().get(number, {}).values()]:
            stops = self.stops[key]
            at = next(at for at, stop in enumerate(stops) if stop.kind is StopKind.JOB and stop.name == number)
            begun = self.begun.get(key)
            if begun is None or at >= len(begun.stops):
                del stops[at]
                continue
            stop, left = stops[at], len(begun.stops)
            if not self.is_over(number):
                for taken in stop.parts:
                    if taken.source == "kit":
                        self.kits[key[0]][taken.part] += taken.quantity
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


def _needed(job: Job, stop: Stop) -> Iterator[Taken]:
    """Yield what a job needs from the kit, if it is not delivered."""
    if stop.seat == 0:
        yield from (Taken(need.parts[0], need.quantity, "kit") for need in job.parts if need.ready_s is None)


def is_called(stop: Stop, name: str) -> bool:
    """Say whether a stop is an appointment of that name."""
    return stop.kind is StopKind.APPOINTMENT and stop.name == name


def _visit(stop: Stop) -> Stop:
    return replace(stop, kind=StopKind.APPOINTMENT, name=VISIT) if stop.kind is StopKind.DEPOT else stop


def crew_of(seats: Mapping[int, tuple[Key, Stop]]) -> tuple[str, ...]:
    """Return who does a job, in the order of its seats."""
    return tuple(seats[seat][0][0] for seat in sorted(seats))
