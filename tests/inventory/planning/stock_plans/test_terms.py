"""Target plans on terms: changes that are not worth it, floors, goals, fleets and what expires."""

from __future__ import annotations

from decimal import Decimal
from math import exp, factorial, log
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, delete, update

from inventory.catalogue.models import Part
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Invalid
from inventory.planning.reliability.models import PartFit
from inventory.planning.stock_plans.queries import Chosen, all_lines, note_page, plan_by_number, plan_told, savings_page
from inventory.planning.stock_plans.schemas import Accept, CellOf, NoteOut, TargetLineOut, TargetPlanOut
from inventory.planning.stock_plans.service import accept, foresee
from tests.conftest import NOW
from tests.planned import SEA, load_planned, make

KEEP_BELOW = Decimal(200_000)
"""More than what the change of the cheap parts of the small world is worth, less than that of the others."""


def lines_of(engine: Engine, plan: TargetPlanOut) -> dict[tuple[str, str], TargetLineOut]:
    with reading(engine, SYSTEM) as session:
        found = plan_by_number(session, plan.number)
        return {(one.part, one.place): one for one in all_lines(session, found.id, Chosen())}


def notes_of(engine: Engine, plan: TargetPlanOut, reason: str) -> list[NoteOut]:
    with reading(engine, SYSTEM) as session:
        return note_page(session, plan_by_number(session, plan.number), limit=99, reason=reason)


def changes(engine: Engine, plan: TargetPlanOut) -> dict[tuple[str, str], Decimal]:
    return {cell: line.after for cell, line in lines_of(engine, plan).items() if line.after != line.before}


def test_targets_stay_where_their_change_is_not_worth_it(any_engine: Engine) -> None:
    load_planned(any_engine)
    free, plan = make(any_engine), make(any_engine, keep_below=KEEP_BELOW)
    assert (notes_of(any_engine, free, "not_worth"), plan.keep_below) == ([], KEEP_BELOW)
    notes = notes_of(any_engine, plan, "not_worth")
    stay = {one.part for one in notes}
    assert stay == {"LAMP-1", "FILTER-1"}
    assert all(one.worth is not None and 0 < one.worth < KEEP_BELOW for one in notes)
    before = changes(any_engine, free)
    assert changes(any_engine, plan) == {cell: pieces for cell, pieces in before.items() if cell[0] not in stay}
    assert {one.part: one.lines for one in notes} == {part: sum(cell[0] == part for cell in before) for part in stay}
    assert [one.lines for one in plan.notes if one.reason == "not_worth"] == [sum(one.lines for one in notes)]
    assert (plan.lines, plan.planned) == (free.lines, free.planned)
    assert plan.spending[0].spent <= free.spending[0].spent
    assert free.bound == plan.bound
    assert (free.objective or 0) < (plan.objective or 0)


def test_a_region_keeps_what_is_not_worth_it_among_its_own(engine: Engine) -> None:
    load_planned(engine)
    plan = make(engine, SEA, region="SEA", keep_below=10**9)
    assert plan.changing == 0
    free = changes(engine, make(engine, SEA, region="SEA"))
    assert {one.part: one.lines for one in notes_of(engine, plan, "not_worth")} == {
        part: sum(cell[0] == part for cell in free) for part, _place in free
    }


def test_a_plan_whose_search_a_limit_ended_says_so(any_engine: Engine) -> None:
    load_planned(any_engine)
    short, whole, enough = make(any_engine, iterations=1), make(any_engine), make(any_engine, iterations=1_000)
    assert (short.stopped_early, whole.stopped_early, enough.stopped_early) == (True, False, False)
    assert short.status == "feasible"
    assert (short.gap or 0) > 0.01 > (whole.gap or 0)
    assert make(any_engine, seconds=0.000001).stopped_early


