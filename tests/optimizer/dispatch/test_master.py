"""Tours combined anew: what a plan as a whole may not exceed holds, and better plans come out of what was seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.dispatch.building.fixed import settled
from optimizer.dispatch.building.state import Built, built
from optimizer.dispatch.check import check, price
from optimizer.dispatch.jobs import Job, PartNeed
from optimizer.dispatch.kernel.pool import Pool, keep_tour
from optimizer.dispatch.kernel.start import put_stops
from optimizer.dispatch.master import combined, combines, new_pool, thin_out
from optimizer.dispatch.model import Depot, Problem, Travel
from optimizer.dispatch.plan import Plan
from optimizer.dispatch.search import Search
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Shift, Technician, Window
from optimizer.run import Limit, Status
from tests.optimizer.dispatch.drawn import wide_problems


def four(depots: tuple[Depot, ...] = (), parts: tuple[PartNeed, ...] = ()) -> Problem:
    """Return four jobs on a line, two near 10 and two near 90, and two technicians in the middle who pay for ways."""
    at = np.array([50.0, 10.0, 11.0, 90.0, 91.0])
    way = np.abs(at[:, None] - at[None, :])
    return Problem(
        places=("home", "a", "b", "c", "d"),
        travel={"road": Travel(way, way)},
        technicians=tuple(Technician(code, (Shift(0, 1_000, 0, 0),)) for code in "AB"),
        jobs=tuple(
            Job(name, place, 1.0, windows=(Window(0, 1_000),), unserved_cost=1_000.0, mandatory=True, parts=parts)
            for place, name in enumerate("abcd", start=1)
        ),
        depots=depots,
    )


def seen(one: Built, *tours: tuple[int, tuple[int, ...]]) -> Pool:
    """Return a pool of these tours alone."""
    search = Search(one, 0)
    search.pool = new_pool(one, 0)
    for tour, stops in tours:
        for each in range(len(one.tours)):
            put_stops(search.data, search.state, each, np.array([], dtype=np.int64))
        assert put_stops(search.data, search.state, tour, np.array(stops, dtype=np.int64))
        keep_tour(search.data, search.state, search.pool, tour)
    return search.pool


def test_a_better_plan_is_put_together_from_tours_of_different_plans() -> None:
    one = settled(built(four()))
    pool = seen(one, (0, (0, 1)), (1, (2, 3)), (0, (0, 2)), (1, (1, 3)))

    found = combined(one, pool, [(0, np.array([0, 2])), (1, np.array([1, 3]))], None)

    assert found is not None
    assert sorted(sorted(stops.tolist()) for stops in found.stops) == [[0, 1], [2, 3]]


def test_a_depot_gives_no_more_than_it_has_to_all_tours_together() -> None:
    """Each tour alone could have its two parts from the depot, which has three in all: one job is left out."""
    depot = Depot("store", 0, {"pump": 3.0})
    one = settled(built(four((depot,), (PartNeed(("pump",), 1.0),))))
    store = len(one.ops)
    pool = seen(one, (0, (store, 0, 1)), (1, (store, 2, 3)), (1, (store, 2)))

    found = combined(one, pool, [(0, np.array([store, 0, 1])), (1, np.array([store, 2]))], None)

    assert found is not None
    assert sorted(stops.tolist() for stops in found.stops) == [[store, 0, 1], [store, 2]]


def test_a_full_pool_keeps_what_came_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.dispatch.master.ENTRIES", 4)
    one = settled(built(four()))
    pool = seen(one, (0, (0,)), (0, (1,)), (0, (2,)), (0, (3,)))
    thin_out(pool)

    assert pool.count[0] == 2
    assert pool.stops[:2].tolist() == [2, 3]


@given(problem=wide_problems(), seed=st.integers(0, 1_000))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_combination_is_sound_and_never_dearer(problem: Problem, seed: int) -> None:
    one = settled(built(problem))
    search = Search(one, seed)
    for piece in range(5):
        search.advance(40, piece / 5)
    assert search.pool is not None
    if not combines(one):
        assert search.pool.key.size == 0
    before = search.best_cost
    search.combine(None)

    assert search.best_cost <= before
    routes, left_out, missed = search.read()
    plan = Plan(Status.FEASIBLE, 0.0, None, None, 0.0, routes, left_out, missed=missed)
    terms = price(problem, plan)
    status = Status.INFEASIBLE if _lacks(problem, plan) else Status.FEASIBLE
    assert not check(problem, replace(plan, status=status, objective=sum(terms.values()), cost_by_term=terms))


def _lacks(problem: Problem, plan: Plan) -> bool:
    must = {job.number for job in problem.jobs if job.mandatory or job.pin is not None}
    return bool(plan.missed) or any(one.job in must for one in plan.left_out)


def test_the_same_iterations_combine_to_the_same_plan() -> None:
    first, again = (solve(four(), limit=Limit(iterations=600), seed=3) for _ in range(2))

    assert first.routes == again.routes
