"""Tables of stocktakes: what is counted at a place, and what each cell of it came to."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import declare
from inventory.kernel.types import Money, Quantity, text_enum
from inventory.network.scope import OF_PLACE
from inventory.traceability.condition import Condition, Hold


class StocktakeState(StrEnum):
    """Where a stocktake stands."""

    COUNTING = "counting"
    TO_APPROVE = "to_approve"
    POSTED = "posted"
    CANCELLED = "cancelled"


@declare(OF_PLACE)
class Stocktake(Identified, Versioned, Base):
    """A count of a place: of all parts, of those listed, or of those of an ATA chapter.

    `counters` are all who ever counted a line of it. While a `blind` one is counted, nobody is told what is expected.
    """

    __tablename__ = "stocktake"

    number: Mapped[str] = mapped_column(String(24), unique=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    parts: Mapped[list[str] | None] = mapped_column(JSON)
    chapter: Mapped[str | None] = mapped_column(String(8))
    blind: Mapped[bool]
    state: Mapped[StocktakeState] = mapped_column(text_enum(StocktakeState), index=True)
    counters: Mapped[list[str]] = mapped_column(JSON)
    opened_by: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    counted_at: Mapped[datetime | None]
    submitted_by: Mapped[str | None] = mapped_column(String(64))
    submitted_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(400))


@declare(OF_PLACE)
class CountLine(Identified, Base):
    """What was counted of one cell. `book` is what the ledger held of it at the instant of the count.

    `value` is that of the variance, counted less book, at cost; stock of other owners has none. `recount` asks for
    another count before the line can be submitted.
    """

    __tablename__ = "count_line"
    __table_args__ = (
        UniqueConstraint("stocktake_id", "cell"),
        CheckConstraint("counted >= 0", name="counted"),
        Index("ix_count_line_place_id", "place_id"),
    )

    stocktake_id: Mapped[UUID] = mapped_column(ForeignKey("stocktake.id"))
    cell: Mapped[UUID]
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    condition: Mapped[Condition] = mapped_column(text_enum(Condition))
    hold: Mapped[Hold] = mapped_column(text_enum(Hold))
    owner: Mapped[str] = mapped_column(String(64))
    lot_id: Mapped[UUID]
    lot: Mapped[str | None] = mapped_column(String(48))
    book: Mapped[Decimal] = mapped_column(Quantity)
    counted: Mapped[Decimal | None] = mapped_column(Quantity)
    counted_at: Mapped[datetime | None]
    counted_by: Mapped[str | None] = mapped_column(String(64))
    variance: Mapped[Decimal] = mapped_column(Quantity)
    value: Mapped[Decimal] = mapped_column(Money)
    recount: Mapped[bool]
