"""What begins soon stays as it is; what cannot is named with the cheapest way out."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from fieldops.dispatch.absences import add_absences
from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.queries import assignments
from fieldops.dispatch.service import AssignmentLine, job_to_change
from fieldops.planning.queries import plan_by_number
from fieldops.planning.schemas import DayPlanOut
from fieldops.planning.service import PlanRequest
from fieldops.planning.versions.making import make_dispatch_plan
from fieldops.settings import sqlite_url
from fieldops.workforce.roster.schemas import NewAbsence, ShiftsToRemove
from fieldops.workforce.roster.service import remove_shifts
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading, writing
from optimizer.run import Limit
from tests.conftest import NOW
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


def test_a_lock_that_no_plan_can_keep_is_named_with_the_cheapest_way_out(engine: Engine) -> None:
    load_tiny(engine)
    before = lines_of(engine, day(engine))
    line = next(one for one in before if one.job == "J-3")
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        span = (line.starts_at, line.ends_at)
        assign(session, SYSTEM, job_to_change(session, "J-3"), line.seat, line.technician, span, NOW)
        gone = {"technician": line.technician, "first_day": TINY_DATE, "last_day": TINY_DATE, "reason": "swapped"}
        remove_shifts(session, SYSTEM, ShiftsToRemove.model_validate(gone), NOW)
    told = replanned(engine, NOW, None)
    assert told.dispatch.status == "infeasible"
    (lost,) = told.lost_locks
    assert (lost.job, lost.technicians) == ("J-3", [line.technician])
    assert lost.reasons


def test_a_frozen_plan_says_so_in_what_it_rests_on(engine: Engine) -> None:
    load_tiny(engine)
    day(engine)
    hashes = set()
    for freeze in (None, timedelta(0), timedelta(hours=2)):
        number = replanned(engine, NOW, freeze).plan
        with reading(engine, SYSTEM) as session:
            hashes.add(plan_by_number(session, number).input_hash)
    assert len(hashes) == 3


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.integers(-2, 120), freeze=st.integers(0, 48), absent=st.sampled_from((None, "T-1", "T-2")))
def test_whatever_is_frozen_keeps_people_and_start_or_is_named(
    migrated_file: Path, hours: int, freeze: int, absent: str | None
) -> None:
    with own_world(migrated_file) as engine:
        before = lines_of(engine, day(engine))
        now = before[0].starts_at + timedelta(hours=hours)
        if absent is not None:
            ill(engine, absent, now)
        told = replanned(engine, now, timedelta(hours=freeze))
        after = lines_of(engine, told.plan)
        lost = {one.job for one in told.lost_locks}
        assert all(line.starts_at >= now for line in after)
        for line in before:
            if now <= line.starts_at <= now + timedelta(hours=freeze) and line.job not in lost:
                assert told_of(after, line.job) == (line.technician, line.starts_at)


@contextmanager
def own_world(migrated_file: Path) -> Iterator[Engine]:
    """The small world in a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "world.db"
        shutil.copyfile(migrated_file, file)
        engine = open_engine(sqlite_url(file))
        load_tiny(engine)
        yield engine
        engine.dispose()
