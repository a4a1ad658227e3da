"""Aircraft and rotations: what fits is added, what cannot be true is set aside until a person resolves it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from fieldops.fleet.queries import ground_time, quarantine_page, rotation_page
from fieldops.fleet.rules import Stay, ground_windows, next_departure
from fieldops.fleet.schemas import Correction, NewAircraft, NewRotation, RotationChange, Taken
from fieldops.fleet.service import add_aircraft, cancel_rotation, change_rotation, correct, discard, take_rotations
from inventory.kernel.actor import SYSTEM, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Invalid, NotFound, Stale
from tests.conftest import NOW
from tests.worlds import load_tiny

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
AIRCRAFT = NewAircraft(registration="B-1", aircraft_type="TH60", serial="1", authority="CAAC", base="VTE")


def rotation(first_h: float, last_h: float, **more: Any) -> NewRotation:
    told: dict[str, Any] = {"registration": "B-1", "station": "VTE"} | more
    return NewRotation(arrives_at=START + first_h * HOUR, departs_at=START + last_h * HOUR, **told)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        add_aircraft(session, SYSTEM, [AIRCRAFT])
    return any_engine


def take(engine: Engine, *rotations: NewRotation) -> Taken:
    with writing(engine, SYSTEM) as session:
        return take_rotations(session, SYSTEM, rotations, NOW)


def test_what_fits_is_added_and_what_cannot_be_true_is_set_aside(world: Engine) -> None:
    told = take(
        world,
        rotation(0, 8),
        rotation(8, 9),
        rotation(7, 10),
        rotation(20, 30, registration="B-NONE"),
        rotation(20, 30, station="CUSTOMER"),
        rotation(40, 39),
        rotation(20, 30),
    )
    assert told.added == 3
    assert [one.reason for one in told.quarantined] == [
        "overlaps",
        "unknown_registration",
        "unknown_station",
        "ends_before_start",
    ]
    assert told.quarantined[0].detail == "B-1 is at VTE from 2026-03-02 00:00Z until 2026-03-02 08:00Z"
    assert take(world, rotation(0, 8)) == Taken(added=0, delayed=0, quarantined=[]), "told again"
    assert take(world, rotation(29, 31)).quarantined[0].reason == "overlaps", "with what stands"
    with reading(world, SYSTEM) as session:
        assert len(quarantine_page(session, limit=99)) == 5
        found = ground_time(session, "B-1", START + 7 * HOUR, START + 22 * HOUR)
    assert [(one.starts_at, one.ends_at) for one in found.windows] == [
        (START + 7 * HOUR, START + 8 * HOUR),
        (START + 8 * HOUR, START + 9 * HOUR),
        (START + 20 * HOUR, START + 22 * HOUR),
    ]
    assert found.next_departure == START + 8 * HOUR


def test_a_person_corrects_or_discards(world: Engine) -> None:
    (wrong, other) = take(world, rotation(0, 8), rotation(7, 10), rotation(6, 7)).quarantined
    with writing(world, SYSTEM) as session, pytest.raises(Conflict, match="It still cannot be true: B-1 is at VTE"):
        correct(session, SYSTEM, wrong.id, Correction(note="delayed"), NOW, version=1)
    with writing(world, SYSTEM) as session:
        better = Correction(arrives_at=START + 8 * HOUR, note="delayed")
        assert correct(session, SYSTEM, wrong.id, better, NOW, version=1).state == "corrected"
        assert discard(session, SYSTEM, other.id, "cancelled", NOW, version=1).state == "discarded"
    with writing(world, SYSTEM) as session, pytest.raises(Conflict, match="by system already"):
        discard(session, SYSTEM, wrong.id, "again", NOW, version=2)
    with writing(world, SYSTEM) as session, pytest.raises(Stale):
        discard(session, SYSTEM, wrong.id, "again", NOW, version=1)
    with reading(world, SYSTEM) as session:
        assert quarantine_page(session, limit=9) == []
        assert [one.arrives_at for one in rotation_page(session, limit=9)] == [START, START + 8 * HOUR]


def test_an_aircraft_names_what_there_is(world: Engine) -> None:
    with writing(world, SYSTEM) as session, pytest.raises(Conflict, match="B-1 exists already"):
        add_aircraft(session, SYSTEM, [AIRCRAFT])
    with writing(world, SYSTEM) as session, pytest.raises(Invalid, match="Operator NONE does not exist"):
        add_aircraft(session, SYSTEM, [AIRCRAFT.model_copy(update={"registration": "B-2", "operator": "NONE"})])
    with reading(world, SYSTEM) as session, pytest.raises(NotFound, match="no aircraft B-2"):
        ground_time(session, "B-2", START, START + HOUR)


def test_windows_are_cut_to_the_span_and_a_departure_may_be_unknown() -> None:
    stay = Stay("VTE", START, START + 8 * HOUR)
    assert ground_windows([stay], START + 8 * HOUR, START + 9 * HOUR) == []
    assert next_departure([stay], START + 8 * HOUR) == START + 8 * HOUR
    assert next_departure([stay], START + 9 * HOUR) is None


def test_a_delay_takes_the_place_of_what_stood(world: Engine) -> None:
    take(world, rotation(1, 8, flight="QV1"), rotation(10, 12, flight="QV2"))
    told = take(world, rotation(2, 9, flight="QV1"))
    assert (told.added, told.delayed, told.quarantined) == (0, 1, [])
    assert take(world, rotation(2, 11, flight="QV1")).quarantined[0].reason == "overlaps", "with the next one"
    assert take(world, rotation(1, 8, flight="QV1")).quarantined[0].reason == "overlaps", "earlier is no delay"
    assert take(world, rotation(15, 16, flight="QV5"), rotation(15, 17, flight="QV5")).delayed == 1, "in one file"
    with reading(world, SYSTEM) as session:
        there = rotation_page(session, limit=9)
    assert [((one.arrives_at - START) / HOUR, (one.departs_at - START) / HOUR) for one in there] == [
        (2, 9),
        (10, 12),
        (15, 17),
    ]


def test_a_rotation_is_changed_or_cancelled(world: Engine) -> None:
    take(world, rotation(1, 8, flight="QV1"), rotation(10, 12))
    with reading(world, SYSTEM) as session:
        first, other = rotation_page(session, limit=9)
    late = RotationChange(departs_at=START + 9 * HOUR)
    with writing(world, SYSTEM) as session:
        change_rotation(session, SYSTEM, first.id, late, version=1)
    with writing(world, SYSTEM) as session, pytest.raises(Stale):
        change_rotation(session, SYSTEM, first.id, late, version=1)
    later = RotationChange(departs_at=START + 11 * HOUR)
    with writing(world, SYSTEM) as session, pytest.raises(Conflict, match="B-1 is at VTE from 2026-03-02 10:00Z"):
        change_rotation(session, SYSTEM, first.id, later, version=2)
    with writing(world, SYSTEM) as session:
        cancel_rotation(session, SYSTEM, other.id, version=1)
        change_rotation(session, SYSTEM, first.id, later, version=2)
    with reading(world, SYSTEM) as session:
        assert [one.departs_at for one in rotation_page(session, limit=9)] == [START + 11 * HOUR]


def test_two_who_tell_of_one_aircraft_at_once_do_not_overlap(world: Engine) -> None:
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda first: take(world, rotation(first, first + 8)), (1, 2)))
    assert sorted(one.added for one in told) == [0, 1]


def test_who_sees_the_station_sees_what_an_unknown_aircraft_did_there(world: Engine) -> None:
    take(world, rotation(1, 2, registration="B-NONE"))
    for region, count in (("SEA", 1), ("CN", 0)):
        actor = replace(SYSTEM, id="x", scope=Scope(regions=frozenset({region})))
        with reading(world, actor) as session:
            assert len(quarantine_page(session, limit=9)) == count
