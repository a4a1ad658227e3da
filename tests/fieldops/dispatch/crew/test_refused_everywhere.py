"""What the one decision refuses is refused on every way to a seat: the plan does not choose it, nor does publishing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, select
from uuid_utils.compat import uuid7

from fieldops.dispatch.crew.engagements import Sitting
from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.publishing import publish
from fieldops.dispatch.crew.queries import Case, case_of
from fieldops.dispatch.demands import works_of
from fieldops.dispatch.eligibility import Permissions, judgements
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job, JobSeat
from fieldops.dispatch.rules import working_seat
from fieldops.dispatch.service import keep_assignments
from fieldops.workforce.kinds import Seat
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from tests.fieldops.dispatch.crew.test_crews import (
    MECHANIC,
    NOW,
    REFUSED,
    SIGN,
    SPAN,
    Change,
    change,
    expire,
    hangar,
    lose,
    sits,
)
from tests.fieldops.dispatch.test_service import LINE
from tests.hangar import MORNING, PEOPLE

__all__ = ["hangar"]

HOUR = timedelta(hours=1)
WEEK = (MORNING - timedelta(days=1), MORNING + timedelta(days=6))
FILLED = [row for row in REFUSED if row[2] in (SIGN, MECHANIC)]
"""Seats that a job may have alone: a mechanic's, or a signatory's where it has no mechanic."""
KEPT_BY_ROSTER = {"rest_too_short"}
"""What a plan keeps by leaving out shifts that would break it; who is sent there by hand is refused."""


def only(engine: Engine, seat: Seat) -> None:
    """Leave the job with a seat of one kind, beside who must sign."""
    change(engine, lambda session: session.execute(delete(JobSeat).where(JobSeat.seat != seat)))


def permitted(engine: Engine) -> Permissions:
    """Who may do which job when, as a plan asks."""
    with reading(engine, SYSTEM) as session:
        works = works_of(session, Job.state == JobState.PLANNED, Job.number.like("H-%"))
        return judgements(session, works, [*PEOPLE, "T-1", "T-2"], WEEK).permitted


def covers(found: Permissions, person: str, seat: Seat, span: tuple[datetime, datetime] = SPAN) -> bool:
    """Tell whether somebody may take a seat of the job for a span."""
    return any(since <= span[0] and span[1] <= until for since, until in found["H-1"][seat].get(person, ()))


@pytest.mark.parametrize(("person", "seat", "do", "code"), [row[1:] for row in FILLED], ids=[row[0] for row in FILLED])
def test_a_plan_does_not_choose_whom_the_decision_refuses(
    hangar: Engine, person: str, seat: Seat, do: Change, code: str
) -> None:
    only(hangar, seat)
    change(hangar, do)
    assert covers(permitted(hangar), person, seat) is (code in KEPT_BY_ROSTER)


@pytest.mark.parametrize(("person", "seat", "do", "code"), [row[1:] for row in FILLED], ids=[row[0] for row in FILLED])
def test_a_plan_that_chose_it_is_not_published(hangar: Engine, person: str, seat: Seat, do: Change, code: str) -> None:
    only(hangar, seat)
    plan = uuid7()
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        line = replace(LINE, job="H-1", technician=person, seat=seat, starts_at=SPAN[0], ends_at=SPAN[1], held=False)
        keep_assignments(session, plan, [line])
    change(hangar, do)
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        before = len(session.scalars(select(Assignment.id)).all())
        (told,) = publish(session, SYSTEM, plan)
        assert (told.crew[0].seat, told.assigned, told.code) == (seat, False, "seat_refused"), code
        assert len(session.scalars(select(Assignment.id)).all()) == before


def test_whom_nothing_stands_against_the_plan_may_choose(hangar: Engine) -> None:
    assert covers(permitted(hangar), "MECH", MECHANIC)
    only(hangar, SIGN)
    assert covers(permitted(hangar), "SIGN", SIGN)


@pytest.mark.parametrize("seat", [SIGN, MECHANIC])
@pytest.mark.parametrize(
    "do",
    [
        lambda _session: None,
        expire("CCAR-66", "SIGN"),
        expire("B1", "MECH"),
        lose("MA60", "SIGN"),
        sits("INSP", Seat.INDEPENDENT_INSPECTOR, "H-1", 0, 2),
        sits("MECH", MECHANIC, "H-2", 30, 32),
    ],
)
def test_hour_by_hour_the_plan_judges_as_the_assignment_does(hangar: Engine, seat: Seat, do: Change) -> None:
    only(hangar, seat)
    change(hangar, do)
    found = permitted(hangar)
    with reading(hangar, SYSTEM) as session:
        job = session.scalars(select(Job).where(Job.number == "H-1")).one()
        for hour in range(0, 5 * 24, 3):
            span = (MORNING + hour * HOUR, MORNING + (hour + 2) * HOUR)
            case = case_of(session, job, [Sitting("MECH", seat, *span)], PEOPLE)
            assert seat is working_seat(case.seats)
            for person in PEOPLE:
                free = not any(
                    one.starts < span[1] and span[0] < one.ends for one in case.inputs.people[person].engagements
                )
                told = free and may(case, Sitting(person, seat, *span))
                assert covers(found, person, seat, span) is told, (person, hour)


def may(case: Case, one: Sitting) -> bool:
    """Tell whether an assignment of somebody would stand, apart from what else there is to do at the time."""
    return not case.forbids(one, (*case.crew, one))


def test_who_sits_on_the_other_engine_is_free_a_day_later(hangar: Engine) -> None:
    change(hangar, sits("MECH", MECHANIC, "H-2", 3, 5))
    found = permitted(hangar)
    assert not covers(found, "MECH", MECHANIC, (MORNING + 27 * HOUR, MORNING + 30 * HOUR))
    assert covers(found, "MECH", MECHANIC, (MORNING + 29 * HOUR, MORNING + 31 * HOUR))


def test_the_table_is_long_enough() -> None:
    assert len(REFUSED) + 2 * len(FILLED) >= 70
