"""Tables of the fiscal calendars."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.finance.calendars.rules import Pattern
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import SHARED, declare
from inventory.kernel.types import text_enum


class PeriodState(StrEnum):
    """Whether something may be posted in a period."""

    OPEN = "open"
    CLOSED = "closed"


@declare(SHARED)
class FiscalCalendar(Identified, Base):
    """How years are divided; that of one region, or of all that have none of their own."""

    __tablename__ = "fiscal_calendar"
    __table_args__ = (Index("uq_fiscal_calendar_region", "region_id", unique=True),)

    code: Mapped[str] = mapped_column(String(48), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    pattern: Mapped[Pattern] = mapped_column(text_enum(Pattern))
    region_id: Mapped[UUID | None] = mapped_column(ForeignKey("region.id"))


@declare(SHARED)
class FiscalPeriod(Identified, Versioned, Base):
    """One period of a calendar; `period_end` is the first day after it."""

    __tablename__ = "fiscal_period"
    __table_args__ = (
        UniqueConstraint("calendar_id", "code"),
        UniqueConstraint("calendar_id", "period_start"),
        CheckConstraint("period_start < period_end", name="period"),
    )

    calendar_id: Mapped[UUID] = mapped_column(ForeignKey("fiscal_calendar.id"))
    code: Mapped[str] = mapped_column(String(16))
    period_start: Mapped[date]
    period_end: Mapped[date]
    state: Mapped[PeriodState] = mapped_column(text_enum(PeriodState))
    changed_by: Mapped[str | None] = mapped_column(String(64))
    changed_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(400))
