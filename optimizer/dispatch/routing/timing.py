"""The best exact times of given tours, by one linear program over all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ortools.linear_solver.python import model_builder

from optimizer.dispatch.building.ops import near_factor
from optimizer.dispatch.plan import Route, Stop
from optimizer.dispatch.pricing import HOUR_S
from optimizer.dispatch.routing.stated import Statement
from optimizer.dispatch.routing.tours import Call, Draft, calls
from optimizer.dispatch.technicians import Band

TIE = 1e-6
"""Of the dearest rate: what an hour sooner is worth where nothing else decides."""

SMALLEST = 1e-4
"""Costs are scaled so that this is the least of them, a second sooner."""


def timed(stated: Statement, drafts: Sequence[Draft]) -> list[Route] | None:
    """Return the tours at the times that cost least, but for night rates; None if they cannot be kept."""
    return _Program(stated, drafts).routes()


class _Program:
    def __init__(self, stated: Statement, drafts: Sequence[Draft]) -> None:
        self.stated, self.problem, self.drafts = stated, stated.problem, drafts
        # OR-Tools leaves its model builder without types
        self.model: Any = model_builder.Model()  # type: ignore[no-untyped-call]
        self.cost: list[Any] = []
        pays = [person.pay for person in stated.problem.technicians]
        rates = [rate for pay in pays for rate in (pay.per_h, *(band.per_h for band in pay.overtime))]
        self.tie = TIE * max([1.0, *rates])
        self.calls = [calls(stated, draft) for draft in drafts]
        self.departs = [self._time(0.0, math.inf) for _ in drafts]
        self.starts = [[self._time(*call.span) for call in own] for own in self.calls]
        self.worst = self._time(0.0, math.inf)
        self._charge(self.worst, self.problem.worst_lateness_per_h)
        self.ops: dict[int, tuple[Any, float]] = {}
        for number in range(len(drafts)):
            self._tour(number)
        for number in range(len(self.problem.jobs)):
            self._job(number)
        self._precedence()

    def _time(self, first: float, last: float) -> Any:
        return self.model.new_num_var(max(first, 0.0), last, None)

    def _charge(self, hours_of: Any, per_h: float) -> None:
        self.cost.append(hours_of * (per_h / HOUR_S))

    def _bands(self, bands: Sequence[Band], excess: Any) -> None:
        for band in bands:
            above = self._time(0.0, math.inf)
            self.model.add(above >= excess - band.after_s)
            self._charge(above, band.per_h)

    def _tour(self, number: int) -> None:
        draft = self.drafts[number]
        vehicle = self.stated.vehicles[draft.vehicle]
        tour, pay = vehicle.tour, vehicle.person.pay
        place, free = tour.from_place, self.departs[number]
        self.model.add(free >= max(tour.start_s, draft.not_before))
        for call, start in zip(self.calls[number], self.starts[number], strict=True):
            self.model.add(start >= free + self.stated.way_s(vehicle, place, call.place))
            place, free = call.place, start + call.length_s
            self._charge(start, self.tie)
            if call.op >= 0:
                self.ops[call.op] = (start, call.length_s)
        returns = free + self.stated.way_s(vehicle, place, tour.to_place)
        self.model.add(returns <= min(tour.end_s, draft.by_then))
        for rest in draft.rests:
            self.model.add(returns >= rest.pause.latest_s)
        self._charge(returns - self.departs[number], pay.per_h + pay.fairness_per_h + self.tie)
        self._bands(pay.overtime, returns - tour.shifts[-1].end_s)

    def _job(self, number: int) -> None:
        """Tie the seats of a job, and price its lateness and its move."""
        job, change = self.problem.jobs[number], self.problem.change
        ops = [op for op in self.stated.job_ops(number) if op in self.ops]
        if not ops:
            return
        first, end = self.ops[ops[0]][0], self._time(0.0, math.inf)
        for op in ops:
            seat, (start, length_s) = job.seats[self.stated.ops[op].seat], self.ops[op]
            self.model.add(end >= start + length_s)
            if op != ops[0] and len(ops) == len(job.seats):
                self.model.add(start - first >= seat.after_min_s)
                self.model.add(start - first <= seat.after_max_s)
        if math.isfinite(job.due_s):
            self.model.add(self.worst >= end - job.due_s)
            self._bands(job.lateness, end - job.due_s)
        if job.running is not None and change.per_h:
            moved = self._time(0.0, math.inf)
            self.model.add(moved >= first - job.running.start_s)
            self.model.add(moved >= job.running.start_s - first)
            self._charge(moved, near_factor(change, job.running, self.problem.now_s) * change.per_h)

    def _precedence(self) -> None:
        """Keep gaps; the longest against the end of the seat that should be last, so at most too strictly."""
        numbers = {job.number: index for index, job in enumerate(self.problem.jobs)}
        for tie in self.problem.precedence:
            before, after = (
                [self.ops[op] for op in self.stated.job_ops(numbers[name]) if op in self.ops]
                for name in (tie.before, tie.after)
            )
            if not before or not after:
                continue
            ends = [before[0][0]] if tie.from_start else [start + length_s for start, length_s in before]
            for end in ends:
                self.model.add(after[0][0] - end >= tie.gap_min_s)
            if math.isfinite(tie.gap_max_s):
                seats = self.problem.jobs[numbers[tie.before]].seats
                last = max(range(len(ends)), key=lambda seat: seats[seat].after_min_s + before[seat][1])
                self.model.add(after[0][0] - ends[last] <= tie.gap_max_s)

    def routes(self) -> list[Route] | None:
        """Return the routes at the times found."""
        solver = model_builder.Solver("glop")
        # costs that are far below 1 make it give up; if it does all the same, any times will do
        for scale in (SMALLEST * HOUR_S / self.tie, 0.0):
            self.model.minimize(model_builder.LinearExpr.sum(self.cost) * scale)
            status = solver.solve(self.model)
            if status != model_builder.SolveStatus.ABNORMAL:
                break
        if status != model_builder.SolveStatus.OPTIMAL:
            return None
        return [
            self._route(number, solver.value(self.departs[number]), list(map(solver.value, self.starts[number])))
            for number in range(len(self.drafts))
        ]

    def _route(self, number: int, departs_s: float, starts_s: Sequence[float]) -> Route:
        vehicle = self.stated.vehicles[self.drafts[number].vehicle]
        travel = self.problem.travel[vehicle.person.mode]
        place, free_s, stops = vehicle.tour.from_place, max(_clean(departs_s), vehicle.tour.start_s), list[Stop]()
        departs_s = free_s
        for call, found_s in zip(self.calls[number], starts_s, strict=True):
            way_s, cost = float(travel.seconds[place, call.place]), float(travel.cost[place, call.place])
            arrives_s = free_s + way_s
            start_s = max(_clean(found_s), call.span[0], arrives_s)
            if call.span[0] == call.span[1]:
                start_s = call.span[0]
            stops.append(_stop(call, arrives_s, start_s, way_s, cost))
            place, free_s = call.place, start_s + call.length_s
        back_s, cost = float(travel.seconds[place, vehicle.tour.to_place]), travel.cost[place, vehicle.tour.to_place]
        code, shift = vehicle.person.code, vehicle.tour.shift
        return Route(code, shift, departs_s, free_s + back_s, tuple(stops), back_s, float(cost))


def _clean(seconds: float) -> float:
    """Return a time without the last digits of a linear program, far below the checker's tolerance."""
    return round(seconds, 7)


def _stop(call: Call, arrives_s: float, start_s: float, way_s: float, cost: float) -> Stop:
    end_s = start_s + call.length_s
    return Stop(
        call.kind,
        call.name,
        call.place,
        arrives_s,
        start_s,
        end_s,
        way_s,
        cost,
        seat=call.seat,
        parts=call.parts,
    )
