"""Target plans on terms: changes that are not worth it."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Engine

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading
from inventory.planning.stock_plans.queries import Chosen, all_lines, note_page, plan_by_number
from inventory.planning.stock_plans.schemas import NoteOut, TargetLineOut, TargetPlanOut
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
