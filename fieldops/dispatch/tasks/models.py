"""Tables of tasks."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Versioned
from inventory.kernel.scope import SHARED, declare


@declare(SHARED)
class Task(Versioned, Base):
    """Work that jobs repeat; a `critical` one is done by different people on different systems of an aircraft.

    The minutes are those of one person: as estimated, and as learned from the jobs that are closed.
    """

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("0 < estimate_min AND estimate_min <= estimate_p90_min", name="estimate"),
        CheckConstraint("0 < learned_min AND learned_min <= learned_p90_min", name="learned"),
        CheckConstraint("learned_from >= 0", name="learned_from"),
    )

    code: Mapped[str] = mapped_column(String(48), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    title_zh: Mapped[str | None] = mapped_column(String(200))
    ata: Mapped[str] = mapped_column(String(8), index=True)
    critical: Mapped[bool] = mapped_column(default=False)
    inspection: Mapped[bool] = mapped_column(default=False)
    data_reference: Mapped[str | None] = mapped_column(String(200))
    data_revision: Mapped[str | None] = mapped_column(String(48))
    estimate_min: Mapped[int]
    estimate_p90_min: Mapped[int]
    learned_min: Mapped[int]
    learned_p90_min: Mapped[int]
    learned_from: Mapped[int] = mapped_column(default=0)
