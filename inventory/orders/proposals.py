"""From what a plan proposes to draft orders: each proposal makes one, however often it is asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.kernel.actor import Actor
from inventory.kernel.errors import Invalid
from inventory.kernel.locks import Lock, locked_names
from inventory.kernel.texts import gettext as _
from inventory.orders.models import StockOrder
from inventory.orders.rules import OrderKind
from inventory.orders.schemas import NewOrder, NewOrderLine
from inventory.orders.service import draft
from inventory.planning.queries import orders as proposed
from inventory.planning.service import OrderLine


def draft_proposals(
    session: Session, actor: Actor, plan: UUID, numbers: Collection[str], now: datetime
) -> list[StockOrder]:
    """Return the orders of proposals of a plan in the order of their numbers, drafted where there are none yet.

    A proposal without origin is a purchase. What a job is served with is paid on the job's bill, and costs nothing
    here. Raises Invalid for a number that the plan does not propose, and as `draft`.
    """
    known = {one.number: one for one in proposed(session, plan)}
    for number in sorted(set(numbers) - known.keys()):
        raise Invalid(
            _("The plan proposes no order {number}; it shows what it does").format(number=number),
            code="unknown_proposal",
            field="proposals",
        )
    locked_names(session, Lock.STOCK, [f"orders of {plan}"])
    made = {one.proposal: one for one in session.scalars(select(StockOrder).where(StockOrder.plan_id == plan))}
    return [
        made.get(number) or draft(session, actor, _wanted(known[number], now), now, made_from=(plan, number))
        for number in sorted(set(numbers))
    ]


def _wanted(one: OrderLine, now: datetime) -> NewOrder:
    departs_at = max(one.departs_at, now)
    bought = one.origin is None
    return NewOrder(
        kind=OrderKind.PURCHASE if bought else OrderKind.TRANSFER,
        origin=one.origin,
        destination=one.destination,
        mode=None if bought else one.mode,
        departs_at=departs_at,
        arrives_at=max(one.arrives_at, departs_at) if departs_at == one.departs_at else None,
        freight=Decimal(0) if one.serves_job else one.freight_cost,
        lines=(
            NewOrderLine(
                part=one.part,
                quantity=one.quantity,
                cost=one.purchase_cost if bought else Decimal(0),
                serves_job=one.serves_job,
            ),
        ),
    )
