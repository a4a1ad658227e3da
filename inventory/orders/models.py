"""Tables of orders: what goes from where to where, line by line, and which pieces went."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.priority import Priority
from inventory.kernel.scope import Rule, declare
from inventory.kernel.types import Money, Quantity, text_enum
from inventory.network.scope import places_seen
from inventory.orders.rules import OrderKind, OrderState
from inventory.traceability.condition import Condition


def _either_end(table: Any, actor: Actor) -> ColumnElement[bool]:
    seen = places_seen(actor.scope)
    return or_(table.origin_id.in_(seen), table.destination_id.in_(seen))


# what may be done from which end depends on the step: the services ask
@declare(Rule(_either_end))
class StockOrder(Identified, Versioned, Base):
    """An order to move stock. `origin` of a purchase is the supplier, where one is known; `region` pays.

    `plan_id` and `proposal` name what it was made from, which makes it once. `payer_agreed_by` is who of the region
    that pays drafted it so, `approval` the request by which its money waited. What is on its way is at `transit_id`.
    """

    __tablename__ = "stock_order"
    __table_args__ = (
        UniqueConstraint("plan_id", "proposal"),
        CheckConstraint("origin_id <> destination_id", name="ends_differ"),
        CheckConstraint("origin_id IS NOT NULL OR kind = 'purchase'", name="origin"),
        CheckConstraint("(plan_id IS NULL) = (proposal IS NULL)", name="made_from"),
        CheckConstraint("departs_at <= arrives_at", name="period"),
        CheckConstraint("state NOT IN ('shipped', 'received') OR transit_id IS NOT NULL", name="transit"),
        CheckConstraint("freight >= 0", name="freight"),
        Index("ix_stock_order_state_destination_id", "state", "destination_id"),
    )

    number: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[OrderKind] = mapped_column(text_enum(OrderKind))
    state: Mapped[OrderState] = mapped_column(text_enum(OrderState))
    origin_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)
    destination_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    transit_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    region: Mapped[str] = mapped_column(String(48))
    priority: Mapped[Priority] = mapped_column(text_enum(Priority))
    mode: Mapped[str | None] = mapped_column(String(48))
    carrier: Mapped[str | None] = mapped_column(String(200))
    waybill: Mapped[str | None] = mapped_column(String(48))
    departs_at: Mapped[datetime]
    arrives_at: Mapped[datetime]
    currency: Mapped[str] = mapped_column(String(3))
    freight: Mapped[Decimal] = mapped_column(Money)
    plan_id: Mapped[UUID | None]
    proposal: Mapped[str | None] = mapped_column(String(48))
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    payer_agreed_by: Mapped[str | None] = mapped_column(String(64))
    approval: Mapped[str | None] = mapped_column(String(24))
    released_by: Mapped[str | None] = mapped_column(String(64))
    released_at: Mapped[datetime | None]
    shipped_by: Mapped[str | None] = mapped_column(String(64))
    shipped_at: Mapped[datetime | None]
    received_by: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None] = mapped_column(String(64))
    cancelled_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(400))


def _of_orders_seen(table: Any, actor: Actor) -> ColumnElement[bool]:
    order: Any = StockOrder.__table__
    return table.order_id.in_(select(order.c.id).where(_either_end(order.c, actor)))  # type: ignore[no-any-return]  # the rule gets any table


_OF_ORDER = Rule(_of_orders_seen)


@declare(_OF_ORDER)
class StockOrderLine(Identified, Base):
    """A quantity of a part; `lot` names the piece or lot and `condition` the condition that it must have.

    `cost` is what a purchase or repair of it costs in all, in the currency of the order.
    """

    __tablename__ = "stock_order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "line"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("cost >= 0", name="cost"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("stock_order.id"))
    line: Mapped[int]
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), index=True)
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    lot: Mapped[str | None] = mapped_column(String(48))
    condition: Mapped[Condition | None] = mapped_column(text_enum(Condition))
    owner: Mapped[str] = mapped_column(String(64))
    cost: Mapped[Decimal] = mapped_column(Money)
    serves_job: Mapped[str | None] = mapped_column(String(48), index=True)


@declare(_OF_ORDER)
class OrderPiece(Identified, Base):
    """What left of a line, by lot and condition, and what became of it: received, or written off on the way."""

    __tablename__ = "order_piece"
    __table_args__ = (
        Index("ix_order_piece_order_id", "order_id"),
        CheckConstraint("shipped > 0", name="shipped"),
        CheckConstraint("received >= 0 AND lost >= 0 AND received + lost <= shipped", name="never_more"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("stock_order.id"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("stock_order_line.id"), index=True)
    lot: Mapped[str | None] = mapped_column(String(48))
    condition: Mapped[Condition] = mapped_column(text_enum(Condition))
    shipped: Mapped[Decimal] = mapped_column(Quantity)
    received: Mapped[Decimal] = mapped_column(Quantity)
    lost: Mapped[Decimal] = mapped_column(Quantity)

    @property
    def on_its_way(self) -> Decimal:
        """What has neither come nor been written off."""
        return self.shipped - self.received - self.lost
