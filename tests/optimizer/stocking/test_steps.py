"""Parts of which much is on order: stock at the root tried in steps, with a curve that no stock lies below."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optimizer.run import Limit, Status
from optimizer.stocking import curves
from optimizer.stocking.check import check
from optimizer.stocking.curves import Curve, Curves
from optimizer.stocking.knapsack import Offer, relaxed
from optimizer.stocking.model import Budget, Line, Part, Place, Repair, Scenario
from optimizer.stocking.plan import Plan, Problem
from optimizer.stocking.solve import solve
from optimizer.stocking.tree import tree_of
from tests.optimizer.stocking.worlds import scenarios


def steady(scenario: Scenario, factor: float) -> Scenario:
    """Return a scenario of one part that is asked for so many times as often."""
    lines = scenario.lines
    return Scenario.of(
        scenario.places,
        scenario.parts,
        [
            Line(scenario.parts[0].number, scenario.places[place].code, rate * factor, weight)
            for place, rate, weight in zip(lines.place, lines.rate_per_day, lines.weight, strict=True)
        ],
    )


def least(values: np.ndarray, price: float) -> float:
    """Return the least of what waits and costs."""
    return float((values + price * np.arange(values.size)).min())


@settings(max_examples=15, deadline=None)
@given(
    scenario=scenarios(places=5, parts=1, batches=True),
    factor=st.sampled_from([10.0, 40.0]),
    near=st.floats(0.002, 1.0),
    missed=st.booleans(),
)
def test_no_stock_lies_below_the_low_curve(scenario: Scenario, factor: float, near: float, missed: bool) -> None:
    """The hull of all stock lies between the low curve and that of the steps, which meet at the price asked for."""
    tree = tree_of(steady(scenario, factor))
    assume(tree.last[0] > tree.first[0])
    weights = (0.2 * tree.weight, 3.0 * tree.own) if missed else (tree.weight,)
    made = Curves(tree, *weights)
    price = near * float(made.worst.max())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curves, "MUCH", 2_000)
        some = made.of(0, price / 4, price)
        patch.setattr(curves, "MUCH", 10**18)
        every = made.of(0, price / 4)
    assume(some.low is not None)
    assert some.low is not None
    for one in (*np.geomspace(price / 4, 8 * price, 15), price):
        waits = least(every.hull, one)
        # that more above has nobody wait longer is true of pieces, of two moments but for a little of one
        assert least(some.low, one) - 0.1 * one <= waits <= least(some.hull, one) + 1e-9 * (1.0 + waits)
    assert least(some.hull, price) - least(some.low, price) <= 0.011 * price


def busy(rate: float) -> Scenario:
    """Return a centre, 30 regions, 514 forward places and a pump that is asked for so often a day."""
    rng = np.random.default_rng(4)
    places = [Place("C"), *(Place(f"R{index}", "C", float(rng.uniform(1, 5))) for index in range(30))]
    forward = [Place(f"F{index}", f"R{index % 30}", float(rng.uniform(0.2, 2))) for index in range(514)]
    size = rng.lognormal(0, 0.8, len(forward))
    lines = [Line("PUMP", place.code, float(rate * one / size.sum())) for place, one in zip(forward, size, strict=True)]
    return Scenario.of([*places, *forward], [Part("PUMP", 100.0, repair=Repair(35.0))], lines)


def solved(scenario: Scenario, money: float) -> Plan:
    """Return the plan."""
    return solve(Problem(scenario, {Budget.CAPITAL: money}), limit=Limit(iterations=10**9))


@pytest.mark.parametrize(("pieces", "gap"), [(900, 1e-3), (1_700, 1e-3), (1_950, 1e-3), (2_200, 1e-3), (4_000, 1.0)])
def test_a_part_asked_for_fifty_times_a_day_is_planned_close_to_its_bound(pieces: int, gap: float) -> None:
    """Money for much less than what is on order, for about as much, for enough, and for more than is of use."""
    scenario = busy(50.0)
    plan = solved(scenario, 100.0 * pieces)

    assert plan.status in {Status.OPTIMAL, Status.FEASIBLE}
    assert plan.gap <= gap
    assert plan.evaluation.stock.sum() <= pieces


def test_steps_leave_as_much_waiting_as_every_stock(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = busy(4.0)
    some = solved(scenario, 17_000.0)
    monkeypatch.setattr(curves, "MUCH", 10**18)
    every = solved(scenario, 17_000.0)

    assert some.objective == pytest.approx(every.objective, rel=1e-4)
    assert some.bound <= every.bound * (1 + 1e-9)
    assert some.bound >= every.bound * (1 - 1e-2)


def test_a_small_network_of_much_is_not_told_to_be_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not all was tried no plan is the best for sure, unless the bound says so."""
    monkeypatch.setattr(curves, "MUCH", 30_000)
    places = [Place("C"), Place("A", "C", 2.0), Place("B", "C", 5.0)]
    lines = [Line("PUMP", "A", 4.0), Line("PUMP", "B", 6.0), Line("FAN", "A", 0.1), Line("FAN", "B", 0.2)]
    parts = [Part("PUMP", 100.0, repair=Repair(30.0)), Part("FAN", 70.0, repair=Repair(20.0))]
    for money in (20_000.0, 31_000.0, 36_000.0):
        problem = Problem(Scenario.of(places, parts, lines), {Budget.CAPITAL: money})
        plan = solve(problem, limit=Limit(iterations=10**9))
        assert check(problem, plan) == []
        assert plan.gap < 1e-2
        assert (plan.status is Status.OPTIMAL) == (plan.gap == 0)


def test_the_doubt_of_an_offer_is_what_its_low_curve_leaves() -> None:
    values = np.array([10.0, 6.0, 4.0])
    low = np.array([9.5, 6.0, 3.0]), np.array([0.0, 2.0, 4.0])
    offer = Offer(values, np.array([2.0, 2.0]), low)
    assert offer.doubt(0.9) == pytest.approx(4.0 + 0.9 * 4 - (3.0 + 0.9 * 4))
    assert offer.doubt(3.0) == pytest.approx(0.5)
    sure = Offer(values, np.array([2.0, 2.0]))
    assert sure.doubt(0.9) == 0
    one, other = relaxed([offer], 2.0, 0.1), relaxed([sure], 2.0, 0.1)
    assert other.bound - one.bound == pytest.approx(offer.doubt(one.price))


def test_a_curve_of_steps_can_be_laid() -> None:
    tree = tree_of(busy(20.0))
    made = Curves(tree, tree.weight)
    price = 0.05 * float(made.worst.max())
    curve: Curve = made.of(0, price / 4, price)
    assert curve.low is not None
    best = int((curve.hull + price * np.arange(curve.hull.size)).argmin())
    stock = tree.least.copy()
    had = made.lay(0, price / 4, curve, best, stock)
    assert stock.sum() == best
    assert had == pytest.approx(curve.hull[best], rel=1e-9)
    assert had == pytest.approx(made.value(0, stock))
