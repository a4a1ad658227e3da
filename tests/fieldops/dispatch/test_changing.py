"""A job that is planned gets another tail, task, seats, tools and parts; one that is sent off may only take longer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, select, update

from fieldops.dispatch.changing import change_job
from fieldops.dispatch.crew.engagements import AT_WORK, OVERTIME, engagements
from fieldops.dispatch.crew.service import CrewRefused, assign
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job, JobAlternate, JobPart, JobSeat
from fieldops.dispatch.queries import job_by_number
from fieldops.dispatch.schemas import JobChange, JobOut
from fieldops.dispatch.service import add_jobs, job_to_change
from fieldops.dispatch.tasks.schemas import NewTask
from fieldops.dispatch.tasks.service import add_tasks
from fieldops.fleet.models import Aircraft
from fieldops.fleet.schemas import NewRotation
from fieldops.fleet.service import take_rotations
from fieldops.workforce.kinds import Seat
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor, Scope
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Forbidden, Invalid, Stale
from inventory.kernel.outbox import OutboxEvent
from tests.hangar import MORNING, brake_job, load_hangar

NOW = MORNING - timedelta(hours=4)
HOUR = timedelta(hours=1)
SPAN = (MORNING, MORNING + 2 * HOUR)


@pytest.fixture
def hangar(engine: Engine) -> Engine:
    """A planned job; the other aircraft stands at UTH in the afternoon, and there is a second task."""
    load_hangar(engine)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        arrives, departs = MORNING + 4 * HOUR, MORNING + 9 * HOUR
        stay = NewRotation(registration="RDPL-2", station="UTH", arrives_at=arrives, departs_at=departs)
        take_rotations(session, SYSTEM, [stay], NOW)
        pump = {"code": "29-1", "title": "Pump", "ata": "29-10", "data_reference": "AMM 29", "data_revision": "3"}
        add_tasks(session, SYSTEM, [NewTask.model_validate(pump | {"estimate_min": 60, "estimate_p90_min": 90})])
        add_jobs(session, SYSTEM, [brake_job()])
    return engine


def change(engine: Engine, actor: Actor = SYSTEM, version: int | None = None, **told: Any) -> JobOut:
    """Change the job, and return it as it is then."""
    with writing(engine, actor, clock=lambda: NOW) as session:
        stands = session.scalars(select(Job.version).where(Job.number == "H-1")).one()
        change_job(session, actor, "H-1", JobChange.model_validate(told), version or stands)
    with reading(engine, SYSTEM) as session:
        return job_by_number(session, "H-1")


def seat(engine: Engine, person: str = "MECH", what: Seat = Seat.MECHANIC) -> None:
    """Give somebody a seat of the job."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        assign(session, SYSTEM, job_to_change(session, "H-1"), what, person, SPAN, NOW)


def told_of(engine: Engine, number: str = "H-1") -> list[str]:
    """The kinds of events that were told of a job."""
    with reading(engine, SYSTEM) as session:
        return [one.kind for one in session.scalars(select(OutboxEvent)) if number in str(one.payload)]


def test_another_tail_tells_place_and_window_as_for_a_new_job(hangar: Engine) -> None:
    found = change(hangar, tail="RDPL-2")
    assert (found.tail, found.aircraft, found.place) == ("RDPL-2", "RDPL-2", "UTH")
    assert (found.window_start, found.window_end) == (MORNING + 4 * HOUR, MORNING + 7 * HOUR)
    assert found.due_at == MORNING + 9 * HOUR
    assert (found.duration_min, found.task, found.version) == (120, "32-41-10", found.version)
    with reading(hangar, SYSTEM) as session:
        key = session.scalars(select(Aircraft.id).where(Aircraft.registration == "RDPL-2")).one()
        assert session.scalars(select(Job.aircraft_id).where(Job.number == "H-1")).one() == key
    back = change(hangar, tail="RDPL-1", place="VTE", window_start=SPAN[0], window_end=SPAN[1], due_at=SPAN[1])
    assert (back.tail, back.place, back.window_end) == ("RDPL-1", "VTE", SPAN[1])
    same = change(hangar, tail="RDPL-1")
    assert (same.place, same.window_start, same.window_end) == ("VTE", *SPAN)


def test_another_task_tells_duration_data_and_inspection_as_for_a_new_job(hangar: Engine) -> None:
    found = change(hangar, task="29-1", system=None)
    assert (found.task, found.duration_min, found.inspection, found.system) == ("29-1", 60, False, None)
    assert (found.data_reference, found.data_revision) == ("AMM 29", "3")
    assert (found.place, found.window_start) == ("VTE", MORNING)
    assert change(hangar, task="32-41-10", duration_min=45, data_revision="18").inspection
    assert change(hangar, duration_min=50).data_revision == "18"
    assert (change(hangar, task=None).task, change(hangar, title="Still").duration_min) == (None, 50)


def test_needs_are_replaced_and_only_those_that_are_named(hangar: Engine) -> None:
    alternate = {"part": "LAMP-1", "quantity": "1", "alternates": ["BULB-9"]}
    found = change(hangar, parts=[alternate], tools=[], seats=[{"seat": "mechanic", "count": 2}])
    assert [(one.part, one.quantity, one.alternates) for one in found.parts] == [("LAMP-1", Decimal(1), ("BULB-9",))]
    assert ([(one.seat, one.count) for one in found.seats], found.tools) == ([(Seat.MECHANIC, 2)], [])
    again = change(hangar, parts=[])
    assert (again.parts, again.seats) == ([], found.seats)
    assert again.version > found.version
    with reading(hangar, SYSTEM) as session:
        assert session.scalars(select(JobAlternate.job_id)).all() == []


