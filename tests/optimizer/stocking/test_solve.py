"""Targets: known optima, every way tried, the bound, money, what is owned, and what ends a solve early."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.run import Limit, Progress, Status
from optimizer.stocking import purse
from optimizer.stocking.check import check
from optimizer.stocking.curves import Curves
from optimizer.stocking.evaluate import Method, evaluated
from optimizer.stocking.goals import Floor, Floors, Goal, Measure
from optimizer.stocking.model import Budget, Line, Lines, Part, Place, Repair, Scenario
from optimizer.stocking.plan import Plan, Problem
from optimizer.stocking.solve import solve
from optimizer.stocking.tree import tree_of
from tests.optimizer.stocking.worlds import KTH_500, KTH_CURVE, KTH_OPTIMA, kth, scenarios

ENDLESS = Limit(iterations=10**9)
PLENTY = dict.fromkeys(Budget, 1e9)


def solved(scenario: Scenario, capital: float = 0.0, operating: float = 0.0, resale: float = 0.0) -> Plan:
    """Return the plan for two sums of money."""
    problem = Problem(scenario, {Budget.CAPITAL: capital, Budget.OPERATING: operating}, resale)
    plan = solve(problem, limit=ENDLESS, seed=3)
    assert check(problem, plan) == []
    return plan


@pytest.mark.parametrize(("money", "spent", "waiting"), KTH_OPTIMA)
def test_nine_parts_have_their_known_optimum(money: float, spent: float, waiting: float) -> None:
    plan = solved(kth(), money)

    assert plan.status is Status.OPTIMAL
    assert plan.objective == plan.bound == pytest.approx(waiting, abs=5e-6)
    assert plan.gap == 0
    assert plan.spending[Budget.CAPITAL].spent == pytest.approx(spent)
    assert plan.evaluation.method is Method.NEGATIVE_BINOMIAL
    if money == 500:
        assert tuple(plan.evaluation.stock) == KTH_500


def test_nine_parts_have_their_known_curve() -> None:
    points = solved(kth(), 500).spending[Budget.CAPITAL].points

    for point, known in zip(points, KTH_CURVE, strict=False):
        assert point == pytest.approx(known, abs=5e-6)


def least(scenario: Scenario, pieces: int) -> float:
    """Return the least that waits with so many pieces of the only part, every way tried."""
    tree = tree_of(scenario)
    found = np.inf
    for bars in itertools.combinations(range(pieces + tree.place.size - 1), tree.place.size - 1):
        edges = (-1, *bars, pieces + tree.place.size - 1)
        stock = np.diff(edges) - 1
        found = min(found, evaluated(scenario, tree, stock, Method.NEGATIVE_BINOMIAL).weighted)
    return float(found)


@pytest.mark.parametrize("pieces", range(5))
@pytest.mark.parametrize("rate", [0.01, 0.05])
def test_no_way_to_lay_pieces_is_better(pieces: int, rate: float) -> None:
    """A centre, two regions and two forward places each: all ways to lay up to four pieces."""
    places = [Place("C"), Place("R", "C", 3.0), Place("S", "C", 5.0)]
    forward = [Place("R1", "R", 1.0), Place("R2", "R", 2.0), Place("S1", "S", 1.0), Place("S2", "S", 4.0)]
    lines = [Line("P", place.code, rate * factor) for factor, place in enumerate(forward, 1)]
    scenario = Scenario.of([*places, *forward], [Part("P", 1.0, repair=Repair(30.0))], lines)

    plan = solved(scenario, pieces)

    assert plan.status is Status.OPTIMAL
    assert plan.objective == pytest.approx(least(scenario, pieces), rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(scenario=scenarios(places=4, parts=1, batches=True), pieces=st.integers(0, 4))
def test_no_way_to_lay_pieces_is_better_in_any_tree(scenario: Scenario, pieces: int) -> None:
    money = pieces * scenario.parts[0].price
    plan = solved(scenario, money, money)

    assert sum(plan.evaluation.stock) <= pieces
    assert plan.objective <= least(scenario, pieces) * (1 + 1e-9)


@settings(max_examples=10, deadline=None)
@given(scenario=scenarios(places=6, parts=2, batches=True), enough=st.floats(0.01, 0.2))
def test_lower_hulls_bound_what_is_exact(scenario: Scenario, enough: float) -> None:
    """The hulls of places above leaves leave the hull of a part as it is, and each number of pieces can be laid."""
    tree = tree_of(scenario)
    convex, exact = Curves(tree, tree.weight), Curves(tree, tree.weight, exact=True)
    for index in range(len(scenario.parts)):
        one, two = convex.of(index, enough), exact.of(index, enough)
        assert two.attained is not None
        assert one.hull == pytest.approx(two.hull[: one.hull.size], rel=1e-9, abs=1e-12)
        nodes = slice(tree.at[index], tree.at[index + 1])
        for pieces in range(one.hull.size):
            for curves, told, value in ((convex, one, one.hull[pieces]), (exact, two, two.attained[pieces])):
                stock = tree.least[nodes].copy()
                had = curves.lay(index, enough, told, pieces, stock)
                assert had >= value - 1e-9
                assert had == pytest.approx(curves.value(index, stock))
                assert stock.sum() <= pieces
            assert had == pytest.approx(two.attained[pieces])


def network(parts: int, seed: int = 5) -> Scenario:
    """Return a centre, two regions of three forward places, and parts of which one in three is used up."""
    rng = np.random.default_rng(seed)
    places = [Place("C"), Place("R", "C", 2.0), Place("S", "C", 4.0)]
    places += [Place(f"{region}{index}", region, 1.0) for region in "RS" for index in range(3)]
    made = [
        Part(f"N{index}", float(rng.lognormal(5, 1)), 40.0, None if index % 3 == 0 else Repair(30.0))
        for index in range(parts)
    ]
    lines = [
        Line(part.number, place.code, float(rng.lognormal(-5, 1)), float(rng.uniform(0.2, 2)))
        for part in made
        for place in places[3:]
        if rng.random() < 0.7
    ]
    lines += [Line(part.number, "C", 0.001) for part in made]
    return Scenario.of(places, made, lines)


@pytest.mark.parametrize("money", [0.0, 3_000.0, 50_000.0, 1e9])
def test_a_network_is_bounded_within_what_does_not_divide(money: float) -> None:
    plan = solved(network(100), money, money / 2)

    assert plan.status is (Status.OPTIMAL if plan.gap == 0 else Status.FEASIBLE)
    assert plan.bound <= plan.objective
    assert plan.gap <= 2e-3 or plan.objective < 1e-9
    for budget, given_ in ((Budget.CAPITAL, money), (Budget.OPERATING, money / 2)):
        spending = plan.spending[budget]
        assert spending.spent <= given_ * (1 + 1e-9)
        waiting = [point[1] for point in spending.points]
        assert waiting == sorted(waiting, reverse=True)
    spent = sum(one.spent for one in plan.spending.values())
    prices = np.array([part.price for part in network(100).parts])
    assert spent == pytest.approx(float(prices[plan.evaluation.part] @ plan.evaluation.stock))


def test_many_parts_are_bounded_by_some_of_them_first() -> None:
    """Above a number of parts a sample tells how far curves go; they go far enough."""
    parts = [Part(f"N{index}", 10.0 + index % 97, repair=Repair(5.0 + index % 41)) for index in range(1700)]
    lines = [Line(part.number, "A", 0.002 * (1 + index % 23)) for index, part in enumerate(parts)]
    plan = solved(Scenario.of([Place("A")], parts, lines), 30_000)

    assert plan.gap <= 1e-5
    assert plan.spending[Budget.CAPITAL].spent == pytest.approx(30_000, abs=10)


def test_the_curve_has_its_points_where_something_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One point for all that costs nothing, and lines between the points are near to the curve of all units."""
    scenario = network(100)
    owned = np.where(np.arange(scenario.lines.part.size) % 2 == 0, 3, 0)
    scenario = replace(scenario, lines=replace(scenario.lines, owned=owned))
    some = np.array(solved(scenario, 3e5, 3e5).spending[Budget.CAPITAL].points)
    monkeypatch.setattr(purse, "POINTS", 10**9)
    every = np.array(solved(scenario, 3e5, 3e5).spending[Budget.CAPITAL].points)

    assert (every[:, 0] == 0).sum() == (some[:, 0] == 0).sum() == 1
    assert 100 < len(some) <= 200 < len(every)
    between = np.interp(every[:, 0], some[:, 0], some[:, 1])
    assert between == pytest.approx(every[:, 1], abs=0.01 * every[0, 1])


