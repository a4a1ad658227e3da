"""Places, lanes and calendars change, and every route with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Invalid, NotFound, Stale
from inventory.network.calendar_queries import router
from inventory.network.calendar_schemas import NewCalendar
from inventory.network.changes import change_place, replace_calendars, replace_lanes
from inventory.network.queries import lane_page, place_by_code
from inventory.network.schemas import NewLane, PlaceChange
from inventory.network.service import add_calendars
from tests.worlds import load_tiny

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEKDAYS = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(1, 6)]


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world with a calendar of working days."""
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        add_calendars(session, SYSTEM, [calendar()])
    return any_engine


def calendar(**told: Any) -> NewCalendar:
    """Working days, around the clock."""
    return NewCalendar.model_validate({"code": "WORK", "name": "Working days", "hours": WEEKDAYS} | told)


def lane(**told: Any) -> NewLane:
    """The AOG lane from VTE to UTH, of one leg of twelve working hours."""
    leg = {"kind": "transport", "median_h": 12, "calendar": "WORK"}
    whole = {"origin": "VTE", "destination": "UTH", "mode": "aog", "cost_per_kg": 7, "currency": "USD", "legs": [leg]}
    return NewLane.model_validate(whole | told)


def _change(engine: Engine, *, at: int | None = None, **told: Any) -> None:
    with writing(engine, SYSTEM) as session:
        version = place_by_code(session, "UTH").version if at is None else at
        change_place(session, SYSTEM, "UTH", PlaceChange.model_validate(told), version)


def _takes(session: Session, ready: datetime = MONDAY) -> timedelta:
    return router(session).earliest({"VTE": ready}, "UTH")["VTE"].arrives - ready


def test_what_is_named_of_a_place_changes(world: Engine) -> None:
    with reading(world, SYSTEM) as session:
        before = place_by_code(session, "UTH")
    _change(world, name="Udon", name_local="อุดรธานี", calendar="WORK")
    with reading(world, SYSTEM) as session:
        after = place_by_code(session, "UTH")
    changed = {"name": "Udon", "name_local": "อุดรธานี", "calendar": "WORK", "version": before.version + 1}
    assert after == before.model_copy(update=changed)
    _change(world, calendar=None, name_local=None)
    with reading(world, SYSTEM) as session:
        assert (place_by_code(session, "UTH").calendar, place_by_code(session, "UTH").name) == (None, "Udon")


def test_a_wrong_change_of_a_place_is_refused(world: Engine) -> None:
    with pytest.raises(Stale):
        _change(world, at=9, name="Udon")
    with pytest.raises(Invalid, match="Calendar NONE does not exist"):
        _change(world, calendar="NONE")
    with pytest.raises(Invalid, match="latitude cannot be empty"):
        _change(world, latitude=None)
    with pytest.raises(NotFound), writing(world, SYSTEM) as session:
        change_place(session, SYSTEM, "NONE", PlaceChange(name="N"), 1)
    for wrong in ({}, {"name": None}, {"tier": "central"}, {"time_zone": "Mars/Olympus"}):
        with pytest.raises(ValidationError):
            PlaceChange.model_validate(wrong)


def test_a_lane_is_replaced_as_a_whole_and_routes_follow(world: Engine) -> None:
    with reading(world, SYSTEM) as session:
        assert _takes(session) == timedelta(hours=4)
        before = lane_page(session, after=("", "", ""), limit=99)
    with writing(world, SYSTEM) as session:
        replace_lanes(session, SYSTEM, [lane()])
    with reading(world, SYSTEM) as session:
        assert _takes(session) == timedelta(hours=12)
        after = lane_page(session, after=("", "", ""), limit=99)
    assert len(after) == len(before)
    [changed] = [one for one in after if one not in before]
    assert (changed.origin, changed.mode, changed.lead_h, len(changed.legs)) == ("VTE", "aog", 12, 1)
    with writing(world, SYSTEM) as session:
        replace_lanes(session, SYSTEM, [lane(active=False)])
    with reading(world, SYSTEM) as session:
        assert _takes(session) == timedelta(hours=12)  # the routine lane, three times as long as it was by AOG


def test_only_a_lane_that_there_is_can_be_replaced(world: Engine) -> None:
    for wrong in ([lane(mode="boat")], [lane(origin="UTH", destination="XIY")], [lane(), lane()]):
        with pytest.raises(Invalid) as refusal, writing(world, SYSTEM) as session:
            replace_lanes(session, SYSTEM, wrong)
        assert refusal.value.code == "unknown_lane"


def test_a_holiday_is_entered_and_shipments_wait(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        replace_lanes(session, SYSTEM, [lane(), lane(mode="routine")])
    holiday = [{"day": "2026-03-02", "name": "Holiday"}]
    with writing(world, SYSTEM) as session:
        replace_calendars(session, SYSTEM, [calendar(closures=holiday)])
    with reading(world, SYSTEM) as session:
        zone_ahead = timedelta(hours=7)  # the day ends there when seven hours of it are left here
        assert _takes(session) == timedelta(hours=36) - zone_ahead
    with pytest.raises(Invalid, match="Calendar NONE does not exist"), writing(world, SYSTEM) as session:
        replace_calendars(session, SYSTEM, [calendar(code="NONE")])
