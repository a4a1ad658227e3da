"""Reads of dispatch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, aliased

from fieldops.dispatch.crew.engagements import Sitting, crew_of
from fieldops.dispatch.demands import Work, works_of
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import (
    Job,
    JobAlternate,
    JobKind,
    JobPart,
    JobPrecedence,
    JobQualification,
    JobSeat,
    JobTool,
    PlanAssignment,
    status_of,
)
from fieldops.dispatch.precedence import unfinished_befores
from fieldops.dispatch.rules import every_seat
from fieldops.dispatch.schemas import JobOut, PartNeed, SeatNeed, ToolNeed
from fieldops.dispatch.service import AssignmentLine, unknown_job
from fieldops.dispatch.tasks.models import Task
from fieldops.fleet.models import Aircraft
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import Technician
from inventory.catalogue.models import Part
from inventory.kernel.lookup import named_like, nearest, portions
from inventory.kernel.priority import Priority
from inventory.kernel.texts import local
from inventory.network.models import Place, Region


@dataclass(frozen=True, slots=True)
class OpenJob:
    """An open job that nobody is sent to yet, as plans see it.

    `seats` are all of its seats, with the qualifications that each asks for, `crew` who has one of them already.
    `after` are the jobs before it that are planned still; those that are under way end at `released_at`.
    """

    number: str
    title: str
    kind: JobKind
    priority: Priority
    place: str
    aircraft: str | None
    duration_s: int
    window_start: datetime
    window_end: datetime
    due_at: datetime
    delay_cost_per_h: Decimal
    currency: str
    version: int
    seats: tuple[tuple[Seat, tuple[str, ...]], ...]
    parts: tuple[tuple[str, Decimal], ...]
    tools: tuple[tuple[str, int], ...]
    crew: tuple[Sitting, ...]
    after: tuple[str, ...]
    released_at: datetime | None
    work: Work
    locked: bool = False


def open_jobs(session: Session, end: datetime, numbers: Collection[str] | None = None) -> list[OpenJob]:
    """Return the open jobs that may start before `end`, or should have, by number; all, or some by number."""
    chosen: tuple[ColumnElement[bool], ...] = (Job.state == JobState.PLANNED, Job.window_start < end)
    if numbers is not None:
        chosen = (*chosen, Job.number.in_(sorted(numbers)))
    works = {one.number: one for one in works_of(session, *chosen)}
    crews = crew_of(session, {one.key for one in works.values()})
    parts: defaultdict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for number, part, quantity in session.execute(
        select(Job.number, Part.part_number, JobPart.quantity)
        .join(JobPart, JobPart.job_id == Job.id)
        .join(Part, Part.id == JobPart.part_id)
        .where(*chosen)
        .order_by(Part.part_number)
    ):
        parts[number].append((part, quantity))
    tools: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for number, kind, count in session.execute(
        select(Job.number, JobTool.kind, JobTool.count)
        .join(JobTool, JobTool.job_id == Job.id)
        .where(*chosen)
        .order_by(JobTool.kind)
    ):
        tools[number].append((kind, count))
    befores = unfinished_befores(session, *chosen)
    rows = session.execute(
        select(
            Job.number,
            Job.title,
            Job.kind,
            Job.priority,
            Place.code.label("place"),
            Job.aircraft,
            Job.duration_s,
            Job.window_start,
            Job.window_end,
            Job.due_at,
            Job.delay_cost_per_h,
            Job.currency,
            Job.version,
            Job.locked_by.is_not(None).label("locked"),
        )
        .join(Place, Place.id == Job.place_id)
        .where(*chosen)
        .order_by(Job.number)
    )
    return [
        OpenJob(
            **row,
            seats=tuple(_with_qualifications(work)),
            parts=tuple(parts[work.number]),
            tools=tuple(tools[work.number]),
            crew=tuple(crews[work.key]),
            after=befores[work.number].planned,
            released_at=befores[work.number].ends_at,
            work=work,
        )
        for row in rows.mappings()
        for work in (works[row["number"]],)
    ]


def _with_qualifications(work: Work) -> Iterator[tuple[Seat, tuple[str, ...]]]:
    for seat in every_seat(work.seats):
        # a trainee has a supervisor who holds them
        yield seat, () if seat is Seat.TRAINEE else tuple(sorted(work.seats[seat].demand.qualifications))


def count_jobs(session: Session, region: str | None = None) -> int:
    """Return the number of open jobs, of one region or of all."""
    query = select(func.count()).select_from(Job).where(Job.state == JobState.PLANNED)
    if region is not None:
        query = query.join(Place, Place.id == Job.place_id).join(Region, Region.id == Place.region_id)
        query = query.where(Region.code == region)
    return session.scalar(query) or 0


def job_page(
    session: Session,
    *,
    after: str = "",
    limit: int = 1,
    number: str | None = None,
    region: str | None = None,
    priority: Priority | None = None,
) -> list[JobOut]:
    """Return up to `limit` jobs with a number after `after`, by number."""
    # columns, not entities, which cost twice as much to load
    query = (
        select(
            Job.id,
            Job.version,
            Job.number,
            Job.work_order,
            Job.title,
            Job.title_zh,
            Job.kind,
            Job.state,
            Job.priority,
            Place.code.label("place"),
            Region.code.label("region"),
            Job.aircraft,
            Job.duration_s,
            Job.window_start,
            Job.window_end,
            Job.due_at,
            Job.delay_cost_per_h,
            Job.currency,
            Aircraft.registration.label("tail"),
            Job.task,
            Job.system,
            Job.release_level,
            Job.inspection,
            Job.data_reference,
            Job.data_revision,
            Job.locked_by,
            Job.locked_at,
            Job.lock_reason,
            Task.learned_min,
            Task.learned_p90_min,
            Task.learned_from,
        )
        .join(Place, Place.id == Job.place_id)
        .outerjoin(Task, Task.code == Job.task)
        .outerjoin(Region, Region.id == Place.region_id)
        .outerjoin(Aircraft, Aircraft.id == Job.aircraft_id)
        .where(Job.number > after)
        .order_by(Job.number)
        .limit(limit)
    )
    if number is not None:
        query = query.where(Job.number == number)
    if region is not None:
        query = query.where(Region.code == region)
    if priority is not None:
        query = query.where(Job.priority == priority)
    rows = session.execute(query).mappings().all()
    needs = _needs(session, [row["id"] for row in rows])
    return [
        JobOut.model_validate(
            {
                **row,
                "duration_min": row["duration_s"] // 60,
                "duration_p90_min": _p90_min(row["duration_s"], row["learned_min"], row["learned_p90_min"]),
                "status": status_of(row["state"]),
                **needs[row["id"]],
            }
        )
        for row in rows
    ]


def _p90_min(duration_s: int, learned_min: int | None, learned_p90_min: int | None) -> int | None:
    """Return what nine of ten such jobs stay below, as far from the job's duration as its task's is."""
    if learned_min is None or learned_p90_min is None:
        return None
    return round(duration_s / 60 * learned_p90_min / learned_min)


def _needs(session: Session, keys: Sequence[UUID]) -> dict[UUID, dict[str, list[Any]]]:
    """Return {job: what it needs, by the names of the fields that tell it}, in a query for each kind of need."""
    found: dict[UUID, dict[str, list[Any]]] = {
        key: {"qualifications": [], "parts": [], "seats": [], "tools": [], "after": []} for key in keys
    }
    asked = select(JobQualification).where(JobQualification.job_id.in_(keys))
    for one in session.scalars(asked.order_by(JobQualification.qualification_code)):
        found[one.job_id]["qualifications"].append(one.qualification_code)
    other = aliased(Part)
    alternates: defaultdict[tuple[UUID, UUID], list[str]] = defaultdict(list)
    for key, part_id, code in session.execute(
        select(JobAlternate.job_id, JobAlternate.part_id, other.part_number)
        .join(other, other.id == JobAlternate.alternate_id)
        .where(JobAlternate.job_id.in_(keys))
        .order_by(other.part_number)
    ):
        alternates[key, part_id].append(code)
    for key, part_id, part, quantity in session.execute(
        select(JobPart.job_id, Part.id, Part.part_number, JobPart.quantity)
        .join(Part, Part.id == JobPart.part_id)
        .where(JobPart.job_id.in_(keys))
        .order_by(Part.part_number)
    ):
        need = PartNeed(part=part, quantity=quantity, alternates=tuple(alternates[key, part_id]))
        found[key]["parts"].append(need)
    for seat in session.scalars(select(JobSeat).where(JobSeat.job_id.in_(keys)).order_by(JobSeat.seat)):
        found[seat.job_id]["seats"].append(
            SeatNeed(
                seat=seat.seat,
                count=seat.count,
                qualifications=tuple(seat.qualifications),
                security_level=seat.security_level,
            )
        )
    for tool in session.scalars(select(JobTool).where(JobTool.job_id.in_(keys)).order_by(JobTool.kind)):
        found[tool.job_id]["tools"].append(ToolNeed(kind=tool.kind, count=tool.count))
    before = aliased(Job)
    for key, number in session.execute(
        select(JobPrecedence.job_id, before.number)
        .join(before, before.id == JobPrecedence.after_id)
        .where(JobPrecedence.job_id.in_(keys))
        .order_by(before.number)
    ):
        found[key]["after"].append(number)
    return found


def job_by_number(session: Session, number: str) -> JobOut:
    """Return a job; raises NotFound for an unknown number."""
    found = job_page(session, number=number)
    if not found:
        raise unknown_job(number)
    return found[0]


def job_numbers(session: Session) -> frozenset[str]:
    """Return the numbers of all jobs that the session's actor sees."""
    return frozenset(session.scalars(select(Job.number)))