def test_more_money_never_leaves_more_waiting() -> None:
    waiting = [solved(network(20), money).objective for money in range(0, 4_000, 400)]

    assert waiting == sorted(waiting, reverse=True)


def owning(pieces: int, **changes: int) -> Scenario:
    """Return one place with a pump, asked for once a month and repaired within one, of which so many are owned."""
    parts = [Part("PUMP", 100.0, repair=Repair(30.0)), Part("FAN", 100.0, repair=Repair(30.0))]
    lines = [Line("PUMP", "A", 1 / 30, owned=pieces, **changes), Line("FAN", "A", 1 / 30)]
    return Scenario.of([Place("A")], parts, lines)


def test_what_is_owned_costs_nothing() -> None:
    plan = solved(owning(3), 200)

    assert tuple(plan.evaluation.stock) == (3, 2)
    assert plan.spending[Budget.CAPITAL].spent == 200
    assert tuple(plan.surplus) == (0, 0)


def owning_much(parts: int, **dear: int) -> Scenario:
    """Return so many cheap parts and one at 1,000,000, of which four are owned, at a place below a centre."""
    made = [Part("DEAR", 1e6, repair=Repair(20.0)), *(Part(f"N{n}", 10.0, repair=Repair(20.0)) for n in range(parts))]
    lines = [Line("DEAR", "A", 0.1, owned=4, **dear), *(Line(f"N{n}", "A", 0.02) for n in range(parts))]
    return Scenario.of([Place("C"), Place("A", "C", 2.0)], made, lines)


