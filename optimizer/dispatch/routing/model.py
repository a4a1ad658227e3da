"""A statement as a model of the routing library: time, money, supplies, who may begin what when.

The library counts in whole numbers: time in ticks, travel and work rounded up; money in steps. Approximate in the
search, and exact in the plan afterwards: only the first band of overtime and of lateness is seen, nights and the worst
lateness are not, and of a start that was told and a due time the dearer one pulls.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp

from optimizer.dispatch.building.ops import near_factor
from optimizer.dispatch.building.spans import Span
from optimizer.dispatch.pricing import HOUR_S, cheapest_outcome
from optimizer.dispatch.routing.stated import Statement, keeps
from optimizer.dispatch.technicians import Band

TICKS = 100
"""A second has so many ticks."""

STEPS_PER_H = 10
"""A rate of one an hour costs so many steps a tick; lower rates are not seen."""

STEPS = STEPS_PER_H * TICKS * int(HOUR_S)
"""A unit of money has so many steps."""

PENALTIES = 2**60
"""What leaving out all mandatory jobs costs, in steps."""

PIECES = 1000
"""Quantities of parts and loads are counted in this part of one."""


class Model:
    """The model; `manager` and `routing` are the library's own."""

    def __init__(self, stated: Statement) -> None:
        self.stated, self.problem = stated, stated.problem
        self.vehicles, self.nodes = stated.vehicles, stated.nodes
        places = [stated.ops[node.op].place for node in self.nodes]
        self.ends: dict[tuple[int, float], int] = {}
        starts = [self._end(places, vehicle.place, vehicle.handling_s) for vehicle in self.vehicles]
        ends = [self._end(places, vehicle.tour.to_place, 0.0) for vehicle in self.vehicles]
        self.places = np.array(places, dtype=np.int64)
        self.manager = pywrapcp.RoutingIndexManager(len(places), len(starts), starts, ends)
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.solver = self.routing.solver()
        self.at = [self.manager.NodeToIndex(node) for node in range(len(self.nodes))]
        lasts = [vehicle.tour.end_s for vehicle in self.vehicles]
        self.horizon = up(max(lasts)) + 1
        crews = any(len(job.seats) > 1 for job in self.problem.jobs)
        self.tied = crews or bool(self.problem.precedence) or any(vehicle.tour.breaks for vehicle in self.vehicles)
        self.rests: dict[int, list[Any]] = {}
        self._registered: dict[bytes, int] = {}
        self._time()
        self._pay()
        for node in range(len(self.nodes)):
            self._node(node)
        for job in range(len(self.problem.jobs)):
            self._job(job)
        self._supplies()
        self._one_of_each_tour()

    def _end(self, places: list[int], place: int, handling_s: float) -> int:
        """Return the node where vehicles begin or end, a new one for each place and handling."""
        key = (place, handling_s)
        if key not in self.ends:
            self.ends[key] = len(places)
            places.append(place)
        return self.ends[key]

    def lengths_s(self, vehicle: int) -> NDArray[np.float64]:
        """Return how long a vehicle stays at each node."""
        lengths = [self.stated.length_s(node.op, vehicle) for node in self.nodes]
        handling = [handling_s for (_, handling_s) in self.ends]
        return np.array([*lengths, *handling])

    def _matrix(self, matrix: NDArray[Any]) -> int:
        """Register a table from node to node; who does not go anywhere has no way."""
        matrix[len(self.nodes) :, len(self.nodes) :] = 0
        key = matrix.tobytes()
        if key not in self._registered:
            self._registered[key] = self.routing.RegisterTransitMatrix(matrix.tolist())
        return self._registered[key]

    def _time(self) -> None:
        between = np.ix_(self.places, self.places)
        transits = []
        for number, vehicle in enumerate(self.vehicles):
            seconds = self.problem.travel[vehicle.person.mode].seconds[between] + self.lengths_s(number)[:, None]
            ticks = np.ceil(np.minimum(seconds * TICKS, self.horizon) - 1e-6)
            transits.append(self._matrix(ticks.astype(np.int64)))
        self.routing.AddDimensionWithVehicleTransits(transits, self.horizon, self.horizon, False, "time")
        self.time = self.routing.GetDimensionOrDie("time")
        for number, vehicle in enumerate(self.vehicles):
            self.start(number).SetRange(first := up(vehicle.from_s), max(first, down(vehicle.until_s)))
            self.end(number).SetRange(first, max(first, down(vehicle.tour.end_s)))
            self.routing.AddVariableMinimizedByFinalizer(self.end(number))
            self.routing.AddVariableMaximizedByFinalizer(self.start(number))
            if vehicle.tour.breaks:
                self._breaks(number)

    def start(self, vehicle: int) -> Any:
        """Return when a vehicle begins, in ticks."""
        return self.time.CumulVar(self.routing.Start(vehicle))

    def end(self, vehicle: int) -> Any:
        """Return when a vehicle is back, in ticks."""
        return self.time.CumulVar(self.routing.End(vehicle))

    def _breaks(self, vehicle: int) -> None:
        """Have each break taken that is due; it may interrupt a way, never a stop."""
        stays = np.ceil(self.lengths_s(vehicle) * TICKS).astype(np.int64)
        stay_at = [int(stays[self.manager.IndexToNode(index)]) for index in range(self.routing.Size())]
        start, end, solver = self.start(vehicle), self.end(vehicle), self.solver
        for number, rest in enumerate(self.vehicles[vehicle].tour.breaks):
            first, last, name = up(rest.earliest_s), down(rest.latest_s), f"break {vehicle} {number}"
            taken = solver.FixedDurationIntervalVar(first, last, up(rest.duration_s), True, name)
            used = taken.PerformedExpr()
            solver.Add(used >= (start < last) + (end > last) - 1)
            solver.Add(taken.SafeStartExpr(self.horizon) >= start * used)
            self.rests.setdefault(vehicle, []).append(taken)
        self.time.SetBreakIntervalsOfVehicle(self.rests[vehicle], vehicle, stay_at)

    def _pay(self) -> None:
        for number, vehicle in enumerate(self.vehicles):
            pay, shift = vehicle.person.pay, vehicle.tour.shifts[-1]
            rate = pay.per_h + pay.fairness_per_h
            self.time.SetSpanCostCoefficientForVehicle(round(rate * STEPS_PER_H), number)
            way_s = self.stated.way_s(vehicle, vehicle.tour.from_place, vehicle.place)
            self.routing.SetFixedCostOfVehicle(steps(self.sending(number) + rate / HOUR_S * way_s), number)
            if bound := _first_band(pay.overtime, shift.end_s):
                self.time.SetCumulVarSoftUpperBound(self.routing.End(number), *bound)
            extra = [self.stated.surcharge(node, vehicle) for node in self.nodes]
            self.routing.SetArcCostEvaluatorOfVehicle(self.way_costs(number, extra), number)

    def sending(self, number: int) -> float:
        """Return what it costs to send a vehicle: the call-out, unless a date has it sent anyway, and the depot."""
        vehicle = self.vehicles[number]
        dates = (node for node in self.nodes if self.stated.ops[node.op].appointment is not None)
        call_out = 0.0 if any(number in node.starts for node in dates) else vehicle.person.pay.call_out
        travel = self.problem.travel[vehicle.person.mode].cost
        return call_out + (float(travel[vehicle.tour.from_place, vehicle.place]) if vehicle.depot is not None else 0.0)

    def way_costs(self, number: int, extra: Sequence[float]) -> int:
        """Return the registered costs of a vehicle's ways, with what is added at the nodes that they lead away from."""
        mode = self.vehicles[number].person.mode
        added = np.zeros(len(self.places))
        added[: len(extra)] = extra
        cost = self.problem.travel[mode].cost[np.ix_(self.places, self.places)] + added[:, None]
        return self._matrix(np.rint(cost * STEPS).astype(np.int64))

    def _node(self, number: int) -> None:
        """Say which vehicles may have a node, and when."""
        node = self.nodes[number]
        fixed = self.stated.ops[node.op].appointment is not None
        # SetAllowedVehiclesForIndex takes no Python sequence in this version
        self.routing.VehicleVar(self.at[number]).SetValues([*([] if fixed else [-1]), *sorted(node.starts)])
        whom: dict[tuple[Span, ...], list[int]] = defaultdict(list)
        for vehicle, spans in node.starts.items():
            whom[tuple(self._ticks(span) for span in spans)].append(vehicle)
        start = self.time.CumulVar(self.at[number])
        start.SetRange(int(min(spans[0][0] for spans in whom)), int(max(spans[-1][1] for spans in whom)))
        if self.tied:
            self.routing.AddVariableMinimizedByFinalizer(start)
        if len(whom) == 1:
            for (_, until), (later, _) in zip(spans := next(iter(whom)), spans[1:], strict=False):
                start.RemoveInterval(int(until) + 1, int(later) - 1)
            return
        for spans, vehicles in whom.items():
            self._only_within(number, vehicles, spans)

    def _ticks(self, span: Span) -> Span:
        first, last = max(0, up(span[0])), min(self.horizon, down(span[1]))
        return (first, last) if first <= last else (min(self.horizon, round(max(0.0, span[0]) * TICKS)),) * 2

    def _only_within(self, node: int, vehicles: Sequence[int], spans: Sequence[Span]) -> None:
        """Let a node begin only within spans if one of these vehicles has it."""
        far = self.horizon + 1
        own = self.solver.IsMemberVar(self.routing.VehicleVar(self.at[node]), list(vehicles))
        shifted = (self.time.CumulVar(self.at[node]) + own * far).Var()
        edges = [far, *(far + int(edge) for span in spans for edge in span), 3 * far]
        # outside the spans of the shifted times; those of other vehicles stay below
        firsts = [edges[0], *(edge + 1 for edge in edges[2::2])]
        lasts = [*(edge - 1 for edge in edges[1:-1:2]), edges[-1]]
        kept = [(first, last) for first, last in zip(firsts, lasts, strict=True) if first <= last]
        self.solver.Add(self.solver.NotMemberCt(shifted, [first for first, _ in kept], [last for _, last in kept]))

    def _job(self, number: int) -> None:
        """Price leaving a job out, being late, and moving it."""
        job, ops = self.problem.jobs[number], self.stated.job_ops(number)
        if not ops:
            return
        least = PENALTIES // (1 + len(self.problem.jobs))
        price = cheapest_outcome(job)[1] + (job.removed.saving if job.removed is not None else 0.0)
        penalty = min(steps(price), least // 2) + (least // 2 if job.mandatory or job.pin is not None else 0)
        for op in ops:
            self.routing.AddDisjunction(
                [self.at[node] for node in self.stated.of_op[op]], 0 if op > ops[0] else penalty
            )
        if job.running is not None and self.problem.change.per_h:
            rate = near_factor(self.problem.change, job.running, self.problem.now_s) * self.problem.change.per_h
            told, each = round(job.running.start_s * TICKS), round(rate * STEPS_PER_H)
            for node in self.stated.of_op[ops[0]]:
                self.time.SetCumulVarSoftLowerBound(self.at[node], told, each)
                self.time.SetCumulVarSoftUpperBound(self.at[node], told, each)
        last = max(ops, key=lambda op: job.seats[self.stated.ops[op].seat].after_min_s + self._least_s(op))
        bound = _first_band(job.lateness, job.due_s - self._least_s(last))
        for node in self.stated.of_op[last]:
            index = self.at[node]
            if bound and bound[1] >= self.time.GetCumulVarSoftUpperBoundCoefficient(index):
                self.time.SetCumulVarSoftUpperBound(index, *bound)

    def _least_s(self, op: int) -> float:
        """Return how long an op takes the fastest who may do it."""
        return min(self.stated.length_s(op, who) for node in self.stated.of_op[op] for who in self.nodes[node].starts)

    def _supplies(self) -> None:
        """Count parts and load along each vehicle, and what tours take together from kits and depots."""
        firsts = [(number, self.stated.ops[node.op]) for number, node in enumerate(self.nodes)]
        carriers = [(number, op) for number, op in firsts if op.appointment is None and op.seat == 0]
        loads = {number: self.problem.jobs[op.job].load for number, op in carriers}
        self._counted("load", loads, [vehicle.person.capacity for vehicle in self.vehicles])
        for part in sorted({part for node in self.nodes for part in node.mode.carried}):
            used = {number: self.nodes[number].mode.carried.get(part, 0.0) for number, _ in carriers}
            held = [self.stated.held(vehicle, part) for vehicle in self.vehicles]
            dimension = self._counted(f"part {part}", used, held)
            sources: dict[Hashable, list[int]] = defaultdict(list)
            for number, vehicle in enumerate(self.vehicles):
                whose = vehicle.depot.code if keeps(vehicle.depot, part) else vehicle.tour.person
                sources[whose].append(number)
            for source, members in sources.items():
                if dimension is None or not math.isfinite(held[members[0]]):
                    continue
                if isinstance(source, str) or len({self.vehicles[one].tour.shift for one in members}) > 1:
                    ends = [dimension.CumulVar(self.routing.End(one)) for one in members]
                    self.solver.Add(self.solver.Sum(ends) <= math.floor(held[members[0]] * PIECES + 1e-6))

    def _counted(self, name: str, used: dict[int, float], most: Iterable[float]) -> Any:
        """Add a dimension of pieces that vehicles have no more of than so many; None if nobody needs any."""
        pieces = [0] * len(self.places)
        for node, quantity in used.items():
            pieces[node] = math.ceil(quantity * PIECES - 1e-6)
        total = sum(pieces)
        if not total:
            return None
        transit = self.routing.RegisterUnaryTransitVector(pieces)
        limits = [math.floor(min(held * PIECES, total) + 1e-6) for held in most]
        self.routing.AddDimensionWithVehicleCapacity(transit, 0, limits, True, name)
        return self.routing.GetDimensionOrDie(name)

    def _one_of_each_tour(self) -> None:
        """Send a tour either straight or by way of one depot."""
        ways: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, vehicle in enumerate(self.vehicles):
            ways[vehicle.tour.person, vehicle.tour.shift].append(number)
        for members in ways.values():
            if len(members) > 1:
                sent = [self.routing.ActiveVehicleVar(number) for number in members]
                self.solver.Add(self.solver.Sum(sent) <= 1)


def up(seconds: float) -> int:
    """Return ticks, rounded up."""
    return math.ceil(seconds * TICKS - 1e-6)


def down(seconds: float) -> int:
    """Return ticks, rounded down."""
    return math.floor(min(seconds, 1e12) * TICKS + 1e-6)


def steps(money: float) -> int:
    """Return money in steps."""
    return round(min(money, PENALTIES / STEPS) * STEPS)


def _first_band(bands: Sequence[Band], from_s: float) -> tuple[int, int] | None:
    """Return from which tick on a tick costs how many steps by the bands that begin first; None if nothing does."""
    if not bands or not math.isfinite(from_s):
        return None
    after_s = min(band.after_s for band in bands)
    rate = sum(band.per_h for band in bands if band.after_s == after_s)
    return max(0, down(from_s + after_s)), round(rate * STEPS_PER_H)
