"""The money of an order: asked about, committed and given back by whoever keeps the budgets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from inventory.kernel.actor import NETWORK, Actor
from inventory.kernel.errors import Conflict, DomainError, Forbidden, NotFound
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.orders.models import StockOrder
from inventory.ports import Answer, Cost, Document, Spend

_EXPEDITED = "aog"
"""The mode whose freight is paid from what is kept for haste."""


def waits(session: Session, actor: Actor, spend: Spend, order: StockOrder, now: datetime) -> bool:
    """Tell whether the money of an order would have to wait for an approval now."""
    if not order.freight:
        return False
    with _paying(session, actor, order) as payer:
        return spend.quote(session, payer, _document(order, now)).outcome == "approve"


def take(session: Session, actor: Actor, spend: Spend, order: StockOrder, now: datetime) -> Answer | None:
    """Commit what an order costs, or ask for the approval that it needs; None where it costs nothing.

    Raises Conflict where the budget blocks it, Forbidden where the region that pays has not agreed.
    """
    if not order.freight:
        return None
    with _paying(session, actor, order) as payer:
        return spend.commit(session, payer, _document(order, now), now)


def give_back(session: Session, actor: Actor, spend: Spend, order: StockOrder, reason: str, now: datetime) -> None:
    """Give back what an order holds, or withdraw what its money waits for; nothing where there is neither."""
    if order.approval is None and order.released_at is None:
        return
    network = replace(actor, scope=NETWORK)  # whoever gives an order up takes nobody's money
    with unscoped(session), suppress(NotFound):
        spend.release(session, network, _document(order, now, reason), now)


@contextmanager
def _paying(session: Session, actor: Actor, order: StockOrder) -> Iterator[Actor]:
    """Give who spends the money of the region that pays: its own people, or for them who takes the order that they
    drafted. What its budget holds is told to nobody else.
    """
    if actor.scope.holds_region(order.region):
        yield actor
        return
    if order.payer_agreed_by is None:
        raise Forbidden(
            _("{region} pays for {number} and has not agreed; let somebody of it change the draft").format(
                region=order.region, number=order.number
            ),
            code="payer_not_agreed",
            field="region",
        )
    try:
        with unscoped(session):
            yield replace(actor, scope=NETWORK)
    except DomainError:
        raise Conflict(
            _("{region} cannot pay for {number} now; ask its manager").format(region=order.region, number=order.number),
            code="payer_cannot_pay",
            field="region",
        ) from None


def _document(order: StockOrder, now: datetime, reason: str | None = None) -> Document:
    category = "expedite" if order.mode == _EXPEDITED else "freight"
    return Document(
        kind=order.kind,
        number=order.number,
        region=order.region,
        day=max(order.departs_at, now).astimezone(UTC).date(),
        priority=order.priority,
        costs=[Cost("freight", category, order.freight, order.currency)],
        reason=reason,
    )
