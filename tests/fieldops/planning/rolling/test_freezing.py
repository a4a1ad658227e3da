"""What begins soon stays as it is; what cannot is named with the cheapest way out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from fieldops.dispatch.absences import add_absences
from fieldops.dispatch.queries import assignments
from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.queries import plan_by_number
from fieldops.planning.schemas import DayPlanOut
from fieldops.planning.service import PlanRequest
from fieldops.planning.versions.making import make_dispatch_plan
from fieldops.workforce.roster.schemas import NewAbsence
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from optimizer.run import Limit
from tests.fieldops.planning.versions.test_versions import day
from tests.worlds import TINY_DATE, load_tiny


def lines_of(engine: Engine, number: str) -> list[AssignmentLine]:
    with reading(engine, SYSTEM) as session:
        lines = assignments(session, plan_by_number(session, number).id)
    return sorted((replace(line, held=False) for line in lines), key=lambda line: line.starts_at)


def ill(engine: Engine, person: str, since: datetime) -> None:
    with writing(engine, SYSTEM, clock=lambda: since) as session:
        until = since + timedelta(days=1)
        wanted = {"technician": person, "kind": "sickness", "starts_at": since, "ends_at": until}
        add_absences(session, SYSTEM, [NewAbsence.model_validate(wanted)], since)


def replanned(engine: Engine, now: datetime, freeze: timedelta | None) -> DayPlanOut:
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=20), freeze=freeze)
    return make_dispatch_plan(engine, SYSTEM, request, clock=lambda: now)


def told_of(lines: list[AssignmentLine], job: str) -> tuple[str, datetime]:
    return next((line.technician, line.starts_at) for line in lines if line.job == job)


def test_what_begins_soon_keeps_people_and_start(any_engine: Engine) -> None:
    load_tiny(any_engine)
    before = lines_of(any_engine, day(any_engine))
    now = before[0].starts_at - timedelta(hours=1)
    told = replanned(any_engine, now, timedelta(hours=2))
    assert (told.changes, told.frozen_until, told.lost_locks) == (0, now + timedelta(hours=2), [])
    assert lines_of(any_engine, told.plan) == before


def test_a_frozen_job_of_somebody_ill_is_named_and_done_otherwise(any_engine: Engine) -> None:
    load_tiny(any_engine)
    before = lines_of(any_engine, day(any_engine))
    first = before[0]
    now = first.starts_at - timedelta(hours=1)
    ill(any_engine, first.technician, now)
    told = replanned(any_engine, now, timedelta(hours=2))
    (lost,) = told.lost_locks
    assert (lost.job, lost.technicians) == (first.job, [first.technician])
    assert [one.code for one in lost.reasons] == ["qualification_expired"]
    after = lines_of(any_engine, told.plan)
    assert lost.way_out is not None
    assert told_of(after, first.job) == (lost.way_out.technicians[0], lost.way_out.start)
    others = [line for line in before if line.job != first.job]
    assert [line for line in after if line.job != first.job] == others
    assert told.changes == 1


def test_what_was_to_have_begun_is_planned_anew_and_not_before_now(any_engine: Engine) -> None:
    load_tiny(any_engine)
    before = lines_of(any_engine, day(any_engine))
    now = before[0].starts_at + timedelta(hours=30)
    told = replanned(any_engine, now, timedelta(hours=2))
    after = lines_of(any_engine, told.plan)
    assert {line.job for line in after} == {line.job for line in before}
    assert min(line.starts_at for line in after) >= now
    assert told.lost_locks == []
    late = before[-1]
    assert told_of(after, late.job) == (late.technician, late.starts_at)


@pytest.mark.parametrize("away", [timedelta(days=-30), timedelta(days=300)])
def test_a_plan_of_another_time_freezes_nothing(engine: Engine, away: timedelta) -> None:
    load_tiny(engine)
    before = lines_of(engine, day(engine))
    told = replanned(engine, before[0].starts_at + away, timedelta(hours=2))
    assert lines_of(engine, told.plan) == before
