"""Searches a model of the routing library and reads what it found.

Cheapest insertion, then guided local search. Where insertion finds no plan at all, the search begins with the dates
alone and puts jobs in one by one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.util import optional_boolean_pb2

from optimizer.dispatch.building.spans import Span
from optimizer.dispatch.plan import Plan, Route, StopKind
from optimizer.dispatch.routing.model import PENALTIES, STEPS, TICKS, Model
from optimizer.dispatch.routing.stated import Statement
from optimizer.dispatch.routing.ties import Ties
from optimizer.dispatch.routing.tours import Draft, Rest
from optimizer.run import Limit, OnProgress, Progress, ShouldStop

BRANCHES_EACH = 100
"""An iteration is a solution accepted, or so many branches, whichever comes first."""

UNLIMITED = 2**60
DAY_S = 86_400


class Search:
    """One search of one problem."""

    def __init__(
        self, stated: Statement, limit: Limit, seed: int, should_stop: ShouldStop, on_progress: OnProgress
    ) -> None:
        self.stated, self.limit, self.should_stop, self.on_progress = stated, limit, should_stop, on_progress
        self.began, self.found, self.best = time.monotonic(), 0, float("inf")
        self.model = Model(stated)
        Ties(self.model)
        self.routing = self.model.routing
        self.raised: list[BaseException] = []
        self.model.solver.ReSeed(seed)
        self.parameters = self._parameters()
        branches = UNLIMITED if limit.iterations is None else limit.iterations * BRANCHES_EACH
        self.routing.AddSearchMonitor(self.model.solver.Limit(UNLIMITED, branches, UNLIMITED, UNLIMITED))
        self.routing.AddSearchMonitor(self.model.solver.CustomLimit(self._guarded(self._stop)))
        self.routing.AddAtSolutionCallback(self._guarded(self._tell))
        self.routing.CloseModelWithParameters(self.parameters)

    def _parameters(self) -> Any:
        chosen = pywrapcp.DefaultRoutingSearchParameters()
        chosen.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        chosen.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        if any(len(job.seats) > 1 for job in self.stated.problem.jobs):
            chosen.local_search_operators.use_inactive_lns = optional_boolean_pb2.BOOL_TRUE
        if self.model.rests:
            # with breaks each move would be timed by CP-SAT, a hundred times slower; tours are timed anew anyhow
            chosen.disable_scheduling_beware_this_may_degrade_performance = True
        chosen.time_limit.FromSeconds(DAY_S if self.limit.seconds is None else max(1, round(self.limit.seconds)))
        if self.limit.iterations is not None:
            chosen.solution_limit = self.limit.iterations
            chosen.lns_time_limit.FromSeconds(DAY_S)  # or the clock cuts single moves short and plans differ
        return chosen

    def _guarded(self, call: Callable[[], bool | None]) -> Callable[[], bool | None]:
        """Return a callback that keeps what it raises, which the library would swallow, to raise it afterwards."""

        def kept() -> bool | None:
            try:
                return call()
            except BaseException as wrong:
                self.raised.append(wrong)
                return True

        return kept

    def _stop(self) -> bool:
        return bool(self.raised) or self.should_stop()

    def _tell(self) -> None:
        self.found += 1
        fixed = PENALTIES // (1 + len(self.stated.problem.jobs)) // 2
        cost = (self.routing.CostVar().Value() % fixed) / STEPS - sum(
            job.removed.saving for job in self.stated.problem.jobs if job.removed is not None
        )
        if cost < self.best:
            self.best = cost
            self.on_progress(Progress(self.found, time.monotonic() - self.began, cost))

    def drafts(self, start: Plan | None) -> list[Draft]:
        """Return the tours of the best plan found; none if there is none."""
        found = self._from(self._hint(start.routes)) if start is not None else None
        found = found or self._solved(None) or self._from(self._hint(()))
        if self.raised:
            raise self.raised[0]
        if found is None:
            return []
        numbers = range(len(self.model.vehicles))
        return [draft for draft in (self._draft(found, number) for number in numbers) if draft.nodes]

    def _from(self, routes: Sequence[Sequence[int]]) -> Any:
        hint = self.routing.ReadAssignmentFromRoutes([list(route) for route in routes], True)
        return self._solved(hint) if hint is not None else None

    def _solved(self, hint: Any) -> Any:
        if self.raised:
            return None
        if self.limit.seconds is not None:
            left_s = self.limit.seconds - (time.monotonic() - self.began)
            self.parameters.time_limit.FromMilliseconds(max(1, round(left_s * 1000)))
        if hint is None:
            return self.routing.SolveWithParameters(self.parameters)
        return self.routing.SolveFromAssignmentWithParameters(hint, self.parameters)

    def _hint(self, routes: Sequence[Route]) -> list[list[int]]:
        """Return the nodes of each vehicle in a running plan, and the dates of tours that it does not have."""
        stated, hint = self.stated, [list[int]() for _ in self.model.vehicles]
        seats = {
            (stated.ops[node.op].job, stated.ops[node.op].seat): number for number, node in enumerate(stated.nodes)
        }
        jobs = {job.number: index for index, job in enumerate(stated.problem.jobs)}
        told = {(route.technician, route.shift): route for route in routes}
        for number, vehicle in enumerate(self.model.vehicles):
            route = told.get((vehicle.person.code, vehicle.tour.shift))
            dates = [n for n, node in enumerate(stated.nodes) if stated.ops[node.op].job >= len(jobs)]
            dates = [n for n in dates if number in stated.nodes[n].starts]
            if route is None:
                hint[number] = dates if vehicle.depot is None else []
                continue
            depots = [stop.name for stop in route.stops if stop.kind is StopKind.DEPOT]
            if depots[:1] != ([] if vehicle.depot is None else [vehicle.depot.code]):
                continue
            for stop in route.stops:
                if stop.kind is StopKind.JOB:
                    node = seats.get((jobs.get(stop.name, -1), stop.seat))
                    hint[number] += [node] if node is not None else []
                elif stop.kind is StopKind.APPOINTMENT:
                    hint[number] += [n for n in dates if self._name(n) == stop.name and n not in hint[number]]
        return [[self.model.at[node] for node in route] for route in hint]

    def _name(self, node: int) -> str:
        date = self.stated.ops[self.stated.nodes[node].op].appointment
        return date.name if date is not None else ""

    def _draft(self, found: Any, number: int) -> Draft:
        routing, clock = self.routing, self.model.time
        begins, nodes, starts_s = routing.Start(number), list[int](), list[float]()
        at = found.Value(routing.NextVar(begins))
        while not routing.IsEnd(at):
            nodes.append(self.model.manager.IndexToNode(at))
            starts_s.append(found.Min(clock.CumulVar(at)) / TICKS)
            at = found.Value(routing.NextVar(at))
        spans = [
            _nearest(self.stated.nodes[node].starts[number], start_s)
            for node, start_s in zip(nodes, starts_s, strict=True)
        ]
        draft = Draft(number, tuple(nodes), tuple(spans))
        vehicle = self.model.vehicles[number]
        if not nodes or not vehicle.tour.breaks:
            return draft
        first_s, last_s = found.Min(clock.CumulVar(begins)) / TICKS, found.Min(clock.CumulVar(at)) / TICKS
        return self._rested(found, draft, starts_s, first_s, last_s)

    def _rested(self, found: Any, draft: Draft, starts_s: Sequence[float], first_s: float, last_s: float) -> Draft:
        """Return the tour with the breaks that are due in it."""
        stated, number = self.stated, draft.vehicle
        vehicle = self.model.vehicles[number]
        departs_s = first_s - stated.way_s(vehicle, vehicle.tour.from_place, vehicle.place)
        rests, not_before, by_then = list[Rest](), 0.0, float("inf")
        for pause, taken in zip(vehicle.tour.breaks, self.model.rests[number], strict=True):
            if last_s <= pause.latest_s:
                by_then = min(by_then, pause.latest_s)
            elif departs_s >= pause.latest_s:
                not_before = max(not_before, pause.latest_s)
            else:
                begins_s = found.StartValue(taken) / TICKS if found.PerformedValue(taken) else pause.latest_s
                gap = sum(start_s < begins_s + pause.duration_s / 2 for start_s in starts_s)
                rests.append(Rest(pause, gap, self._is_early(draft, starts_s, gap, pause.latest_s)))
        return Draft(number, draft.nodes, draft.spans, tuple(rests), not_before, by_then)

    def _is_early(self, draft: Draft, starts_s: Sequence[float], gap: int, latest_s: float) -> bool:
        """Say whether one would arrive too late at the next stop to take a break there."""
        stated, vehicle = self.stated, self.model.vehicles[draft.vehicle]
        places = [stated.ops[stated.nodes[node].op].place for node in draft.nodes] + [vehicle.tour.to_place]
        if gap == 0:
            return latest_s < starts_s[0]
        length_s = stated.length_s(stated.nodes[draft.nodes[gap - 1]].op, draft.vehicle)
        way_s = stated.way_s(vehicle, places[gap - 1], places[gap])
        return starts_s[gap - 1] + length_s + way_s > latest_s


def _nearest(spans: Sequence[Span], start_s: float) -> Span:
    return min(spans, key=lambda span: max(span[0] - start_s, start_s - span[1]))
