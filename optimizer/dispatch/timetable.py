"""All times of tours that stand as one CP-SAT model, and the tours written at the times of its solution."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ortools.sat.python import cp_model

from optimizer.dispatch.clock import Clock, money_scale
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.model import Precedence, Problem
from optimizer.dispatch.plan import Route, Stop, StopKind
from optimizer.dispatch.pricing import HOUR_S, banded, on_duty_s
from optimizer.dispatch.schedules import Schedule, Way, move_rate
from optimizer.dispatch.technicians import Break
from optimizer.dispatch.work import Work

Time = Any
"""A time in the model: a variable, an expression or a number of ticks."""

Seat = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Rest:
    """A break in the model: when it begins, and on which way it is taken, before it (False) or after it."""

    pause: Break
    start: Any
    taken: dict[tuple[int, bool], Any]


@dataclass(frozen=True, slots=True)
class Beside:
    """What bears on the times of some tours: their jobs and those tied to them, and tours that keep their times.

    `worst_s` is the worst lateness of what the tours do not do, in seconds; 0 where it costs nothing.
    """

    jobs: Mapping[str, Job]
    ties: Sequence[Precedence] = ()
    fixed: Sequence[Route] = ()
    worst_s: float = 0.0


class Timing:
    """All times of some tours as one model. Tours beside them keep theirs."""

    def __init__(self, problem: Problem, group: Sequence[Schedule], beside: Beside) -> None:
        self.problem, self.group, self.beside = problem, group, beside
        self.model = cp_model.CpModel()
        self.clock = Clock(self._times())
        self.first = min(self.clock.up(one.tour.start_s) for one in group)
        self.last = max(self.clock.down(one.tour.end_s) for one in group)
        self.most = self._most()
        self.costs: list[tuple[Time, float, str | None]] = []
        self.starts: dict[Seat, Time] = {}
        self.ends: dict[Seat, Time] = {}
        self.tours: list[tuple[Any, Any, list[Any], list[_Rest]]] = []
        for route in beside.fixed:
            self._stays(route)
        for one in group:
            self._tour(one)
        self._links()
        self._jobs()
        self._minimise()

    def _times(self) -> Iterator[float]:
        """Yield the times that should be exact."""
        for one in self.group:
            yield from (one.tour.start_s, one.tour.end_s, one.back.travel_s)
            for pause in one.tour.breaks:
                yield from (pause.earliest_s, pause.latest_s, pause.duration_s)
            for step in one.steps:
                yield from (step.way.travel_s, step.length_s, *(edge for span in step.starts for edge in span))
        for tie in self.beside.ties:
            yield from (tie.gap_min_s, tie.gap_max_s)

    def _time(self, first: int | None = None, last: int | None = None) -> Any:
        return self.model.new_int_var(self.first if first is None else first, self.last if last is None else last, "")

    def _most(self) -> int:
        """Return more ticks than any two times that matter are apart."""
        jobs = [step.job for one in self.group for step in one.steps if step.job is not None]
        far = [job.running.start_s for job in jobs if job.running is not None]
        far += [job.due_s for job in jobs if math.isfinite(job.due_s)]
        reach = max(map(abs, (*far, self.beside.worst_s, 0.0))) * self.clock.rate
        return math.ceil(reach) + abs(self.first) + abs(self.last) + 1

    def _stays(self, route: Route) -> None:
        for stop in route.stops:
            if stop.kind is StopKind.JOB and stop.name in self.beside.jobs:
                self.starts[stop.name, stop.seat] = round(stop.start_s * self.clock.rate)
                self.ends[stop.name, stop.seat] = round(stop.end_s * self.clock.rate)

    def _tour(self, one: Schedule) -> None:
        first, last = self.clock.up(one.tour.start_s), self.clock.down(one.tour.end_s)
        departs, returns = self._time(first, last), self._time(first, last)
        self.model.add_hint(departs, self.clock.down(one.route.departs_s))
        self.model.add_hint(returns, self.clock.up(one.route.returns_s))
        rests = [rest for pause in one.tour.breaks for rest in self._rests(one, pause, departs, returns)]
        starts: list[Any] = []
        free = departs
        for index, step in enumerate(one.steps):
            start = self.model.new_int_var_from_domain(self.clock.domain(step.starts, first, last), "")
            self.model.add_hint(start, self.clock.up(step.stop.start_s))
            _, arrives = self._way(index, step.way, free, rests)
            self.model.add(start >= arrives)
            for rest in rests:
                self._when(rest.taken[index, True], start >= rest.start + self.clock.up(rest.pause.duration_s))
            free = start + self.clock.up(step.length_s)
            starts.append(start)
            if step.job is not None:
                self.starts[step.job.number, step.stop.seat] = start
                self.ends[step.job.number, step.stop.seat] = free
        _, arrives = self._way(len(one.steps), one.back, free, rests, True)
        self.model.add_max_equality(returns, [arrives, *self._rest_ends(len(one.steps), True, rests)])
        self.tours.append((departs, returns, starts, rests))
        self._pay(one, departs, returns, rests)

    def _when(self, literal: Any, constraint: Any) -> None:
        self.model.add(constraint).only_enforce_if(literal)

    def _rests(self, one: Schedule, pause: Break, departs: Any, returns: Any) -> Iterator[_Rest]:
        """Yield a break that could be due: if one is out at its latest begin, it is taken on one of the ways."""
        latest = self.clock.down(pause.latest_s) if math.isfinite(pause.latest_s) else self.last + 1
        if not self.clock.up(one.tour.start_s) < latest < self.clock.down(one.tour.end_s):
            return
        left, later = self.model.new_bool_var(""), self.model.new_bool_var("")
        self._when(left, departs < latest)
        self._when(~left, departs >= latest)
        self._when(later, returns > latest)
        self._when(~later, returns <= latest)
        sides = [(index, side) for index in range(len(one.steps) + 1) for side in (False, True)]
        taken = {side: self.model.new_bool_var("") for side in sides}
        self.model.add_at_most_one(taken.values())
        for literal in taken.values():
            self.model.add_bool_and(left, later).only_enforce_if(literal)
        self.model.add_bool_or(*taken.values(), ~left, ~later)
        yield _Rest(pause, self._time(self.clock.up(pause.earliest_s), latest), taken)

    def _way(self, index: int, way: Way, free: Time, rests: Sequence[_Rest], home: bool = False) -> tuple[Time, Time]:
        """Return when one leaves and arrives, breaks before and on arrival counted; home at once."""
        leaves = free
        if rests:
            leaves = self._time()
            if home:
                self.model.add_max_equality(leaves, [free, *self._rest_ends(index, False, rests)])
            else:
                self.model.add(leaves >= free)
        arrives = leaves + self.clock.up(way.travel_s)
        if way.flight is not None:
            self.model.add(leaves <= self.clock.down(way.flight.departs_s))
            arrives = self.clock.up(way.flight.arrives_s)
        for rest in rests:
            self._when(rest.taken[index, False], rest.start >= free)
            self._when(rest.taken[index, False], leaves >= rest.start + self.clock.up(rest.pause.duration_s))
            self._when(rest.taken[index, True], rest.start >= arrives)
        return leaves, arrives

    def _rest_ends(self, index: int, side: bool, rests: Sequence[_Rest]) -> Iterator[Any]:
        """Yield the ends of breaks if they are taken there, else a time before all others."""
        for rest in rests:
            ends = self._time()
            self._when(rest.taken[index, side], ends == rest.start + self.clock.up(rest.pause.duration_s))
            self._when(~rest.taken[index, side], ends == self.first)
            yield ends

    def _pay(self, one: Schedule, departs: Any, returns: Any, rests: Sequence[_Rest]) -> None:
        pay, region = one.person.pay, one.person.region
        self._charge(returns - departs, one.rate)
        for rest in rests:
            if not rest.pause.paid:
                self._charge(sum(rest.taken.values()) * self.clock.down(rest.pause.duration_s), -one.rate)
        for band in pay.overtime:
            self._charge_above([returns - self.clock.down(one.tour.shifts[0].end_s + band.after_s)], band.per_h, region)
        for night in pay.nights if pay.night_per_h else ():
            since, until = self._time(), self._time()
            self.model.add_max_equality(since, [departs, self._within(night.from_s)])
            self.model.add_min_equality(until, [returns, self._within(night.until_s)])
            self._charge_above([until - since], pay.night_per_h, region)

    def _charge(self, quantity: Time, per_h: float, region: str | None = None) -> None:
        if per_h:
            self.costs.append((quantity, per_h, region))

    def _charge_above(self, quantities: Sequence[Time], per_h: float, region: str | None = None) -> None:
        """Charge what the greatest of some quantities is above 0."""
        if per_h:
            above = self.model.new_int_var(0, self.most, "")
            for quantity in quantities:
                self.model.add(above >= quantity)
            self._charge(above, per_h, region)

    def _within(self, second: float) -> int:
        """Return the tick of a time, or the nearest within the horizon."""
        if math.isinf(second):
            return self.last if second > 0 else self.first
        return min(max(round(second * self.clock.rate), self.first), self.last)

    def _links(self) -> None:
        """Keep the seats of a job, and jobs that wait for each other, as far apart as they must be."""
        jobs = self.beside.jobs
        for number, seat in self.starts:
            told = jobs[number].seats[seat]
            if seat:
                self._gap(self.starts[number, 0], self.starts[number, seat], told.after_min_s, told.after_max_s)
        for tie in self.beside.ties:
            if (tie.before, 0) in self.starts and (tie.after, 0) in self.starts:
                self._precedence(tie, len(jobs[tie.before].seats))

    def _precedence(self, tie: Precedence, seats: int) -> None:
        since: Time = self.starts[tie.before, 0]
        if not tie.from_start:
            ends = [self.ends[tie.before, seat] for seat in range(seats)]
            since = ends[0]
            if seats > 1:
                since = self._time()
                self.model.add_max_equality(since, ends)
        self._gap(since, self.starts[tie.after, 0], tie.gap_min_s, tie.gap_max_s)

    def _gap(self, since: Time, start: Time, least_s: float, most_s: float) -> None:
        if isinstance(since, int) and isinstance(start, int):
            return
        self.model.add(start - since >= self.clock.up(least_s))
        if math.isfinite(most_s):
            self.model.add(start - since <= self.clock.down(most_s))

    def _jobs(self) -> None:
        """Charge lateness, the worst of it, and what moves away from what was told."""
        jobs = {step.job.number: step.job for one in self.group for step in one.steps if step.job is not None}
        worst = self.model.new_int_var(max(0, self.clock.up(self.beside.worst_s)), self.most, "")
        self._charge(worst, self.problem.worst_lateness_per_h)
        for job in jobs.values():
            ends = [self.ends[job.number, seat] for seat in range(len(job.seats))]
            if math.isfinite(job.due_s):
                for band in job.lateness:
                    due = self.clock.down(job.due_s + band.after_s)
                    self._charge_above([end - due for end in ends], band.per_h)
                for end in ends:
                    self.model.add(worst >= end - self.clock.down(job.due_s))
            if job.running is not None:
                moved = self.starts[job.number, 0] - round(job.running.start_s * self.clock.rate)
                self._charge_above([moved, -moved], move_rate(self.problem, job))

    def _minimise(self) -> None:
        scale = money_scale((rate for _, rate, _ in self.costs), self.most)
        terms = [(quantity * round(rate * scale), region) for quantity, rate, region in self.costs]
        self.model.minimize(sum(term for term, _ in terms))
        for region, money in self.problem.budgets.items():
            own = [term for term, told in terms if told == region]
            if own and math.isfinite(money):
                spent = sum(_extra_pay(one) for one in self.group if one.person.region == region)
                self.model.add(sum(own) <= math.floor(spent * HOUR_S * self.clock.rate * scale + 1e-3))

    def solved(self, work: Work) -> list[Route] | None:
        """Return the routes with the best times found; None if none were found in time."""
        solver = work.solve(self.model)
        return None if solver is None else [_Writing(self, solver, index).route() for index in range(len(self.group))]


def _extra_pay(one: Schedule) -> float:
    """Return what a tour costs for overtime and nights."""
    pay, route = one.person.pay, one.route
    nights_s = sum(on_duty_s(one.person, route, night.from_s, night.until_s) for night in pay.nights)
    return banded(pay.overtime, route.returns_s - one.tour.shifts[0].end_s) + pay.night_per_h * nights_s / HOUR_S


class _Writing:
    """Writes a tour at the times of a solution, each way as long as it is."""

    def __init__(self, timing: Timing, solver: cp_model.CpSolver, index: int) -> None:
        self.schedule = timing.group[index]
        departs, _, starts, rests = timing.tours[index]
        self.free_s = timing.clock.seconds(solver.value(departs))
        self.starts_s = [timing.clock.seconds(solver.value(start)) for start in starts]
        self.rests = [
            (side, timing.clock.seconds(solver.value(rest.start)), rest.pause.duration_s)
            for rest in rests
            for side, taken in rest.taken.items()
            if solver.boolean_value(taken)
        ]
        self.stops: list[Stop] = []

    def route(self) -> Route:
        """Return the tour."""
        one, place, departs_s = self.schedule, self.schedule.tour.from_place, self.free_s
        for index, (step, start_s) in enumerate(zip(one.steps, self.starts_s, strict=True)):
            arrives_s, way = self._go(index, step.way, place, step.stop.place)
            begins_s = max(start_s, arrives_s)
            self.free_s, place = begins_s + step.length_s, step.stop.place
            self.stops.append(
                replace(
                    step.stop,
                    arrives_s=arrives_s,
                    start_s=begins_s,
                    end_s=self.free_s,
                    travel_s=way.travel_s,
                    travel_cost=way.cost,
                    flight=way.number,
                )
            )
        returns_s, way = self._go(len(one.steps), one.back, place, one.tour.to_place)
        return replace(
            one.route,
            departs_s=departs_s,
            returns_s=returns_s,
            stops=tuple(self.stops),
            return_s=way.travel_s,
            return_cost=way.cost,
            return_flight=way.number,
        )

    def _go(self, index: int, way: Way, here: int, there: int) -> tuple[float, Way]:
        """Write the breaks of a way; return when one is there, and what of the way is left to the next stop."""
        self._pause((index, False), here, Way(0.0, 0.0))
        reached_s = way.arrival_s(self.free_s)
        if not any(side == (index, True) for side, _, _ in self.rests):
            return reached_s, way
        self._pause((index, True), there, way)
        return self.free_s, Way(0.0, 0.0)

    def _pause(self, side: tuple[int, bool], place: int, way: Way) -> None:
        for where, start_s, length_s in self.rests:
            if where == side:
                arrives_s = way.arrival_s(self.free_s)
                begins_s = max(start_s, arrives_s)
                self.free_s = begins_s + length_s
                rest = Stop(StopKind.BREAK, "", place, arrives_s, begins_s, self.free_s, way.travel_s, way.cost)
                self.stops.append(replace(rest, flight=way.number))
                way = Way(0.0, 0.0)
