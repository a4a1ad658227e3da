"""What the routing library is told of a problem: vehicles, nodes, and who may begin what when.

A vehicle is a tour, or the same tour by way of a depot first: at most one of these is sent, so a depot is always the
first stop. A node is a seat of a job with one way to supply the job, or an appointment.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from optimizer.dispatch.building.lost import against
from optimizer.dispatch.building.ops import BEGUN, Op, length_of, near_factor, ops_of
from optimizer.dispatch.building.people import Tour, tours_of
from optimizer.dispatch.building.spans import ALWAYS, Span, allowed_starts, intersect
from optimizer.dispatch.building.supply import Holders, Mode, brings, modes_of
from optimizer.dispatch.model import Depot, Problem
from optimizer.dispatch.technicians import Technician
from optimizer.run import Reason

MODES_MAX = 4
"""So many ways to supply a job are told, each as a node of its own, and the cheapest of each kit and depot."""

NOTHING = Mode(0.0, 0.0, (), ())


class NotStated(ValueError):
    """The problem asks for something that the routing library cannot be told."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A tour, or a tour that begins at a depot after the way there."""

    tour: Tour
    person: Technician
    depot: Depot | None
    place: int
    from_s: float
    until_s: float
    """When it may begin at its first place: handling at the depot, or the way from home."""

    @property
    def handling_s(self) -> float:
        """How long it stays where it begins."""
        return 0.0 if self.depot is None else self.depot.handling_s


@dataclass(frozen=True, slots=True)
class Node:
    """An op in one way of supply; `starts` are the spans within which each vehicle (its index) may begin."""

    op: int
    mode: Mode
    starts: Mapping[int, tuple[Span, ...]]


class Statement:
    """A problem as vehicles and nodes. Raises NotStated for what those cannot say."""

    def __init__(self, problem: Problem, *, dates: bool = True) -> None:
        """State a problem, or (`dates` False) what is left of it without any appointment."""
        refuse(problem)
        self.problem = problem
        self.ops = ops_of(problem)
        self.contradicting = contradicting(problem, self.ops) if dates else self._without()
        self.vehicles = [vehicle for tour in tours_of(problem) for vehicle in self._vehicles(tour)]
        holders = Holders(problem)
        self.nodes: list[Node] = []
        self.of_op: list[list[int]] = [[] for _ in self.ops]
        of_job: dict[int, list[Node]] = {}
        for index, op in enumerate(self.ops):
            ways = modes_of(problem.jobs[op.job].parts, holders, MODES_MAX) if brings(problem, op) else [NOTHING]
            if op.job in self.contradicting:
                continue
            found = [Node(index, mode, self._starts(index, mode)) for mode in ways]
            of_job.setdefault(op.job, []).extend(node for node in found if node.starts)
        for nodes in of_job.values():
            seats = {node.op for node in nodes}
            if nodes and len(seats) == self.seats(self.ops[nodes[0].op]):
                for node in nodes:
                    self.of_op[node.op].append(len(self.nodes))
                    self.nodes.append(node)

    def _without(self) -> dict[int, tuple[Reason, ...]]:
        return {op.job: () for op in self.ops if op.appointment is not None}

    def has_dates(self) -> bool:
        """Say whether there are appointments to keep."""
        return any(self.ops[node.op].appointment is not None for node in self.nodes)

    def seats(self, op: Op) -> int:
        """Return how many seats the job of an op has; an appointment counts as one."""
        return 1 if op.appointment is not None else len(self.problem.jobs[op.job].seats)

    def job_ops(self, job: int) -> list[int]:
        """Return the ops of a job, seat by seat; none if nobody can do it."""
        return [index for index, op in enumerate(self.ops) if op.job == job and self.of_op[index]]

    def length_s(self, op: int, vehicle: int) -> float:
        """Return how long an op takes on a vehicle."""
        return length_of(self.problem, self.ops[op], self.vehicles[vehicle].person)

    def way_s(self, vehicle: Vehicle, here: int, there: int) -> float:
        """Return the seconds of a way by the vehicle's own mode."""
        return float(self.problem.travel[vehicle.person.mode].seconds[here, there])

    def surcharge(self, node: Node, vehicle: Vehicle) -> float:
        """Return what a node costs on a vehicle beside time and way, never negative.

        Instead of saving freight, whoever does not carry the removed unit is charged for it.
        """
        op = self.ops[node.op]
        if op.appointment is not None:
            return 0.0
        job, code, change = self.problem.jobs[op.job], vehicle.person.code, self.problem.change
        cost = node.mode.cost
        if job.preferred and code not in job.preferred:
            cost += job.unpreferred_cost
        if job.running is not None and job.running.technicians[op.seat] != code:
            cost += near_factor(change, job.running, self.problem.now_s) * change.technician
        if op.seat == 0 and job.removed is not None and vehicle.tour.to_place != job.removed.place:
            cost += job.removed.saving
        return cost

    def _vehicles(self, tour: Tour) -> Iterator[Vehicle]:
        person = self.problem.technicians[tour.person]
        home = Vehicle(tour, person, None, tour.from_place, tour.start_s, tour.end_s)
        yield home
        wanted = {part for job in self.problem.jobs for need in job.parts for part in need.parts}
        wanted |= {tool for job in self.problem.jobs for tool in job.tools}
        for depot in self.problem.depots:
            begins = max(depot.window.from_s, tour.start_s + self.way_s(home, tour.from_place, depot.place))
            ends = min(depot.window.until_s, tour.end_s - depot.handling_s)
            if begins <= ends and not wanted.isdisjoint({*depot.stock, *depot.tools}):
                yield Vehicle(tour, person, depot, depot.place, begins, ends)

    def _starts(self, index: int, mode: Mode) -> dict[int, tuple[Span, ...]]:
        found: dict[int, tuple[Span, ...]] = {}
        allowed: dict[int, list[Span]] = {}
        op = self.ops[index]
        for number, vehicle in enumerate(self.vehicles):
            who = vehicle.tour.person
            if who not in allowed:
                spans = intersect(self._asked(op), self._allowed(op, who))
                allowed[who] = intersect(spans, [(mode.ready_s, math.inf)])
            if not allowed[who] or not self._equipped(op, mode, vehicle):
                continue
            length_s = self.length_s(index, number)
            first = vehicle.from_s + vehicle.handling_s + self.way_s(vehicle, vehicle.place, op.place)
            last = vehicle.tour.end_s - length_s - self.way_s(vehicle, op.place, vehicle.tour.to_place)
            if intersect(allowed[who], [(first, last + 1e-6)] if first <= last + 1e-6 else []):
                found[number] = tuple(allowed[who])
        return found

    def _asked(self, op: Op) -> Sequence[Span]:
        """Return when an op may begin, whoever does it."""
        if op.appointment is not None:
            return [(op.appointment.start_s, op.appointment.start_s)]
        job = self.problem.jobs[op.job]
        seat = job.seats[op.seat]
        if job.pin is not None and job.pin.kind in BEGUN and job.pin.start_s is not None:
            return [(job.pin.start_s + seat.after_min_s, job.pin.start_s + seat.after_max_s)]
        windows = intersect(
            [(window.from_s, window.until_s) for window in job.windows], [(max(0.0, job.release_s), math.inf)]
        )
        if op.seat == 0 or not windows:
            return windows
        return [(windows[0][0] + seat.after_min_s, windows[-1][1] + seat.after_max_s)]

    def _allowed(self, op: Op, who: int) -> Sequence[Span]:
        """Return when a technician may begin an op, by what he holds and what is fixed."""
        if op.appointment is not None:
            return ALWAYS if op.person == who else ()
        job, person = self.problem.jobs[op.job], self.problem.technicians[who]
        if job.pin is not None:
            if job.pin.technicians[op.seat] != person.code:
                return ()
            if job.pin.kind in BEGUN:
                return ALWAYS
        return allowed_starts(job.seats[op.seat], job, person, length_of(self.problem, op, person))

    def _equipped(self, op: Op, mode: Mode, vehicle: Vehicle) -> bool:
        """Say whether tools, parts and capacity of a vehicle would do if the op were its only one."""
        if op.appointment is not None:
            return True
        job, depot, person = self.problem.jobs[op.job], vehicle.depot, vehicle.person
        if op.seat or not brings(self.problem, op):
            return op.seat > 0 or job.load <= person.capacity
        tools = person.tools | (depot.tools if depot is not None else frozenset())
        enough = all(quantity <= self.held(vehicle, part) for part, quantity in mode.carried.items())
        return job.tools <= tools and enough and job.load <= person.capacity

    def held(self, vehicle: Vehicle, part: str) -> float:
        """Return how much of a part a vehicle can have: what its depot has comes from there, else from the kit."""
        return vehicle.depot.stock[part] if keeps(vehicle.depot, part) else vehicle.person.parts.get(part, 0.0)