def test_floors_are_met_or_the_plan_says_what_would_do(any_engine: Engine) -> None:
    load_planned(any_engine)
    floors = [{"region": "SEA", "share": "0.97"}, {"essentiality": "NO_GO", "share": "0.5"}]
    free, plan = make(any_engine, budget="60000"), make(any_engine, budget="60000", floors=floors)
    first, second = plan.floors
    assert (first.region, first.essentiality, second.region, second.essentiality) == ("SEA", None, None, "NO_GO")
    assert first.met
    assert second.met
    assert first.reached >= 0.97
    assert plan.way_out == []
    sea = next(one for one in plan.regions if one.region == "SEA").after.fill or 0
    assert sea == pytest.approx(first.reached)
    assert (plan.objective or 0) >= (free.objective or 0)
    with pytest.raises(Conflict) as refused:
        make(any_engine, floors=[{"region": "SEA", "essentiality": "GO", "share": "0.9"}])
    assert refused.value.code == "floor_of_nothing"


def test_a_plan_that_does_not_meet_its_floors_is_accepted_by_lines_only(any_engine: Engine) -> None:
    load_planned(any_engine)
    wanted: dict[str, Any] = {"floors": [{"essentiality": "NO_GO", "share": "0.999"}]}
    plan = make(any_engine, budget="1000", **wanted)
    assert (plan.status, plan.floors[0].met) == ("infeasible", False)
    (way,) = plan.way_out
    assert way.budget == "all"
    enough = make(any_engine, budget=str(way.money + 1), **wanted)
    assert (enough.status != "infeasible", enough.floors[0].met) == (True, True)
    with reading(any_engine, SYSTEM) as session, pytest.raises(Conflict) as refused:
        foresee(session, SYSTEM, plan.number, Accept())
    assert refused.value.code == "floors_not_met"
    with writing(any_engine, SYSTEM) as session, pytest.raises(Conflict) as refused:
        accept(session, SYSTEM, plan.number, Accept(), 1, NOW)
    assert refused.value.code == "floors_not_met"
    part, place = next(iter(changes(any_engine, plan)))
    with writing(any_engine, SYSTEM) as session:
        told = accept(session, SYSTEM, plan.number, Accept(lines=(CellOf(part=part, place=place),)), 1, NOW)
    assert told.lines == 1


def test_floors_of_what_is_not_planned_are_refused(engine: Engine) -> None:
    load_planned(engine)
    for floors, region, code in (
        ([{"region": "NONE", "share": "0.9"}], None, "unknown_region"),
        ([{"region": "CN", "share": "0.9"}], "SEA", "floor_outside_plan"),
    ):
        with pytest.raises(Invalid) as refused:
            make(engine, region=region, floors=floors)
        assert refused.value.code == code
    for floors in ([{"share": "1"}], [{"essentiality": "MAYBE", "share": "0.9"}], [{"share": "0.9"}, {"share": "0.8"}]):
        with pytest.raises(ValidationError):
            make(engine, floors=floors)


def test_a_reader_of_one_region_is_not_told_the_floors_of_the_network(engine: Engine) -> None:
    load_planned(engine)
    plan = make(engine, floors=[{"region": "CN", "share": "0.2"}])
    with reading(engine, SEA) as session:
        seen = plan_told(session, plan.number)
    assert (len(plan.floors), seen.floors, seen.way_out) == (1, [], [])


def test_availability_is_told_of_each_fleet_and_can_be_the_goal(any_engine: Engine) -> None:
    load_planned(any_engine)
    plans = {goal: make(any_engine, goal=goal) for goal in ("waiting", "fill", "availability")}
    for plan in plans.values():
        assert [(one.aircraft_type, one.place, one.region, one.aircraft) for one in plan.fleets] == [
            ("MA60", "TSN", "CN", 2.0),
            ("MA60", "UTH", "SEA", 1.0),
            ("MA60", "VTE", "SEA", 1.0),
        ]
        assert all(0 <= one.availability_before <= one.availability_after <= 1 for one in plan.fleets)
        lines = lines_of(any_engine, plan)
        for one in plan.fleets:
            parts = [lines[part, one.place] for part in ("BRAKE-1", "PUMP-1", "LAMP-1") if (part, one.place) in lines]
            waits = sum(line.waits_after for line in parts)  # a line that holds nothing is not kept
            assert one.waiting_after == pytest.approx(waits) if len(parts) == 3 else one.waiting_after > waits
    grounded = {
        goal: -sum(one.aircraft * log(one.availability_after) for one in plan.fleets) for goal, plan in plans.items()
    }
    assert grounded["availability"] <= min(grounded.values()) + 1e-9
    assert plans["availability"].objective == pytest.approx(grounded["availability"])
    plan = plans["availability"]
    assert {one.part for one in notes_of(any_engine, plan, "no_fleet")} == {"FILTER-1"}
    left_out = sum(one.lines for one in plan.notes if not one.reason.startswith("assumed"))
    assert plan.lines == (plan.planned or 0) + left_out
    assert all(part != "FILTER-1" for part, _place in changes(any_engine, plan))
    assert len({plan.objective for plan in plans.values()}) == 3