def test_a_change_is_told_and_written_down_and_counts_as_a_version(hangar: Engine) -> None:
    before = told_of(hangar)
    found = change(hangar, seats=[{"seat": "mechanic"}])
    assert told_of(hangar) == [*before, "job.changed"]
    with pytest.raises(Stale):
        change(hangar, version=found.version - 1, tools=[])
    with reading(hangar, SYSTEM) as session:
        tables = {one.subject for one in session.scalars(select(AuditRow))}
    assert {Job.__tablename__, JobSeat.__tablename__, JobPart.__tablename__} <= tables


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"tail": "B-NONE"}, "aircraft_unknown"),
        ({"tail": "RDPL-2", "place": "XIY"}, "no_ground_time"),
        ({"task": "99-1"}, "unknown_task"),
        ({"task": "32-41-10", "inspection": False}, "inspection_needed"),
        ({"tools": [{"kind": "JACK"}]}, "unknown_tool_kind"),
        ({"parts": [{"part": "NONE-1", "quantity": "1"}]}, "unknown_part"),
        ({"seats": [{"seat": "mechanic", "qualifications": ["WELD"]}]}, "unknown_qualification"),
        ({"place": "NOWHERE"}, "unknown_place"),
    ],
)
def test_what_a_new_job_is_refused_for_a_change_is_too(hangar: Engine, told: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(hangar, **told)
    assert refused.value.code == code


@pytest.mark.parametrize("told", [{"tail": None}, {"seats": None}, {"parts": [{"part": "A", "quantity": "1"}] * 2}])
def test_what_contradicts_itself_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"cannot be empty|named twice"):
        JobChange.model_validate(told)


@pytest.mark.parametrize(
    "told",
    [
        {"tail": "RDPL-2"},
        {"task": "29-1"},
        {"system": "RH"},
        {"place": "UTH"},
        {"duration_min": 30},
        {"seats": []},
        {"tools": []},
        {"parts": []},
    ],
)
def test_once_it_is_sent_off_it_stays(hangar: Engine, told: dict[str, Any]) -> None:
    with writing(hangar, SYSTEM) as session:
        session.execute(update(Job).values(state=JobState.DISPATCHED))
    with pytest.raises(Conflict, match="recall the job first, or add another job") as refused:
        change(hangar, **told)
    assert (refused.value.code, refused.value.field) == ("job_dispatched", next(iter(told)))


def test_a_job_under_way_may_take_longer_and_its_crew_is_busy_as_much_longer(hangar: Engine) -> None:
    seat(hangar)
    with writing(hangar, SYSTEM) as session:
        session.execute(update(Job).values(state=JobState.ON_SITE))
    assert change(hangar, duration_min=180).duration_min == 180
    assert told_of(hangar)[-2:] == ["job.prolonged", "job.changed"]
    with reading(hangar, SYSTEM) as session:
        (busy,) = engagements(session, {"MECH"}, *SPAN)["MECH"]
    assert (busy.starts, busy.ends) == (SPAN[0], SPAN[1] + HOUR)
    with pytest.raises(Conflict, match="recall the job first"):
        change(hangar, duration_min=60)


@pytest.mark.parametrize("state", list(JobState))
def test_who_has_not_ended_or_not_come_yet_is_busy_past_the_told_end(hangar: Engine, state: JobState) -> None:
    seat(hangar)
    with writing(hangar, SYSTEM) as session:
        session.execute(update(Job).values(state=state))
    late = SPAN[1] + 2 * HOUR
    with reading(hangar, SYSTEM) as session:
        told = engagements(session, {"MECH"}, SPAN[1] + HOUR, SPAN[1] + 8 * HOUR, now=late)["MECH"]
        assert engagements(session, {"MECH"}, SPAN[1] + HOUR, SPAN[1] + 8 * HOUR)["MECH"] == []
    ends = {JobState.TRAVELLING: late + (SPAN[1] - SPAN[0])} | dict.fromkeys(AT_WORK, late + OVERTIME)
    assert [(one.starts, one.ends) for one in told] == ([(SPAN[0], ends[state])] if state in ends else [])


def test_the_crew_that_it_has_is_judged_anew(hangar: Engine) -> None:
    seat(hangar)
    with pytest.raises(CrewRefused, match="BORE"):
        change(hangar, seats=[{"seat": "mechanic", "qualifications": ["BORE"]}])
    with pytest.raises(Conflict, match="take somebody out first"):
        change(hangar, seats=[{"seat": "release_signatory"}])
    with pytest.raises(Invalid, match="not within the window"):
        change(hangar, tail="RDPL-2")
    seat(hangar, "SIGN", Seat.RELEASE_SIGNATORY)
    with writing(hangar, SYSTEM) as session:
        session.execute(update(Aircraft).where(Aircraft.registration == "RDPL-2").values(authority="EASA"))
    window: dict[str, Any] = {"window_start": SPAN[0], "window_end": SPAN[1], "due_at": SPAN[1]}
    with pytest.raises(CrewRefused, match="EASA"):
        change(hangar, tail="RDPL-2", place="VTE", **window)
    assert change(hangar, tools=[]).tail == "RDPL-1"


def test_nobody_moves_a_job_to_another_region(hangar: Engine) -> None:
    own = Actor("sea", permissions=ALL_PERMISSIONS, scope=Scope(regions=frozenset({"SEA"})))
    with pytest.raises(Forbidden):
        change(hangar, own, place="XIY")
    assert change(hangar, own, place="UTH").place == "UTH"