@dataclass(frozen=True, slots=True)
class UrgentJob:
    """An AOG or critical job that is not done."""

    number: str
    title: str
    title_zh: str | None
    priority: Priority
    state: JobState
    place: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class JobHead:
    """What a page says of a job that it names."""

    title: str
    aircraft: str | None
    priority: Priority
    place: str
    title_zh: str | None = None

    @property
    def called(self) -> str:
        """Return the title in the reader's language."""
        return local(self.title, self.title_zh)


def find_jobs(session: Session, text: str, limit: int) -> list[tuple[str, str]]:
    """Return (number, title) of jobs whose number, work order, title or tail holds a text, the nearest first."""
    wanted = named_like(text, Job.number, Job.work_order, Job.title, Job.title_zh, Job.aircraft)
    query = select(Job.number, Job.title, Job.title_zh).where(wanted).order_by(*nearest(text, Job.number))
    return [(number, local(title, chinese)) for number, title, chinese in session.execute(query.limit(limit))]


def urgent_jobs(session: Session, *, region: str | None, limit: int) -> list[UrgentJob]:
    """Return up to `limit` AOG and critical jobs that are not done, AOG first, then by when they are due."""
    over = {JobState.RELEASED, JobState.ADVISORY_CLOSED, JobState.CLOSED}
    query = (
        select(Job.number, Job.title, Job.title_zh, Job.priority, Job.state, Place.code, Job.due_at)
        .join(Place, Place.id == Job.place_id)
        .where(Job.priority != Priority.ROUTINE, Job.state.not_in(over))
        .order_by(Job.priority != Priority.AOG, Job.due_at, Job.number)
        .limit(limit)
    )
    if region is not None:
        query = query.join(Region, Region.id == Place.region_id).where(Region.code == region)
    return [UrgentJob(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class JobNeed:
    """An open job that needs some of a part."""

    job: str
    title: str
    title_zh: str | None
    priority: Priority
    place: str
    due_at: datetime
    quantity: Decimal


def parts_of(session: Session, number: str) -> list[tuple[str, Decimal]]:
    """Return (part, pieces) that a job needs, by part."""
    query = select(Part.part_number, JobPart.quantity).join(JobPart, JobPart.part_id == Part.id)
    query = query.join(Job, Job.id == JobPart.job_id).where(Job.number == number).order_by(Part.part_number)
    return [(part, quantity) for part, quantity in session.execute(query)]


def needs_of(session: Session, part: str, *, limit: int) -> list[JobNeed]:
    """Return up to `limit` open jobs that need a part, AOG first, then by when they are due."""
    over = {JobState.RELEASED, JobState.ADVISORY_CLOSED, JobState.CLOSED}
    rank = case({Priority.AOG: 0, Priority.CRITICAL: 1}, value=Job.priority, else_=2)
    query = (
        select(Job.number, Job.title, Job.title_zh, Job.priority, Place.code, Job.due_at, JobPart.quantity)
        .join(JobPart, JobPart.job_id == Job.id)
        .join(Part, Part.id == JobPart.part_id)
        .join(Place, Place.id == Job.place_id)
        .where(Part.part_number == part, Job.state.not_in(over))
        .order_by(rank, Job.due_at, Job.number)
        .limit(limit)
    )
    return [JobNeed(*row) for row in session.execute(query)]


def tasks_of(session: Session, numbers: Sequence[str]) -> dict[str, str]:
    """Return {job: its task} of those jobs that have one."""
    found: dict[str, str] = {}
    for some in portions(sorted(numbers)):
        query = select(Job.number, Job.task).where(Job.number.in_(some))
        found |= {number: task for number, task in session.execute(query) if task is not None}
    return found


def job_heads(session: Session, numbers: Collection[str]) -> dict[str, JobHead]:
    """Return {number: head} of jobs."""
    rows = session.execute(
        select(Job.number, Job.title, Job.aircraft, Job.priority, Place.code, Job.title_zh)
        .join(Place, Place.id == Job.place_id)
        .where(Job.number.in_(numbers))
    )
    return {row[0]: JobHead(*row[1:]) for row in rows}


def assignments(session: Session, plan_id: UUID, numbers: Collection[str] | None = None) -> list[AssignmentLine]:
    """Return the assignments of a plan, of all jobs or of some, by start, technician, job and position.

    Who sees a job but not the base of its technician gets "" for the technician.
    """
    query = (
        select(PlanAssignment, Job.number, func.coalesce(Technician.code, ""))
        .join(Job, Job.id == PlanAssignment.job_id)
        .outerjoin(Technician, Technician.id == PlanAssignment.technician_id)
        .where(PlanAssignment.plan_id == plan_id)
        .order_by(PlanAssignment.starts_at, Technician.code, Job.number, PlanAssignment.position)
    )
    if numbers is not None:
        query = query.where(Job.number.in_(sorted(numbers)))
    return [
        AssignmentLine(
            job=job,
            position=one.position,
            seat=one.seat,
            technician=technician,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            parts_ready_at=one.parts_ready_at,
            travel_s=one.travel_s,
            labour_cost=one.labour_cost,
            travel_cost=one.travel_cost,
            lateness_cost=one.lateness_cost,
            currency=one.currency,
            held=one.held,
        )
        for one, job, technician in session.execute(query)
    ]
