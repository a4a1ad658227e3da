"""Tools: booked once at a time, calibrated through the end of the job, lent, and what a bad finding concerns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from fieldops.equipment.models import CalibrationVerdict
from fieldops.equipment.queries import last_finding, tool_page
from fieldops.equipment.schemas import NewBooking, NewCalibration, NewLoan, NewTool, NewToolKind
from fieldops.equipment.service import add_tool_kinds, add_tools, book, calibrate, lend, release, take_back
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.outbox import OutboxEvent
from tests.conftest import NOW
from tests.worlds import load_tiny

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DUE = date(2026, 3, 4)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    load_tiny(any_engine)
    kinds = [
        NewToolKind(code="T-1", name="Torque", calibration_days=365, equivalents=("T-2",), source="AMM"),
        NewToolKind(code="T-2", name="Torque"),
    ]
    with writing(any_engine, SYSTEM) as session:
        add_tool_kinds(session, SYSTEM, kinds)
        dates = {"calibrated_on": date(2026, 2, 1), "calibration_due": DUE}
        add_tools(session, SYSTEM, [NewTool(kind="T-1", serial="A", place="VTE", **dates)])
        add_tools(session, SYSTEM, [NewTool(kind="T-2", serial="B", place="VTE")])
    return any_engine


def key_of(engine: Engine, serial: str = "A") -> UUID:
    with reading(engine, SYSTEM) as session:
        return next(one.id for one in tool_page(session, limit=9) if one.serial == serial)


def wanted(first_h: float, last_h: float, document: str = "J-1") -> NewBooking:
    return NewBooking(document=document, starts_at=START + first_h * HOUR, ends_at=START + last_h * HOUR)


def attempt(engine: Engine, key: UUID, booking: NewBooking) -> str | None:
    try:
        with writing(engine, SYSTEM) as session:
            book(session, SYSTEM, key, booking)
    except Conflict as refusal:
        return refusal.code
    return None


def test_a_tool_is_booked_once_at_a_time_until_it_is_released(world: Engine) -> None:
    key = key_of(world)
    assert attempt(world, key, wanted(1, 4)) is None
    assert attempt(world, key, wanted(3, 5)) == "tool_booked"
    assert attempt(world, key, wanted(4, 5)) is None
    with writing(world, SYSTEM) as session:
        one = book(session, SYSTEM, key, wanted(6, 7))
        release(session, SYSTEM, one.id, NOW)
        with pytest.raises(Conflict, match="released already"):
            release(session, SYSTEM, one.id, NOW)
    assert attempt(world, key, wanted(6, 7)) is None


def test_of_many_who_want_it_at_once_one_gets_it(world: Engine) -> None:
    key = key_of(world)
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda number: attempt(world, key, wanted(1, 4, f"J-{number}")), range(6)))
    assert sorted(told, key=str) == [None, *["tool_booked"] * 5]


# Vientiane is seven hours ahead of UTC: the calibration holds until 17:00 of the day before the next
@pytest.mark.parametrize(("last_h", "code"), [(65, None), (66, "calibration_due")])
def test_the_calibration_holds_through_the_end_of_the_job(world: Engine, last_h: float, code: str | None) -> None:
    assert attempt(world, key_of(world), wanted(60, last_h)) == code
    assert attempt(world, key_of(world, "B"), wanted(60, last_h)) is None, "needs no calibration"


def test_a_lent_tool_is_not_booked_until_it_comes_back(world: Engine) -> None:
    key = key_of(world)
    loan = NewLoan(lent_to="Air", lent_until=START + 10 * HOUR)
    with writing(world, SYSTEM) as session:
        lend(session, SYSTEM, key, loan, NOW, version=1)
    assert attempt(world, key, wanted(1, 4)) == "tool_lent"
    assert attempt(world, key, wanted(11, 12)) is None
    with writing(world, SYSTEM) as session:
        assert take_back(session, SYSTEM, key, version=2).lent_to is None
    later = NewLoan(lent_to="Air", lent_until=START + 12 * HOUR)
    with writing(world, SYSTEM) as session, pytest.raises(Conflict, match="booked for J-1 before it would come back"):
        lend(session, SYSTEM, key, later, NOW, version=3)


def test_a_bad_finding_lists_the_jobs_since_it_was_good_and_stops_its_use(world: Engine) -> None:
    key = key_of(world)
    told: dict[str, Any] = {"certificate": "C", "laboratory": "L"}
    for first_h, number in ((-24 * 40, "J-OLD"), (-24, "J-2"), (1, "J-3")):
        assert attempt(world, key, wanted(first_h, first_h + 1, number)) is None
    bad = NewCalibration(calibrated_on=date(2026, 3, 3), verdict=CalibrationVerdict.OUT, **told)
    with writing(world, SYSTEM) as session:
        assert calibrate(session, SYSTEM, key, bad, START + 24 * HOUR, version=1) == []
    with reading(world, SYSTEM) as session:
        found = last_finding(session, key)
    assert (found.good_on, [one.document for one in found.bookings]) == (date(2026, 2, 1), ["J-2", "J-3"])
    assert attempt(world, key, wanted(5, 6)) == "tool_out_of_service"
    good = NewCalibration(calibrated_on=DUE, verdict=CalibrationVerdict.GOOD, due=date(2027, 3, 4), **told)
    with writing(world, SYSTEM) as session:
        assert calibrate(session, SYSTEM, key, good, START + 48 * HOUR, version=2) == []
    assert attempt(world, key, wanted(5, 6)) is None


def test_calibrations_count_by_their_day_and_what_is_out_keeps_no_booking(world: Engine) -> None:
    key = key_of(world)
    paper: dict[str, Any] = {"certificate": "C", "laboratory": "L"}
    good, out = ({"verdict": one, **paper} for one in (CalibrationVerdict.GOOD, CalibrationVerdict.OUT))
    now = START + 36 * HOUR
    for first_h, number in ((30, "J-RUNS"), (40, "J-NEXT"), (50, "J-LATER")):
        assert attempt(world, key, wanted(first_h, first_h + 8, number)) is None
    ahead = NewCalibration(calibrated_on=date(2026, 3, 4), **out)
    with writing(world, SYSTEM) as session, pytest.raises(Invalid, match="still to come"):
        calibrate(session, SYSTEM, key, ahead, now, version=1)
    found = NewCalibration(calibrated_on=date(2026, 3, 3), **out)
    with writing(world, SYSTEM) as session:
        released = calibrate(session, SYSTEM, key, found, now, version=1)
        assert [(one.document, one.release_reason) for one in released] == [
            ("J-NEXT", "found out of calibration on 2026-03-03"),
            ("J-LATER", "found out of calibration on 2026-03-03"),
        ]
        told = session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "tool.bookings_released")).one()
        assert told.payload["what"] == ["J-LATER", "J-NEXT"]
    older = NewCalibration(calibrated_on=date(2026, 1, 5), due=date(2026, 2, 5), **good)
    with writing(world, SYSTEM) as session:
        assert calibrate(session, SYSTEM, key, older, now, version=2) == []
    with reading(world, SYSTEM) as session:
        tool = next(one for one in tool_page(session, limit=9) if one.id == key)
    assert (tool.out_of_service, tool.calibration_due) == (True, DUE)


def test_a_kind_is_looked_for_with_its_equivalents(world: Engine) -> None:
    with reading(world, SYSTEM) as session:
        assert [one.serial for one in tool_page(session, limit=9, kind="T-1")] == ["A", "B"]
        assert [one.serial for one in tool_page(session, limit=9, kind="T-2")] == ["B"]
