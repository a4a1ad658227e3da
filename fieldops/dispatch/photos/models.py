"""Tables of photos."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.dispatch.models import OF_JOB
from inventory.kernel.base import Base, Versioned
from inventory.kernel.scope import declare


@declare(OF_JOB, secret={"content"})
class JobPhoto(Versioned, Base):
    """A photo of a job; `id` is the sender's, which makes it count once.

    `person` is the technician who took it, none for the office. A wrong one is struck out, and stays to be seen. The
    audit trail has its hash, not its content.
    """

    __tablename__ = "job_photo"
    __table_args__ = (CheckConstraint("(struck_at IS NULL) = (struck_reason IS NULL)", name="struck"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), index=True)
    step: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(String(200))
    person: Mapped[str | None] = mapped_column(String(48))
    taken_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(32))
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    struck_at: Mapped[datetime | None]
    struck_by: Mapped[str | None] = mapped_column(String(64))
    struck_reason: Mapped[str | None] = mapped_column(String(200))
