"""Small problems solved to the end by CP-SAT: a plan that nothing can beat, with the proof.

The whole problem is one model: who does what, in which order, and when. With crews that reaches to about a dozen jobs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from ortools.sat.python import cp_model

from optimizer.dispatch.building.ops import near_factor, seat_length_s
from optimizer.dispatch.building.people import Tour, tours_of
from optimizer.dispatch.building.spans import allowed_starts, intersect
from optimizer.dispatch.check import check, price
from optimizer.dispatch.clock import MONEY_MAX, Clock
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import LeftOut, Plan, Route, Stop, StopKind
from optimizer.dispatch.pricing import HOUR_S, cheapest_outcome
from optimizer.dispatch.technicians import Technician
from optimizer.dispatch.work import Work
from optimizer.run import Limit, ShouldStop, Status, never_stop

Seat = tuple[str, int]

FINE = 100
"""A rate per hour counts in hundredths; finer numbers make the proof long."""

ARCS_MAX = 10_000
"""A problem is small with so many ways between seats, over all tours."""


@dataclass(eq=False)
class _Turn:
    """A tour in the model: by seat whether it is in it, and by pair of seats (None: home) whether it is next."""

    person: Technician
    tour: Tour
    departs: Any
    returns: Any
    used: Any
    takes: dict[Seat, Any] = field(default_factory=dict)
    arcs: dict[tuple[Seat | None, Seat | None], Any] = field(default_factory=dict)


def proven(problem: Problem, plan: Plan, *, limit: Limit, should_stop: ShouldStop = never_stop) -> Plan:
    """Return a cheapest plan, its status `optimal` and its bound its cost, where that can be proven within the limit.

    Else a cheaper plan where one was found, or the plan itself. Nothing is tried unless the problem is small and
    the model states all of it (`is_stated`), and nothing claimed where something mandatory must be left out or times
    are no multiples of a thousandth of a second. With `limit.iterations` it can be repeated.
    """
    work = Work(limit, should_stop)
    if not is_stated(problem) or work.over():
        return plan
    model = Whole(problem, plan)
    solver = work.solve(model.model)
    if solver is None:
        return plan
    found = model.plan_of(solver)
    better = plan.status is Status.INFEASIBLE or found.objective < plan.objective
    if not better or check(problem, found):
        found = plan
    optimal = solver.response_proto.status == cp_model.OPTIMAL and model.clock.exact
    if optimal and math.isclose(solver.objective_value / model.scale, found.objective, rel_tol=1e-6, abs_tol=1e-6):
        return replace(found, status=Status.OPTIMAL, bound=found.objective, gap=0.0)
    return found


def is_stated(problem: Problem) -> bool:
    """Say whether a problem is small and without what the model does not state.

    That is: parts, tools, pins, removed units, breaks, nights, flights, appointments, budgets, a limit on changes,
    anybody away, loads that are no whole numbers.
    """
    seats = sum(len(job.seats) for job in problem.jobs)
    tours = tours_of(problem)
    if not 0 < len(tours) * (seats + 1) ** 2 <= ARCS_MAX or problem.change.changes_max is not None:
        return False
    if any(job.load != round(job.load) for job in problem.jobs):
        return False
    if any(job.pin or job.parts or job.tools or job.shared_tools or job.removed for job in problem.jobs):
        return False
    people = problem.technicians
    rich = any(person.away or person.appointments or (person.flies and problem.flights) for person in people)
    paid = any(person.pay.night_per_h and person.pay.nights for person in people)
    bound = any(math.isfinite(money) for money in problem.budgets.values())
    return not (rich or paid or bound or any(tour.breaks or tour.start_s < 0 for tour in tours))


class Whole:
    """All plans of a problem as one model, begun with one of them."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self.jobs = {job.number: job for job in problem.jobs}
        self.seats = [(job.number, seat) for job in problem.jobs for seat in range(len(job.seats))]
        self.model = cp_model.CpModel()
        tours = tours_of(problem)
        self.clock = Clock(self._times(tours))
        self.last = max(self.clock.down(tour.end_s) for tour in tours)
        self.costs: list[tuple[Any, float, float]] = []
        self.starts = {seat: self.model.new_int_var(0, self.last, "") for seat in self.seats}
        self.ends = {seat: self.model.new_int_var(0, self.last, "") for seat in self.seats}
        self.done = {job.number: self.model.new_bool_var("") for job in problem.jobs}
        self.turns = [self._turn(tour) for tour in tours]
        for job in problem.jobs:
            self._job(job)
        self._relations()
        self._late()
        self._hint()
        total = sum(abs(money) * most for _, money, most in self.costs)
        self.scale = min(HOUR_S * self.clock.rate * FINE, MONEY_MAX / max(total, 1.0))
        self.model.minimize(sum(quantity * round(money * self.scale) for quantity, money, _ in self.costs))

    def _times(self, tours: list[Tour]) -> Iterator[float]:
        """Yield the times that must be exact for a proof."""
        for travel in self.problem.travel.values():
            yield from map(float, travel.seconds.flat)
        for tour in tours:
            person = self.problem.technicians[tour.person]
            yield from (
                tour.start_s,
                tour.end_s,
                *(tour.shifts[0].end_s + band.after_s for band in person.pay.overtime),
            )
            for number, seat in self.seats:
                length_s = seat_length_s(self.jobs[number], seat, person)
                yield length_s
                for span in allowed_starts(self.jobs[number].seats[seat], self.jobs[number], person, length_s):
                    yield from span
        for job in self.problem.jobs:
            yield from (job.release_s, job.due_s, *(job.due_s + band.after_s for band in job.lateness))
            yield from (edge for window in job.windows for edge in (window.from_s, window.until_s))
            yield from (edge for seat in job.seats for edge in (seat.after_min_s, seat.after_max_s))
            yield from (job.running.start_s,) if job.running is not None else ()
        yield from (edge for tie in self.problem.precedence for edge in (tie.gap_min_s, tie.gap_max_s))

    def _charge(self, quantity: Any, money: float, most: float = 1.0) -> None:
        """Add money for each unit of a quantity, of which there are `most` at most."""
        if money:
            self.costs.append((quantity, money, most))

    def _charge_time(self, ticks: Any, per_h: float) -> None:
        self._charge(ticks, per_h / HOUR_S / self.clock.rate, 2.0 * self.last)

    def _when(self, literal: Any, constraint: Any) -> None:
        self.model.add(constraint).only_enforce_if(literal)

    def _turn(self, tour: Tour) -> _Turn:
        person, model = self.problem.technicians[tour.person], self.model
        first, last = self.clock.up(tour.start_s), self.clock.down(tour.end_s)
        turn = _Turn(
            person, tour, model.new_int_var(first, last, ""), model.new_int_var(first, last, ""), model.new_bool_var("")
        )
        for number, seat in self.seats:
            job = self.jobs[number]
            starts = allowed_starts(job.seats[seat], job, person, seat_length_s(job, seat, person))
            starts = intersect(starts, [(tour.start_s, tour.end_s)])
            if starts:
                taken = turn.takes[number, seat] = model.new_bool_var("")
                domain = self.clock.domain(starts, first, last)
                model.add_linear_expression_in_domain(self.starts[number, seat], domain).only_enforce_if(taken)
                length = self.clock.up(seat_length_s(job, seat, person))
                self._when(taken, self.ends[number, seat] == self.starts[number, seat] + length)
                if job.preferred and person.code not in job.preferred:
                    self._charge(taken, job.unpreferred_cost)
                if job.running is not None and job.running.technicians[seat] != person.code:
                    near = near_factor(self.problem.change, job.running, self.problem.now_s)
                    self._charge(taken, near * self.problem.change.technician)
        if math.isfinite(person.capacity):
            loads = {number: taken for (number, seat), taken in turn.takes.items() if not seat}
            weights = [round(self.jobs[number].load) for number in loads]
            model.add(cp_model.LinearExpr.weighted_sum(list(loads.values()), weights) <= math.floor(person.capacity))
        self._ways(turn)
        self._charge(turn.used, person.pay.call_out)
        self._charge_time(turn.returns - turn.departs, person.pay.per_h + person.pay.fairness_per_h)
        for band in person.pay.overtime:
            over = model.new_int_var(0, self.last, "")
            model.add(over >= turn.returns - self.clock.down(tour.shifts[0].end_s + band.after_s))
            self._charge_time(over, band.per_h)
        return turn

    def _ways(self, turn: _Turn) -> None:
        """Tie the seats that a tour takes into one circle."""
        travel, tour = self.problem.travel[turn.person.mode], turn.tour
        nodes: list[Seat | None] = [None, *turn.takes]
        arcs: list[Any] = [(0, 0, ~turn.used)]
        arcs += [(index, index, ~taken) for index, taken in enumerate(turn.takes.values(), 1)]
        self._when(~turn.used, turn.returns == turn.departs)
        busy: list[Any] = [
            taken * self.clock.up(seat_length_s(self.jobs[number], seat, turn.person))
            for (number, seat), taken in turn.takes.items()
        ]
        for i, before in enumerate(nodes):
            here = tour.from_place if before is None else self.jobs[before[0]].place
            free = turn.departs if before is None else self.ends[before]
            for j, after in enumerate(nodes):
                if i == j:
                    continue
                there = tour.to_place if after is None else self.jobs[after[0]].place
                taken = turn.arcs[before, after] = self.model.new_bool_var("")
                arcs.append((i, j, taken))
                way = self.clock.up(float(travel.seconds[here, there]))
                self._when(taken, (turn.returns if after is None else self.starts[after]) >= free + way)
                busy.append(taken * way)
                self._charge(taken, float(travel.cost[here, there]))
        self.model.add_circuit(arcs)
        # follows from the ways; said once more because it makes the proof short
        self.model.add(turn.returns - turn.departs >= sum(busy))

    def _job(self, job: Job) -> None:
        """Let all seats of a job be taken, each by somebody else, or none; charge what it costs left out."""
        done, first = self.done[job.number], self.starts[job.number, 0]
        for seat, told in enumerate(job.seats):
            key = job.number, seat
            self.model.add(sum(turn.takes[key] for turn in self.turns if key in turn.takes) == done)
            if seat:
                self._gap(first, self.starts[key], told.after_min_s, told.after_max_s, done)
        for person in self.problem.technicians:
            if len(job.seats) > 1:
                self.model.add_at_most_one(self._takes(job.number, person.code))
        release_s = job.release_s
        opened = [(max(release_s, one.from_s), one.until_s) for one in job.windows if one.until_s >= release_s]
        starts = self.clock.domain(opened, 0, self.last)
        self.model.add_linear_expression_in_domain(first, starts).only_enforce_if(done)
        if job.mandatory:
            self.model.add(done == 1)
        self._charge(1 - done, cheapest_outcome(job)[1])

    def _gap(self, since: Any, start: Any, least_s: float, most_s: float, done: Any) -> None:
        self._when(done, start - since >= self.clock.up(least_s))
        if math.isfinite(most_s):
            self._when(done, start - since <= self.clock.down(most_s))

    def _takes(self, number: str, code: str) -> list[Any]:
        own = [turn.takes for turn in self.turns if turn.person.code == code]
        return [taken for takes in own for (job, _), taken in takes.items() if job == number]

    def _relations(self) -> None:
        """Keep precedence, and who is with whom."""
        for tie in self.problem.precedence:
            before, after = self.done[tie.before], self.done[tie.after]
            self.model.add_implication(after, before)
            since = self.starts[tie.before, 0]
            if not tie.from_start:
                since = self.model.new_int_var(0, self.last, "")
                ends = [self.ends[tie.before, seat] for seat in range(len(self.jobs[tie.before].seats))]
                self.model.add_max_equality(since, ends)
            self._gap(since, self.starts[tie.after, 0], tie.gap_min_s, tie.gap_max_s, after)
        for pair in self.problem.together:
            shared = []
            for person in self.problem.technicians:
                first, second = (sum(self._takes(number, person.code)) for number in (pair.first, pair.second))
                if pair.same:
                    shared.append(self.model.new_bool_var(""))
                    self._when(shared[-1], first >= 1)
                    self._when(shared[-1], second >= 1)
                else:
                    self.model.add(first + second <= 1)
            if pair.same:
                self.model.add_bool_or([*shared, ~self.done[pair.first], ~self.done[pair.second]])

    def _late(self) -> None:
        """Charge lateness, the worst of it, and what moves away from what was told."""
        worst = self.model.new_int_var(0, self.last, "")
        self._charge_time(worst, self.problem.worst_lateness_per_h)
        for number, done in self.done.items():
            job = self.jobs[number]
            ends = [self.ends[number, seat] for seat in range(len(job.seats))]
            for after_s, per_h in ((band.after_s, band.per_h) for band in job.lateness if math.isfinite(job.due_s)):
                late = self.model.new_int_var(0, 2 * self.last, "")
                for end in ends:
                    self._when(done, late >= end - self.clock.down(job.due_s + after_s))
                self._charge_time(late, per_h)
            if math.isfinite(job.due_s) and self.problem.worst_lateness_per_h:
                for end in ends:
                    self._when(done, worst >= end - self.clock.down(job.due_s))
            if job.running is not None and self.problem.change.per_h:
                told = round(job.running.start_s * self.clock.rate)
                moved = self.model.new_int_var(0, 2 * (self.last + abs(told)), "")
                self._when(done, moved >= self.starts[number, 0] - told)
                self._when(done, moved >= told - self.starts[number, 0])
                near = near_factor(self.problem.change, job.running, self.problem.now_s)
                self._charge_time(moved, near * self.problem.change.per_h)

    def _hint(self) -> None:
        """Begin with the plan as it stands."""
        routes = {(route.technician, route.shift): route for route in self.plan.routes}
        hint = self.model.add_hint
        out = {one.job for one in self.plan.left_out}
        for number, done in self.done.items():
            hint(done, number not in out)
        for turn in self.turns:
            route = routes.get((turn.person.code, turn.tour.shift))
            stops = route.stops if route is not None else ()
            seats = [(stop.name, stop.seat) for stop in stops]
            pairs = set(pairwise([None, *seats, None])) if seats else set()
            hint(turn.used, bool(seats))
            for seat, taken in turn.takes.items():
                hint(taken, seat in seats)
            for pair, taken in turn.arcs.items():
                hint(taken, pair in pairs)
            for stop in stops:
                hint(self.starts[stop.name, stop.seat], self.clock.up(stop.start_s))
                hint(self.ends[stop.name, stop.seat], self.clock.up(stop.end_s))
            if route is not None:
                hint(turn.departs, self.clock.down(route.departs_s))
                hint(turn.returns, self.clock.up(route.returns_s))

    def plan_of(self, solver: cp_model.CpSolver) -> Plan:
        """Return the plan of a solution, priced."""
        routes = [self._route(turn, solver) for turn in self.turns if solver.boolean_value(turn.used)]
        out = [job for job in self.problem.jobs if not solver.boolean_value(self.done[job.number])]
        left = tuple(LeftOut(job.number, *cheapest_outcome(job)) for job in out)
        plan = replace(self.plan, status=Status.FEASIBLE, routes=tuple(routes), left_out=left, bound=None, gap=None)
        terms = price(self.problem, plan)
        return replace(plan, objective=sum(terms.values()), cost_by_term=terms)

    def _route(self, turn: _Turn, solver: cp_model.CpSolver) -> Route:
        following = {before: after for (before, after), taken in turn.arcs.items() if solver.boolean_value(taken)}
        travel, place = self.problem.travel[turn.person.mode], turn.tour.from_place
        departs_s = free_s = self.clock.seconds(solver.value(turn.departs))
        stops, seat = [], following[None]
        while seat is not None:
            job = self.jobs[seat[0]]
            way_s, cost = float(travel.seconds[place, job.place]), float(travel.cost[place, job.place])
            start_s = max(free_s + way_s, self.clock.seconds(solver.value(self.starts[seat])))
            end_s = start_s + seat_length_s(job, seat[1], turn.person)
            stops.append(
                Stop(StopKind.JOB, job.number, job.place, free_s + way_s, start_s, end_s, way_s, cost, seat[1])
            )
            place, free_s, seat = job.place, end_s, following[seat]
        way_s, cost = float(travel.seconds[place, turn.tour.to_place]), float(travel.cost[place, turn.tour.to_place])
        return Route(turn.person.code, turn.tour.shift, departs_s, free_s + way_s, tuple(stops), way_s, cost)
