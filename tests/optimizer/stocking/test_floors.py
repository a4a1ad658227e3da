"""Floors, goals and fleets: met, bounded, told; what cannot be met is named, with the way out."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.run import Limit, Status
from optimizer.stocking.check import check
from optimizer.stocking.curves import Curves
from optimizer.stocking.evaluate import Method, evaluated
from optimizer.stocking.goals import Fleet, Fleets, Floor, Floors, Goal, Measure
from optimizer.stocking.model import Budget, Line, Part, Place, Repair, Scenario
from optimizer.stocking.plan import Plan, Problem
from optimizer.stocking.solve import solve
from optimizer.stocking.tree import tree_of
from tests.optimizer.stocking.test_solve import network
from tests.optimizer.stocking.worlds import scenarios

ENDLESS = Limit(iterations=10**9)


def solved(problem: Problem) -> Plan:
    """Return the plan of a problem, checked."""
    plan = solve(problem, limit=ENDLESS)
    assert check(problem, plan) == []
    return plan


def regions(scenario: Scenario, **limits: tuple[Measure, float]) -> Floors:
    """Return floors of regions, which are the first letters of places."""
    names = list(limits)
    first = [place.code[0] for place in scenario.places]
    at = np.array([names.index(one) if one in names else -1 for one in first])
    return Floors.of([Floor(name, *limit) for name, limit in limits.items()], at[scenario.lines.place])


def of(scenario: Scenario, money: float, floors: Floors | None = None, goal: Goal = Goal.WAITING) -> Problem:
    """Return a problem that has half as much for operating."""
    return Problem(scenario, {Budget.CAPITAL: money, Budget.OPERATING: money / 2}, goal=goal, floors=floors)


def test_a_floor_that_is_reached_anyway_costs_nothing() -> None:
    scenario = network(100)
    plain = solved(of(scenario, 15_000))
    plan = solved(of(scenario, 15_000, regions(scenario, R=(Measure.FILL, 0.1), S=(Measure.WEIGHTED, 1e6))))

    assert plan.objective == plain.objective
    assert [(one.met, one.multiplier, one.money) for one in plan.floors] == [(True, 0, 0)] * 2
    assert plan.floors[1].value > 0


@pytest.mark.parametrize(
    ("limit", "gap"),
    [
        ((Measure.WEIGHTED, 12.3), 1e-2),
        ((Measure.WAITING, 12.0), 1e-2),
        ((Measure.FILL, 0.58), 1e-2),
    ],
)
def test_a_floor_is_met_at_the_cost_of_others(limit: tuple[Measure, float], gap: float) -> None:
    scenario = network(100)
    plain = solved(of(scenario, 15_000, regions(scenario, R=(limit[0], 1e6 if limit[1] > 1 else 0.0))))
    plan = solved(of(scenario, 15_000, regions(scenario, R=limit)))
    (floor,) = plan.floors

    assert plan.status is Status.FEASIBLE
    assert floor.met
    assert not math.isclose(floor.value, plain.floors[0].value)
    assert floor.multiplier > 0
    assert floor.money > 0
    assert plan.objective > plain.objective
    assert plan.bound > plain.bound
    assert 0 <= plan.gap <= gap


def test_more_money_for_one_region_leaves_less_for_the_other() -> None:
    scenario = network(100)
    waiting = []
    for limit in (1e6, 15.0, 12.0, 10.0):
        floors = regions(scenario, R=(Measure.WEIGHTED, limit), S=(Measure.WEIGHTED, 1e6))
        waiting.append(solved(of(scenario, 15_000, floors)).floors[1].value)

    assert waiting == sorted(waiting)


def least(problem: Problem, pieces: int) -> float:
    """Return the least that waits with so many pieces of the only part that meet the floors, every way tried."""
    scenario = problem.scenario
    tree = tree_of(scenario)
    found = math.inf
    for stock in itertools.product(range(pieces + 1), repeat=tree.place.size):
        if sum(stock) <= pieces:
            told = evaluated(scenario, tree, np.array(stock), Method.NEGATIVE_BINOMIAL)
            lines, floors = scenario.lines, problem.floors
            assert floors is not None
            at = {place: node for node, place in enumerate(tree.place.tolist())}
            nodes = [at[place] for place in lines.place.tolist()]
            missed = 1 - told.fill[nodes]
            allowed = (1 - floors.floors[0].limit) * lines.rate_per_day.sum()
            if missed @ lines.rate_per_day <= allowed * (1 + 1e-9):
                found = min(found, told.weighted)
    return found


@settings(max_examples=20, deadline=None)
@given(scenario=scenarios(places=4, parts=1, batches=True), pieces=st.integers(1, 4), share=st.floats(0.05, 0.9))
def test_no_way_to_lay_pieces_beats_the_bound(scenario: Scenario, pieces: int, share: float) -> None:
    scenario = replace(scenario, parts=tuple(replace(part, order_quantity=1) for part in scenario.parts))
    floors = Floors.of([Floor("all", Measure.FILL, share)], np.zeros(scenario.lines.part.size, np.int64))
    money = pieces * scenario.parts[0].price
    problem = Problem(scenario, dict.fromkeys(Budget, money), floors=floors)
    plan, known = solved(problem), least(problem, pieces)

    if plan.status is Status.INFEASIBLE:
        # the bound of the money proves it, or what was found costs no more than what the floor needs
        assert plan.way_out is not None
        assert plan.way_out.bound <= sum(plan.way_out.money.values()) * (1 + 1e-9)
        assert known == math.inf or known >= plan.bound * (1 - 1e-9)
    else:
        assert known * (1 + 1e-9) >= plan.bound
        assert plan.objective >= known * (1 - 1e-9)


@settings(max_examples=20, deadline=None)
@given(scenario=scenarios(places=3, parts=1, batches=True), price=st.floats(0.02, 0.3), wait=st.floats(0, 1))
def test_no_way_to_lay_pieces_lies_below_the_curve_of_what_is_missed(
    scenario: Scenario, price: float, wait: float
) -> None:
    scenario = replace(scenario, parts=tuple(replace(part, order_quantity=1) for part in scenario.parts))
    tree = tree_of(scenario)
    curve = Curves(tree, tree.weight * wait, np.where(tree.own > 0, 1.0, 0.0)).of(0, price / 10)
    value = (curve.hull + price * np.arange(curve.hull.size)).min()
    for stock in itertools.product(range(5), repeat=tree.place.size):
        told = evaluated(scenario, tree, np.array(stock), Method.NEGATIVE_BINOMIAL)
        missed = (1 - told.fill)[tree.own > 0].sum()
        assert wait * told.weighted + missed + price * sum(stock) >= value - 1e-9


def test_what_cannot_be_paid_is_named_with_the_money_that_would_do() -> None:
    scenario = network(100)
    floors = regions(scenario, R=(Measure.FILL, 0.9), S=(Measure.FILL, 0.9))
    plan = solved(of(scenario, 15_000, floors))

    assert plan.status is Status.INFEASIBLE
    assert [one.met for one in plan.floors] == [False, False]
    assert all(0.3 < one.value < 0.9 for one in plan.floors)
    assert plan.way_out is not None
    money = plan.way_out.money
    assert sum(money.values()) > 22_500
    assert plan.way_out.bound == pytest.approx(sum(money.values()), rel=2e-2)
    enough = solved(Problem(scenario, {budget: 1.05 * one for budget, one in money.items()}, floors=floors))
    assert all(one.met for one in enough.floors)
    short = solved(Problem(scenario, {budget: 0.95 * one for budget, one in money.items()}, floors=floors))
    assert short.status is Status.INFEASIBLE


def test_an_early_end_tells_that_floors_are_not_met_yet() -> None:
    scenario = network(100)
    problem = of(scenario, 15_000, regions(scenario, R=(Measure.FILL, 0.58)))
    for curves in (50, 150, 2_000):
        plan = solve(problem, limit=Limit(iterations=curves))
        assert check(problem, plan) == []
        assert plan.way_out is None
        assert plan.status in {Status.FEASIBLE, Status.TIMEOUT_NO_PLAN}
        assert (plan.status is Status.FEASIBLE) == plan.floors[0].met
    assert plan.floors[0].met


@pytest.mark.parametrize("resale", [0.0, 0.4])
def test_floors_count_what_is_owned(resale: float) -> None:
    scenario = network(70)
    lines = scenario.lines
    owned = np.arange(lines.part.size) % 3
    scenario = replace(scenario, lines=replace(lines, owned=owned, least=owned // 2, most=np.full(owned.size, 6)))
    floors = regions(scenario, R=(Measure.FILL, 0.85), S=(Measure.WEIGHTED, 8.0))
    problem = Problem(scenario, {Budget.CAPITAL: 6e3, Budget.OPERATING: 3e3}, resale, floors=floors)
    plan = solved(problem)

    assert all(one.met for one in plan.floors)
    assert plan.gap < 2e-2
    free = solved(replace(problem, floors=None))
    assert plan.objective >= free.bound


def test_what_no_money_meets_is_refused() -> None:
    scenario = network(6)
    lines = scenario.lines
    tight = replace(scenario, lines=replace(lines, most=np.ones_like(lines.most)))
    with pytest.raises(ValueError, match=r"floor R: no money meets it.*is the best \(1 such floors.*raise `most`"):
        solve(of(tight, 1e6, regions(tight, R=(Measure.FILL, 0.999))), limit=ENDLESS)


def test_the_goal_of_fill_serves_more_at_once() -> None:
    scenario = network(100)
    everywhere = {"R": (Measure.FILL, 0.0), "S": (Measure.FILL, 0.0)}
    waiting = solved(of(scenario, 15_000, regions(scenario, **everywhere)))
    fill = solved(of(scenario, 15_000, regions(scenario, **everywhere), Goal.FILL))

    assert fill.gap < 2e-3
    assert fill.evaluation.weighted > waiting.evaluation.weighted
    rate, weight = scenario.lines.rate_per_day, scenario.lines.weight
    assert fill.objective < float(rate @ weight)


def fleets_of(scenario: Scenario, aircraft: float) -> Fleets:
    """Return two fleets, one by region, with two pieces of each part."""
    first = [place.code[0] for place in scenario.places]
    at = np.array([{"R": 0, "S": 1}.get(one, -1) for one in first])[scenario.lines.place]
    line = np.flatnonzero(at >= 0)
    fleets = (Fleet("red", aircraft), Fleet("silver", 2 * aircraft))
    return Fleets(fleets, line, at[line], np.full(line.size, 2.0), np.ones(line.size))


def test_availability_is_the_product_over_parts() -> None:
    """Sherbrooke: (1 - EBO / (N Z)) ^ Z over the parts."""
    parts = [Part("A", 1.0, repair=Repair(10.0)), Part("B", 1.0, repair=Repair(20.0))]
    scenario = Scenario.of([Place("X")], parts, [Line("A", "X", 0.02), Line("B", "X", 0.03)])
    fleets = Fleets((Fleet("one", 5.0),), np.arange(2), np.zeros(2, np.int64), np.array([1.0, 3.0]), np.ones(2))
    plan = solved(Problem(scenario, {Budget.CAPITAL: 0.0}, fleets=fleets))

    assert plan.fleets[0].backorders == pytest.approx(0.2 + 0.6)
    assert plan.fleets[0].availability == pytest.approx((1 - 0.2 / 5) * (1 - 0.6 / 15) ** 3)


@pytest.mark.parametrize("aircraft", [4.0, 40.0])
def test_the_goal_of_availability_has_more_aircraft_fly(aircraft: float) -> None:
    scenario = network(60)
    fleets = fleets_of(scenario, aircraft)
    waiting = solved(replace(of(scenario, 9_000), fleets=fleets))
    flying = solved(replace(of(scenario, 9_000), fleets=fleets, goal=Goal.AVAILABILITY))

    def lost(plan: Plan) -> float:
        return -sum(
            fleet.aircraft * math.log(told.availability) for fleet, told in zip(fleets.fleets, plan.fleets, strict=True)
        )

    assert flying.objective == pytest.approx(lost(flying), rel=1e-6)
    assert lost(flying) < lost(waiting)
    assert 0 <= flying.gap < 2e-2


def test_the_goal_of_availability_keeps_floors() -> None:
    scenario = network(60)
    floors = regions(scenario, R=(Measure.FILL, 0.6))
    problem = replace(of(scenario, 9_000, floors), goal=Goal.AVAILABILITY, fleets=fleets_of(scenario, 10.0))
    plan = solved(problem)

    assert plan.floors[0].met
    assert plan.gap < 5e-2


@pytest.mark.parametrize(
    ("make", "culprit"),
    [
        (lambda: Floor("F", Measure.FILL, 1.0), "floor F: the share served at once must lie between 0 and 1"),
        (lambda: Floor("F", Measure.WAITING, 0.0), "floor F: backorders must be more than 0"),
        (lambda: Fleet("F", 0.0), "fleet F: aircraft must be more than 0"),
        (lambda: Floors.of([Floor("F", Measure.FILL, 0.5)], np.array([-1])), "floor F has no line"),
        (lambda: Floors.of([Floor("F", Measure.FILL, 0.5)], np.array([0, 1])), "a line counts for floor 0 or 1"),
        (lambda: Floors.of([Floor("F", Measure.FILL, 0.5)] * 2, np.array([0, 1])), "a floor is given twice: F"),
        (
            lambda: Floors((Floor("F", Measure.FILL, 0.5),), np.array([0]), np.array([0]), np.array([1.5])),
            "the share of a line that counts for a floor",
        ),
        (
            lambda: Fleets((Fleet("F", 1.0),), np.array([0]), np.array([0]), np.array([0.0]), np.array([1.0])),
            "quantity per aircraft must be more than 0",
        ),
        (
            lambda: of(network(1), 1.0, Floors.of([Floor("F", Measure.FILL, 0.5)], np.zeros(99, np.int64))),
            r"a floor or fleet has line 0 or 98: there are",
        ),
        (lambda: of(network(1), 1.0, goal=Goal.AVAILABILITY), "availability is of fleets"),
    ],
)
def test_goals_that_make_no_sense_are_refused(make: object, culprit: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=culprit):
        make()


def test_lines_of_a_part_in_a_fleet_have_one_quantity() -> None:
    scenario = Scenario.of(
        [Place("C"), Place("A", "C", 1.0)], [Part("P", 1.0, 9.0)], [Line("P", "C", 0.1), Line("P", "A", 0.1)]
    )
    fleets = Fleets((Fleet("F", 1.0),), np.arange(2), np.zeros(2, np.int64), np.array([1.0, 2.0]), np.ones(2))
    with pytest.raises(ValueError, match="part P in fleet F: its lines differ in the quantity"):
        solve(Problem(scenario, {Budget.OPERATING: 9.0}, fleets=fleets), limit=ENDLESS)
