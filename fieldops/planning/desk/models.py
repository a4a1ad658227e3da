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
    """What was recommended for a job, on a plan: it can be taken until it expires, by whichever process is asked."""

    __tablename__ = "desk_answer"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), index=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("day_plan.id"))
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    taken_at: Mapped[datetime | None]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
