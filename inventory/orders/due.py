"""What orders bring: released and not shipped yet, or on its way."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from inventory.availability.queries import Supply
from inventory.catalogue.models import Part
from inventory.kernel.types import Quantity
from inventory.network.models import Place
from inventory.orders.models import OrderPiece, StockOrder, StockOrderLine
from inventory.orders.rules import OrderState

ON_ITS_WAY = OrderPiece.shipped - OrderPiece.received - OrderPiece.lost
"""What of a piece has neither come nor been written off."""


def of_released(query: Any) -> Any:
    """Keep of the lines of orders those that are released and have not left."""
    return query.join(StockOrder, StockOrder.id == StockOrderLine.order_id).where(
        StockOrder.state == OrderState.RELEASED
    )


def of_shipped(query: Any) -> Any:
    """Keep of the lines of orders those that are on their way, joined with their pieces."""
    return (
        query.join(StockOrder, StockOrder.id == StockOrderLine.order_id)
        .join(OrderPiece, OrderPiece.line_id == StockOrderLine.id)
        .where(StockOrder.state == OrderState.SHIPPED)
    )


def is_ordered(plan: InstrumentedAttribute[UUID], proposal: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Return the criterion of proposals of plans whose order counts in their stead, or counted: it is no draft."""
    of_it = and_(StockOrder.plan_id == plan, StockOrder.proposal == proposal)
    return exists().where(of_it, StockOrder.state != OrderState.DRAFT)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What a line of an order still brings."""

    number: str
    part: str
    origin: str | None
    destination: str
    quantity: Decimal
    mode: str | None
    departs_at: datetime
    arrives_at: datetime
    serves_job: str | None


def under_way(
    session: Session,
    *,
    place: str | None = None,
    part: str | None = None,
    to: str | None = None,
    parts: Collection[UUID] | None = None,
    limit: int | None = None,
) -> list[UnderWay]:
    """Return what orders still bring, by when it arrives: from or to a place, of a part, to a place or of some parts.

    Of each state there are up to `limit`.
    """
    origin, destination = aliased(Place), aliased(Place)
    found = []
    for of_state, quantity in (
        (of_released, func.sum(StockOrderLine.quantity)),
        (of_shipped, func.sum(ON_ITS_WAY)),
    ):
        columns = (StockOrder.number, Part.part_number, origin.code, destination.code)
        rest = (StockOrder.mode, StockOrder.departs_at, StockOrder.arrives_at, StockOrderLine.serves_job)
        query = of_state(select(*columns, type_coerce(quantity, Quantity), *rest).select_from(StockOrderLine))
        query = (
            query.join(Part, Part.id == StockOrderLine.part_id)
            .outerjoin(origin, origin.id == StockOrder.origin_id)
            .join(destination, destination.id == StockOrder.destination_id)
            .group_by(StockOrderLine.id, *columns, *rest)
            .having(quantity > 0)
            .order_by(StockOrder.arrives_at, StockOrder.number)
            .limit(limit)
        )
        if place is not None:
            query = query.where(or_(origin.code == place, destination.code == place))
        if to is not None:
            query = query.where(destination.code == to)
        if part is not None:
            query = query.where(Part.part_number == part)
        if parts is not None:
            query = query.where(StockOrderLine.part_id.in_(parts))
        found += [UnderWay(*row) for row in session.execute(query)]
    return sorted(found, key=lambda one: (one.arrives_at, one.number, one.part))


def expected(session: Session, parts: Collection[UUID], place: str, now: datetime) -> list[Supply]:
    """Return what orders bring of some parts to a place; what is late is taken to come now."""
    return [Supply(one.quantity, max(one.arrives_at, now)) for one in under_way(session, to=place, parts=parts)]
