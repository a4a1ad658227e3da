"""Reads of stock planning."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, aliased

from inventory.catalogue.models import Part
from inventory.network.models import Place
from inventory.planning.models import PlannedOrder, StockTarget
from inventory.planning.schemas import TargetOut
from inventory.planning.service import OrderLine


def targets(session: Session) -> list[tuple[str, str, Decimal]]:
    """Return (part number, place code, target quantity), in that order."""
    rows = session.execute(
        select(Part.part_number, Place.code, StockTarget.quantity)
        .join(Part, Part.id == StockTarget.part_id)
        .join(Place, Place.id == StockTarget.place_id)
        .where(StockTarget.quantity > 0)
        .order_by(Part.part_number, Place.code)
    )
    return list(rows)


def target_page(session: Session, *, after: tuple[str, str], limit: int) -> list[TargetOut]:
    """Return up to `limit` targets after `after`, by part and place; those of zero are among them."""
    key = (Part.part_number, Place.code)
    rows = session.execute(
        select(*key, StockTarget.quantity)
        .join(Part, Part.id == StockTarget.part_id)
        .join(Place, Place.id == StockTarget.place_id)
        .where(tuple_(*key) > tuple_(*after))
        .order_by(*key)
        .limit(limit)
    )
    return [TargetOut(part=part, place=place, quantity=quantity) for part, place, quantity in rows]


def orders(session: Session, plan_id: UUID) -> list[OrderLine]:
    """Return the orders of a plan, by number."""
    origin, destination = aliased(Place), aliased(Place)
    rows = session.execute(
        select(PlannedOrder, Part.part_number, origin.code, destination.code)
        .join(Part, Part.id == PlannedOrder.part_id)
        .outerjoin(origin, origin.id == PlannedOrder.origin_id)
        .join(destination, destination.id == PlannedOrder.destination_id)
        .where(PlannedOrder.plan_id == plan_id)
        .order_by(PlannedOrder.number)
    )
    return [
        OrderLine(
            number=order.number,
            part=part,
            origin=origin_code,
            destination=destination_code,
            quantity=order.quantity,
            mode=order.mode,
            departs_at=order.departs_at,
            arrives_at=order.arrives_at,
            freight_cost=order.freight_cost,
            purchase_cost=order.purchase_cost,
            currency=order.currency,
            serves_job=order.serves_job,
            held=order.held,
        )
        for order, part, origin_code, destination_code in rows
    ]
