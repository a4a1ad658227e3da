"""Tables of stock planning."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, UniqueConstraint, or_
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, Identified
from inventory.kernel.scope import Rule, declare
from inventory.kernel.types import Money, Quantity
from inventory.network.scope import OF_PLACE, places_seen, places_within


@declare(OF_PLACE)
class StockTarget(Base):
    """How much of a part a place shall hold."""

    __tablename__ = "stock_target"
    __table_args__ = (CheckConstraint("quantity >= 0", name="quantity"),)

    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True, index=True)
    quantity: Mapped[Decimal] = mapped_column(Quantity)


def _either_end(table: Any, actor: Actor) -> ColumnElement[bool]:
    seen = places_seen(actor.scope)
    return or_(table.origin_id.in_(seen), table.destination_id.in_(seen))


@declare(Rule(_either_end, {"destination_id": places_within}), audited=False)
class PlannedOrder(Identified, Base):
    """A transfer (or, without origin, a purchase) proposed by one plan; `held` waits for an approval."""

    __tablename__ = "planned_order"
    __table_args__ = (UniqueConstraint("plan_id", "number"), CheckConstraint("quantity > 0", name="quantity"))

    plan_id: Mapped[UUID]
    number: Mapped[str] = mapped_column(String(24))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"))
    origin_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    destination_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    mode: Mapped[str] = mapped_column(String(48))
    departs_at: Mapped[datetime]
    arrives_at: Mapped[datetime]
    freight_cost: Mapped[Decimal] = mapped_column(Money)
    purchase_cost: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    serves_job: Mapped[str | None] = mapped_column(String(48), index=True)
    held: Mapped[bool]
