"""Adding and changing parts, and reading them back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, func, select

from inventory.catalogue.consistency import completed
from inventory.catalogue.models import DgLimit, InStoreAction, Part, PartClass, PartText, Tracking
from inventory.catalogue.queries import part_by_number, part_numbers, part_page, parts_for_plan
from inventory.catalogue.schemas import NewPart, PartChange, PartOut, StoreAction
from inventory.catalogue.service import add_parts, change_part, part_ids
from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Invalid, NotFound, Stale
from inventory.kernel.outbox import EVERYONE, OutboxEvent
from tests.inventory.catalogue.parts import DETAILS, have_parts, part
from tests.statements import statements


def test_a_part_comes_back_as_it_was_added(any_engine: Engine) -> None:
    new = part("BRAKE-1", **DETAILS)
    with writing(any_engine, SYSTEM) as session:
        add_parts(session, SYSTEM, [new])
    with reading(any_engine, SYSTEM) as session:
        (out,) = part_page(session, after="", limit=10)
        (row,) = parts_for_plan(session)
    assert out == PartOut(**completed(new).model_dump(), version=1)
    assert (row.number, row.standard_cost, row.weight_kg) == ("BRAKE-1", Decimal("18000.1234"), Decimal("28.500001"))


def test_pages_go_by_number_and_chapter(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        add_parts(session, SYSTEM, [part("C", ata_chapter="21"), part("A"), part("B", ata_chapter="21-10")])
    with reading(engine, SYSTEM) as session:
        assert [one.part_number for one in part_page(session, after="A", limit=1)] == ["B"]
        assert [one.part_number for one in part_page(session, after="", limit=9, ata=["21"])] == ["B", "C"]
        assert [one.part_number for one in part_page(session, after="", limit=9, ata=["21", "32"])] == ["A", "B", "C"]
        assert part_numbers(session) == ["A", "B", "C"]


@pytest.mark.parametrize(
    "parts", [[part("B"), part("A")], [part("B"), part("B")], [part("A", manufacturer_code="OTHER"), part("B")]]
)
def test_a_number_is_added_once_whoever_makes_it(engine: Engine, parts: list[NewPart]) -> None:
    with writing(engine, SYSTEM) as session:
        add_parts(session, SYSTEM, [part("A")])
    with writing(engine, SYSTEM) as session, pytest.raises(Conflict, match="in the catalogue already"):
        add_parts(session, SYSTEM, parts)
    with reading(engine, SYSTEM) as session:
        assert part_numbers(session) == ["A"]


def test_an_unknown_number_is_named(engine: Engine) -> None:
    with (
        reading(engine, SYSTEM) as session,
        pytest.raises(Invalid, match="Part NONE is not in the catalogue") as refusal,
    ):
        part_ids(session, ["NONE"])
    assert refusal.value.field == "part"


@pytest.mark.parametrize(
    "wrong",
    [
        {"part_number": "A B"},
        {"manufacturer_code": "TEST"},
        {"ata_chapter": "3"},
        {"ata_chapter": "32-4"},
        {"part_class": "engine"},
        {"essentiality": "MAYBE"},
        {"standard_cost": "-1"},
        {"repair_cost": "-0.0001"},
        {"standard_cost": "100000000000000"},
        {"lead_time_days": -1},
        {"lead_time_days": 10**10},
        {"turn_around_days": -1},
        {"weight_kg": "0.0000001"},
        {"mean_usage_between_removals": 0},
        {"currency": "Dollar"},
        {"descriptions": {"French": "Frein"}},
        {"descriptions": {"fr": ""}},
        {"mel_category": "E"},
        {"tracking": "batch"},
        {"shelf_life_days": 0},
        {"in_store_actions": [{"action": "Recharge", "every_days": 0}]},
        {"dg_class": "10"},
        {"un_number": "2795"},
        {"hs_code": "8507.30"},
        {"origin_country": "France"},
        {"length_mm": 0},
        {"pack_quantity": 0},
    ],
)
def test_a_wrong_part_is_refused(wrong: dict[str, Any]) -> None:
    (field,) = wrong
    with pytest.raises(ValidationError, match=field):
        part("A", **wrong)


@pytest.mark.parametrize(
    ("facts", "tracking", "dg_limit"),
    [
        ({"part_class": PartClass.ROTABLE}, Tracking.SERIAL, DgLimit.NONE),
        ({"part_class": PartClass.REPAIRABLE, "un_number": "UN2795"}, Tracking.SERIAL, DgLimit.UNKNOWN),
        ({"part_class": PartClass.EXPENDABLE}, Tracking.NONE, DgLimit.NONE),
        ({"part_class": PartClass.TOOL}, Tracking.NONE, DgLimit.NONE),
        ({"part_class": PartClass.MATERIAL, "tracking": Tracking.LOT}, Tracking.LOT, DgLimit.NONE),
    ],
)
def test_what_is_not_said_of_a_part_is_as_usual(
    engine: Engine, facts: dict[str, Any], tracking: Tracking, dg_limit: DgLimit
) -> None:
    with writing(engine, SYSTEM) as session:
        add_parts(session, SYSTEM, [part("A", **facts)])
    with reading(engine, SYSTEM) as session:
        told = part_by_number(session, "A")
    assert (told.tracking, told.dg_limit) == (tracking, dg_limit)


def test_a_page_takes_as_many_statements_for_many_parts_as_for_one(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        add_parts(session, SYSTEM, [part(f"A-{i:02}", **DETAILS) for i in range(30)])
    counts = []
    for limit in (1, 30):
        with reading(engine, SYSTEM) as session, statements(engine) as seen:
            assert len(part_page(session, after="", limit=limit)) == limit
        counts.append(len([one for one in seen if one.startswith("SELECT")]))
    assert counts == [3, 3]


def change(engine: Engine, number: str, version: int, **facts: Any) -> PartOut:
    """Change a part and return it as it is read then."""
    with writing(engine, SYSTEM) as session:
        change_part(session, SYSTEM, number, PartChange(**facts), version)
        return part_by_number(session, number)


def test_a_change_keeps_what_it_does_not_name(any_engine: Engine) -> None:
    with writing(any_engine, SYSTEM) as session:
        add_parts(session, SYSTEM, [part("A", **DETAILS), part("B", **DETAILS)])
    with reading(any_engine, SYSTEM) as session:
        before, other = part_page(session, after="", limit=2)
    facts: dict[str, Any] = {
        "description": "Battery",
        "descriptions": {"fr": "Batterie principale", "es": "Batería"},
        "in_store_actions": (StoreAction(action="Recharge", every_days=60),),
        "hs_code": None,
    }
    told = change(any_engine, "A", 1, **facts)
    assert told == before.model_copy(update=facts | {"version": 2})
    with reading(any_engine, SYSTEM) as session:
        assert part_page(session, after="", limit=2) == [told, other]
        heard = session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "part.changed")).one()
    assert (heard.payload, heard.audience) == ({"what": ["A"], "count": 1}, EVERYONE)


@pytest.mark.parametrize("facts", [{"descriptions": {}}, {"in_store_actions": ()}])
def test_a_change_of_the_rows_beside_a_part_is_a_new_version(engine: Engine, facts: dict[str, Any]) -> None:
    with writing(engine, SYSTEM) as session:
        add_parts(session, SYSTEM, [part("A", **DETAILS)])
    assert change(engine, "A", 1, **facts).version == 2
    with reading(engine, SYSTEM) as session:
        trail = session.execute(select(AuditRow.action, AuditRow.subject).where(AuditRow.action != "created")).all()
        left = [session.scalar(select(func.count()).select_from(table)) for table in (Part, PartText, InStoreAction)]
    gone = "part_text" if "descriptions" in facts else "in_store_action"
    assert sorted(map(tuple, trail)) == [("changed", "part"), ("deleted", gone), ("deleted", gone)]
    assert left == ([1, 0, 2] if "descriptions" in facts else [1, 2, 0])


@pytest.mark.parametrize(
    ("number", "version", "facts", "refusal", "code"),
    [
        ("NONE", 1, {"lead_time_days": 1}, NotFound, "unknown_part"),
        ("A", 2, {"lead_time_days": 1}, Stale, "stale"),
        ("A", 1, {"un_number": "UN2795"}, Invalid, "part_contradicts"),
        ("A", 1, {"mel_category": "C"}, Invalid, "part_contradicts"),
        ("LAMP", 1, {"part_class": "rotable"}, Invalid, "part_contradicts"),
        ("LAMP", 1, {"shelf_life_days": 90}, Invalid, "part_contradicts"),
    ],
)
def test_a_wrong_change_changes_nothing(
    engine: Engine, number: str, version: int, facts: dict[str, Any], refusal: type[Exception], code: str
) -> None:
    have_parts(engine, "A")
    with writing(engine, SYSTEM) as session:
        add_parts(session, SYSTEM, [part("LAMP", part_class=PartClass.EXPENDABLE)])
    with reading(engine, SYSTEM) as session:
        before = part_page(session, after="", limit=9)
    with pytest.raises(refusal) as refused:
        change(engine, number, version, **facts)
    assert getattr(refused.value, "code", None) == code
    with reading(engine, SYSTEM) as session:
        assert part_page(session, after="", limit=9) == before


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"part_number": "B"},
        {"tracking": "lot"},
        {"unit": "KG"},
        {"currency": "EUR"},
        {"description": None},
        {"lead_time_days": None},
        {"dg_limit": None},
        {"descriptions": None},
        {"in_store_actions": None},
    ],
)
def test_what_a_change_cannot_say_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(facts), "at least one field")):
        PartChange(**facts)
