"""What a job takes from its tail and its task, and which jobs come before it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, select

from fieldops.dispatch.changing import change_job
from fieldops.dispatch.execution.lifecycle import Ending, JobState
from fieldops.dispatch.models import Job, JobStatus
from fieldops.dispatch.queries import job_by_number
from fieldops.dispatch.schemas import JobChange, NewJob, PartNeed
from fieldops.dispatch.service import add_jobs, refuse_past
from fieldops.fleet.schemas import NewRotation
from fieldops.fleet.service import take_rotations
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Invalid
from tests.hangar import MORNING, REVISION, brake_job, load_hangar

NOW = MORNING - timedelta(hours=4)
HOUR = timedelta(hours=1)
OPEN_ENDED: dict[str, Any] = {"place": None, "window_start": None, "window_end": None, "due_at": None}


@pytest.fixture
def hangar(engine: Engine) -> Engine:
    """The aircraft stands an hour at UTH, then six at VTE."""
    load_hangar(engine)
    stays = (("UTH", MORNING, MORNING + HOUR), ("VTE", MORNING + 2 * HOUR, MORNING + 8 * HOUR))
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        take_rotations(
            session,
            SYSTEM,
            [
                NewRotation(registration="RDPL-1", station=station, arrives_at=arrives, departs_at=departs)
                for station, arrives, departs in stays
            ],
            NOW,
        )
    return engine


def add(engine: Engine, *jobs: NewJob) -> None:
    """Add jobs."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        add_jobs(session, SYSTEM, jobs)


def test_place_and_window_follow_from_the_time_on_ground(hangar: Engine) -> None:
    add(hangar, brake_job(**OPEN_ENDED), brake_job("H-2", **OPEN_ENDED | {"place": "UTH"}, duration_min=30))
    with reading(hangar, SYSTEM) as session:
        one, other = job_by_number(session, "H-1"), job_by_number(session, "H-2")
    assert (one.place, one.window_start, one.window_end) == ("VTE", MORNING + 2 * HOUR, MORNING + 6 * HOUR)
    assert (one.due_at, one.duration_min, one.tail, one.aircraft) == (MORNING + 8 * HOUR, 120, "RDPL-1", "RDPL-1")
    assert (one.inspection, one.data_revision, one.release_level) == (True, REVISION, "line")
    assert (other.place, other.window_end) == ("UTH", MORNING + HOUR / 2)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tail": "B-NONE"}, "aircraft_unknown"),
        ({"tail": None, "aircraft": "B-NONE"}, "aircraft_unknown"),
        ({"task": "99-1"}, "unknown_task"),
        ({"tools": ({"kind": "JACK"},)}, "unknown_tool_kind"),
        ({"after": ("J-404",)}, "unknown_job"),
        ({"seats": ({"seat": "mechanic", "qualifications": ("WELD",)},)}, "unknown_qualification"),
        ({"parts": (PartNeed(part="BRAKE-1", quantity=Decimal(1), alternates=("NONE-1",)),)}, "unknown_part"),
        (OPEN_ENDED | {"duration_min": 600}, "no_ground_time"),
        (OPEN_ENDED | {"tail": "RDPL-2"}, "no_ground_time"),
    ],
)
def test_what_there_is_not_is_refused_by_name(hangar: Engine, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        add(hangar, brake_job(**changes))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tail": None, "place": None}, "needs place"),
        ({"task": None}, "needs duration_min"),
        ({"after": ("H-1",)}, "after itself"),
        ({"after": ("J-1", "J-1")}, "twice"),
        ({"aircraft": "B-OTHER"}, "two aircraft"),
    ],
)
def test_what_contradicts_itself_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        brake_job(**changes)


def test_a_job_on_a_registration_that_is_not_in_the_fleet_is_not_kept(hangar: Engine) -> None:
    good = brake_job("H-2", tail=None, aircraft="RDPL-1")
    with pytest.raises(Invalid, match="there is no aircraft B-OTHER; add it to the fleet first") as refused:
        add(hangar, good, brake_job(tail=None, aircraft="B-OTHER"))
    assert (refused.value.code, refused.value.field) == ("aircraft_unknown", "aircraft")
    with reading(hangar, SYSTEM) as session:
        assert session.scalars(select(Job.number).where(Job.number.like("H-%"))).all() == []
    add(hangar, good)
    with reading(hangar, SYSTEM) as session:
        assert job_by_number(session, "H-2").tail == "RDPL-1"
        assert session.scalars(select(Job).where(Job.number == "H-2")).one().terms.ending is Ending.RELEASE


