"""Reads of what can be promised by date."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from inventory.availability.fitness import judged
from inventory.availability.holdings import ON_ITS_WAY, Holding, holdings
from inventory.availability.rules import Bucket, promisable
from inventory.catalogue.link_queries import replacements_of
from inventory.catalogue.rules import Aircraft
from inventory.catalogue.service import part_ids
from inventory.kernel.priority import Priority


@dataclass(frozen=True, slots=True)
class Supply:
    """A quantity that is expected at a place."""

    quantity: Decimal
    arrives: datetime


Expected = Callable[[Session, Collection[UUID], str, datetime], list[Supply]]
"""Tells what is expected of some parts at a place from an instant on: what plans and orders bring lies above."""


def availability(
    session: Session,
    part: str,
    place: str,
    now: datetime,
    *,
    aircraft: Aircraft | None = None,
    expected: Expected | None = None,
) -> tuple[list[str], list[Bucket]]:
    """Return the parts that count, the best first, and what a place can promise of them by day, in UTC.

    The stock is what is usable and our own. Reservations take from it until they expire, lots until their last day.
    Raises Invalid for an unknown part.
    """
    today = now.astimezone(UTC).date()
    numbers = [way.part for way in replacements_of(session, part, aircraft, today)]
    keys = part_ids(session, numbers)
    changes = [(today, Decimal(0))]
    here = [one for one in holdings(session, list(keys.values()), now) if one.place == place and one.seen]
    for one in judged(session, here, aircraft, now):
        if one.usable:
            changes += _changes(one, today)
    for supply in expected(session, list(keys.values()), place, now) if expected else ():
        changes.append((max(supply.arrives.astimezone(UTC).date(), today), supply.quantity))
    return numbers, promisable(changes)


def _changes(one: Holding, today: date) -> Iterator[tuple[date, Decimal]]:
    """Yield how what a cell can promise changes: what is kept comes back on the day after it expires at the latest.

    What is kept for an AOG is used or extended, and not counted to come back. A lot that expires takes with it what is
    kept of it: nothing of it comes back then.
    """
    last = one.expires_on
    if last is not None and last < today:
        return
    free, kept = one.free, sum((keeping.quantity for keeping in one.kept), Decimal(0))
    yield today, free
    for keeping in sorted(one.kept, key=lambda keeping: keeping.expires_at):
        back = keeping.expires_at.astimezone(UTC).date() + timedelta(days=1)
        if keeping.priority is Priority.AOG or keeping.stage in ON_ITS_WAY or (last is not None and back > last):
            continue
        kept -= keeping.quantity
        before, free = free, max(one.quantity - kept, Decimal(0))
        yield back, free - before
    if last is not None:
        yield last + timedelta(days=1), -free
