"""Plans judged by simulation: the worst parts, with the targets that are decided, and why both differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from inventory.planning.benches.schemas import NewBenches
from inventory.planning.benches.service import set_benches
from inventory.planning.reliability.schemas import NewReliability
from inventory.planning.reliability.service import set_reliability
from inventory.planning.stock_plans.models import TargetPlanSimulation
from inventory.planning.stock_plans.override_schemas import NewOverride
from inventory.planning.stock_plans.overriding import override
from inventory.planning.stock_plans.queries import forecast_page, plan_by_number, plan_told
from inventory.planning.stock_plans.simulating import simulate_plan
from inventory.planning.stock_plans.simulation_schemas import Simulate, SimulationOut
from tests.conftest import NOW
from tests.planned import EXPOSURE, SEA, load_planned, make


def simulated(engine: Engine, number: str, actor: Actor = SYSTEM, **wanted: Any) -> SimulationOut:
    asked = Simulate.model_validate({"replications": 10} | wanted)
    return simulate_plan(engine, actor, number, asked, EXPOSURE, clock=lambda: NOW)


def test_the_worst_parts_of_a_plan_are_simulated_and_the_plan_tells_it(any_engine: Engine) -> None:
    load_planned(any_engine)
    number = make(any_engine, budget="9600").number
    told = simulated(any_engine, number, count=1)
    with reading(any_engine, SYSTEM) as session:
        plan = plan_told(session, number)
        rows = forecast_page(session, plan_by_number(session, number).id, limit=99)
    waits = {one.part: one.weighted for one in rows}
    assert sum(waits.values()) == pytest.approx(sum(one.after.weighted for one in plan.regions))
    worst = max(waits, key=waits.__getitem__)
    assert told.parts == [worst]
    assert plan.simulation == told
    assert told.planned == pytest.approx(waits[worst], rel=0.05)
    assert abs(told.simulated - told.planned) < 0.1 * told.planned + told.half_width
    assert told.compared == len(told.lines) > 0
    assert told.agreeing == sum(not one.causes for one in told.lines)
    assert simulated(any_engine, number, count=1).model_copy(update={"made_at": told.made_at}) == told
    with reading(any_engine, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(TargetPlanSimulation)) == 1


def test_a_difference_is_told_with_its_cause(engine: Engine) -> None:
    """No model knows that pieces are repaired all in one breath or one after another; of a plan it says times vary."""
    load_planned(engine)
    number = make(engine, budget="200000").number
    told = simulated(engine, number, count=5, variation=2, replications=20)
    named = {effect.cause for line in told.lines for effect in line.causes}
    assert named <= {"varying_times", "approximation", "too_short", "batches"}
    differing = [bool(line.causes) for line in told.lines]
    assert differing == sorted(differing, reverse=True)


def test_what_somebody_decided_is_simulated(engine: Engine) -> None:
    load_planned(engine)
    number = make(engine, budget="9600").number
    before = simulated(engine, number, parts=["BRAKE-1"])
    wanted = NewOverride(part="BRAKE-1", place="VTE", quantity=Decimal(9), reason="own spare")
    with writing(engine, SYSTEM) as session:
        override(engine, session, SYSTEM, EXPOSURE, number, wanted, 1, NOW)
    after = simulated(engine, number, parts=["BRAKE-1"])
    assert (before.plan_version, after.plan_version) == (1, 2)
    assert after.simulated < before.simulated
    assert after.planned < before.planned


def test_a_manager_has_her_plan_simulated_and_is_told_nothing_of_other_places(any_engine: Engine) -> None:
    load_planned(any_engine)
    whole, own = make(any_engine), make(any_engine, SEA, region="SEA", budget="0")
    told = simulated(any_engine, own.number, SEA)
    assert {one.place for one in told.lines} <= {"VTE", "UTH"}
    assert told.lines
    with pytest.raises(Forbidden):
        simulated(any_engine, whole.number, SEA)
    simulated(any_engine, whole.number)
    with reading(any_engine, SEA) as session:
        assert plan_told(session, whole.number).simulation is None
        assert plan_told(session, own.number).simulation == told


def test_the_wait_for_a_bench_is_in_both(engine: Engine) -> None:
    load_planned(engine)
    waits = []
    for days in ("1", "7.5"):
        known = {"part": "BRAKE-1", "fits": [{"aircraft_type": "MA60", "quantity": 4}], "source": "tests"}
        known |= {"repair_tier": "central", "bench_days": days}
        with writing(engine, SYSTEM) as session:
            set_reliability(session, SYSTEM, [NewReliability.model_validate(known)])
            set_benches(session, SYSTEM, [NewBenches(place="XIY", benches=1, source="tests")])
        told = simulated(engine, make(engine, budget="0").number, parts=["BRAKE-1"])
        assert told.simulated == pytest.approx(told.planned, rel=0.15)
        waits.append(told.planned)
    assert waits[1] > waits[0]


def test_what_cannot_be_simulated_is_refused(engine: Engine) -> None:
    load_planned(engine)
    number = make(engine).number
    with pytest.raises(Invalid):
        simulated(engine, number, parts=["NOTHING"])
    with pytest.raises(Conflict) as refused:
        simulated(engine, number, parts=["NO-PRICE"])
    assert refused.value.code == "nothing_to_simulate"
    asked = Simulate(count=3)
    with pytest.raises(DomainError) as stopped:
        simulate_plan(engine, SYSTEM, number, asked, EXPOSURE, clock=lambda: NOW, should_stop=lambda: True)
    assert stopped.value.code == "stopped"
    with reading(engine, SYSTEM) as session:
        assert plan_told(session, number).simulation is None
