"""The relay: numbers committed events without gaps, in the order in which readers may see them.

A transaction that began early may commit late, so the keys of events say nothing about who sees what when. Numbers are
given afterwards, by one relay at a time, and never change: whoever has read up to a number has missed nothing below it.
"""

from __future__ import annotations

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.outbox import OutboxEvent

BATCH = 1_000
"""How many events get their numbers in one transaction."""
_LOCK = 0x6F757462
"""Name of the advisory lock of PostgreSQL that one relay at a time holds."""


def relay(engine: Engine) -> int:
    """Number every committed event that has no number yet; returns how many this relay numbered."""
    numbered = 0
    while _some_wait(engine):
        with writing(engine, SYSTEM) as session:
            numbered += give_numbers(session)
    return numbered


def give_numbers(session: Session) -> int:
    """Number up to BATCH events within the caller's transaction, which must not have read events before."""
    if session.get_bind().dialect.name == "postgresql":
        # waits for the relay at work: what it did not see was committed after it looked, and needs this one
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = session.scalar(select(func.max(OutboxEvent.number))) or 0
    fresh = (
        select(OutboxEvent.id, (last + func.row_number().over(order_by=OutboxEvent.id)).label("number"))
        .where(OutboxEvent.number.is_(None))
        .order_by(OutboxEvent.id)
        .limit(BATCH)
        .subquery()
    )
    numbering = update(OutboxEvent).where(OutboxEvent.id == fresh.c.id).values(number=fresh.c.number)
    done = session.execute(numbering.execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _some_wait(engine: Engine) -> bool:
    # looked at first, so that a relay with nothing to do takes no lock
    with reading(engine, SYSTEM) as session:
        return session.scalar(select(OutboxEvent.id).where(OutboxEvent.number.is_(None)).limit(1)) is not None
