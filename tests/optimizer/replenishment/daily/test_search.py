"""The moves of a day: against every plan of tiny days, by decomposition, within the rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.replenishment.networks import day
from optimizer.replenishment.daily import decompose
from optimizer.replenishment.daily import search as module
from optimizer.replenishment.daily.check_core import check_core
from optimizer.replenishment.daily.core import Core
from optimizer.replenishment.daily.greedy import greedy
from optimizer.replenishment.daily.prices import Prices, bound
from optimizer.replenishment.daily.search import search
from optimizer.run import Limit, Progress, Status
from tests.optimizer.replenishment.daily.cores import EVERYTHING, core, plans, tiny


@contextmanager
def decomposed(*, by_rounds: bool) -> Iterator[None]:
    """Decompose days of any size, and make prices from twenty parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WHOLE_MAX", -1)
        patch.setattr(decompose, "SAMPLE", 20)
        if by_rounds:
            patch.setattr(decompose, "ALL_MAX", -1)
        yield


@given(tiny())
@settings(max_examples=200)
def test_no_plan_of_a_tiny_day_is_cheaper(given_day: Core) -> None:
    found = search(given_day, limit=EVERYTHING)

    assert check_core(given_day, found.pieces, found.objective) == []
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(min(cost for _, cost in plans(given_day)), abs=1e-4)
    assert found.bound <= found.objective


@given(tiny(), st.booleans())
@settings(max_examples=200)
def test_a_decomposed_day_stands_above_its_bound(given_day: Core, by_rounds: bool) -> None:
    best = min(cost for _, cost in plans(given_day))
    with decomposed(by_rounds=by_rounds):
        found = search(given_day, limit=EVERYTHING)

    assert check_core(given_day, found.pieces, found.objective) == []
    assert found.bound - 1e-4 <= best <= found.objective + 1e-4


@given(tiny())
@settings(max_examples=100)
def test_whatever_the_prices_the_bound_holds(given_day: Core) -> None:
    draw = np.random.default_rng(int(given_day.cost.sum() * 100))
    sizes = (given_day.capacity.size, given_day.use_move.size, given_day.need_each.size, given_day.floor.size)
    shared, use, need, floor = (draw.uniform(0, 40, size) * draw.integers(0, 2) for size in sizes)
    finite = np.isfinite(given_day.capacity)
    in_kit = given_day.kit >= 0
    lanes = given_day.fixed[given_day.use_shared] > 0
    prices = Prices(shared * finite, use * lanes, (need - 10) * in_kit, floor * 0)

    assert bound(given_day, prices)[0] <= min(cost for _, cost in plans(given_day)) + 1e-4


@given(tiny())
@settings(max_examples=100)
def test_urgent_needs_get_no_less_than_by_the_rule(given_day: Core) -> None:
    least = given_day.served(greedy(given_day))[:2]

    found = search(given_day, limit=EVERYTHING, urgent_as_greedy=True)

    bounded = replace(given_day, floor=np.r_[least, 0, 0])
    assert check_core(bounded, found.pieces, found.objective) == []
    allowed = [cost for pieces, cost in plans(given_day) if (given_day.served(np.array(pieces))[:2] >= least).all()]
    assert found.objective == pytest.approx(min(allowed), abs=1e-4)


@pytest.mark.parametrize("by_rounds", [True, False])
@pytest.mark.parametrize("lanes", [True, False])
def test_a_decomposed_network_is_close_to_its_optimum(lanes: bool, by_rounds: bool) -> None:
    network = day(150, 3, regions=6, outlets=40, lanes=lanes)
    exact = search(network, limit=EVERYTHING, urgent_as_greedy=True)
    with decomposed(by_rounds=by_rounds):
        found = search(network, limit=EVERYTHING, urgent_as_greedy=True)

    for one in (exact, found):
        assert check_core(network, one.pieces, one.objective) == []
        assert (network.served(one.pieces)[:2] >= network.served(greedy(network))[:2]).all()
    assert exact.status is Status.OPTIMAL
    assert found.bound <= exact.objective <= found.objective
    assert found.avoidable_gap < 0.03
    assert exact.objective < network.price(greedy(network))


def test_the_same_seed_gives_the_same_plan() -> None:
    network = day(150, 3, regions=6, outlets=40)
    with decomposed(by_rounds=True):
        first, second = (search(network, limit=Limit(iterations=50), seed=4) for _ in range(2))

    assert (first.pieces == second.pieces).all()
    assert (first.objective, first.bound) == (second.objective, second.bound)


