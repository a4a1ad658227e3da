"""What target plans are made from, and what they say."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Engine, event
from uuid_utils.compat import uuid7

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Forbidden, NotReady
from inventory.planning.queries import targets
from inventory.planning.stock_plans import queries
from inventory.planning.stock_plans.demand import rates
from inventory.planning.stock_plans.making import make_target_plan, stated_of
from inventory.planning.stock_plans.picture import Picture, take_picture
from inventory.planning.stock_plans.queries import Chosen, all_lines, note_page, plan_by_number, plan_told
from inventory.planning.stock_plans.requests import TargetRequest
from inventory.planning.stock_plans.schemas import MakeTargets, TargetLineOut, TargetPlanOut
from inventory.planning.stock_plans.stated import Why
from inventory.planning.stock_plans.stating import state
from inventory.planning.weights.schemas import NewWeight
from inventory.planning.weights.service import set_weights
from optimizer.stocking.check import check
from optimizer.stocking.model import Budget
from optimizer.stocking.plan import Problem
from optimizer.stocking.solve import solve
from tests.conftest import NOW
from tests.planned import CN, EXPOSURE, SEA, load_planned, make
from tests.worlds import load_tiny


def picture_of(engine: Engine) -> Picture:
    with reading(engine, SYSTEM) as session:
        return take_picture(session, EXPOSURE, NOW.date(), NOW)


def lines_of(engine: Engine, plan: TargetPlanOut) -> dict[tuple[str, str], TargetLineOut]:
    with reading(engine, SYSTEM) as session:
        found = plan_by_number(session, plan.number)
        return {(one.part, one.place): one for one in all_lines(session, found.id, Chosen())}


def test_demand_is_use_times_pieces_over_the_mean_between_removals(any_engine: Engine) -> None:
    load_planned(any_engine)
    picture = picture_of(any_engine)
    demand = rates(picture)
    found = {
        (picture.items[part].number, picture.sites[place].code): amount
        for part, place, amount in zip(demand.part, demand.place, demand.per_day, strict=True)
    }
    hours = 270 / 90  # three months of 31, 31 and 28 days, of one aircraft
    assert found["BRAKE-1", "VTE"] == pytest.approx(hours * 4 * 0.9 / 1500)
    assert found["BRAKE-1", "TSN"] == pytest.approx(2 * hours * 4 * 0.9 / 1500)
    assert found["FILTER-1", "XIY"] == pytest.approx(3 / 30)  # issued within a ledger that is younger than a month
    known = {item.number for item, is_known in zip(picture.items, demand.known, strict=True) if is_known}
    assert known == {"BRAKE-1", "PUMP-1", "LAMP-1", "FILTER-1"}


def test_what_goes_in_comes_out_or_is_told_with_its_reason(any_engine: Engine) -> None:
    load_planned(any_engine)
    for plan in (make(any_engine), make(any_engine, SEA, region="SEA")):
        with reading(any_engine, SYSTEM) as session:
            notes = note_page(session, plan_by_number(session, plan.number), limit=99)
        left_out = {one.reason: (one.part or one.place, one.lines) for one in notes if not one.reason.startswith("ass")}
        assert left_out == {"no_price": ("NO-PRICE", 1), "demand_unknown": ("SEAL-9", 1), "cut_off": ("FAR", 1)}
        assert plan.lines == (plan.planned or 0) + sum(lines for _what, lines in left_out.values())
        assumed = {(one.reason, one.part, one.days) for one in notes if one.reason.startswith("ass")}
        assert assumed == {("assumed_mel", "LAMP-1", 10.0), ("assumed_turn_around", "PUMP-1", 30.0)}
        assert {one.reason: one.lines for one in plan.notes} == {one.reason: one.lines for one in notes}


@pytest.mark.parametrize("region", [None, "SEA"])
def test_where_hardly_anything_is_asked_for_the_place_above_serves_it(engine: Engine, region: str | None) -> None:
    load_planned(engine)
    picture = picture_of(engine)
    told = {"region": region, "assumed_days": 30, "one_budget": True}
    every, few = (state(picture, **told, candidate_per_day=least) for least in (0.0, 0.02))  # type: ignore[arg-type]
    assert every is not None
    assert few is not None
    pooled = {one.place: one.lines for one in few.notes if one.why is Why.POOLED}
    names = {site.id: site.code for site in picture.sites}
    assert {names[place] for place in pooled if place} == ({"TSN", "UTH", "VTE"} if region is None else {"UTH", "VTE"})
    assert few.lines == every.lines
    assert few.planned == every.planned - sum(pooled.values())
    if region is None:  # of a part that is served from beyond a region nothing is planned there
        assert few.scenario.lines.rate_per_day.sum() == pytest.approx(every.scenario.lines.rate_per_day.sum())
    held = {
        (few.items[part].number, few.sites[place].code)
        for part, place in zip(
            few.scenario.lines.part[few.before > 0], few.scenario.lines.place[few.before > 0], strict=True
        )
    }
    assert ("LAMP-1", "UTH") in held  # a target stands there


def test_one_sum_buys_what_two_budgets_would(any_engine: Engine) -> None:
    """What is used up is stated as never repaired: the targets of that part alone are the same either way."""
    load_planned(any_engine)
    picture = picture_of(any_engine)
    one = stated_of(picture, MakeTargets(budget=Decimal(700)))
    two = stated_of(picture, MakeTargets(budget=Decimal(700), capital_budget=Decimal(0)))
    plans = []
    for stated, budgets in (
        (one, {Budget.CAPITAL: 700.0}),
        (two, {Budget.CAPITAL: 0.0, Budget.OPERATING: 700.0}),
    ):
        problem = Problem(stated.scenario, budgets)
        plan = solve(problem, limit=TargetRequest(MakeTargets(budget=Decimal(1)), "").limit)
        assert check(problem, plan) == []
        plans.append(plan)
    # nothing that is repaired costs as little as 700
    assert plans[0].objective == pytest.approx(plans[1].objective)


def test_a_plan_spends_no_more_than_there_is_and_leaves_less_waiting_for_more(any_engine: Engine) -> None:
    load_planned(any_engine)
    waiting = []
    for budget in ("0", "9600", "40000"):
        plan = make(any_engine, budget=budget)
        assert plan.spending[0].spent <= Decimal(budget)
        assert (plan.gap or 0) >= 0
        waiting.append(plan.objective)
    assert waiting == sorted(waiting, key=lambda one: -(one or 0))
    assert waiting[0] != waiting[-1]


def test_a_region_is_planned_beside_others_that_stay_as_they_are(any_engine: Engine) -> None:
    load_planned(any_engine)
    with reading(any_engine, SYSTEM) as session:
        before = targets(session)
    plan = make(any_engine, SEA, region="SEA", capital_budget="20000", budget="300")
    assert {one.region for one in plan.regions} == {"SEA"}
    lines = lines_of(any_engine, plan)
    assert {place for _part, place in lines} <= {"VTE", "UTH"}
    assert plan.objective == pytest.approx(plan.regions[0].after.weighted)
    picture = picture_of(any_engine)
    stated = stated_of(picture, MakeTargets(budget=Decimal(0), region="SEA"))
    columns = stated.scenario.lines
    frozen = ~stated.open[columns.place]
    assert frozen.any()
    assert (columns.least[frozen] == columns.most[frozen]).all()
    assert (columns.owned[frozen] == columns.least[frozen]).all()
    assert not columns.weight[frozen].any()
    with reading(any_engine, SYSTEM) as session:
        assert targets(session) == before


def test_the_same_input_gives_the_same_plan_and_hash(any_engine: Engine) -> None:
    load_planned(any_engine)
    first, second = make(any_engine), make(any_engine)
    assert first.input_hash == second.input_hash != make(any_engine, budget="39999").input_hash
    told = [
        [(line.part, line.place, line.after) for line in lines_of(any_engine, plan).values()]
        for plan in (first, second)
    ]
    assert told[0] == told[1]
    assert first.deterministic
    assert not make(any_engine, seconds=100).deterministic


def test_a_request_that_is_repeated_makes_one_plan(engine: Engine) -> None:
    load_planned(engine)
    asked = TargetRequest(MakeTargets(budget=Decimal(100)), "test", uuid7())
    made = [make_target_plan(engine, SYSTEM, asked, EXPOSURE, clock=lambda: NOW) for _again in range(2)]
    assert made[0].number == made[1].number


def test_reading_takes_as_many_statements_whatever_there_is(engine: Engine) -> None:
    load_planned(engine)
    count = 0

    def counted(*_told: object) -> None:
        nonlocal count
        count += 1

    with reading(engine, SYSTEM) as session:
        event.listen(engine, "before_cursor_execute", counted)
        take_picture(session, EXPOSURE, NOW.date(), NOW)
        everything, count = count, 0
        take_picture(session, EXPOSURE, NOW.date(), NOW, parts=["BRAKE-1"])
        event.remove(engine, "before_cursor_execute", counted)
    assert count <= everything <= 17


def test_weights_follow_the_rules(any_engine: Engine) -> None:
    load_planned(any_engine)
    weight = lines_of(any_engine, make(any_engine))["LAMP-1", "VTE"].weight
    told = {"essentiality": "GO_IF", "consequence": "3", "authority": "CAAC", "edition": "1", "source": "tests"}
    with writing(any_engine, SYSTEM) as session:
        set_weights(session, SYSTEM, [NewWeight.model_validate(told | {"interval_days": 10})])
    assert lines_of(any_engine, make(any_engine))["LAMP-1", "VTE"].weight == pytest.approx(3 * weight)


def test_a_reader_is_told_of_his_own_regions(any_engine: Engine) -> None:
    load_planned(any_engine)
    whole, own = make(any_engine), make(any_engine, SEA, region="SEA")
    with reading(any_engine, SEA) as session:
        seen = plan_told(session, whole.number)
        assert plan_told(session, own.number).spending == own.spending
        plan = plan_by_number(session, whole.number)
        assert {one.region for one in all_lines(session, plan.id, Chosen())} == {"SEA"}
        assert queries.curves_of(session, whole.number) == []
        assert {one.place for one in note_page(session, plan, limit=99)} == {"FAR"}
    assert [one.region for one in seen.regions] == ["SEA"]
    assert (seen.objective, seen.spending, seen.lines) == (None, [], None)
    with reading(any_engine, CN) as session:
        assert [one.number for one in queries.plan_page(session, limit=9)] == [whole.number]


def test_a_manager_plans_her_own_region_only(engine: Engine) -> None:
    load_planned(engine)
    with pytest.raises(Forbidden) as refused:
        make(engine, SEA, region="CN")
    assert refused.value.code == "outside_region"
    with pytest.raises(Forbidden) as refused:
        make(engine, SEA)
    assert refused.value.code == "region_needed"


def test_without_a_depot_or_anything_known_there_is_no_plan(engine: Engine) -> None:
    with pytest.raises(NotReady):
        make(engine)
    load_tiny(engine)
    with pytest.raises(Conflict) as refused:
        make(engine)
    assert refused.value.code == "nothing_to_plan"
