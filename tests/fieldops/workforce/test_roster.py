"""Rosters from patterns, and what is missing for an authorisation."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from fieldops.workforce.certificates.queries import gap
from fieldops.workforce.certificates.schemas import NewCertificate, NewCostRate, NewExperience, NewNeed
from fieldops.workforce.certificates.service import add_experience, add_needs, set_certificates, set_cost_rates
from fieldops.workforce.kinds import AbsenceKind
from fieldops.workforce.roster.models import Absence
from fieldops.workforce.roster.queries import absence_page, shift_page
from fieldops.workforce.roster.schemas import CycleDuty, Ending, NewAbsence, RosterRequest, ShiftCycle, ShiftsToRemove
from fieldops.workforce.roster.service import (
    add_absences,
    add_patterns,
    apply_roster,
    end_span,
    preview,
    remove_shifts,
)
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, NotFound
from tests.worlds import load_tiny

MONDAY = date(2026, 3, 16)
START, HOUR = datetime(2026, 3, 16, tzinfo=UTC), timedelta(hours=1)


def cycle(code: str, days: int, *duties: tuple[int, int, int]) -> ShiftCycle:
    told = tuple(CycleDuty(day=day, starts=time(starts), ends=time(ends)) for day, starts, ends in duties)
    return ShiftCycle(code=code, name=code, cycle_days=days, duties=told)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    load_tiny(any_engine)
    patterns = [
        cycle("DAYS", 7, *((day, 8, 16) for day in range(5))),
        cycle("NIGHTS", 4, (0, 22, 6), (1, 22, 6)),
        cycle("LONG", 1, (0, 6, 22)),
    ]
    with writing(any_engine, SYSTEM) as session:
        add_patterns(session, SYSTEM, patterns)
    return any_engine


def request(pattern: str, first: date = MONDAY, days: int = 14) -> RosterRequest:
    last = first + timedelta(days=days - 1)
    return RosterRequest(technician="T-2", pattern=pattern, begins=MONDAY, first_day=first, last_day=last)


def test_a_roster_is_shown_before_it_is_put_in_force(world: Engine) -> None:
    with reading(world, SYSTEM) as session:
        shown = preview(session, SYSTEM, request("DAYS"))
        assert (len(shown.shifts), shown.faults) == (10, [])
    with writing(world, SYSTEM) as session:
        assert apply_roster(session, SYSTEM, request("DAYS")) == shown
    with reading(world, SYSTEM) as session:
        there = shift_page(session, limit=99, first_day=MONDAY, last_day=MONDAY + timedelta(days=13), technician="T-2")
    assert [one.work_date.weekday() for one in there] == [0, 1, 2, 3, 4] * 2


@pytest.mark.parametrize(
    ("pattern", "first", "code", "text"),
    [
        ("DAYS", date(2026, 3, 2), "shifts_overlap", "2026-03-02 08:00 and the one from 2026-03-02 08:00 overlap"),
        ("NIGHTS", date(2026, 3, 4), "duty_too_long", "would last 20.0 h; GENERAL allows 13.0 h"),
        ("LONG", MONDAY, "duty_too_long", "would last 16.0 h; GENERAL allows 13.0 h"),
    ],
)
def test_a_roster_that_cannot_be_worked_is_refused(
    world: Engine, pattern: str, first: date, code: str, text: str
) -> None:
    wanted = request(pattern, first, 3).model_copy(update={"begins": first})
    if pattern == "NIGHTS":  # two hours after it the next day begins: one duty
        wanted = wanted.model_copy(update={"last_day": first})
    with reading(world, SYSTEM) as session:
        assert preview(session, SYSTEM, wanted).faults[0].code == code
    with writing(world, SYSTEM) as session, pytest.raises(Conflict) as refusal:
        apply_roster(session, SYSTEM, wanted)
    assert refusal.value.code == code
    assert text in refusal.value.message


@pytest.mark.parametrize(
    ("cycle", "duties", "fits"),
    [
        (7, [(0, 8, 16), (0, 12, 18)], False),
        (7, [(0, 8, 16), (0, 16, 18)], True),
        (7, [(0, 8, 16), (0, 8, 12)], False),
        (2, [(0, 22, 6), (1, 5, 9)], False),
        (2, [(0, 22, 6), (1, 22, 6)], True),
        (2, [(0, 4, 8), (1, 22, 6)], False),
        (1, [(0, 8, 8)], True),
    ],
)
def test_a_pattern_has_no_two_duties_at_once(cycle: int, duties: list[tuple[int, int, int]], fits: bool) -> None:
    told = tuple(CycleDuty(day=day, starts=time(start), ends=time(end)) for day, start, end in duties)
    if fits:
        assert ShiftCycle(code="P", name="P", cycle_days=cycle, duties=told).duties == told
        return
    with pytest.raises(ValidationError, match="overlaps"):
        ShiftCycle(code="P", name="P", cycle_days=cycle, duties=told)


def test_a_certificate_that_expires_before_its_issue_is_refused() -> None:
    paper: dict[str, Any] = {"technician": "T-2", "code": "B1", "valid_from": "2025-01-01", "valid_until": "2025-06-01"}
    with pytest.raises(ValidationError, match="B1 expires before it was issued"):
        NewCertificate.model_validate(paper | {"issued_on": "2025-07-01"})
    with pytest.raises(ValidationError, match="B1 is valid before it is issued"):
        NewCertificate.model_validate(paper | {"issued_on": "2025-01-02"})
    with pytest.raises(ValidationError, match="B1 ends before it begins"):
        NewCertificate.model_validate(paper | {"valid_until": "2024-01-01"})


def test_what_is_there_is_replaced_only_where_that_is_asked_for(world: Engine) -> None:
    first = date(2025, 1, 1)
    paper = NewCertificate(technician="T-2", code="B2", valid_from=first, valid_until=date(2026, 2, 1))
    done = NewExperience(technician="T-2", aircraft_type="TH60", starts_on=first, ends_on=date(2025, 8, 1))
    rate = NewCostRate(technician="T-2", valid_from=first, per_h=Decimal(20), currency="USD")
    puts: list[tuple[Any, Any, dict[str, Any]]] = [
        (set_certificates, paper, {"valid_until": date(2027, 1, 1)}),
        (add_experience, done, {"ends_on": date(2025, 9, 1)}),
        (set_cost_rates, rate, {"per_h": Decimal(99)}),
    ]
    for put, one, other in puts:
        with writing(world, SYSTEM) as session:
            assert put(session, SYSTEM, [one]) == {"added": 1}
            assert put(session, SYSTEM, [one]) == {"unchanged": 1}
        with writing(world, SYSTEM) as session, pytest.raises(Conflict, match="differs") as refusal:
            put(session, SYSTEM, [one.model_copy(update=other)])
        assert refusal.value.code == "record_differs"
        with writing(world, SYSTEM) as session:
            assert put(session, SYSTEM, [one.model_copy(update=other)], replace=True) == {"changed": 1}


def test_what_is_missing_for_an_authorisation_is_told_until_it_is_there(world: Engine) -> None:
    on = date(2026, 3, 2)
    needs = [
        NewNeed(authorisation="BORE", qualification="B2", source="manual"),
        NewNeed(authorisation="BORE", qualification="B1", source="manual"),
        NewNeed(authorisation="BORE", aircraft_type="TH60", experience_months=6, within_months=24, source="145.A.35"),
    ]
    with writing(world, SYSTEM) as session:
        add_needs(session, SYSTEM, needs)
        found = gap(session, "T-2", "BORE", on).missing
        assert [(one.what, one.experience_days, one.needed_days) for one in found] == [
            ("B2", None, None),
            ("TH60", 0, 182),
        ]
        paper = NewCertificate(technician="T-2", code="B2", valid_from=date(2025, 1, 1), valid_until=date(2026, 2, 1))
        set_certificates(session, SYSTEM, [paper])
        assert gap(session, "T-2", "BORE", on).missing[0].held_until == date(2026, 2, 1)
        set_certificates(session, SYSTEM, [paper.model_copy(update={"valid_until": date(2026, 12, 1)})], replace=True)
        done = NewExperience(
            technician="T-2", aircraft_type="TH60", starts_on=date(2025, 1, 1), ends_on=date(2025, 8, 1)
        )
        add_experience(session, SYSTEM, [done])
        assert gap(session, "T-2", "BORE", on).missing == []


def away(hour: int, **more: Any) -> NewAbsence:
    told: dict[str, Any] = {"technician": "T-2", "kind": AbsenceKind.LEAVE} | more
    return NewAbsence(starts_at=START + hour * HOUR, ends_at=START + (hour + 24) * HOUR, **told)


def test_the_same_absence_is_told_once(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        add_absences(session, SYSTEM, [away(0), away(0, kind=AbsenceKind.TRAINING)])
    for again in ([away(0)], [away(48), away(48)]):
        with writing(world, SYSTEM) as session, pytest.raises(Conflict, match="already") as refusal:
            add_absences(session, SYSTEM, again)
        assert refusal.value.code == "absence_exists"


def test_what_is_past_of_an_absence_stays_and_the_rest_ends(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        add_absences(session, SYSTEM, [away(0), away(48), away(-48)])
    with reading(world, SYSTEM) as session:
        running, coming, over = absence_page(session, limit=9)
    now, ending = START + 6 * HOUR, Ending(reason="back early")
    with writing(world, SYSTEM) as session:
        end_span(session, SYSTEM, Absence, running.id, ending, now)
        end_span(session, SYSTEM, Absence, coming.id, ending, now)
    with writing(world, SYSTEM) as session, pytest.raises(Conflict, match="anyway"):
        end_span(session, SYSTEM, Absence, over.id, ending, now)
    with writing(world, SYSTEM) as session, pytest.raises(NotFound):
        end_span(session, SYSTEM, Absence, coming.id, ending, now)
    with reading(world, SYSTEM) as session:
        assert [one.ends_at for one in absence_page(session, limit=9)] == [now, over.ends_at]


def test_shifts_to_come_are_taken_out(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        apply_roster(session, SYSTEM, request("DAYS", days=5))
    gone = ShiftsToRemove(technician="T-2", first_day=MONDAY, last_day=MONDAY + timedelta(days=3), reason="course")
    with writing(world, SYSTEM) as session:
        removed = remove_shifts(session, SYSTEM, gone, START + 6 * HOUR)
    assert [one.work_date.day for one in removed] == [17, 18, 19]
    with reading(world, SYSTEM) as session:
        left = shift_page(session, limit=9, first_day=MONDAY, last_day=MONDAY + timedelta(days=9), technician="T-2")
    assert [one.work_date.day for one in left] == [16, 20]