@pytest.mark.parametrize("parts", [20, 69])
@pytest.mark.parametrize("resale", [0.0, 1e-9])
def test_what_is_owned_is_used_whatever_the_money(parts: int, resale: float) -> None:
    """Owned pieces lie behind the price at which nobody would buy them; they are of use all the same."""
    plans = [solved(owning_much(parts), money, resale=resale) for money in (0, 10, 100, 300, 1_000, 10_000)]

    assert [plan.surplus[0] for plan in plans] == [0] * len(plans)
    objectives = [plan.objective for plan in plans]
    assert objectives == sorted(objectives, reverse=True)
    for index, plan in enumerate(plans):
        assert all(plan.objective >= richer.bound * (1 - 1e-12) for richer in plans[index:])


def test_money_is_spent_though_the_next_piece_is_too_dear() -> None:
    """A piece that saves most for its money and cannot be paid leaves the money to others, whatever they save."""
    waiting = [solved(owning_much(69, most=6), money).objective for money in (1e4, 2e4, 1e5, 9e5)]

    assert waiting == sorted(waiting, reverse=True)
    plans = [solved(owning_much(69), money) for money in (2e4, 9e5)]
    assert all(one.spending[Budget.CAPITAL].spent > 5_000 for one in plans)
    assert plans[1].objective <= plans[0].objective


@pytest.mark.parametrize(("parts", "seed"), [(3, 1), (3, 2), (3, 4), (3, 7), (10, 4), (80, 1)])
@pytest.mark.parametrize("goal", [Goal.WAITING, Goal.FILL])
def test_floors_leave_no_surplus_that_helps(parts: int, seed: int, goal: Goal) -> None:
    """Also where floors that cannot be paid weigh so much that the goal by itself weighs next to nothing."""
    scenario, rng = network(parts), np.random.default_rng(seed)
    count = scenario.lines.part.size
    scenario = replace(scenario, lines=replace(scenario.lines, owned=rng.choice([0, 0, 3, 8], count)))
    floors = Floors.of([Floor("A", Measure.FILL, 1 - 1e-8)], rng.integers(-1, 1, count))
    problem = Problem(scenario, dict.fromkeys(Budget, 0.0), goal=goal, floors=floors)
    plan = solve(problem, limit=ENDLESS)

    assert plan.status is Status.INFEASIBLE
    assert check(problem, plan) == []


@settings(max_examples=10, deadline=None)
@given(
    owned=st.lists(st.integers(0, 6), min_size=70, max_size=70),
    money=st.lists(st.floats(0, 5_000), min_size=2, max_size=4).map(sorted),
)
def test_no_stock_lies_below_the_bound_of_more_money(owned: list[int], money: list[float]) -> None:
    prices = [10.0 ** (index % 6) for index in range(70)]
    parts = [Part(f"N{index}", price, repair=Repair(20.0)) for index, price in enumerate(prices)]
    lines = [Line(part.number, "A", 0.01 + 0.002 * at, owned=owned[at]) for at, part in enumerate(parts)]
    scenario = Scenario.of([Place("C"), Place("A", "C", 2.0)], parts, lines)
    plans = [solved(scenario, one) for one in money]

    for poorer, richer in itertools.pairwise(plans):
        assert poorer.objective >= richer.bound * (1 - 1e-9)
        assert richer.objective <= poorer.objective * (1 + 1e-9)


