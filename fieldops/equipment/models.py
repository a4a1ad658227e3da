"""Tables of the equipment."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.actor import Scope
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import SHARED, Keys, declare, within
from inventory.kernel.types import text_enum
from inventory.network.scope import OF_PLACE, places_seen, places_within


@declare(SHARED)
class ToolKind(Base):
    """A kind of tool or ground equipment; a kind without an interval needs no calibration."""

    __tablename__ = "tool_kind"
    __table_args__ = (CheckConstraint("calibration_days > 0", name="calibration"),)

    code: Mapped[str] = mapped_column(String(48), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    calibration_days: Mapped[int | None]


@declare(SHARED)
class ToolEquivalent(Base):
    """A kind of tool that does the work of another, by a source that says so."""

    __tablename__ = "tool_equivalent"

    kind: Mapped[str] = mapped_column(ForeignKey("tool_kind.code"), primary_key=True)
    equivalent: Mapped[str] = mapped_column(ForeignKey("tool_kind.code"), primary_key=True)
    source: Mapped[str] = mapped_column(String(200))


@declare(OF_PLACE)
class Tool(Identified, Versioned, Base):
    """One tool, known by its serial number, at the place that it belongs to; `lent_to` names who has it meanwhile."""

    __tablename__ = "tool"
    __table_args__ = (UniqueConstraint("kind", "serial"),)

    kind: Mapped[str] = mapped_column(ForeignKey("tool_kind.code"))
    serial: Mapped[str] = mapped_column(String(48))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    calibrated_on: Mapped[date | None]
    calibration_due: Mapped[date | None]
    out_of_service: Mapped[bool] = mapped_column(default=False)
    lent_to: Mapped[str | None] = mapped_column(String(200))
    lent_until: Mapped[datetime | None]


def _tools(places: Keys) -> Keys:
    tools = Tool.__table__.c

    def keys(scope: Scope) -> Select[Any]:
        return select(tools.id).where(tools.place_id.in_(places(scope)))

    return keys


_OF_TOOL = within("tool_id", _tools(places_within), reading=_tools(places_seen))


@declare(_OF_TOOL)
class ToolBooking(Identified, Base):
    """A tool is kept for a document, such as a job, for a span; `ends_at` is exclusive.

    What is released is not kept any more; `release_reason` says why, where nobody gave the tool back.
    """

    __tablename__ = "tool_booking"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="span"),
        Index("ix_tool_booking_tool_id_ends_at", "tool_id", "ends_at"),
        Index("ix_tool_booking_document", "document"),
    )

    tool_id: Mapped[UUID] = mapped_column(ForeignKey("tool.id"))
    document: Mapped[str] = mapped_column(String(48))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    booked_by: Mapped[str] = mapped_column(String(64))
    released_at: Mapped[datetime | None]
    release_reason: Mapped[str | None] = mapped_column(String(200))


class CalibrationVerdict(StrEnum):
    """What a calibration found."""

    GOOD = "good"
    OUT = "out"


@declare(_OF_TOOL)
class Calibration(Identified, Base):
    """A tool was looked at on a day; `due` is the last day that it holds for, where it was found good."""

    __tablename__ = "calibration"
    __table_args__ = (UniqueConstraint("tool_id", "calibrated_on"),)

    tool_id: Mapped[UUID] = mapped_column(ForeignKey("tool.id"))
    calibrated_on: Mapped[date]
    verdict: Mapped[CalibrationVerdict] = mapped_column(text_enum(CalibrationVerdict))
    due: Mapped[date | None]
    certificate: Mapped[str] = mapped_column(String(200))
    laboratory: Mapped[str] = mapped_column(String(200))