def test_stopped_at_once_there_is_the_rule_of_thumb() -> None:
    network = day(40, 1, regions=4, outlets=20)

    found = search(network, limit=EVERYTHING, should_stop=lambda: True)

    assert (found.pieces == greedy(network)).all()
    assert found.status is Status.FEASIBLE
    assert 0 < found.bound < found.objective


@pytest.mark.parametrize("size", [-1, 10**9])
def test_where_the_solver_gives_up_there_is_the_rule_of_thumb(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    network = day(40, 1, regions=4, outlets=20)
    monkeypatch.setattr(module, "WHOLE_MAX", size)
    for user in (module, decompose):
        monkeypatch.setattr(user, "solve_program", lambda *_, **__: None)

    found = search(network, limit=EVERYTHING)

    assert (found.pieces == greedy(network)).all()
    assert found.bound <= found.objective


def test_without_time_there_is_a_plan_all_the_same() -> None:
    network = day(40, 1, regions=4, outlets=20)

    found = search(network, limit=Limit(seconds=1e-6))

    assert check_core(network, found.pieces, found.objective) == []


def test_progress_never_goes_back() -> None:
    told: list[Progress] = []

    search(day(40, 1, regions=4, outlets=20), limit=EVERYTHING, on_progress=told.append)

    assert len(told) > 1
    assert all(a.objective >= b.objective and (a.bound or 0) <= (b.bound or 0) for a, b in pairwise(told))


def test_a_lane_runs_only_where_it_pays() -> None:
    lane = {"use_move": [0, 1], "use_shared": [0, 0], "use_amount": [1.0, 1.0], "fixed": [40.0]}
    both = search(core(capacity=[5.0], **lane), limit=EVERYTHING)
    refill = search(core(capacity=[5.0], penalty=[45.0, 45.0], each=[1, 0], **lane), limit=EVERYTHING)

    assert both.pieces.tolist() == [1, 1]
    assert both.objective == 60.0
    assert refill.pieces.tolist() == [0, 0]
    assert refill.objective == 90.0


def test_what_is_scarce_goes_to_the_aircraft_on_ground() -> None:
    found = search(core(supply_each=[1]), limit=EVERYTHING)

    assert found.pieces.tolist() == [1, 0]
    assert found.unavoidable == 60.0
    assert found.avoidable_gap == pytest.approx(0.0)


def test_a_kit_is_whole_or_nothing() -> None:
    kit = {"kit": [0, 0], "need_part": [0, 0]}

    assert search(core(**kit), limit=EVERYTHING).pieces.tolist() == [1, 1]
    assert search(core(supply_each=[1], **kit), limit=EVERYTHING).pieces.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"cost": [10.0, float("nan")]}, "cost 1 is nan"),
        ({"need": [0, 2]}, "need 1 is 2"),
        ({"supply_each": [-1]}, "supply_each 0 is -1"),
        ({"need_part": [0, 1]}, "move 1 brings another part"),
        ({"penalty": [1.0]}, "needs: arrays of different lengths"),
        ({"capacity": [-1.0], "fixed": [0.0]}, "capacity 0 is -1"),
        (
            {"capacity": [1.0], "fixed": [0.0], "use_move": [0, 0], "use_shared": [0, 0], "use_amount": [1.0, 2.0]},
            "uses the same thing twice",
        ),
    ],
)
def test_what_makes_no_sense_is_named(changes: dict[str, list[float]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        core(**changes)


@pytest.mark.parametrize(
    ("pieces", "objective", "changes", "codes"),
    [
        ([1, 1], 20.0, {}, []),
        ([1, 1], 19.0, {}, ["total"]),
        ([-1, 1], 4000.0, {}, ["pieces", "floor"]),
        ([1, 1], 20.0, {"supply_each": [1]}, ["supply"]),
        ([0, 2], 1960.0, {"each": [1, 9]}, ["need"]),
        ([1, 1], 20.0, {"each": [1, 0]}, ["pieces"]),
        ([1, 0], 70.0, {"kit": [0, 0]}, ["kit"]),
        ([0, 1], 2010.0, {"floor": [1, 0, 0, 0]}, ["floor"]),
        (
            [1, 1],
            20.0,
            {"capacity": [1.5], "fixed": [0.0], "use_move": [0, 1], "use_shared": [0, 0], "use_amount": [1.0, 1.0]},
            ["capacity"],
        ),
        (
            [1, 1],
            20.0,
            {"capacity": [9.0], "fixed": [4.0], "use_move": [0, 1], "use_shared": [0, 0], "use_amount": [1.0, 1.0]},
            ["total"],
        ),
    ],
)
def test_the_checker_names_what_is_wrong(
    pieces: list[int], objective: float, changes: dict[str, list[float]], codes: list[str]
) -> None:
    assert [one.code for one in check_core(core(**changes), np.array(pieces), objective)] == codes
