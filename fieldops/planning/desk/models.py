"""Table of the answers of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.dispatch.models import OF_JOB
from inventory.kernel.base import Base, Identified
from inventory.kernel.scope import declare


@declare(OF_JOB, audited=False)
class DeskAnswer(Identified, Base):
    """What was recommended for a job, on a plan: it can be taken until it expires, by whichever process is asked.

    A move is an answer that is taken at once. `undo` is what undoes one that was taken, for the `reason` that was told.
    With `locks` it was made when its job was locked, and is undone when that is unlocked.
    """

    __tablename__ = "desk_answer"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), index=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("day_plan.id"))
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    taken_by: Mapped[str | None] = mapped_column(String(64))
    taken_at: Mapped[datetime | None]
    locks: Mapped[bool] = mapped_column(default=False, server_default="0")
    reason: Mapped[str | None] = mapped_column(String(400))
    undone_by: Mapped[str | None] = mapped_column(String(64))
    undone_at: Mapped[datetime | None]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    undo: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
