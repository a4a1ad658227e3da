"""What happened in the demonstration before its week: jobs in every state, through the events that the field told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid5

from fieldops.demo.crew import Crew, field_day, find_crew
from fieldops.demo.load_duties import TASKS
from fieldops.demo.tables import TOOL_KINDS
from fieldops.demo.world import World
from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.models import Decision, QuarantinedEvent, ReleaseCertificate
from fieldops.dispatch.execution.office import dispatch, office_step
from fieldops.dispatch.execution.schemas import NewEvent
from fieldops.dispatch.execution.service import record_events
from fieldops.dispatch.models import Job
from fieldops.dispatch.schemas import NewJob
from fieldops.dispatch.service import add_jobs
from fieldops.workforce.kinds import Seat
from inventory.cores.models import RemovedUnit
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import writing
from inventory.kernel.locks import Lock, locked
from inventory.kernel.texts import gettext as _

SLOT = timedelta(minutes=50)
_NAMES = UUID("6f1f3f0e-0000-4000-8000-000000000000")
_CHECK, _BRAKE = TASKS[0][0], TASKS[3][0]
_WAY = ("accept", "depart", "arrive")
_ANSWERS: dict[str, dict[str, Any]] = {
    "jacked": {"step": 1, "done": True},
    "torqued": {"step": 2, "value": "221.5"},
    "tested": {"step": 3, "done": True},
}
_STEPS = tuple(_ANSWERS)
"""The answers to the checklist of a brake."""
_STORIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (_CHECK, ()),
    (_CHECK, _WAY[:1]),
    (_CHECK, _WAY[:2]),
    (_CHECK, _WAY),
    (_CHECK, (*_WAY, "wrong_part")),
    (_BRAKE, (*_WAY, *_STEPS, "labour", "finish")),
    (_BRAKE, (*_WAY, *_STEPS, "labour", "finish", "inspect")),
    (_BRAKE, (*_WAY, *_STEPS, "labour", "finish", "inspect", "release", "late")),
    (
        _BRAKE,
        (*_WAY, *_STEPS, "labour", "travel", "part_issued", "unit_removed", "finish", "inspect", "release", "close"),
    ),
    (_CHECK, ("decline", "cancel")),
    ("advice", (*_WAY, "labour", "finish", "close_advisory", "close")),
)
"""The task of each job, and what happened to it after its dispatch."""
_LONGEST = 8
"""The story in which a part is issued and a unit removed."""
_SIGNS = {"inspect": 1, "release": 2}
"""Who of the crew does what; all else is the first one's."""


@dataclass(frozen=True, slots=True)
class _Day:
    """The day at the base of the crew."""

    world: World
    crew: Crew
    morning: datetime
    issued: Sequence[Mapping[str, Any]]
    """What is issued: at most one part."""

    @property
    def evening(self) -> datetime:
        """When the events of the day come in."""
        return self.morning + timedelta(hours=12)

    def starts(self, number: int) -> datetime:
        """Return when the job of a number starts."""
        return self.morning + timedelta(hours=1) + number * SLOT


def load_field(engine: Engine, world: World) -> None:
    """Have jobs of the day before dispatched, worked on, inspected, released and closed, each by its own step."""
    crew = find_crew(world.start, world.technicians, world.aircraft)
    if crew is None:
        return
    morning = datetime.combine(field_day(world.start), time(8), ZoneInfo(crew.time_zone))
    day = _Day(world, crew, morning, _issued(world, crew.place))
    jobs = [_job(day, number, task) for number, (task, _story) in enumerate(_STORIES)]
    with writing(engine, SYSTEM) as session:
        add_jobs(session, SYSTEM, jobs)
    with writing(engine, SYSTEM) as session:
        _seat(session, day, jobs)
    for job in jobs:
        with writing(engine, SYSTEM) as session:
            version = session.scalars(select(Job.version).where(Job.number == job.number)).one()
            dispatch(session, SYSTEM, job.number, morning, morning.date(), version=version)
    for who in range(len(crew.people)):
        _tell(engine, day, who)
    for job, (_task, story) in zip(jobs, _STORIES, strict=True):
        if story[-1:] in (("close",), ("cancel",)):
            with writing(engine, SYSTEM) as session:
                version = session.scalars(select(Job.version).where(Job.number == job.number)).one()
                kind, why = EventKind(story[-1]), _("Nobody was free on that day") if story[-1] == "cancel" else None
                office_step(session, SYSTEM, job.number, kind, why, day.evening, version=version)


def _number(number: int) -> str:
    return f"F-{number + 1:05d}"


def _job(day: _Day, number: int, task: str) -> NewJob:
    crew, starts = day.crew, day.starts(number)
    titles = {code: (title, title_zh) for code, title, title_zh, _critical in TASKS}
    advice = task == "advice"
    title, title_zh = titles.get(task, ("Advise on wear of brakes", "刹车磨损技术咨询"))
    seats = ["advisory_engineer"] if advice else ["mechanic", "release_signatory"]
    seats += ["independent_inspector"] * (task == _BRAKE)
    return NewJob.model_validate(
        {
            "number": _number(number),
            "work_order": f"WF-{number + 1:05d}",
            "title": title,
            "title_zh": title_zh,
            "kind": "advisory" if advice else "check",
            "priority": "ROUTINE",
            "place": crew.place,
            "tail": crew.tails[number % len(crew.tails)],
            "task": None if advice else task,
            "system": "LH" if task == _BRAKE else None,
            "duration_min": SLOT // timedelta(minutes=1),
            "window_start": day.morning,
            "window_end": starts + timedelta(days=7),
            "due_at": starts + timedelta(days=7),
            "delay_cost_per_h": "15",
            "currency": day.world.currency,
            "seats": [{"seat": seat} for seat in seats],
            "parts": [{"part": one["part"], "quantity": "1"} for one in day.issued] if number == _LONGEST else [],
            "tools": [{"kind": next(iter(TOOL_KINDS))}] if number in (3, _LONGEST) else [],
        }
    )


