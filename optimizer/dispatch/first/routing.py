"""Improves the routes of a few technicians with the OR-Tools routing library.

One vehicle is one technician over the whole horizon; what lies outside the duties is a break, which may interrupt a
travel but never a job. The library counts in whole numbers, so prices are scaled; its routes are timed and priced
exactly afterwards. The search is a descent: it ends by itself at a plan that no single move improves, so the same
routes always lead to the same better ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.util import optional_boolean_pb2

from optimizer.dispatch.first.timing import Timing, asked_window, valid_starts
from optimizer.run import ShouldStop

REBUILDING = (
    "use_global_cheapest_insertion_path_lns",
    "use_local_cheapest_insertion_path_lns",
    "use_global_cheapest_insertion_visit_types_lns",
    "use_local_cheapest_insertion_visit_types_lns",
    "use_relocate_path_global_cheapest_insertion_insert_unperformed",
)
"""Neighbourhoods that are left out: they build whole routes anew, which breaks make slow, and find nothing more."""

STEPS_PER_UNIT = 36_000
"""Price steps per unit of money: ten cents an hour are one step a second; less is not seen here."""

BRANCHES_MAX = 10_000
"""A descent branches some hundred times. One that branches this often is stuck: where breaks leave open when a route's
jobs can start, the library tries second after second. A count, not the clock, ends it: the same plan everywhere."""

STEPS_MAX = 2**50
"""A penalty is counted up to this much, so that sums of many stay below 64 bits."""


def improved_routes(
    timing: Timing,
    routes: Sequence[tuple[int, Sequence[int]]],
    jobs: Sequence[int],
    should_stop: ShouldStop,
    seconds_max: float | None,
) -> list[tuple[int, list[int]]]:
    """Return better routes for some technicians and `jobs` (those on their routes, and others that wait), or the same.

    Technicians and jobs are indices into the problem; routes are (technician, jobs in order).
    """
    model = _Model(timing, [technician for technician, _ in routes], jobs)
    return model.search([order for _, order in routes], should_stop, seconds_max)


class _Model:
    def __init__(self, timing: Timing, technicians: Sequence[int], jobs: Sequence[int]) -> None:
        self.timing, self.problem = timing, timing.problem
        self.technicians, self.jobs = list(technicians), list(jobs)
        bases = sorted({self.problem.technicians[who].base for who in technicians})
        self.places = np.array([*(self.problem.jobs[job].place for job in jobs), *bases])
        homes = [len(jobs) + bases.index(self.problem.technicians[who].base) for who in technicians]
        self.manager = pywrapcp.RoutingIndexManager(len(self.places), len(homes), homes, homes)
        self.model = pywrapcp.RoutingModel(self.manager)
        self.solver = self.model.solver()
        self.durations_s = np.array([*(self.problem.jobs[job].duration_s for job in jobs), *(0 for _ in bases)])
        self._add_time()
        self._add_prices()
        for node in range(len(jobs)):
            self._add_job(node)

    def _add_time(self) -> None:
        horizon_s = self.problem.horizon_s
        travel_s = self._between(self.problem.travel_s)
        transit_s = self.durations_s[:, None] + np.minimum(travel_s, horizon_s + 1)
        transit_s[:, len(self.jobs) :] = self.durations_s[:, None]  # the journey home needs no time on duty
        matrix = self.model.RegisterTransitMatrix(transit_s.tolist())
        self.model.AddDimension(matrix, horizon_s, horizon_s, True, "time")
        self.time = self.model.GetDimensionOrDie("time")
        visits_s = [0] * self.model.Size()
        for node in range(len(self.jobs)):
            visits_s[self.manager.NodeToIndex(node)] = int(self.durations_s[node])
        for vehicle, who in enumerate(self.technicians):
            duties = self.problem.technicians[who].duties
            edges = [0, *(edge for duty in duties for edge in (duty.start_s, duty.end_s)), horizon_s]
            off_duty = [
                self.solver.FixedInterval(start, end - start, f"off duty {vehicle}")
                for start, end in zip(edges[::2], edges[1::2], strict=True)
                if end > start
            ]
            self.time.SetBreakIntervalsOfVehicle(off_duty, vehicle, visits_s)

    def _add_prices(self) -> None:
        travel_cost, travel_s = self._between(self.problem.travel_cost), self._between(self.problem.travel_s)
        matrices: dict[float, int] = {}
        for vehicle, who in enumerate(self.technicians):
            pay = self.problem.technicians[who].cost_per_h
            if pay not in matrices:
                prices = travel_cost + (travel_s + self.durations_s[:, None]) * (pay / 3600)
                steps = np.rint(prices * STEPS_PER_UNIT).astype(np.int64)
                steps[len(self.jobs) :, len(self.jobs) :] = 0  # who stays at home costs nothing
                matrices[pay] = self.model.RegisterTransitMatrix(steps.tolist())
            self.model.SetArcCostEvaluatorOfVehicle(matrices[pay], vehicle)

    def _add_job(self, node: int) -> None:
        job = self.problem.jobs[self.jobs[node]]
        index = self.manager.NodeToIndex(node)
        self.model.AddDisjunction([index], min(round(job.unserved_penalty * STEPS_PER_UNIT), STEPS_MAX))
        able = [
            vehicle for vehicle, who in enumerate(self.technicians) if self.timing.windows[who][self.jobs[node]].lasts
        ]
        # SetAllowedVehiclesForIndex takes no Python sequence in this version
        self.model.VehicleVar(index).SetValues([-1, *able])
        if not able:
            return
        ((first_s, last_s),) = asked_window(job)
        start = self.time.CumulVar(index)
        start.SetRange(first_s, min(last_s, self.problem.horizon_s))
        steps_per_s = round(job.lateness_cost_per_h / 3600 * STEPS_PER_UNIT)
        self.time.SetCumulVarSoftUpperBound(index, max(job.due_s - job.duration_s, 0), steps_per_s)
        for vehicle in able:
            technician = self.problem.technicians[self.technicians[vehicle]]
            starts = valid_starts(technician, job, [(first_s, last_s)])
            if starts != [(first_s, last_s)]:
                self._forbid_between(index, vehicle, starts)

    def _forbid_between(self, index: int, vehicle: int, starts: Sequence[tuple[int, int]]) -> None:
        """Allow only these starts where this technician does the job: a qualification holds for a part of the time."""
        far_s = self.problem.horizon_s + 1
        chosen = self.solver.IsEqualCstVar(self.model.VehicleVar(index), vehicle)
        shifted = (self.time.CumulVar(index) + chosen * far_s).Var()
        forbidden, allowed_from = [], far_s
        for first_s, last_s in starts:
            if first_s + far_s > allowed_from:
                forbidden.append((allowed_from, first_s + far_s - 1))
            allowed_from = last_s + far_s + 1
        forbidden.append((allowed_from, 3 * far_s))
        self.solver.Add(
            self.solver.NotMemberCt(shifted, [first for first, _ in forbidden], [last for _, last in forbidden])
        )

    def search(
        self, orders: Sequence[Sequence[int]], should_stop: ShouldStop, seconds_max: float | None
    ) -> list[tuple[int, list[int]]]:
        same = [(who, list(order)) for who, order in zip(self.technicians, orders, strict=True)]
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
        for operator in REBUILDING:
            setattr(parameters.local_search_operators, operator, optional_boolean_pb2.BOOL_FALSE)
        parameters.lns_time_limit.FromSeconds(86_400)  # or the clock cuts single moves short and plans differ
        if seconds_max is not None:
            parameters.time_limit.FromMilliseconds(max(1, round(seconds_max * 1000)))
        raised: list[BaseException] = []

        def stop() -> bool:
            # the library swallows what a callback raises
            try:
                return should_stop()
            except BaseException as wrong:
                raised.append(wrong)
                return True

        unlimited = 2**60
        self.model.AddSearchMonitor(self.solver.Limit(unlimited, BRANCHES_MAX, unlimited, unlimited))
        self.model.AddSearchMonitor(self.solver.CustomLimit(stop))
        self.model.CloseModelWithParameters(parameters)
        node_of = {job: node for node, job in enumerate(self.jobs)}
        start = self.model.ReadAssignmentFromRoutes(
            [[self.manager.NodeToIndex(node_of[job]) for job in order] for order in orders], True
        )
        found = self.model.SolveFromAssignmentWithParameters(start, parameters) if start else None
        if raised:
            raise raised[0]
        if found is None:
            return same
        return [(who, self._order(found, vehicle)) for vehicle, who in enumerate(self.technicians)]

    def _order(self, found: pywrapcp.Assignment, vehicle: int) -> list[int]:
        order, index = [], found.Value(self.model.NextVar(self.model.Start(vehicle)))
        while not self.model.IsEnd(index):
            order.append(self.jobs[self.manager.IndexToNode(index)])
            index = found.Value(self.model.NextVar(index))
        return order

    def _between(self, matrix: NDArray[Any]) -> NDArray[Any]:
        between: NDArray[Any] = matrix[np.ix_(self.places, self.places)]
        return between
