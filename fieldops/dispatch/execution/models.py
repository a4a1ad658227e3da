"""Tables of execution: the events of jobs, those that wait for a person, releases."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, or_
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.dispatch.execution.lifecycle import EventKind
from fieldops.dispatch.models import OF_JOB
from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import Rule, declare
from inventory.kernel.types import text_enum
from inventory.network.scope import places_seen


@declare(OF_JOB, audited=False)
class JobEvent(Base):
    """Something that happened to a job, as it was told; never changed.

    `id` is the sender's, which makes it count once. `technician_id` is who did it, none for the office; `recorded_by`
    who sent it. `sequence` counts the events of a device.
    """

    __tablename__ = "job_event"
    __table_args__ = (
        Index("ix_job_event_job_id_happened_at", "job_id", "happened_at"),
        Index("ix_job_event_technician_id_happened_at", "technician_id", "happened_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"))
    kind: Mapped[EventKind] = mapped_column(text_enum(EventKind))
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(64))
    technician_id: Mapped[UUID | None] = mapped_column(ForeignKey("technician.id"))
    person: Mapped[str | None] = mapped_column(String(48))
    device: Mapped[str] = mapped_column(String(48), default="")
    sequence: Mapped[int | None]
    told: Mapped[dict[str, Any]] = mapped_column(JSON)


class Decision(StrEnum):
    """What a person made of an event that waited."""

    OPEN = "open"
    FITS = "fits"
    """What it needed came in later."""
    APPLIED = "applied"
    DISCARDED = "discarded"


def _of_sender(table: Any, actor: Actor) -> ColumnElement[bool]:
    """Who sent a record, and those who see the place of its job."""
    own: ColumnElement[bool] = table.recorded_by == actor.id
    return or_(own, table.place_id.in_(places_seen(actor.scope)))


@declare(Rule(_of_sender))
class QuarantinedEvent(Versioned, Base):
    """An event that does not fit its job, or whose booking was refused, and why; a person applies or discards it.

    `event` is it as it was told; `place_id` that of its job, or of the base of its sender where the job is not known.
    `happened_at` is its time as a person corrected it, `refused` what stands against its signature at that time.
    """

    __tablename__ = "quarantined_event"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(48), index=True)
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)
    event: Mapped[dict[str, Any]] = mapped_column(JSON)
    recorded_by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(48))
    detail: Mapped[str] = mapped_column(String(1_000))
    state: Mapped[Decision] = mapped_column(text_enum(Decision), default=Decision.OPEN, index=True)
    happened_at: Mapped[datetime | None]
    refused: Mapped[list[list[str]] | None] = mapped_column(JSON(none_as_null=True))
    resolved_by: Mapped[str | None] = mapped_column(String(64))
    resolved_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(400))


@declare(OF_JOB)
class ReleaseCertificate(Identified, Base):
    """A certificate of release to service: who signed, by which data, with what limits and deferrals.

    One whose release was discarded is withdrawn, and stays to be seen.
    """

    __tablename__ = "release_certificate"

    number: Mapped[str] = mapped_column(String(48), unique=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), index=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("job_event.id"), unique=True)
    signatory_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"))
    signatory: Mapped[str] = mapped_column(String(48))
    name: Mapped[str] = mapped_column(String(200))
    approval: Mapped[str] = mapped_column(String(200))
    data_reference: Mapped[str] = mapped_column(String(200))
    data_revision: Mapped[str] = mapped_column(String(48))
    limitations: Mapped[str | None] = mapped_column(String(400))
    deferrals: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    released_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