def test_a_manager_is_told_the_fleets_of_her_region(engine: Engine) -> None:
    load_planned(engine)
    whole, own = make(engine), make(engine, SEA, region="SEA", goal="availability")
    assert {one.region for one in own.fleets} == {"SEA"}
    with reading(engine, SEA) as session:
        assert {one.region for one in plan_told(session, whole.number).fleets} == {"SEA"}
    with pytest.raises(ValidationError):
        make(engine, goal="availability", keep_below="1")


def test_without_aircraft_availability_is_no_goal(engine: Engine) -> None:
    load_planned(engine)
    with writing(engine, SYSTEM) as session:
        session.execute(delete(PartFit))
    assert make(engine).fleets == []
    with pytest.raises(Conflict) as refused:
        make(engine, goal="availability")
    assert refused.value.code == "no_fleet"


def test_what_expires_is_held_no_more_than_it_is_used_for(any_engine: Engine) -> None:
    load_planned(any_engine)
    free = make(any_engine)
    with writing(any_engine, SYSTEM) as session:
        session.execute(update(Part).where(Part.part_number == "LAMP-1").values(shelf_life_days=60))
    plan, lines = make(any_engine), lines_of(any_engine, make(any_engine))
    (note,) = notes_of(any_engine, plan, "shelf_life")
    assert (note.part, note.days, notes_of(any_engine, free, "shelf_life")) == ("LAMP-1", 60.0, [])
    assert note.lines == 4
    assert (plan.lines, plan.planned) == (free.lines, free.planned)
    mine = {place: line for (part, place), line in lines.items() if part == "LAMP-1"}
    held = {place: line.after for (part, place), line in lines_of(any_engine, free).items() if part == "LAMP-1"}
    assert sum(line.after for line in mine.values()) < sum(held.values())
    for line in mine.values():
        # with no more pieces than the cap the use is that many with four chances in five
        assert line.after == 0 or poisson_below(float(line.after), 60 * line.per_day) < 0.8
    with pytest.raises(Conflict) as refused:
        make(any_engine, floors=[{"essentiality": "GO_IF", "share": "0.99999"}])
    assert refused.value.code == "floor_beyond_reach"


def poisson_below(pieces: float, mean: float) -> float:
    """The chance that fewer are used."""
    return sum(exp(-mean) * mean**number / factorial(number) for number in range(int(pieces)))


@pytest.mark.parametrize("portion", [1, 2, 5, 99])
def test_lines_come_by_what_they_save_page_by_page(any_engine: Engine, portion: int) -> None:
    load_planned(any_engine)
    plan = make(any_engine)
    with reading(any_engine, SYSTEM) as session:
        key = plan_by_number(session, plan.number).id
        found: list[TargetLineOut] = []
        while some := savings_page(
            session,
            key,
            Chosen(),
            after=(float(repr(found[-1].saves)), found[-1].part, found[-1].place) if found else None,
            limit=portion,
        ):
            found += some
        lines = list(all_lines(session, key, Chosen()))
    assert found == sorted(lines, key=lambda line: (-line.saves, line.part, line.place))
    for line in lines:
        assert line.saves == pytest.approx(line.weight * (line.waits_before - line.waits_after))
