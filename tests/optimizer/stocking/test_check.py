"""The checker finds what is wrong with a plan, by its code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from optimizer.run import Limit, Status
from optimizer.stocking.check import check
from optimizer.stocking.evaluate import Method, evaluated
from optimizer.stocking.goals import Floor, Floors, Measure
from optimizer.stocking.model import Budget, Line, Part, Place, Repair, Scenario
from optimizer.stocking.plan import Plan, Problem
from optimizer.stocking.solve import solve
from optimizer.stocking.tree import tree_of

PLACES = [Place("C"), Place("A", "C", 2.0), Place("B", "C", 2.0)]
PARTS = [Part("PUMP", 100.0, 40.0, Repair(30.0, condemned_share=0.1)), Part("TYRE", 10.0, 20.0, order_quantity=3)]
LINES = [
    Line("PUMP", "A", 0.03, most=2, owned=1),
    Line("PUMP", "B", 0.02),
    Line("TYRE", "A", 0.1, least=1),
    Line("TYRE", "B", 0.1),
]
PROBLEM = Problem(Scenario.of(PLACES, PARTS, LINES), {Budget.CAPITAL: 400.0, Budget.OPERATING: 150.0})


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return a sound plan: nodes are PUMP at C, A, B and TYRE at C, A, B."""
    return solve(PROBLEM, limit=Limit(iterations=100))


def laid(plan: Plan, *changes: tuple[int, int]) -> Plan:
    """Return a plan with other targets at some nodes."""
    stock = plan.evaluation.stock.copy()
    for node, pieces in changes:
        stock[node] = pieces
    return replace(plan, evaluation=replace(plan.evaluation, stock=stock))


def told(plan: Plan, **changes: object) -> Plan:
    """Return a plan with another evaluation."""
    return replace(plan, evaluation=replace(plan.evaluation, **changes))  # type: ignore[arg-type]


def test_a_sound_plan_has_no_violation(plan: Plan) -> None:
    assert check(PROBLEM, plan) == []
    assert plan.spending[Budget.CAPITAL].spent > 0


@pytest.mark.parametrize(
    ("broken", "codes"),
    [
        (lambda plan: laid(plan, (1, 3)), {"bounds", "waiting", "money"}),
        (lambda plan: laid(plan, (4, 0)), {"bounds", "waiting", "money"}),
        (lambda plan: laid(plan, (0, -1)), {"bounds", "waiting", "money"}),
        (lambda plan: laid(plan, (5, 90)), {"waiting", "money"}),
        (lambda plan: told(plan, own_backorders=plan.evaluation.own_backorders * 1.01), {"waiting", "total"}),
        (lambda plan: told(plan, weighted=plan.objective + 1), {"total"}),
        (lambda plan: told(plan, place=np.array([0, 1, 1, 0, 1, 2])), {"node", "missing", "waiting", "money", "total"}),
        (lambda plan: replace(plan, surplus=plan.surplus + 1), {"surplus"}),
        (lambda plan: replace(plan, gap=plan.gap + 0.1), {"proof"}),
        (lambda plan: replace(plan, status=Status.OPTIMAL, bound=plan.objective / 2, gap=0.5), {"proof"}),
        (lambda plan: replace(plan, bound=plan.objective * 2, gap=-1.0), {"proof"}),
        (lambda plan: replace(plan, objective=plan.objective * 2), {"total", "proof"}),
    ],
)
def test_what_is_broken_is_found(plan: Plan, broken: Callable[[Plan], Plan], codes: set[str]) -> None:
    found = {one.code for one in check(PROBLEM, broken(plan))}

    assert found & codes
    assert found <= codes


def test_a_surplus_that_would_help_for_nothing_is_found() -> None:
    lines = [replace(LINES[0], most=2, owned=4), *LINES[1:]]
    problem = replace(PROBLEM, scenario=Scenario.of(PLACES, PARTS, lines))
    sound = solve(problem, limit=Limit(iterations=100))
    stock = sound.evaluation.stock.copy()
    stock[:3] = 0, 1, 1
    tree = tree_of(problem.scenario)
    evaluation = evaluated(problem.scenario, tree, stock, Method.NEGATIVE_BINOMIAL)
    idle = replace(sound, evaluation=evaluation, surplus=np.array([2, 0]))

    assert {one.code for one in check(problem, sound)} == set()
    assert ("surplus", "part PUMP") in {(one.code, one.where) for one in check(problem, idle)}
    assert "surplus" not in {one.code for one in check(problem, idle, kept=["PUMP"])}


def test_a_floor_of_lines_that_ask_for_nothing_is_met() -> None:
    scenario = Scenario.of(PLACES, PARTS, [*LINES[1:], Line("PUMP", "A")])
    floors = Floors.of([Floor("A", Measure.FILL, 0.9)], np.array([-1, -1, -1, 0]))
    problem = replace(PROBLEM, scenario=scenario, floors=floors)
    plan = solve(problem, limit=Limit(iterations=10_000))

    assert check(problem, plan) == []
    assert plan.floors[0].met
