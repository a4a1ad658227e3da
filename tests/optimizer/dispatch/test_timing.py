"""The best times of a plan that stands: hand-made cases, and all timings of drawn problems."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from optimizer.dispatch.check import check
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan, StopKind
from optimizer.dispatch.solve import solve
from optimizer.dispatch.timing import retimed
from optimizer.run import Limit
from tests.optimizer.dispatch.brute import Reader, best
from tests.optimizer.dispatch.brute_model import Model
from tests.optimizer.dispatch.brute_parts import Tour
from tests.optimizer.dispatch.drawn import problems

QUICK = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
PLENTY = Limit(iterations=10_000)


@QUICK
@given(problems(), st.integers(0, 99))
def test_no_timing_of_the_same_tours_is_cheaper(problem: Problem, seed: int) -> None:
    """Sound, never dearer, and as cheap as the best of all timings; under a budget it may stop short of that."""
    assume(best(problem) is not None)
    plan = solve(problem, limit=Limit(iterations=3), seed=seed)
    found = retimed(problem, plan, limit=PLENTY)
    assert check(problem, found) == []
    assert found.objective <= plan.objective
    least = cheapest_timing(problem, plan)
    assert found.objective >= least - 1e-6
    if not problem.budgets:
        assert found.objective == pytest.approx(least)


def cheapest_timing(problem: Problem, plan: Plan) -> float:
    """Return the least cost of the plan's tours at any times in whole seconds, by the model of all plans."""
    model = Model(problem)
    routes = {(route.technician, route.shift): route for route in plan.routes}
    for tour in model.tours:
        route = routes.get((tour.person.code, tour.number))
        model.model.add(tour.used == (route is not None))
        if route is not None:
            _keep(model, tour, route)
    model.model.minimize(sum(model.cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model.model) == cp_model.OPTIMAL
    return Reader(model, solver).plan().objective


def _keep(model: Model, tour: Tour, route: Any) -> None:
    """Keep stops, order, flights and where parts come from."""
    stops = [stop for stop in route.stops if stop.kind is not StopKind.BREAK]
    order = {(stop.kind, stop.name, stop.seat): place for place, stop in enumerate(stops)}
    kept = []
    for node in tour.nodes:
        place = order.get((node.kind, node.name, node.seat))
        if node.kind is not StopKind.BREAK:
            model.model.add(node.used == (place is not None))
        if place is not None:
            kept.append((place, node))
    kept.sort(key=lambda one: one[0])
    for (_, before), (_, after) in pairwise(kept):
        model.model.add(before.at < after.at)
    taken = [*(stop.flight for stop in route.stops), route.return_flight]
    for number in range(len(model.problem.flights)):
        model.model.add(sum(leg.used for leg in tour.legs if leg.flight == number) == taken.count(number))
    for stop in stops:
        for index, used in enumerate(stop.parts):
            for flag, option in model.choices[stop.name, index]:
                if (option.part, option.source) == (used.part, used.source):
                    model.model.add(flag == 1)
