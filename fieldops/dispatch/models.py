"""Tables of dispatch."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Select,
    String,
    UniqueConstraint,
    case,
    or_,
    select,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.dispatch.checklists.rules import step_of
from fieldops.dispatch.execution.lifecycle import Ending, JobState, Terms
from fieldops.workforce.kinds import Seat
from inventory.kernel.actor import Actor, Scope
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.priority import Priority
from inventory.kernel.scope import Rule, declare
from inventory.kernel.types import Money, Quantity, text_enum
from inventory.network.scope import places_seen, places_within


class JobKind(StrEnum):
    """Why there is work to do."""

    AOG = "aog"
    DEFECT = "defect"
    CHECK = "check"
    BULLETIN = "bulletin"
    ADVISORY = "advisory"


class JobStatus(StrEnum):
    """Whether there is still something to do; `JobState` tells how far it is."""

    OPEN = "open"
    CLOSED = "closed"


def _jobs_seen(table: Any, actor: Actor) -> ColumnElement[bool]:
    """Those at one's places and those that one is lent to; for an AOG controller all AOG jobs of the network."""
    seen = [table.place_id.in_(places_seen(actor.scope)), table.number.in_(sorted(actor.scope.jobs))]
    return or_(*seen, table.priority == Priority.AOG) if actor.scope.aog_everywhere else or_(*seen)


