"""A plan is judged, and what makes it differ from what is simulated is named, each cause where it was put."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.run import Limit
from optimizer.simulation.judge import Cause, Judgement, judge
from optimizer.simulation.model import Batches, Neighbours, Problem, RepairQueue, World
from optimizer.simulation.simulate import Simulation, simulate
from optimizer.stocking.evaluate import Evaluation, Method, evaluate
from optimizer.stocking.model import Budget, Line, Part, Place, Repair, Scenario
from optimizer.stocking.plan import Problem as Money
from optimizer.stocking.solve import solve
from tests.optimizer.simulation.worlds import region
from tests.optimizer.stocking.worlds import THREE, three

STOCK = {("PUMP", "C"): 1, ("PUMP", "F0"): 1, ("PUMP", "F1"): 1, ("PUMP", "F2"): 1}
POOLED = (Neighbours(("F0", "F1", "F2"), 0.25),)


def simulated(
    scenario: Scenario, world: World, method: Method = Method.NEGATIVE_BINOMIAL, days: float = 120_000.0
) -> tuple[Problem, Evaluation, Simulation]:
    """Return what a judge is given."""
    evaluation = evaluate(scenario, STOCK, method)
    problem = Problem(scenario, evaluation.stock, days, world)
    return problem, evaluation, simulate(problem, limit=Limit(iterations=10), seed=1)


def causes(judgement: Judgement) -> set[tuple[Cause, ...]]:
    """Return what is named, by place, in the order in which it weighs."""
    return {tuple(effect.cause for effect in finding.causes) for finding in judgement.findings}


def test_a_plan_of_the_world_that_it_knows_agrees() -> None:
    told = judge(*simulated(region(), World(turn_around_variation=1.0)))

    assert (told.compared, told.agreeing, told.findings) == (4, 4, ())
    assert told.method is Method.NEGATIVE_BINOMIAL
    assert abs(told.simulated - told.planned) < 2 * told.half_width < 0.1 * told.planned


@pytest.mark.parametrize(
    ("world", "dispersion", "cause", "more"),
    [
        (World(shops=(RepairQueue("C", 2),), turn_around_variation=1.0), 1.0, Cause.REPAIR_QUEUE, True),
        (World(pools=POOLED), 1.0, Cause.LATERALS, False),
        (World(batches=Batches.GEOMETRIC), 4.0, Cause.BATCHES, True),
    ],
)
def test_what_was_put_in_is_named(world: World, dispersion: float, cause: Cause, more: bool) -> None:
    told = judge(*simulated(region(dispersion=dispersion), world))

    assert told.findings
    assert causes(told) == {(cause,)}
    assert told.agreeing == told.compared - len(told.findings)
    for finding in told.findings:
        assert finding.part == "PUMP"
        assert (finding.simulated > finding.planned) is (finding.causes[0].backorders > 0) is more
        assert abs(finding.simulated - finding.planned) > max(0.1 * finding.planned, finding.half_width)


def test_causes_that_work_against_each_other_are_both_named() -> None:
    world = World(shops=(RepairQueue("C", 2),), pools=POOLED, turn_around_variation=1.0)
    told = judge(*simulated(region(), world))

    assert {Cause.REPAIR_QUEUE, Cause.LATERALS} in [
        {effect.cause for effect in finding.causes} for finding in told.findings
    ]


def test_transit_that_varies_is_named() -> None:
    """Pieces that overtake each other make what is due depend on what waits above, which plans take to be apart."""
    scenario = Scenario.of(
        [Place("C"), Place("F", "C", 10.0)],
        [Part("PUMP", 1.0, repair=Repair(10.0))],
        [Line("PUMP", "F", 0.2)],
    )
    evaluation = evaluate(scenario, {("PUMP", "C"): 3, ("PUMP", "F"): 4}, Method.EXACT)
    problem = Problem(scenario, evaluation.stock, 100_000.0, World(transit_variation=1.0))
    told = judge(problem, evaluation, simulate(problem, limit=Limit(iterations=10), seed=1))

    assert causes(told) == {(Cause.VARYING_TIMES,)}
    assert [finding.place for finding in told.findings] == ["F"]


def test_the_model_itself_is_named_when_nothing_else_is_left() -> None:
    """METRIC has too little waiting below a place that is short."""
    scenario, stock = three(THREE[1])
    stock = dict.fromkeys(stock, 1)
    evaluation = evaluate(scenario, stock, Method.METRIC)
    problem = Problem(scenario, evaluation.stock, 40_000.0, World(turn_around_variation=0.5))
    simulation = simulate(problem, limit=Limit(iterations=30), seed=1)
    told = judge(problem, evaluation, simulation)

    assert causes(told) == {(Cause.APPROXIMATION,)}
    assert told.method is Method.METRIC
    assert judge(problem, evaluate(scenario, stock, Method.EXACT), simulation).findings == ()


def test_too_short_a_simulation_names_itself() -> None:
    told = judge(*simulated(region(), World(), days=300.0))

    assert causes(told) == {(Cause.TOO_SHORT,)}


def test_who_wants_to_be_surer_has_less_told() -> None:
    given = simulated(region(), World(pools=POOLED), days=20_000.0)
    told = [judge(*given, confidence=confidence) for confidence in (0.95, 1 - 1e-9)]

    assert (Cause.TOO_SHORT,) not in causes(told[0])
    assert causes(told[1]) == {(Cause.TOO_SHORT,)}
    assert told[0].findings[0].half_width < told[1].findings[0].half_width


def test_only_what_differs_is_simulated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside it stay the parts that share its shop; what is told of it is as if all were simulated."""
    parts = [Part(name, 1.0, repair=Repair(30.0)) for name in ("FAN", "PUMP", "TYRE", "VALVE")]
    places = [Place("C"), Place("F", "C", 2.0)]
    scenario = Scenario.of(places, parts, [Line(part.number, "F", 0.02) for part in parts])
    evaluation = evaluate(scenario, {("PUMP", "F"): 2, ("TYRE", "F"): 2})
    world = World(shops=(RepairQueue("C", 3, ("PUMP", "VALVE")), RepairQueue("C", 9, ("FAN",))))
    problem = Problem(scenario, evaluation.stock, 40_000.0, replace(world, turn_around_variation=1.0))
    simulation = simulate(problem, limit=Limit(iterations=10), seed=1)
    again: list[Problem] = []

    def recorded(problem: Problem, **named: object) -> Simulation:
        again.append(problem)
        return simulate(problem, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("optimizer.simulation.judge.simulate", recorded)
    told = judge(problem, evaluation, simulation)

    assert {finding.part for finding in told.findings} <= {"PUMP", "VALVE"}
    assert {tuple(part.number for part in one.scenario.parts) for one in again} == {("PUMP", "VALVE")}
    assert all(effect.cause is Cause.REPAIR_QUEUE for one in told.findings for effect in one.causes)


def test_a_plan_of_targets_is_judged() -> None:
    plan = solve(Money(region(), dict.fromkeys(Budget, 5.0)), limit=Limit(iterations=100))
    problem = Problem(region(), plan.evaluation.stock, 200_000.0)
    told = judge(problem, plan.evaluation, simulate(problem, limit=Limit(iterations=10), seed=1))

    assert told.compared == told.agreeing > 0


def test_a_search_that_is_stopped_names_nothing() -> None:
    given = simulated(region(), World(pools=POOLED))
    told = judge(*given, should_stop=lambda: True)

    assert told.findings
    assert causes(told) == {()}


def test_what_does_not_belong_together_is_refused() -> None:
    problem, evaluation, simulation = simulated(region(), World(), days=100.0)
    with pytest.raises(ValueError, match="must be of the same stock"):
        judge(problem, evaluate(region(), {}), simulation)
    with pytest.raises(ValueError, match="must be of the problem's days"):
        judge(replace(problem, days=99.0), evaluation, simulation)
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1, not 1"):
        judge(problem, evaluation, simulation, confidence=1.0)
    once = simulate(problem, limit=Limit(iterations=1), seed=1)
    with pytest.raises(ValueError, match="fewer than two replications cannot be judged"):
        judge(problem, evaluation, once)