@pytest.mark.parametrize("goal", [Goal.WAITING, Goal.FILL])
@pytest.mark.parametrize("resale", [0.0, 0.5])
def test_what_weighs_nothing_needs_nothing(goal: Goal, resale: float) -> None:
    """Nobody asks, or nobody minds: there is nothing to buy, and the search ends."""
    places, part = [Place("C"), Place("A", "C", 3.0)], Part("P", 10.0, 5.0)
    for line in (Line("P", "A", 0.0, owned=2), Line("P", "A", 0.1, 0.0, owned=2)):
        problem = Problem(Scenario.of(places, [part], [line]), {Budget.OPERATING: 50.0}, resale, goal)
        plan = solve(problem, limit=ENDLESS)
        assert check(problem, plan) == []
        assert plan.status is Status.OPTIMAL
        assert plan.objective == plan.evaluation.stock.sum() == 0


def test_what_is_owned_pays_for_something_better_if_it_can_be_sold() -> None:
    plan = solved(owning(6), 0, resale=0.5)

    assert tuple(plan.evaluation.stock) == (2, 2)
    assert plan.spending[Budget.CAPITAL].spent == 0
    assert tuple(plan.surplus) == (4, 0)


def test_bounds_of_a_line_are_kept() -> None:
    assert solved(owning(0, most=1), 1e4).evaluation.stock[0] == 1
    assert tuple(solved(owning(0, least=4), 400).evaluation.stock) == (4, 0)
    scenario = network(6)
    lines = scenario.lines
    tight = replace(lines, least=np.ones_like(lines.least), most=np.full_like(lines.most, 2))
    plan = solved(replace(scenario, lines=tight), 1e5, 1e5)
    held = {
        (part, place): stock
        for part, place, stock in zip(plan.evaluation.part, plan.evaluation.place, plan.evaluation.stock, strict=True)
    }
    for part, place in zip(lines.part, lines.place, strict=True):
        assert 1 <= held[part, place] <= 2


def test_what_one_piece_more_saves_is_what_it_saves() -> None:
    scenario = network(4)
    plan, tree = solved(scenario, 1_000, 1_000), tree_of(scenario)
    for node in range(tree.place.size):
        stock = plan.evaluation.stock.copy()
        stock[node] += 1
        more = evaluated(scenario, tree, stock, Method.NEGATIVE_BINOMIAL).weighted
        assert plan.saves[node] == pytest.approx(plan.objective - more, abs=1e-9)


def test_an_early_end_leaves_a_plan_with_a_bound() -> None:
    whole = solved(network(30), 5_000, 5_000)
    reports: list[Progress] = []
    problem = Problem(network(30), dict.fromkeys(Budget, 5_000.0))
    some = solve(problem, limit=Limit(iterations=10), on_progress=reports.append)
    none = solve(problem, limit=ENDLESS, should_stop=lambda: True)

    assert some.bound <= whole.bound
    assert whole.objective < some.objective < none.objective
    assert none.bound == 0
    assert none.evaluation.stock.sum() == 0
    assert {some.status, none.status} == {Status.FEASIBLE}
    assert reports[-1].objective == some.objective


def test_the_same_problem_has_the_same_plan() -> None:
    one, two = solved(network(40), 9_000, 900), solved(network(40), 9_000, 900)

    assert np.array_equal(one.evaluation.stock, two.evaluation.stock)
    assert one.objective == two.objective


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"budgets": {}}, "no capital budget for 2 parts: give it, 0 to buy none"),
        ({"budgets": {Budget.CAPITAL: -1.0}}, "capital budget must be 0 or more and finite, not -1"),
        ({"budgets": {Budget.CAPITAL: float("nan")}}, "capital budget must be 0 or more"),
        ({"resale_share": 1.5}, "resale_share must lie between 0 and 1"),
        (
            {"budgets": {Budget.CAPITAL: 150.0}, "scenario": owning(1, least=4)},
            r"capital budget of 150.00 does not pay.*300.00, of which part PUMP takes 300.00; raise the budget by 150",
        ),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(changes: dict[str, object], culprit: str) -> None:
    sound: dict[str, object] = {"scenario": owning(0), "budgets": PLENTY}
    with pytest.raises(ValueError, match=culprit):
        Problem(**(sound | changes))  # type: ignore[arg-type]


def test_lines_may_be_columns() -> None:
    """A network of millions of lines is told so."""
    scenario = network(3)
    again = Scenario(
        scenario.places, scenario.parts, Lines(**{name: getattr(scenario.lines, name) for name in COLUMNS})
    )

    assert solved(again, 500, 500).objective == solved(scenario, 500, 500).objective


COLUMNS = ("part", "place", "rate_per_day", "weight", "least", "most", "owned")
