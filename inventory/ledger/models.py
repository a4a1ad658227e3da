"""Tables of the stock ledger."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, UniqueConstraint, or_
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import Rule, declare, within
from inventory.kernel.types import BigIdentity, Quantity, text_enum
from inventory.network.scope import move_ends, pieces_seen, places_seen, shelves_seen


class Condition(StrEnum):
    """State of the material, apart from any hold on it. `SERVICEABLE` is of what nobody told more exactly."""

    NEW = "new"
    NEW_SURPLUS = "new_surplus"
    OVERHAULED = "overhauled"
    REPAIRED = "repaired"
    INSPECTED = "inspected"
    MODIFIED = "modified"
    SERVICEABLE = "serviceable"
    AS_REMOVED = "as_removed"
    UNSERVICEABLE = "unserviceable"
    BEYOND_ECONOMIC_REPAIR = "beyond_economic_repair"
    SCRAP = "scrap"


USABLE = frozenset(
    {
        Condition.NEW,
        Condition.NEW_SURPLUS,
        Condition.OVERHAULED,
        Condition.REPAIRED,
        Condition.INSPECTED,
        Condition.MODIFIED,
        Condition.SERVICEABLE,
    }
)
"""The conditions in which a part may be fitted."""


class Hold(StrEnum):
    """Why a part may not be used for the time being, whatever its condition."""

    NONE = "none"
    RECEIVING = "receiving"
    QUARANTINE = "quarantine"
    SUSPECTED_UNAPPROVED = "suspected_unapproved"
    CUSTOMS = "customs"
    DISPUTE = "dispute"


OWN = "own"
"""The owner of our own stock. Others are a kind and a code: customer:…, consignment:…, pool:…, loaned_in:…."""

NO_LOT = UUID(int=0)
"""Stands in a cell for stock without serial or lot number; a NULL could not be part of what a cell is found by."""


def cell_key(part: UUID, place: UUID, condition: str, hold: str, owner: str, lot: UUID) -> UUID:
    """Return the key of the balance of one cell, made of its dimensions (RFC 9562, version 5)."""
    return uuid5(part, f"{place.hex} {condition} {hold} {owner} {lot.hex}")


class LotKind(StrEnum):
    """Whether a number is of one piece or of a batch."""

    SERIAL = "serial"
    LOT = "lot"


def _somewhere_seen(table: Any, actor: Actor) -> ColumnElement[bool]:
    return or_(table.place_id.is_(None), table.place_id.in_(pieces_seen(actor.scope)))


@declare(Rule(_somewhere_seen))
class Lot(Identified, Versioned, Base):
    """A serial number, or the number of a lot. `place_id` is where a serial number is, NULL before its first receipt.

    Only the ledger changes where it is.
    """

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("part_id", "number"),)

    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"))
    number: Mapped[str] = mapped_column(String(48), index=True)
    kind: Mapped[LotKind] = mapped_column(text_enum(LotKind))
    made_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)


def _either_end(table: Any, actor: Actor) -> ColumnElement[bool]:
    seen = places_seen(actor.scope)
    return or_(table.from_place_id.in_(seen), table.to_place_id.in_(seen))


@declare(Rule(_either_end, {"from_place_id": move_ends, "to_place_id": move_ends}), audited=False)
class StockMove(Base):
    """One double entry: `quantity` of a part went from one cell to another. Never changed; corrected by a reversal.

    `moved_at` is when it happened, `recorded_at` when it was written down.
    """

    __tablename__ = "stock_move"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("from_cell <> to_cell", name="cells_differ"),
        CheckConstraint("moved_at <= recorded_at", name="not_ahead"),
        Index("ix_stock_move_from_cell_moved_at", "from_cell", "moved_at"),
        Index("ix_stock_move_to_cell_moved_at", "to_cell", "moved_at"),
        Index("ix_stock_move_lot_id", "lot_id"),
    )

    id: Mapped[int] = mapped_column(BigIdentity, primary_key=True)
    move_id: Mapped[UUID] = mapped_column(unique=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), index=True)
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lot.id"))
    from_cell: Mapped[UUID]
    to_cell: Mapped[UUID]
    from_place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    to_place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    condition: Mapped[Condition] = mapped_column(text_enum(Condition))
    to_condition: Mapped[Condition] = mapped_column(text_enum(Condition))
    hold: Mapped[Hold] = mapped_column(text_enum(Hold))
    to_hold: Mapped[Hold] = mapped_column(text_enum(Hold))
    owner: Mapped[str] = mapped_column(String(64))
    to_owner: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    document: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    moved_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    reverses: Mapped[UUID | None] = mapped_column(unique=True)


@declare(within("place_id", move_ends, reading=shelves_seen), audited=False)
class StockBalance(Base):
    """Projection of the moves: what a cell holds. Physical places never go below zero; virtual ones may."""

    __tablename__ = "stock_balance"
    __table_args__ = (
        CheckConstraint("is_virtual OR quantity >= 0", name="never_negative"),
        Index("ix_stock_balance_place_id_part_id", "place_id", "part_id"),
        Index("ix_stock_balance_part_id", "part_id"),
    )

    cell: Mapped[UUID] = mapped_column(primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    condition: Mapped[Condition] = mapped_column(text_enum(Condition))
    hold: Mapped[Hold] = mapped_column(text_enum(Hold))
    owner: Mapped[str] = mapped_column(String(64))
    lot_id: Mapped[UUID]
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    is_virtual: Mapped[bool]
