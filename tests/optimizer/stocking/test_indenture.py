"""Repairs that wait for parts: by formula, by simulation, and what makes no sense."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from optimizer.run import Limit
from optimizer.stocking.check import check
from optimizer.stocking.evaluate import evaluate
from optimizer.stocking.indenture import Assembly, delayed, needed
from optimizer.stocking.model import Budget, Line, Part, Place, Repair, Scenario
from optimizer.stocking.plan import Problem
from optimizer.stocking.queues import Shop, queued
from optimizer.stocking.solve import solve


def engines(*numbers: str, rate: float = 0.05) -> Scenario:
    """Return a base whose engines are repaired at the depot in 10 days, and fans that come in 20."""
    places = [Place("D"), Place("B", "D", 2.0)]
    units = [Part(number, 900.0, repair=Repair(10.0)) for number in numbers]
    fan = Part("FAN", 100.0, repair=Repair(20.0))
    lines = [Line(number, "B", rate, 3.0) for number in numbers]
    return Scenario.of(places, [*units, fan], [*lines, Line("FAN", "D", 0.0)])


def at(scenario: Scenario, part: str, place: str, told: object) -> int:
    """Return the node of a part at a place."""
    pairs = zip(told.part.tolist(), told.place.tolist(), strict=True)  # type: ignore[attr-defined]
    names = [(scenario.parts[one].number, scenario.places[two].code) for one, two in pairs]
    return names.index((part, place))


def test_without_parts_a_repair_takes_as_long_as_they_do_longer() -> None:
    """Each repair needs a fan: 10 + 20 days, and any number at a time, so that the number in repair is Poisson."""
    scenario, needs = needed(engines("E"), [Assembly("E", "FAN", 1.0)])
    told = evaluate(delayed(scenario, needs, evaluate(scenario, {})), {})
    depot = at(scenario, "E", "D", told)

    assert told.due_mean[depot] == pytest.approx(0.05 * 30)
    assert told.due_variance[depot] == pytest.approx(0.05 * 30)


def test_units_share_what_waits() -> None:
    scenario, needs = needed(engines("E", "F"), [Assembly("E", "FAN", 0.5), Assembly("F", "FAN", 1.0)])
    told = evaluate(delayed(scenario, needs, evaluate(scenario, {})), {})

    assert scenario.lines.rate_per_day[scenario.lines.part == 2].sum() == pytest.approx(0.075)
    assert told.due_mean[at(scenario, "E", "D", told)] == pytest.approx(0.05 * (10 + 0.5 * 20))
    assert told.due_variance[at(scenario, "E", "D", told)] == pytest.approx(0.05 * 20)
    assert told.due_mean[at(scenario, "F", "D", told)] == pytest.approx(0.05 * 30)


@pytest.mark.parametrize("fans", [1, 2, 4])
def test_what_is_in_repair_is_what_a_simulation_sees(fans: int) -> None:
    """An engine takes 10 days, and waits for a fan first; fans are served in turn."""
    scenario, needs = needed(engines("E", rate=0.15), [Assembly("E", "FAN", 1.0)])
    told = evaluate(delayed(scenario, needs, evaluate(scenario, {("FAN", "D"): fans})), {("FAN", "D"): fans})
    depot = at(scenario, "E", "D", told)

    rng = np.random.default_rng(11)
    days = 400_000.0
    failed = np.sort(rng.uniform(0, days, rng.poisson(0.15 * days)))
    ready = failed + 20.0
    got = failed.copy()
    got[fans:] = np.maximum(failed[fans:], ready[:-fans])
    ends = np.sort(got + 10.0)
    seen = np.arange(1_000, days, 50)
    number = np.searchsorted(failed, seen) - np.searchsorted(ends, seen)
    assert told.due_mean[depot] == pytest.approx(number.mean(), rel=0.03)
    # work and waiting of the same days go together a little, which two moments do not know
    assert told.due_variance[depot] == pytest.approx(number.var(), rel=0.2)


def test_targets_buy_parts_for_repairs() -> None:
    scenario, needs = needed(engines("E", "F"), [Assembly("E", "FAN", 0.6), Assembly("F", "FAN", 0.9)])
    money = {Budget.CAPITAL: 4_000.0}
    problem = Problem(scenario, money)
    for _ in range(4):
        plan = solve(problem, limit=Limit(iterations=10**6))
        problem = Problem(delayed(scenario, needs, plan.evaluation), money)
    plan = solve(problem, limit=Limit(iterations=10**6))

    assert check(problem, plan) == []
    assert plan.evaluation.stock[at(scenario, "FAN", "D", plan.evaluation)] > 0


def test_delays_come_to_those_of_busy_shops() -> None:
    busy, _ = queued(engines("E", rate=0.09), [Shop("S", "D", {"E": 10.0})])
    scenario, needs = needed(busy, [Assembly("E", "FAN", 1.0)])
    told = evaluate(delayed(scenario, needs, evaluate(scenario, {})), {})
    depot = at(scenario, "E", "D", told)

    assert told.due_mean[depot] == pytest.approx(evaluate(busy, {}).due_mean[depot] + 0.09 * 20)


def test_parts_of_parts_are_delayed_one_level_at_a_time() -> None:
    blade = Part("BLADE", 5.0, 30.0)
    base = engines("E")
    lines = [Line("E", "B", 0.05), Line("FAN", "D", 0.0), Line("BLADE", "D", 0.01)]
    base = Scenario.of(base.places, [*base.parts, blade], lines)
    scenario, needs = needed(base, [Assembly("FAN", "BLADE", 0.5), Assembly("E", "FAN", 1.0)])
    once = delayed(scenario, needs, evaluate(scenario, {}))
    twice = delayed(scenario, needs, evaluate(once, {}))
    told = evaluate(twice, {})

    assert scenario.lines.rate_per_day.tolist() == pytest.approx([0.05, 0.05, 0.035])
    assert told.due_mean[at(scenario, "E", "D", told)] == pytest.approx(0.05 * (10 + 20 + 0.5 * 30))


@pytest.mark.parametrize(
    ("make", "culprit"),
    [
        (lambda: Assembly("E", "FAN", 0.0), "chance that FAN is needed"),
        (lambda: needed(engines("E"), [Assembly("E", "X", 1.0)]), "repair of E: there is no part X"),
        (lambda: needed(engines("E"), [Assembly("E", "FAN", 0.5)] * 2), "an assembly is told twice"),
        (
            lambda: needed(engines("E"), [Assembly("E", "FAN", 1.0), Assembly("FAN", "E", 1.0)]),
            "assemblies run in a circle: .*; take one out",
        ),
        (
            lambda: needed(
                Scenario.of([Place("D")], [Part("A", 1.0, 9.0), Part("B", 1.0, 9.0)], [Line("A", "D"), Line("B", "D")]),
                [Assembly("A", "B", 1.0)],
            ),
            "repair of A: it is not repaired",
        ),
    ],
)
def test_assemblies_that_make_no_sense_are_refused(make: Callable[[], object], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        make()


def test_the_evaluation_of_another_scenario_is_refused() -> None:
    scenario, needs = needed(engines("E"), [Assembly("E", "FAN", 1.0)])
    other = Scenario.of(scenario.places, scenario.parts[:1], [Line("E", "B", 0.1)])
    with pytest.raises(ValueError, match="of another scenario"):
        delayed(scenario, needs, evaluate(other, {}))
