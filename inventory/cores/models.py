"""Tables of removed units."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import declare
from inventory.kernel.types import Money, text_enum
from inventory.network.scope import OF_PLACE


class RemovalKind(StrEnum):
    """What is owed for a removed unit."""

    EXCHANGE_CORE = "exchange_core"
    """Its title passes to us when the core is accepted."""
    REPAIR_AND_RETURN = "repair_and_return"
    WARRANTY_RETURN = "warranty_return"
    OWN_UNIT = "own_unit"
    SCRAP = "scrap"
    """With witnessed mutilation."""


class ObligationState(StrEnum):
    """Whether something is still owed."""

    OPEN = "open"
    CLOSED = "closed"


@declare(OF_PLACE)
class RemovedUnit(Identified, Versioned, Base):
    """A unit taken from an aircraft, and what is owed for it.

    `owner` is whose it is, as stock has owners; `tail` and `job` where and by which work it was removed; `source` the
    record that it comes from, which makes it once. `value` is what is charged where the unit never comes.
    """

    __tablename__ = "removed_unit"
    __table_args__ = (
        CheckConstraint("value >= 0", name="value"),
        CheckConstraint("(value IS NULL) = (currency IS NULL)", name="currency"),
    )

    number: Mapped[str] = mapped_column(String(48), unique=True)
    source: Mapped[str] = mapped_column(String(64), unique=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), index=True)
    serial: Mapped[str | None] = mapped_column(String(48))
    owner: Mapped[str] = mapped_column(String(64))
    tail: Mapped[str | None] = mapped_column(String(48), index=True)
    job: Mapped[str] = mapped_column(String(48), index=True)
    kind: Mapped[RemovalKind] = mapped_column(text_enum(RemovalKind))
    state: Mapped[ObligationState] = mapped_column(text_enum(ObligationState), default=ObligationState.OPEN, index=True)
    removed_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(400))
    position: Mapped[str | None] = mapped_column(String(48))
    tag: Mapped[str | None] = mapped_column(String(48))
    value: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str | None] = mapped_column(String(3))
    due_on: Mapped[date]
    closed_by: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(400))
