"""What aircraft were used: told, told again, seen in its region, and summed up for stock planning."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from fieldops.fleet.utilisation.exposure import FleetExposure
from fieldops.fleet.utilisation.queries import utilisation_page
from fieldops.fleet.utilisation.schemas import NewUtilisation
from fieldops.fleet.utilisation.service import set_utilisation
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Forbidden, Invalid, NotFound
from inventory.kernel.outbox import OutboxEvent
from inventory.ports import Exposure, Usage
from tests.hangar import load_hangar

SEA = Actor("manager", scope=Scope(regions=frozenset({"SEA"})))
CN = Actor("other", scope=Scope(regions=frozenset({"CN"})))
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
EXPOSURE: Exposure = FleetExposure()


def told(tail: str | None = "RDPL-1", place: str = "VTE", month: date = FEBRUARY, **figures: Any) -> NewUtilisation:
    """What an MA60 was used."""
    figures = {"flight_hours": 80, "landings": 90} | figures
    return NewUtilisation(aircraft_type="MA60", tail=tail, place=place, month=month, **figures)


def at_vte(session: Session) -> list[Usage]:
    return [one for one in EXPOSURE.usage(session, JANUARY, MARCH) if one.place == "VTE"]


def test_what_is_told_again_replaces_what_was_told(any_engine: Engine) -> None:
    load_hangar(any_engine)
    with writing(any_engine, SYSTEM) as session:
        set_utilisation(session, SYSTEM, [told(), told(month=JANUARY), told(None, "UTH", cycles=3)])
        set_utilisation(session, SYSTEM, [told(flight_hours=Decimal("82.5"), apu_hours=20)])
    with reading(any_engine, SYSTEM) as session:
        rows = utilisation_page(session, limit=9)
    assert [(one.place, one.tail, one.month, one.flight_hours) for one in rows] == [
        ("UTH", None, FEBRUARY, 80),
        ("VTE", "RDPL-1", JANUARY, 80),
        ("VTE", "RDPL-1", FEBRUARY, Decimal("82.5")),
    ]
    assert rows[2].apu_hours == 20


def test_what_is_told_again_as_it_stands_is_not_written(any_engine: Engine) -> None:
    load_hangar(any_engine)
    rows = [told(), told(month=JANUARY), told(None, "UTH", cycles=3)]
    counts, written = [], []
    for some in (rows, rows, [told(cycles=1), *rows[1:], told(month=MARCH)]):
        with writing(any_engine, SYSTEM) as session:
            counts.append(dict(set_utilisation(session, SYSTEM, some)))
        with reading(any_engine, SYSTEM) as session:
            written.append([session.scalar(select(func.count()).select_from(one)) for one in (AuditRow, OutboxEvent)])
    assert counts == [
        {"added": 3, "changed": 0, "unchanged": 0},
        {"added": 0, "changed": 0, "unchanged": 3},
        {"added": 1, "changed": 1, "unchanged": 2},
    ]
    assert written[0] == written[1] < written[2]


def test_aircraft_of_a_type_are_added_up_but_where_the_whole_type_is_told(any_engine: Engine) -> None:
    load_hangar(any_engine)
    with writing(any_engine, SYSTEM) as session:
        set_utilisation(session, SYSTEM, [told(), told("RDPL-2"), told(month=JANUARY), told(None, month=JANUARY)])
    with reading(any_engine, SYSTEM) as session:
        found = at_vte(session)
    assert [(one.month, one.flight_hours, one.landings, one.aircraft_days) for one in found] == [
        (JANUARY, *map(Decimal, (80, 90, 62))),  # two aircraft are based there
        (FEBRUARY, *map(Decimal, (160, 180, 56))),
    ]


def test_without_any_hours_the_calendar_runs_all_the_same(engine: Engine) -> None:
    load_hangar(engine)
    with reading(engine, SYSTEM) as session:
        assert [(one.month, one.flight_hours, one.aircraft_days) for one in at_vte(session)] == [
            (JANUARY, Decimal(0), Decimal(62)),
            (FEBRUARY, Decimal(0), Decimal(56)),
        ]


def test_a_region_sees_and_tells_its_own(any_engine: Engine) -> None:
    load_hangar(any_engine)
    with writing(any_engine, SEA) as session:
        set_utilisation(session, SEA, [told()])
    for actor, seen in ((SEA, 1), (CN, 0)):
        with reading(any_engine, actor) as session:
            assert len(utilisation_page(session, limit=9)) == seen
    with writing(any_engine, CN) as session, pytest.raises(Forbidden):
        set_utilisation(session, CN, [told(None)])


@pytest.mark.parametrize(
    ("wrong", "refusal", "code"),
    [
        ({"tail": "NONE"}, NotFound, "unknown_aircraft"),
        ({"place": "NONE"}, Invalid, "unknown_place"),
        ({"aircraft_type": "MA600"}, Invalid, "other_type"),
    ],
)
def test_what_is_told_of_nothing_is_refused(
    engine: Engine, wrong: dict[str, str], refusal: type[Exception], code: str
) -> None:
    load_hangar(engine)
    with writing(engine, SYSTEM) as session, pytest.raises(refusal) as refused:
        set_utilisation(session, SYSTEM, [told().model_copy(update=wrong)])
    assert refused.value.code == code  # type: ignore[attr-defined]


@pytest.mark.parametrize("wrong", [{"month": date(2026, 2, 2)}, {"flight_hours": 745}, {"landings": -1}])
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        told(**wrong)
