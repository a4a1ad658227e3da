"""Benches that pieces wait for, and parts that repairs wait for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from inventory.catalogue.models import InterchangeKind, PartClass
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.network.models import Tier
from inventory.planning.benches.schemas import NewBenches
from inventory.planning.benches.service import set_benches
from inventory.planning.reliability.schemas import NewReliability
from inventory.planning.reliability.service import set_reliability
from inventory.planning.stock_plans.asking import Terms, asked
from inventory.planning.stock_plans.override_schemas import NewOverride
from inventory.planning.stock_plans.overriding import foresee_override
from inventory.planning.stock_plans.past import MONTHS
from inventory.planning.stock_plans.picture import Picture
from inventory.planning.stock_plans.queries import Chosen, all_lines, plan_by_number, plan_told
from inventory.planning.stock_plans.schemas import TargetLineOut
from inventory.planning.stock_plans.solving import settled, waited
from inventory.planning.stock_plans.stated import Stated
from optimizer.run import Limit, never_stop, no_progress
from optimizer.stocking.check import check
from optimizer.stocking.evaluate import Method
from optimizer.stocking.model import Budget
from optimizer.stocking.plan import Problem
from optimizer.stocking.tree import tree_of
from tests.conftest import NOW
from tests.inventory.planning.stock_plans.pictures import DEPOT, UTH, VTE, part, picture
from tests.planned import EXPOSURE, SEA, load_planned, make

ISSUED = [(0, VTE, MONTHS - age, 3) for age in range(1, MONTHS)] + [
    (1, UTH, MONTHS - age, 1) for age in range(1, MONTHS)
]
REPAIRED: dict[str, Any] = {"part_class": PartClass.ROTABLE, "turn_around_days": 10, "repair_tier": Tier.CENTRAL}


def known(benches: int | None = None, place: UUID = DEPOT, chapter: str = "", **more: Any) -> Picture:
    items = [part(0, chapter="32", bench_days=5.0, **REPAIRED), part(1, chapter="24", **REPAIRED), part(2)]
    told = () if benches is None else ((place, chapter, benches),)
    return picture(items, ISSUED, benches=told, **more)


def stated(told: Picture, region: str | None = None) -> Stated:
    found = asked(told, Terms(region, 30, one_budget=True, order_cost=Decimal(0), holding_share=Decimal("0.2")))
    assert found is not None
    return found


def waiting(told: Stated) -> float:
    stock = np.zeros(tree_of(told.scenario).place.size, np.int64)
    return waited(told, stock, Method.NEGATIVE_BINOMIAL).weighted


def test_fewer_benches_let_more_wait_and_many_are_as_any_number() -> None:
    none, many, few = (stated(known(count)) for count in (None, 99, 2))
    assert none.loads == ()
    (load,) = few.loads
    rates = {0: 3 / 30 * 5, 1: 1 / 30 * 10}  # pieces a day × days on a bench
    assert load.utilisation == pytest.approx(sum(rates.values()) / 2, rel=0.2)
    assert waiting(none) == pytest.approx(waiting(many))
    assert waiting(few) > waiting(none) * 1.01


def test_a_chapter_has_its_own_benches_and_what_is_repaired_nowhere_here_has_none() -> None:
    (load,) = stated(known(1, chapter="24")).loads
    assert (load.place, load.chapter, load.region, load.benches) == ("XIY", "24", "CN", 1)
    assert stated(known(1, place=VTE)).loads == ()  # nothing is repaired there
    assert stated(known(3, chapter="99")).loads == ()


def test_benches_that_do_not_suffice_are_told_and_hold_nothing_up() -> None:
    told = stated(known(1, chapter="32", owned={(0, DEPOT): 1}))
    assert told.loads[0].wait_days is not None
    items = [part(0, **REPAIRED)]
    told = stated(picture(items, [(0, VTE, MONTHS - age, 4) for age in range(1, 60)], benches=((DEPOT, "", 1),)))
    (load,) = told.loads
    assert load.wait_days is None
    assert load.utilisation >= 1
    assert [(one.why, one.place) for one in told.notes if one.why == "benches_short"] == [("benches_short", DEPOT)]
    assert told.scenario.held_up is None


def test_in_a_region_benches_are_as_busy_as_with_all_regions() -> None:
    whole, own = stated(known(2)), stated(known(2), "SEA")
    assert own.loads == whole.loads
    assert own.scenario.held_up is not None
    assert whole.scenario.held_up is not None
    assert own.scenario.held_up.mean.sum() == pytest.approx(whole.scenario.held_up.mean.sum())


def test_repairs_ask_for_the_parts_that_they_need_and_wait_for_them() -> None:
    alone, told = stated(known()), stated(known(needs=[(0, 2, 0.5)]))
    names = [one.number for one in told.items]
    assert ("PART-2" in [one.number for one in alone.items], names) == (False, ["PART-0", "PART-1", "PART-2"])
    lines = told.scenario.lines
    mine = lines.part == 2
    repaired = lines.rate_per_day[lines.part == 0].sum()
    assert lines.rate_per_day[mine].sum() == pytest.approx(0.5 * repaired)
    assert [told.sites[place].code for place in lines.place[mine & (lines.rate_per_day > 0)].tolist()] == ["XIY"]
    both = waited(told, np.zeros(tree_of(told.scenario).place.size, np.int64), Method.NEGATIVE_BINOMIAL)
    apart = waited(alone, np.zeros(tree_of(alone.scenario).place.size, np.int64), Method.NEGATIVE_BINOMIAL)
    assert both.own_backorders[both.part == 0].sum() > apart.own_backorders[apart.part == 0].sum()


def test_needs_that_run_in_a_circle_for_what_stands_in_are_left_out() -> None:
    told = stated(known(needs=[(0, 1, 0.5)], links=[(0, 1, InterchangeKind.TWO_WAY)]))
    assert told.needs is None
    told = stated(known(needs=[(0, 1, 0.5), (1, 0, 0.5)]))
    assert told.needs is None
    assert {one.part for one in told.notes if one.why == "needs_circle"} == {part(0).id, part(1).id}


def test_of_a_region_no_target_elsewhere_grows_for_repairs() -> None:
    told = stated(known(needs=[(0, 2, 0.5)], targets=[(2, VTE)]), "SEA")
    lines = told.scenario.lines
    frozen = ~told.open[lines.place]
    assert (lines.least[frozen] == lines.most[frozen]).all()
    assert not lines.weight[frozen].any()


@settings(max_examples=25, deadline=None)
@given(money=st.integers(0, 4_000), share=st.floats(0.05, 1.0))
def test_targets_wait_for_parts_as_they_themselves_have_it(money: int, share: float) -> None:
    told = stated(known(2, needs=[(0, 1, share), (1, 2, share)]))
    problem = Problem(told.scenario, {Budget.CAPITAL: float(money)})
    last, plan, early = settled(problem, told.needs, Limit(iterations=10**6), never_stop, no_progress)
    assert check(last, plan) == []
    assert not early
    again = waited(told, plan.evaluation.stock, Method.NEGATIVE_BINOMIAL)
    assert again.weighted == pytest.approx(plan.evaluation.weighted, rel=0.05)


def lines_of(engine: Engine, number: str) -> dict[tuple[str, str], TargetLineOut]:
    with reading(engine, SYSTEM) as session:
        return {(one.part, one.place): one for one in all_lines(session, plan_by_number(session, number).id, Chosen())}


def test_a_plan_tells_how_busy_benches_are_and_holds_what_repairs_need(any_engine: Engine) -> None:
    load_planned(any_engine)
    without = make(any_engine)
    add_repairs(any_engine)
    plan = make(any_engine)
    assert without.benches == []
    (load,) = plan.benches
    assert (load.place, load.chapter, load.benches) == ("XIY", "32", 1)
    assert 0 < load.utilisation < 1
    lines = lines_of(any_engine, plan.number)
    assert lines["SEAL-9", "XIY"].per_day > 0
    assert "SEAL-9" not in {part for part, _place in lines_of(any_engine, without.number)}
    with reading(any_engine, SEA) as session:
        assert plan_told(session, plan.number).benches == []
    planned = lines["BRAKE-1", "VTE"]
    wanted = NewOverride(part="BRAKE-1", place="VTE", quantity=planned.after + 1, reason="own spare")
    with reading(any_engine, SYSTEM) as session:
        told = foresee_override(session, EXPOSURE, plan.number, wanted, NOW)
    assert told.waits_planned == pytest.approx(planned.waits_after, rel=0.1)
    assert told.waits < told.waits_planned


def add_repairs(engine: Engine) -> None:
    fits = [{"aircraft_type": "MA60", "quantity": 4}]
    brake = {"part": "BRAKE-1", "fits": fits, "repair_tier": "central", "bench_days": "6", "source": "tests"}
    brake |= {"needs": [{"part": "SEAL-9", "share": "0.8"}]}
    with writing(engine, SYSTEM) as session:
        set_reliability(session, SYSTEM, [NewReliability.model_validate(brake)])
        set_benches(session, SYSTEM, [NewBenches(place="XIY", chapter="32", benches=1, source="tests")])
