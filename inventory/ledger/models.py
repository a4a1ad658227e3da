"""Tables of the stock ledger."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, or_
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base
from inventory.kernel.scope import Rule, declare, within
from inventory.kernel.types import BigIdentity, Quantity, text_enum
from inventory.network.scope import move_ends, places_seen, shelves_seen


class Condition(StrEnum):
    """State of the material, apart from any hold on it; later columns carry the finer states of the trade."""

    SERVICEABLE = "serviceable"
    UNSERVICEABLE = "unserviceable"


def _either_end(table: Any, actor: Actor) -> ColumnElement[bool]:
    seen = places_seen(actor.scope)
    return or_(table.from_place_id.in_(seen), table.to_place_id.in_(seen))


@declare(Rule(_either_end, {"from_place_id": move_ends, "to_place_id": move_ends}), audited=False)
class StockMove(Base):
    """One double entry: `quantity` of a part went from one place to another. Never changed; corrected by a reversal."""

    __tablename__ = "stock_move"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("from_place_id <> to_place_id", name="places_differ"),
        Index("ix_stock_move_part_id_condition", "part_id", "condition"),
    )

    id: Mapped[int] = mapped_column(BigIdentity, primary_key=True)
    move_id: Mapped[UUID] = mapped_column(unique=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"))
    from_place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    to_place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    condition: Mapped[Condition] = mapped_column(text_enum(Condition))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    document: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    moved_at: Mapped[datetime]


@declare(within("place_id", move_ends, reading=shelves_seen), audited=False)
class StockBalance(Base):
    """Projection of the moves: what lies at a place. Physical places never go below zero; virtual ones may."""

    __tablename__ = "stock_balance"
    __table_args__ = (
        CheckConstraint("is_virtual OR quantity >= 0", name="never_negative"),
        Index("ix_stock_balance_place_id", "place_id"),
    )

    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True)
    condition: Mapped[Condition] = mapped_column(text_enum(Condition), primary_key=True)
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    is_virtual: Mapped[bool]