@declare(Rule(_jobs_seen, {"place_id": places_within}))
class Job(Identified, Versioned, Base):
    """Work at a place that is done without interruption; it must start within its window.

    Longer work is broken into packages of one `work_order`, each a job of its own. `aircraft` is the registration as it
    was told, `aircraft_id` the tail where that is known. `system` is the one of several that the work is on, such as an
    engine. The job card is pinned to `data_reference` in its `data_revision`. `checklist` are the steps of the work, as
    they were when the job was made. With `locked_by` its people and its time stay in every plan.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("duration_s > 0", name="duration"),
        CheckConstraint("window_start <= window_end", name="window"),
        CheckConstraint("delay_cost_per_h >= 0", name="delay_cost"),
    )

    number: Mapped[str] = mapped_column(String(48), unique=True)
    work_order: Mapped[str] = mapped_column(String(48), index=True)
    title: Mapped[str] = mapped_column(String(200))
    title_zh: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[JobKind] = mapped_column(text_enum(JobKind))
    state: Mapped[JobState] = mapped_column(text_enum(JobState), default=JobState.PLANNED, index=True)
    priority: Mapped[Priority] = mapped_column(text_enum(Priority))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    aircraft: Mapped[str | None] = mapped_column(String(48))
    duration_s: Mapped[int]
    window_start: Mapped[datetime]
    window_end: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime]
    delay_cost_per_h: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    aircraft_id: Mapped[UUID | None] = mapped_column(ForeignKey("aircraft.id"), index=True)
    task: Mapped[str | None] = mapped_column(ForeignKey("task.code"), index=True)
    system: Mapped[str | None] = mapped_column(String(48))
    release_level: Mapped[str | None] = mapped_column(String(48))
    inspection: Mapped[bool] = mapped_column(default=False, server_default="0")
    data_reference: Mapped[str | None] = mapped_column(String(200))
    data_revision: Mapped[str | None] = mapped_column(String(48))
    checklist: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    locked_by: Mapped[str | None] = mapped_column(String(64))
    locked_at: Mapped[datetime | None]
    lock_reason: Mapped[str | None] = mapped_column(String(400))

    @hybrid_property
    def status(self) -> JobStatus:
        """Open until the job is closed."""
        return status_of(self.state)

    @status.inplace.expression
    @classmethod
    def _status(cls) -> ColumnElement[str]:
        return case((cls.state == JobState.CLOSED, JobStatus.CLOSED.value), else_=JobStatus.OPEN.value)

    @property
    def terms(self) -> Terms:
        """What decides which steps are open to the job."""
        terms = terms_of(self.kind, self.release_level, self.aircraft, inspection=self.inspection)
        return replace(terms, checklist=tuple(step_of(one) for one in self.checklist))


def terms_of(kind: JobKind, release_level: str | None, aircraft: str | None, *, inspection: bool) -> Terms:
    """Return what decides how a job ends: work on an aircraft, or that names a level, is released."""
    if kind is JobKind.ADVISORY:
        return Terms(Ending.ADVISORY, inspection)
    return Terms(Ending.PLAIN if release_level is None and aircraft is None else Ending.RELEASE, inspection)


def status_of(state: JobState) -> JobStatus:
    """Return whether a job in a state is still open."""
    return JobStatus.CLOSED if state is JobState.CLOSED else JobStatus.OPEN


def _own_jobs(scope: Scope) -> Select[Any]:
    jobs = Job.__table__.c
    return select(jobs.id).where(jobs.place_id.in_(places_within(scope)))


def _of_seen_job(table: Any, actor: Actor) -> ColumnElement[bool]:
    jobs = Job.__table__
    return table.job_id.in_(select(jobs.c.id).where(_jobs_seen(jobs.c, actor)))  # type: ignore[no-any-return]


OF_JOB = Rule(_of_seen_job, {"job_id": _own_jobs})
"""The rule of rows that belong to one job."""


@declare(OF_JOB)
class JobQualification(Base):
    """A qualification that the technician of a job must hold on the day."""

    __tablename__ = "job_qualification"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), primary_key=True)
    qualification_code: Mapped[str] = mapped_column(ForeignKey("qualification.code"), primary_key=True)


@declare(OF_JOB)
class JobPart(Base):
    """A part that must be at the place before the job starts."""

    __tablename__ = "job_part"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    quantity: Mapped[Decimal] = mapped_column(Quantity)


@declare(OF_JOB)
class JobAlternate(Base):
    """A part that may stand in for another that a job needs, where the links between them allow it on its aircraft."""

    __tablename__ = "job_alternate"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    alternate_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)


@declare(OF_JOB)
class JobSeat(Base):
    """Seats of one kind on a job, and what each who takes one must hold beside what rules ask."""

    __tablename__ = "job_seat"
    __table_args__ = (
        CheckConstraint("count > 0", name="count"),
        CheckConstraint("security_level >= 0", name="security"),
    )

    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), primary_key=True)
    seat: Mapped[Seat] = mapped_column(text_enum(Seat), primary_key=True)
    count: Mapped[int]
    qualifications: Mapped[list[str]] = mapped_column(JSON)
    security_level: Mapped[int] = mapped_column(default=0, server_default="0")


@declare(OF_JOB)
class JobTool(Base):
    """A kind of tool that a job needs, calibrated through its end."""

    __tablename__ = "job_tool"
    __table_args__ = (CheckConstraint("count > 0", name="count"),)

    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(ForeignKey("tool_kind.code"), primary_key=True)
    count: Mapped[int]


@declare(OF_JOB)
class JobPrecedence(Base):
    """A job that starts only when another is done."""

    __tablename__ = "job_precedence"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), primary_key=True)
    after_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), primary_key=True, index=True)


@declare(OF_JOB, audited=False)
class PlanAssignment(Identified, Base):
    """One seat of one job of one plan: who takes it and when; `held` waits for an approval.

    `position` is the place of the seat among those of its job, `every_seat`.
    """

    __tablename__ = "plan_assignment"
    __table_args__ = (UniqueConstraint("plan_id", "job_id", "position"),)

    plan_id: Mapped[UUID]
    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), index=True)
    position: Mapped[int]
    seat: Mapped[Seat] = mapped_column(text_enum(Seat))
    technician_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    parts_ready_at: Mapped[datetime | None]
    travel_s: Mapped[int]
    labour_cost: Mapped[Decimal] = mapped_column(Money)
    travel_cost: Mapped[Decimal] = mapped_column(Money)
    lateness_cost: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    held: Mapped[bool]
