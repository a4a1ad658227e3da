"""Table of the schedules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified


class Schedule(Identified, Base):
    """What to run when: `cron` (minute hour day month weekday) in `time_zone`, as a command of this program."""

    __tablename__ = "schedule"

    name: Mapped[str] = mapped_column(String(64), unique=True)
    arguments: Mapped[list[Any]] = mapped_column(JSON)
    cron: Mapped[str] = mapped_column(String(64))
    time_zone: Mapped[str] = mapped_column(String(64))
    enabled: Mapped[bool]
    last_started_at: Mapped[datetime | None]
    last_exit_status: Mapped[int | None]
