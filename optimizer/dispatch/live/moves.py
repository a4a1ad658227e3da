"""A single move judged: a job given to named technicians at a time, all else as far as it can be where it is.

The tours that change are timed forward: every other stop begins when it did, or as soon as it can if it is pushed.
Breaks that fall due are put in, and a visit to a depot where the kit does not suffice. The checker then says which
rules the plan breaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from optimizer.dispatch.building.reading import flight_index, taken_of, way_s
from optimizer.dispatch.building.taking import Held, Numbers
from optimizer.dispatch.check import check
from optimizer.dispatch.jobs import Job, Pin, PinKind
from optimizer.dispatch.kernel.supply import supplied
from optimizer.dispatch.kernel.walk import NEVER, leave_by, leg, pause_start, work
from optimizer.dispatch.live.answers import Moved, Option, Verdict
from optimizer.dispatch.live.detours import Item, fetching, rested
from optimizer.dispatch.live.ledger import Key, Ledger
from optimizer.dispatch.live.trials import Trials, moved_from, places_of
from optimizer.dispatch.plan import Route, Stop, StopKind
from optimizer.dispatch.pricing import Crew
from optimizer.run import Reason


@dataclass(frozen=True, slots=True)
class Move:
    """A job (one of the plan by its number, or a new one) for `technicians`, seat by seat.

    The first seat begins at `start_s` (seconds), or as soon as it can; it comes behind the stop `after` of that name,
    or else before what begins later. `lock`: nobody else may have the job from then on.
    """

    job: Job | str
    technicians: tuple[str, ...]
    start_s: float | None = None
    after: str | None = None
    lock: bool = False


def judged(held: Held, ledger: Ledger, move: Move) -> Verdict:
    """Return what a move breaks and costs. Raises ValueError for a job, technician or stop that is not there."""
    return _Judge(held, ledger, move).verdict()


class _Judge:
    def __init__(self, held: Held, ledger: Ledger, move: Move) -> None:
        new = [move.job] if isinstance(move.job, Job) else []
        trials = Trials(held, ledger, new)
        number = move.job.number if isinstance(move.job, Job) else move.job
        if number not in trials.numbers:
            raise ValueError(f"job {number} is not in this problem")
        self.held, self.numbers, self.ledger, self.move = trials.held, trials.numbers, ledger, move
        self.one = self.held.one
        self.job = self.one.problem.jobs[trials.numbers[number]]
        if unknown := [code for code in move.technicians if code not in ledger.people]:
            raise ValueError(f"technician {unknown[0]} is not in this problem")
        if len(move.technicians) != len(self.job.seats):
            raise ValueError(f"job {number} has {len(self.job.seats)} seats, not {len(move.technicians)}")

    def verdict(self) -> Verdict:
        changes: dict[Key, Route | None] = {}
        rows: dict[Key, list[Item]] = {}
        for route, _ in self.ledger.seats.get(self.job.number, {}).values():
            key = route.technician, route.shift
            rows[key] = self._items(key)
        for seat, code in enumerate(self.move.technicians):
            tour = self._tour(code)
            key = self._key(tour)
            rows[key] = self._with_seat(rows.get(key, self._items(key)), tour, seat)
        for key, items in rows.items():
            jobs = any(item.stop.kind is not StopKind.BREAK for item in items)
            changes[key] = self._rested(key, items) if jobs else None
        return self._priced(changes)

    def _priced(self, changes: dict[Key, Route | None]) -> Verdict:
        problem, ledger, number = self.one.problem, self.ledger, self.job.number
        # who would have two seats of the job is told as broken, and locked to nothing
        if self.move.lock and len(set(self.move.technicians)) == len(self.move.technicians):
            pinned = replace(self.job, pin=Pin(PinKind.ASSIGNED, self.move.technicians))
            problem = replace(problem, jobs=tuple(pinned if job is self.job else job for job in problem.jobs))
        left = [one for one in ledger.plan.left_out if one.job != number]
        plan, terms = ledger.after(problem, self.numbers, changes, left)
        broken = tuple(Reason(one.code, one.by, {"where": one.where}) for one in check(problem, plan))
        places = tuple(place for route in changes.values() if route is not None for place in places_of(route, {number}))
        places = tuple(sorted(places, key=lambda place: place.seat))
        arrays = None if self.move.lock else self.one
        return Verdict(
            broken, Option(places, terms, (), tuple(self._moved(changes)), problem, plan, ledger.plan, arrays)
        )

    def _moved(self, changes: dict[Key, Route | None]) -> Iterator[Moved]:
        for number in self.ledger.touched(changes):
            job = self.one.problem.jobs[self.numbers[number]]
            before, after = self.ledger.crew(job, {}), self.ledger.crew(job, changes)
            if before is not None and (after is None or _told(before) != _told(after)):
                yield moved_from(before, after, None)

    def _tour(self, code: str) -> int:
        """Return the tour of a technician that the start lies in, or the stop that the job is to follow."""
        own = [index for index, tour in enumerate(self.one.tours) if self._code(index) == code]
        if not own:
            raise ValueError(f"technician {code} has no shift")
        if self.move.after is not None:
            for index in own:
                route = self.ledger.routes.get((code, self.one.tours[index].shift))
                if route is not None and any(stop.name == self.move.after for stop in route.stops):
                    return index
        start_s = self.move.start_s or 0.0
        return min(own, key=lambda n: max(self.one.tours[n].start_s - start_s, start_s - self.one.tours[n].end_s, 0.0))

    def _code(self, tour: int) -> str:
        return self.one.problem.technicians[self.one.tours[tour].person].code

    def _items(self, key: Key) -> list[Item]:
        """Return the stops of a tour without the job."""
        route, numbers = self.ledger.routes.get(key), Numbers(self.one)
        stops: Sequence[Stop] = route.stops if route is not None else ()
        return [
            Item(stop, stop.start_s, numbers.of(key[0], stop))
            for stop in stops
            if stop.kind is not StopKind.JOB or stop.name != self.job.number
        ]

    def _with_seat(self, items: list[Item], tour: int, seat: int) -> list[Item]:
        """Return the stops of a tour with a seat of the job put in."""
        after, start_s = self.move.after, self.move.start_s
        if start_s is not None:
            start_s += self.job.seats[seat].after_min_s
        names = [item.stop.name for item in items]
        if after is not None and after in names:
            at = names.index(after) + 1
        elif after is not None and len(self.move.technicians) == 1:
            raise ValueError(f"technician {self._code(tour)} has no stop {after} to put job {self.job.number} behind")
        else:
            at = sum(item.stop.start_s < (start_s or 0.0) for item in items)
        op = int(self.one.data.job_ops_at[self.numbers[self.job.number]]) + seat
        wanted_s = start_s if start_s is not None else max(self.job.release_s, self.job.windows[0].from_s)
        stop = Stop(StopKind.JOB, self.job.number, self.job.place, 0.0, wanted_s, 0.0, 0.0, 0.0, seat)
        row = [*items[:at], Item(stop, wanted_s, op), *items[at:]]
        return self._supplied(row, at, tour) if seat == 0 else row

    def _supplied(self, items: list[Item], at: int, tour: int) -> list[Item]:
        """Return the stops of a tour with what the job, the stop `at`, takes from where; by a depot if it must be."""
        ops, depots = len(self.one.ops), self.one.problem.depots
        seen = [item.number - ops for item in items if item.stop.kind is StopKind.DEPOT and item.number is not None]
        before = [one for one in seen if any(item.number == ops + one for item in items[:at])]
        depot, op = before[-1] if before else -1, items[at].number or 0
        if not seen and not self._suffices(op, tour, -1):
            fitting = [(ops + index, one) for index, one in enumerate(depots) if self._suffices(op, tour, index)]
            found = fetching(items, at, fitting, lambda row: self._timed(self._key(tour), row))
            if found is not None:
                items, at, depot = found[0], at + 1, depots.index(found[1])
        code = depots[depot].code if depot >= 0 else ""
        supply = self._supply(op, tour, depot)
        modes = self.one.data.modes_at[op : op + 2]
        supply = int(modes[0]) if supply is None else supply
        parts = tuple(taken_of(self.one, self.held.data, op, supply, code)) if modes[0] < modes[1] else ()
        stop = replace(items[at].stop, parts=parts)
        return [*items[:at], items[at]._replace(stop=stop), *items[at + 1 :]]

    def _suffices(self, op: int, tour: int, depot: int) -> bool:
        """Say whether the technician of a tour has all for the job, behind a depot (its index; -1: none)."""
        tools = self.one.problem.technicians[self.one.tours[tour].person].tools
        if depot >= 0:
            tools |= self.one.problem.depots[depot].tools
        return self.job.tools <= tools and self._supply(op, tour, depot) is not None

    def _supply(self, op: int, tour: int, depot: int) -> int | None:
        """Return the cheapest supply that suffices, behind a depot (its index; -1: none); None if there is none."""
        modes = range(int(self.one.data.modes_at[op]), int(self.one.data.modes_at[op + 1]))
        person = self.one.tours[tour].person
        found = (supplied(self.held.data, self.held.state, mode, person, depot) for mode in modes)
        return next((one for one in found if one >= 0), None)

    def _key(self, tour: int) -> Key:
        return self._code(tour), self.one.tours[tour].shift

    def _rested(self, key: Key, items: Sequence[Item]) -> Route:
        """Return a tour with the breaks that fall due."""
        own = next(tour for number, tour in enumerate(self.one.tours) if self._key(number) == key)
        return self._timed(key, rested(items, own.breaks, own.from_place, lambda row: self._timed(key, row)))

    def _timed(self, key: Key, items: Sequence[Item]) -> Route:
        """Return a tour whose stops begin when they should, or as soon as they can."""
        one, data = self.one, self.held.data
        tour = next(number for number in range(len(one.tours)) if self._key(number) == key)
        own, row = one.tours[tour], int(one.data.tour_row[tour])
        place, free_s = own.from_place, own.start_s
        departs_s, stops = free_s, list[Stop]()
        for item in items:
            stop = item.stop
            arrives_s, cost, flight = leg(data, tour, free_s, place, stop.place)
            begins_s, ends_s = self._work(tour, row, item, max(arrives_s, item.wanted_s))
            if not stops:
                way = way_s(one, tour, place, stop.place, -1)
                departs_s = max(free_s, leave_by(data, tour, begins_s, way))
                if flight >= 0:
                    departs_s = float(one.data.flight_departs_s[flight])
                arrives_s, cost, flight = leg(data, tour, departs_s, place, stop.place)
            way = way_s(one, tour, place, stop.place, flight)
            number = flight_index(one, flight)
            stop = replace(stop, arrives_s=arrives_s, start_s=begins_s, end_s=ends_s, travel_s=way, travel_cost=cost)
            stops.append(replace(stop, flight=number))
            place, free_s = stop.place, ends_s
        returns_s, cost, flight = leg(data, tour, free_s, place, own.to_place)
        way = way_s(one, tour, place, own.to_place, flight)
        return Route(*key, departs_s, returns_s, tuple(stops), way, cost, flight_index(one, flight))

    def _work(self, tour: int, row: int, item: Item, from_s: float) -> tuple[float, float]:
        data = self.held.data
        if item.number is None:
            length = item.stop.end_s - item.stop.start_s
            begins_s = pause_start(data, tour, from_s, length)
            return (begins_s, begins_s + length) if begins_s < NEVER else (from_s, from_s + length)
        if item.number >= len(self.one.ops):
            length = float(self.one.data.depot_length_s[item.number - len(self.one.ops)])
        else:
            length = float(self.one.data.length_s[row, item.number])
        begins_s, ends_s = work(data, tour, item.number, from_s, NEVER, length)
        if begins_s == NEVER or ends_s == NEVER:
            return from_s, from_s + length
        return begins_s, ends_s


def _told(crew: Crew) -> tuple[tuple[str, ...], float]:
    return crew.technicians, crew.start_s
