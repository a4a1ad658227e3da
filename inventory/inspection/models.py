"""Tables of receiving inspection."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified
from inventory.kernel.scope import declare, within
from inventory.kernel.types import Quantity, text_enum
from inventory.network.scope import places_seen, places_within
from inventory.traceability.condition import Condition, Hold


@declare(within("place_id", places_within, reading=places_seen))
class Inspection(Identified, Base):
    """What an inspector found of a quantity of one cell, and whether it was accepted; never changed.

    `checks` is {what was checked: {"passed", "remark"}}, `move_id` the move that followed, if one did.
    """

    __tablename__ = "inspection"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), index=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lot.id"), index=True)
    condition: Mapped[Condition] = mapped_column(text_enum(Condition))
    hold: Mapped[Hold] = mapped_column(text_enum(Hold))
    owner: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    checks: Mapped[dict[str, Any]] = mapped_column(JSON)
    accepted: Mapped[bool]
    to_condition: Mapped[Condition] = mapped_column(text_enum(Condition))
    ordered_by: Mapped[str | None] = mapped_column(String(64))
    document: Mapped[str] = mapped_column(String(64))
    inspector: Mapped[str] = mapped_column(String(64))
    inspected_at: Mapped[datetime]
    move_id: Mapped[UUID | None] = mapped_column(unique=True)