def _seat(session: Session, day: _Day, jobs: Sequence[NewJob]) -> None:
    numbers = [one.number for one in jobs]
    found: list[Job] = locked(session, Lock.JOB, select(Job).where(Job.number.in_(numbers)).order_by(Job.id))
    by_number: Mapping[str, Job] = {one.number: one for one in found}
    holders = {
        Seat.MECHANIC: day.crew.people[0],
        Seat.ADVISORY_ENGINEER: day.crew.people[0],
        Seat.INDEPENDENT_INSPECTOR: day.crew.people[1],
        Seat.RELEASE_SIGNATORY: day.crew.people[2],
    }
    for number, one in enumerate(jobs):
        span = (day.starts(number), day.starts(number) + SLOT)
        for need in one.seats:
            assign(session, SYSTEM, by_number[one.number], need.seat, holders[need.seat].code, span, day.morning)


def _tell(engine: Engine, day: _Day, who: int) -> None:
    """Send what somebody of the crew did, from the own login."""
    person = day.crew.people[who]
    login = day.crew.logins[person.code]
    actor = Actor(login, permissions=frozenset({"dispatch.execute"}), scope=Scope(regions=frozenset({day.crew.region})))
    events = [
        _event(day, number, place, kind)
        for number, (_task, story) in enumerate(_STORIES)
        for place, kind in _placed(story)
        if kind not in ("close", "cancel") and _SIGNS.get(kind, 0) == who and (kind != "part_issued" or day.issued)
    ]
    with writing(engine, actor) as session:
        record_events(session, actor, events, day.evening)


def _placed(story: Sequence[str]) -> list[tuple[int, str]]:
    """Return what happened by its place in a story; a checklist is answered when the hours are booked."""
    return [(sum(one not in _ANSWERS for one in story[:at]), kind) for at, kind in enumerate(story)]


def _deferred(at: datetime) -> dict[str, Any]:
    due = at.date() + timedelta(days=10)  # category C, without the day of discovery
    text = _("One reading light is out, MEL 33-10-1")
    return {"reference": "DDL-0042", "category": "C", "due_on": due, "text": text}


def _event(day: _Day, number: int, place: int, kind: str) -> NewEvent:
    starts = day.starts(number)
    at = starts + timedelta(minutes=6 * place)
    told: dict[str, dict[str, Any]] = {
        "decline": {"reason": _("Ill")},
        "wrong_part": {"part": day.world.parts[0].part_number, "reason": _("Another dash number is fitted")},
        "labour": {"work": {"start": starts, "end": at}},
        "late": {"work": {"start": at - timedelta(minutes=2), "end": at}},
        "travel": {"journey": {"start": starts - timedelta(minutes=5), "end": starts, "km": "6"}},
        "release": {"approval": f"DEMO.145.{day.crew.region}", "deferrals": [_deferred(at)]},
        "close_advisory": {"operator_release": "OP/2026/17"},
        "part_issued": {"issue": next(iter(day.issued), None)},
        "unit_removed": {"removal": _removed(day.world)},
    }
    return NewEvent.model_validate(
        {
            "id": uuid5(_NAMES, f"{number}/{kind}"),
            "job": _number(number),
            "kind": "labour" if kind == "late" else "step_answered" if kind in _ANSWERS else kind,
            "happened_at": at,
            **told.get(kind, {}),
            **({"answer": _ANSWERS[kind]} if kind in _ANSWERS else {}),
        }
    )


def _issued(world: World, place: str) -> list[dict[str, Any]]:
    """Return the cheapest consumable on the shelf that has its papers."""
    papers = {(one.part_number, one.number) for one in world.documents}
    cost = {one.part_number: one.standard_cost for one in world.parts if one.part_class == "expendable"}
    there = [
        one
        for one in world.pieces
        if one.place == place and one.part_number in cost and (one.part_number, one.number) in papers
    ]
    there.sort(key=lambda one: (cost[one.part_number], one.part_number))
    return [
        {"part": one.part_number, "lot": one.number, "condition": one.condition, "origin": place, "quantity": "1"}
        for one in there[:1]
    ]


def _removed(world: World) -> dict[str, Any]:
    """Return a worn unit that comes off the aircraft and is owed to us."""
    part = next(one for one in world.parts if one.part_class in ("rotable", "repairable"))
    told = {"part": part.part_number, "serial": "OFF-0001", "kind": "exchange_core", "reason": _("Worn")}
    return told | {"value": str((part.standard_cost * Decimal("0.4")).quantize(Decimal(1)))}


def told(session: Session) -> str:
    """Return what there is of jobs beside those that the plan is for."""
    states = select(Job.state, func.count()).where(Job.state != JobState.PLANNED).group_by(Job.state)
    waiting = select(func.count()).where(QuarantinedEvent.state == Decision.OPEN)
    return _(
        "Beside the plan: jobs {jobs}; certificates of release: {certificates}, removed units owed: {units}, "
        "events that wait for a person: {waiting}"
    ).format(
        jobs=", ".join(f"{state.value} {count}" for state, count in sorted(session.execute(states).all())),
        certificates=session.scalar(select(func.count(ReleaseCertificate.id))),
        units=session.scalar(select(func.count(RemovedUnit.id))),
        waiting=session.scalar(waiting),
    )
