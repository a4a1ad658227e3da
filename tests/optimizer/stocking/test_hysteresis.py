"""Changes that are not worth it are left, and the plan stays sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.run import Limit
from optimizer.stocking.check import check
from optimizer.stocking.evaluate import Evaluation
from optimizer.stocking.goals import Goal, Measure
from optimizer.stocking.hysteresis import kept
from optimizer.stocking.model import Scenario
from optimizer.stocking.plan import Plan, Problem
from optimizer.stocking.solve import solve
from tests.optimizer.stocking.test_floors import fleets_of, of, regions
from tests.optimizer.stocking.test_solve import network


def by_name(scenario: Scenario, evaluation: Evaluation) -> dict[tuple[str, str], int]:
    """Return targets by part and place."""
    names = [
        (scenario.parts[part].number, scenario.places[place].code)
        for part, place in zip(evaluation.part.tolist(), evaluation.place.tolist(), strict=True)
    ]
    return dict(zip(names, evaluation.stock.tolist(), strict=True))


def solved(problem: Problem) -> Plan:
    """Return its plan."""
    return solve(problem, limit=Limit(iterations=10**9))


def drifted(scenario: Scenario) -> Scenario:
    """Return the same with demand that is a little different."""
    rng = np.random.default_rng(3)
    lines = scenario.lines
    return replace(
        scenario, lines=replace(lines, rate_per_day=lines.rate_per_day * rng.lognormal(0, 0.1, lines.part.size))
    )


def test_small_changes_are_left() -> None:
    before = network(80)
    present = by_name(before, solved(of(before, 12_000)).evaluation)
    problem = of(drifted(before), 12_000)
    plan = solved(problem)
    changes = []
    for worth in (0.0, 20.0, 100.0, 1e9):
        told, left = kept(problem, plan, present, worth)
        assert check(problem, told) == []
        now = by_name(before, told.evaluation)
        changes.append(sum(now[key] != present[key] for key in now))
        assert all(one.worth < worth for one in left)
        assert told.bound <= plan.bound
        assert told.objective >= plan.objective - 1e-9 or told.spending != plan.spending
        for one in left:
            assert all(now[key] == present[key] for key in now if key[0] == one.part)
    assert changes == sorted(changes, reverse=True)
    assert changes[2] < changes[0]
    assert changes[3] <= changes[2]


def test_what_breaks_a_bound_or_a_floor_is_not_left() -> None:
    scenario = network(80)
    present = by_name(scenario, solved(of(scenario, 12_000)).evaluation)
    floors = regions(scenario, R=(Measure.WEIGHTED, 12.0))
    problem = of(scenario, 12_000, floors)
    plan = solved(problem)
    told, left = kept(problem, plan, present, 1e9)

    assert plan.floors[0].met
    assert told.floors[0].met
    assert check(problem, told) == []
    assert left
    lines = scenario.lines
    tight = replace(
        problem, scenario=replace(scenario, lines=replace(lines, most=np.ones_like(lines.most))), floors=None
    )
    told, _ = kept(tight, solved(tight), present, 1e9)
    assert check(tight, told) == []


def test_what_makes_no_sense_is_refused() -> None:
    scenario = network(3)
    problem = of(scenario, 100.0)
    plan = solved(problem)
    with pytest.raises(ValueError, match="worth must be 0 or more"):
        kept(problem, plan, {}, -1.0)
    with pytest.raises(ValueError, match="part X at C: no line is there"):
        kept(problem, plan, {("X", "C"): 1}, 1.0)
    name, place = scenario.parts[0].number, scenario.places[0].code
    for pieces in (-1, 1.5, float("nan")):
        with pytest.raises(ValueError, match=f"part {name} at {place}: a present target must be a whole number"):
            kept(problem, plan, {(name, place): pieces}, 1.0)  # type: ignore[dict-item]
    flying = replace(problem, goal=Goal.AVAILABILITY, fleets=fleets_of(scenario, 5.0))
    with pytest.raises(ValueError, match="the goal is availability"):
        kept(flying, plan, {}, 1.0)
