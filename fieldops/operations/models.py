"""The table that says which worker leads, where the database has no locks of its own for that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base
from inventory.kernel.scope import PRIVATE, declare


@declare(PRIVATE, audited=False)
class WorkerLease(Base):
    """The right of one worker to lead until an instant, on SQLite."""

    __tablename__ = "worker_lease"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    worker: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime]
