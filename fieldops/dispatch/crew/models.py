"""Tables of crews."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.dispatch.models import OF_JOB
from fieldops.workforce.kinds import Seat
from inventory.kernel.base import Base, Identified
from inventory.kernel.scope import declare
from inventory.kernel.types import text_enum


@declare(OF_JOB)
class Assignment(Identified, Base):
    """A technician has a seat of a job from its start to its end; `ended_at` is when the seat was taken away again."""

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="span"),
        Index("ix_assignment_technician_id_ends_at", "technician_id", "ends_at"),
    )

    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), index=True)
    technician_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"))
    seat: Mapped[Seat] = mapped_column(text_enum(Seat))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[datetime | None]
