"""Long work as rows: anybody may submit an operation in a transaction of its own; workers execute them.

`fieldops.operations` runs what is submitted here, and fires the schedules.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.errors import TooMany
from inventory.kernel.scope import PRIVATE, Rule, declare, readable_regions
from inventory.kernel.texts import gettext as _
from inventory.kernel.types import text_enum

_MINUTE = timedelta(minutes=1)
_PACE_LOCK = 0x70616365
"""The number of the advisory locks of regions: “pace” in ASCII."""


class OperationState(StrEnum):
    """Where an operation stands; the last five are its ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"


class Urgency(IntEnum):
    """Which operation a worker takes first: the lowest number."""

    AOG = 0
    INTERACTIVE = 10
    SCHEDULED = 20
    NETWORK = 30


def _visible(table: Any, actor: Actor) -> ColumnElement[bool]:
    return or_(table.region.in_(readable_regions(actor.scope)), table.actor == actor.id)


@declare(Rule(visible=_visible), audited=False)
class Operation(Identified, Base):
    """Long work of one kind, submitted by `actor`, and what became of it.

    `acting` is the actor as it was then: it runs with what of that still holds when a worker takes it.
    `incumbent` is the best result so far, streamed while it runs; `result` that of its end. `region` is who may see
    it beside the actor and the whole network's staff: "-" for work across regions. `code` and `text` say why it ended
    otherwise than done, with `values` for the reader's language.
    """

    __tablename__ = "operation"

    kind: Mapped[str] = mapped_column(String(64), index=True)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    actor: Mapped[str] = mapped_column(String(64), index=True)
    acting: Mapped[dict[str, Any]] = mapped_column(JSON)
    region: Mapped[str] = mapped_column(String(48), index=True)
    urgency: Mapped[int]
    state: Mapped[OperationState] = mapped_column(text_enum(OperationState), index=True)
    submitted_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    stage: Mapped[str | None] = mapped_column(String(200))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    incumbent: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    code: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str | None] = mapped_column(String(400))
    values: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(64))
    heartbeat_at: Mapped[datetime | None]
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedule_run.id"))


@declare(PRIVATE)
class Schedule(Identified, Versioned, Base):
    """What to run when: `cron` (minute hour day month weekday) in `time_zone` submits an operation of a kind.

    It runs in the name of `owner`, who made or changed it last, with the rights of then; SYSTEM's is the product's own.
    Only slots after `effective_from` count: one that passed before the schedule was made or changed is not missed.
    """

    __tablename__ = "schedule"

    name: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(64))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    cron: Mapped[str] = mapped_column(String(64))
    time_zone: Mapped[str] = mapped_column(String(64))
    enabled: Mapped[bool]
    owner: Mapped[str] = mapped_column(String(64), server_default=SYSTEM.id)
    effective_from: Mapped[datetime]


@declare(PRIVATE, audited=False)
class ScheduleRun(Identified, Base):
    """One slot of a schedule: unique, so that whatever workers race for it, it runs once.

    `manual` is a run that somebody asked for, at the instant of asking.
    """

    __tablename__ = "schedule_run"
    __table_args__ = (UniqueConstraint("schedule_id", "slot"),)

    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedule.id", ondelete="CASCADE"))
    slot: Mapped[datetime]
    fired_at: Mapped[datetime]
    manual: Mapped[bool] = mapped_column(default=False)


def require_pace(session: Session, region: str, now: datetime, most: int) -> None:
    """Raise TooMany where `most` operations of a region were submitted in the last minute.

    What schedules submit by themselves is left out. Whoever asks meanwhile waits until the transaction ends.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite has but one writer
        session.execute(select(func.pg_advisory_xact_lock(_PACE_LOCK, func.hashtext(region))))
    by_hand = select(ScheduleRun.id).where(ScheduleRun.manual)
    asked_for = or_(Operation.run_id.is_(None), Operation.run_id.in_(by_hand))
    recent = list(
        session.scalars(
            select(Operation.submitted_at)
            .where(Operation.region == region, Operation.submitted_at > now - _MINUTE, asked_for)
            .order_by(Operation.submitted_at.desc())
            .limit(most)
        )
    )
    if len(recent) == most:
        wait = max(1, ceil((recent[-1] + _MINUTE - now).total_seconds()))
        raise TooMany(
            _("{region} has submitted {count} operations within a minute; try again in {seconds} seconds").format(
                region=region, count=most, seconds=wait
            ),
            code="too_many_submissions",
            retry_after_s=wait,
        )


def submit(
    session: Session,
    actor: Actor,
    kind: str,
    parameters: dict[str, Any],
    now: datetime,
    *,
    region: str = "-",
    urgency: int = Urgency.INTERACTIVE,
    run_id: UUID | None = None,
) -> Operation:
    """Add an operation to the caller's transaction; a worker takes it after the commit."""
    operation = Operation(
        kind=kind,
        parameters=parameters,
        actor=actor.id,
        acting=actor.as_json(),
        region=region,
        urgency=urgency,
        state=OperationState.QUEUED,
        submitted_at=now,
        run_id=run_id,
    )
    session.add(operation)
    session.flush()
    return operation
