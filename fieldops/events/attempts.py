"""Sending outside, at least once: claim what is due, try it outside any transaction, settle how it went.

A claim ends by itself, so that what a crash interrupted is sent again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import SystemRandom
from typing import TypeVar

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from fieldops.events.models import DeliveryState, MailOutbox, WebhookDelivery
from fieldops.events.queries import last_number
from fieldops.events.rules import ATTEMPTS_MAX, retry_delay
from inventory.kernel.outbox import OutboxEvent

Row = TypeVar("Row", WebhookDelivery, MailOutbox)

CLAIMED = timedelta(minutes=5)
"""How long whoever claims one has to send it; beyond any time limit of the sending."""
KEPT = timedelta(days=30)
"""How long what was sent or given up stays on record."""
EVENTS_KEPT = timedelta(days=90)
"""How long events can be read."""
_EVENTS_AT_ONCE = 1_000
_ERROR_MAX = 400
_chance = SystemRandom()


def claim(session: Session, table: type[Row], candidates: Select[Row], now: datetime) -> Row | None:
    """Return the candidate that is due longest, claimed for CLAIMED; None where nothing is due."""
    due = (
        candidates.where(table.state == DeliveryState.PENDING, table.next_at <= now)
        .order_by(table.next_at, table.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=table)
    )
    found = session.scalar(due)
    if found is not None:
        found.attempts += 1
        found.next_at = now + CLAIMED
    return found


def settle(row: WebhookDelivery | MailOutbox, now: datetime, error: str | None, *, final: bool = False) -> None:
    """Say how an attempt went: done, to be tried again later, or given up after the last attempt or a final error."""
    if row.state is not DeliveryState.PENDING:
        return
    row.last_error = error and error[:_ERROR_MAX]
    if error is None:
        row.state, row.ended_at = DeliveryState.DONE, now
    elif final or row.attempts >= ATTEMPTS_MAX:
        row.state, row.ended_at = DeliveryState.DEAD, now
    else:
        row.next_at = now + retry_delay(row.attempts, _chance.random())


def prune_ended(session: Session, now: datetime) -> int:
    """Forget deliveries and mails that ended longer ago than KEPT, and events of before EVENTS_KEPT; returns how many.

    Of the events some go each time. Those that a delivery names stay as long as it does, and the last one stays: the
    relay counts on from its number.
    """
    over = [delete(table).where(table.ended_at < now - KEPT) for table in (WebhookDelivery, MailOutbox)]
    named = select(WebhookDelivery.number).where(WebhookDelivery.number.is_not(None))
    first = (
        select(OutboxEvent.id)
        .where(OutboxEvent.number < last_number(session), OutboxEvent.number.not_in(named))
        .order_by(OutboxEvent.number)
        .limit(_EVENTS_AT_ONCE)
        .subquery()
    )
    over.append(
        delete(OutboxEvent).where(OutboxEvent.id.in_(select(first.c.id)), OutboxEvent.happened_at < now - EVENTS_KEPT)
    )
    results = [session.execute(one, execution_options={"synchronize_session": False}) for one in over]
    return sum(result.rowcount for result in results)  # type: ignore[attr-defined]  # cursors' results