def keeps(depot: Depot | None, part: str) -> TypeGuard[Depot]:
    """Say whether there is a depot, and it has some of a part."""
    return depot is not None and depot.stock.get(part, 0.0) > 0.0


def contradicting(problem: Problem, ops: Sequence[Op]) -> dict[int, tuple[Reason, ...]]:
    """Return the appointments (as ops number them) that what has begun, or one before them, leaves no time for."""
    people = {person.code: index for index, person in enumerate(problem.technicians)}
    fixed: list[tuple[float, int, Op]] = []
    for op in ops:
        pin = None if op.appointment is not None else problem.jobs[op.job].pin
        if pin is not None and pin.kind in BEGUN and pin.start_s is not None:
            fixed.append((pin.start_s, people[pin.technicians[op.seat]], op))
    begun = [(who, op) for _, who, op in sorted(fixed, key=lambda one: one[:2])]
    kept: dict[int, list[Op]] = defaultdict(list)
    found: dict[int, tuple[Reason, ...]] = {}
    for who, op in [*begun, *((op.person, op) for op in ops if op.appointment is not None)]:
        reasons = against(problem, [*kept[who], op], op.job, [problem.technicians[who]])
        if not reasons:
            kept[who].append(op)
        elif op.appointment is not None:
            found[op.job] = reasons
    return found


def refuse(problem: Problem) -> None:
    """Raise NotStated for what the routing library cannot be told."""
    for person in problem.technicians:
        if person.away and person.shifts:
            raise NotStated(f"technician {person.code} stays away over night, which the routing library cannot state")
        if person.flies and problem.flights:
            raise NotStated(f"technician {person.code} may fly, and the routing library cannot state flights")
