"""Sending outside, at least once: claim what is due, try it outside any transaction, settle how it went.

A claim ends by itself, so that what a crash interrupted is sent again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import SystemRandom
from typing import TypeVar

from sqlalchemy import Select, delete
from sqlalchemy.orm import Session

from fieldops.events.models import DeliveryState, MailOutbox, WebhookDelivery
from fieldops.events.rules import ATTEMPTS_MAX, retry_delay

Row = TypeVar("Row", WebhookDelivery, MailOutbox)

CLAIMED = timedelta(minutes=5)
"""How long whoever claims one has to send it; beyond any time limit of the sending."""
KEPT = timedelta(days=30)
"""How long what was sent or given up stays on record."""
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
    """Forget deliveries and mails that ended longer ago than KEPT; returns how many."""
    forgotten = 0
    for table in (WebhookDelivery, MailOutbox):
        old = delete(table).where(table.ended_at < now - KEPT).execution_options(synchronize_session=False)
        forgotten += session.execute(old).rowcount  # type: ignore[attr-defined]
    return forgotten
