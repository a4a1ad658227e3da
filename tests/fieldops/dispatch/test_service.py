"""Adding jobs, reading them, and keeping the assignments of a plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update
from uuid_utils.compat import uuid7

from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job, JobKind, JobPart, JobQualification, JobStatus, PlanAssignment
from fieldops.dispatch.queries import assignments, count_jobs, job_page, open_jobs
from fieldops.dispatch.schemas import NewJob, PartNeed
from fieldops.dispatch.service import AssignmentLine, add_jobs, keep_assignments
from fieldops.workforce.kinds import Seat
from inventory.kernel.actor import SYSTEM
from inventory.kernel.base import Base
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Invalid
from inventory.kernel.priority import Priority
from tests.statements import statements
from tests.worlds import load_tiny

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
PLAN, OTHER_PLAN = uuid7(), uuid7()


def job(number: str, **changes: Any) -> NewJob:
    """A critical job at Udon Thani on Tuesday that needs two parts and two qualifications."""
    usual: dict[str, Any] = {
        "number": number,
        "work_order": "W-9",
        "title": "Oil filter",
        "title_zh": "滑油滤",
        "kind": JobKind.DEFECT,
        "priority": Priority.CRITICAL,
        "place": "UTH",
        "duration_min": 90,
        "window_start": MONDAY + timedelta(days=1),
        "window_end": MONDAY + timedelta(days=1, hours=8),
        "due_at": MONDAY + timedelta(days=2),
        "delay_cost_per_h": Decimal("150.0001"),
        "currency": "USD",
        "qualifications": ("B2", "B1"),
        "parts": (PartNeed(part="LAMP-1", quantity=Decimal("2.5")), PartNeed(part="FILTER-1", quantity=Decimal(1))),
    }
    return NewJob(**usual | changes)


@pytest.fixture
def world(engine: Engine) -> Engine:
    """The small world."""
    load_tiny(engine)
    return engine


def _add(engine: Engine, *jobs: NewJob) -> None:
    with writing(engine, SYSTEM) as session:
        add_jobs(session, SYSTEM, jobs)


def _rows(engine: Engine) -> list[int | None]:
    tables: tuple[type[Base], ...] = (Job, JobPart, JobQualification)
    with reading(engine, SYSTEM) as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_a_job_comes_back_as_it_was_added(any_engine: Engine) -> None:
    load_tiny(any_engine)
    new = job("J-9")
    _add(any_engine, new)
    with reading(any_engine, SYSTEM) as session:
        (page,) = job_page(session, after="J-8", limit=5)
        planned = open_jobs(session, MONDAY + timedelta(days=7))[-1]
    assert (page.region, page.status) == ("SEA", JobStatus.OPEN)
    assert page.qualifications == ["B1", "B2"]
    assert page.parts == sorted(new.parts, key=lambda need: need.part)
    plain = set(NewJob.model_fields) - {"qualifications", "parts", "inspection", "seats", "tools", "after"}
    assert page.model_dump(include=plain) == new.model_dump(include=plain)
    assert planned.seats == ((Seat.MECHANIC, ("B1", "B2")),)
    assert planned.parts == (("FILTER-1", Decimal(1)), ("LAMP-1", Decimal("2.5")))
    assert (planned.number, planned.place, planned.duration_s) == ("J-9", "UTH", 5_400)
    assert (planned.window_start, planned.window_end) == (new.window_start, new.window_end)
    assert (planned.due_at, planned.delay_cost_per_h) == (new.due_at, Decimal("150.0001"))


@pytest.mark.parametrize(
    ("wrong", "kind", "code", "names"),
    [
        ({"place": "NOWHERE"}, Invalid, "unknown_place", "NOWHERE"),
        ({"place": "CUSTOMER"}, Invalid, "no_site", "CUSTOMER"),
        ({"parts": (PartNeed(part="NONE", quantity=Decimal(1)),)}, Invalid, "unknown_part", "NONE"),
        ({"qualifications": ("B1", "WELD")}, Invalid, "unknown_qualification", "WELD"),
        ({"number": "J-1"}, Conflict, "job_exists", "J-1"),
        ({"number": "J-8"}, Conflict, "job_exists", "J-8"),
    ],
)
def test_a_wrong_job_stops_all(
    world: Engine, wrong: dict[str, Any], kind: type[DomainError], code: str, names: str
) -> None:
    before = _rows(world)
    with pytest.raises(kind, match=names) as refusal:
        _add(world, job("J-8"), job("J-9").model_copy(update=wrong))
    assert refusal.value.code == code
    assert _rows(world) == before


def test_nothing_to_add_adds_nothing(world: Engine) -> None:
    before = _rows(world)
    _add(world)
    assert _rows(world) == before


def test_open_jobs_are_those_that_may_start_in_time_or_should_have(world: Engine) -> None:
    start, end = MONDAY + timedelta(days=20), MONDAY + timedelta(days=27)
    instant, second = timedelta(0), timedelta(seconds=1)
    windows = {
        "ended": (start - timedelta(days=1), start - second),
        "ends": (start - timedelta(days=1), start + instant),
        "within": (start, end),
        "around": (start - timedelta(days=9), end + timedelta(days=9)),
        "begins": (end - second, end),
        "later": (end, end + second),
    }
    _add(
        world,
        *(
            job(number, window_start=window[0], window_end=window[1], due_at=end + timedelta(days=30))
            for number, window in windows.items()
        ),
        job("closed", window_start=start, window_end=end, due_at=end),
    )
    with writing(world, SYSTEM) as session:
        session.execute(update(Job).where(Job.number == "closed").values(state=JobState.CLOSED))
    with reading(world, SYSTEM) as session:
        found = [one.number for one in open_jobs(session, end) if one.number in {*windows, "closed"}]
        assert found == ["around", "begins", "ended", "ends", "within"]
        assert count_jobs(session) == 5 + len(windows)


def test_pages_go_by_number_region_and_priority(world: Engine) -> None:
    with reading(world, SYSTEM) as session:
        assert [one.number for one in job_page(session, after="J-2", limit=2)] == ["J-3", "J-4"]
        assert [one.number for one in job_page(session, after="", limit=9, region="CN")] == ["J-2", "J-4"]
        critical = job_page(session, after="", limit=9, priority=Priority.CRITICAL)
        assert [one.number for one in critical] == ["J-3"]
        assert job_page(session, after="J-5", limit=9) == []


def test_the_number_of_queries_does_not_grow_with_the_jobs(world: Engine) -> None:
    def queries() -> tuple[int, int]:
        with statements(world) as planned, reading(world, SYSTEM) as session:
            jobs = open_jobs(session, MONDAY + timedelta(days=7))
        with statements(world) as paged, reading(world, SYSTEM) as session:
            page = job_page(session, after="", limit=100)
        assert len(jobs) == len(page)
        return len(planned), len(paged)

    few = queries()
    _add(world, *(job(f"J-{number}") for number in range(10, 40)))
    assert queries() == few


LINE = AssignmentLine(
    job="J-3",
    position=0,
    seat=Seat.MECHANIC,
    technician="T-2",
    starts_at=MONDAY + timedelta(hours=2),
    ends_at=MONDAY + timedelta(hours=3),
    parts_ready_at=None,
    travel_s=600,
    labour_cost=Decimal("22.0000"),
    travel_cost=Decimal("3.5000"),
    lateness_cost=Decimal(0),
    currency="USD",
    held=True,
)


def test_assignments_come_back_by_start(any_engine: Engine) -> None:
    load_tiny(any_engine)
    earlier = replace(LINE, job="J-1", starts_at=MONDAY, parts_ready_at=MONDAY - timedelta(hours=1), held=False)
    with writing(any_engine, SYSTEM) as session:
        keep_assignments(session, PLAN, [LINE, earlier])
        keep_assignments(session, OTHER_PLAN, [LINE])
        keep_assignments(session, OTHER_PLAN, [])
    with reading(any_engine, SYSTEM) as session:
        assert assignments(session, PLAN) == [earlier, LINE]
        assert assignments(session, OTHER_PLAN) == [LINE]


def test_a_job_or_technician_that_is_gone_makes_the_plan_stale(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        session.execute(update(Job).where(Job.number == "J-1").values(state=JobState.CLOSED))
    for gone in ({"job": "J-1"}, {"job": "J-99"}, {"technician": "T-99"}):
        with writing(world, SYSTEM) as session, pytest.raises(Conflict, match="make the plan again") as refusal:
            keep_assignments(session, PLAN, [LINE, replace(LINE, **gone)])  # type: ignore[arg-type]
        assert refusal.value.code == "plan_stale"
    with reading(world, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(PlanAssignment)) == 0
