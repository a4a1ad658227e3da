"""Adding parts and reading them back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from inventory.catalogue.models import Essentiality, PartClass, UsageDriver
from inventory.catalogue.queries import part_numbers, part_page, parts_for_plan
from inventory.catalogue.schemas import NewPart, PartOut
from inventory.catalogue.service import add_parts, part_ids
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Invalid


def part(number: str, **changes: Any) -> NewPart:
    """A part number with everything known of it."""
    usual: dict[str, Any] = {
        "part_number": number,
        "manufacturer_code": "TEST0",
        "ata_chapter": "32-41-10",
        "description": "Main wheel brake",
        "description_zh": "主轮刹车",
        "part_class": PartClass.ROTABLE,
        "essentiality": Essentiality.NO_GO,
        "currency": "USD",
        "standard_cost": Decimal("18000.1234"),
        "repair_cost": Decimal("7500.5"),
        "turn_around_days": 30,
        "lead_time_days": 90,
        "weight_kg": Decimal("28.500001"),
        "usage_driver": UsageDriver.LANDINGS,
        "mean_usage_between_removals": Decimal(1500),
    }
    return NewPart(**usual | changes)


def test_a_part_comes_back_as_it_was_added(any_engine: Engine) -> None:
    new = part("BRAKE-1")
    with writing(any_engine, SYSTEM) as session:
        add_parts(session, SYSTEM, [new])
    with reading(any_engine, SYSTEM) as session:
        (out,) = part_page(session, after="", limit=10)
        (row,) = parts_for_plan(session)
    assert out == PartOut(**new.model_dump())
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
    ],
)
def test_a_wrong_part_is_refused(wrong: dict[str, Any]) -> None:
    (field,) = wrong
    with pytest.raises(ValidationError, match=field):
        part("A", **wrong)
