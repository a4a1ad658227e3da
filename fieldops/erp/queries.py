"""Reads of the bridge's own records."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.erp.models import DeliveryState, ErpDelivery
from fieldops.finance.control.plans import COST_EVENT
from inventory.kernel.outbox import OutboxEvent


def undelivered(session: Session) -> list[OutboxEvent]:
    """Return the cost events that the ERP has not taken, in the order in which they happened.

    Those that it refused for good are left out: a person has to look at them first.
    """
    settled = select(ErpDelivery.event_id).where(ErpDelivery.state.in_((DeliveryState.DONE, DeliveryState.DEAD)))
    return list(
        session.scalars(
            select(OutboxEvent)
            .where(OutboxEvent.kind == COST_EVENT, OutboxEvent.id.not_in(settled))
            .order_by(OutboxEvent.id)
        )
    )


def delivery_counts(session: Session) -> dict[DeliveryState, int]:
    """Return how many deliveries are in each state."""
    rows = session.execute(select(ErpDelivery.state, func.count()).group_by(ErpDelivery.state))
    return dict(rows.all())
