"""Tables of checklists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Versioned
from inventory.kernel.scope import SHARED, declare


@declare(SHARED)
class Checklist(Versioned, Base):
    """The steps of a task, or of every job of a kind. A job keeps them as they are when it is made.

    One that is not `active` is given to no new job.
    """

    __tablename__ = "checklist"
    __table_args__ = (CheckConstraint("(task IS NULL) <> (job_kind IS NULL)", name="belongs"),)

    code: Mapped[str] = mapped_column(String(48), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    title_zh: Mapped[str | None] = mapped_column(String(200))
    task: Mapped[str | None] = mapped_column(ForeignKey("task.code"), index=True)
    job_kind: Mapped[str | None] = mapped_column(String(32), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
