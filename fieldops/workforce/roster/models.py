"""Tables of the roster."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.workforce.kinds import AbsenceKind
from fieldops.workforce.models import OF_TECHNICIAN
from inventory.kernel.base import Base, Identified
from inventory.kernel.scope import SHARED, declare
from inventory.kernel.types import text_enum


@declare(SHARED)
class ShiftPattern(Base):
    """Duties that come again after so many days; each is {day: 0 …, starts, ends} in local time."""

    __tablename__ = "shift_pattern"
    __table_args__ = (CheckConstraint("cycle_days > 0", name="cycle"),)

    code: Mapped[str] = mapped_column(String(48), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    cycle_days: Mapped[int]
    duties: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


@declare(OF_TECHNICIAN)
class Absence(Identified, Base):
    """A technician is not there; `ends_at` is exclusive."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="span"),
        Index("ix_absence_technician_id_ends_at", "technician_id", "ends_at"),
    )

    technician_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"))
    kind: Mapped[AbsenceKind] = mapped_column(text_enum(AbsenceKind))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(String(200))


@declare(OF_TECHNICIAN)
class Standby(Identified, Base):
    """A technician can be called in; `ends_at` is exclusive."""

    __tablename__ = "standby"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="span"),
        CheckConstraint("callout_min > 0", name="callout"),
        Index("ix_standby_technician_id_ends_at", "technician_id", "ends_at"),
    )

    technician_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    callout_min: Mapped[int]


@declare(OF_TECHNICIAN)
class Secondment(Identified, Base):
    """The region of a technician lends the person to another region; `ends_at` is exclusive."""

    __tablename__ = "secondment"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="span"),
        Index("ix_secondment_technician_id_ends_at", "technician_id", "ends_at"),
    )

    technician_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"))
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    granted_by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(200))