def test_an_aircraft_that_is_based_elsewhere_is_repaired_where_it_stands(hangar: Engine) -> None:
    china = Actor("china", permissions=ALL_PERMISSIONS, scope=Scope(regions=frozenset({"CN"})))
    with writing(hangar, china, clock=lambda: NOW) as session:
        add_jobs(session, china, [brake_job(place="XIY", tail=None, aircraft="RDPL-1")])
    with reading(hangar, SYSTEM) as session:
        assert (job_by_number(session, "H-1").tail, job_by_number(session, "H-1").place) == ("RDPL-1", "XIY")


def test_a_job_in_the_past_is_refused() -> None:
    refuse_past([brake_job()], MORNING)
    with pytest.raises(Invalid, match="H-1 ended"):
        refuse_past([brake_job()], MORNING + timedelta(days=2))


def test_jobs_that_would_wait_for_each_other_are_refused(hangar: Engine) -> None:
    with pytest.raises(Invalid, match="would wait for each other"):
        add(hangar, brake_job(after=("H-2",)), brake_job("H-2", after=("H-1",)))
    add(hangar, brake_job(), brake_job("H-2", after=("H-1",)), brake_job("H-3", after=("H-2",)))
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session, pytest.raises(Invalid, match="wait for each other"):
        change_job(session, SYSTEM, "H-1", JobChange(after=("H-3",)), 1)
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        change_job(session, SYSTEM, "H-3", JobChange(after=("H-1",)), 1)
    with reading(hangar, SYSTEM) as session:
        assert job_by_number(session, "H-3").after == ["H-1"]


def test_closing_and_opening_are_steps_of_the_table(hangar: Engine) -> None:
    add(hangar, brake_job())
    for wanted, state in ((JobStatus.CLOSED, JobState.CLOSED), (JobStatus.OPEN, JobState.PLANNED)):
        with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
            version = session.scalars(select(Job.version).where(Job.number == "H-1")).one()
            job = change_job(session, SYSTEM, "H-1", JobChange(status=wanted), version)
            assert (job.state, job.status) == (state, wanted)
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        job = session.scalars(select(Job).where(Job.number == "H-1")).one()
        job.state = JobState.DONE
    with reading(hangar, SYSTEM) as session:
        version = session.scalars(select(Job.version).where(Job.number == "H-1")).one()
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session, pytest.raises(Conflict, match="not possible"):
        change_job(session, SYSTEM, "H-1", JobChange(status=JobStatus.CLOSED), version)


def test_an_inspection_that_the_task_asks_for_is_not_switched_off(hangar: Engine) -> None:
    with pytest.raises(Invalid, match="leave inspection out"):
        add(hangar, brake_job(inspection=False))
    add(hangar, brake_job(), brake_job("H-2", task=None, system=None, duration_min=60, inspection=True))
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session, pytest.raises(Invalid, match="leave inspection out"):
        change_job(session, SYSTEM, "H-1", JobChange(inspection=False), 1)
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        assert not change_job(session, SYSTEM, "H-2", JobChange(inspection=False), 1).inspection


@pytest.mark.parametrize("change", [{"inspection": False}, {"data_revision": "18"}, {"data_reference": "AMM 1"}])
def test_what_a_crew_was_sent_off_under_stays(hangar: Engine, change: dict[str, Any]) -> None:
    add(hangar, brake_job(task=None, system=None, duration_min=60, inspection=True, data_revision="17"))
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        session.scalars(select(Job).where(Job.number == "H-1")).one().state = JobState.DISPATCHED
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session, pytest.raises(Conflict, match="recall the job first"):
        change_job(session, SYSTEM, "H-1", JobChange.model_validate(change), 2)
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        same = JobChange(data_revision="17", title="Another title")
        assert change_job(session, SYSTEM, "H-1", same, 2).title == "Another title"
