"""What a table service told is kept, for the plans to come and for the crews of jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from fieldops.dispatch.travel.models import TravelTime
from fieldops.dispatch.travel.queries import named
from integrations.travel import Legs, TableService
from inventory.kernel.audit import record
from inventory.kernel.engine import dialect_insert
from inventory.kernel.lookup import portions

FRESH = timedelta(days=90)
"""How long a way is not asked for again."""
KEPT = timedelta(days=365)
"""How long a way is kept that nobody asks for any more."""


def keep_legs(session: Session, service: TableService, legs: Legs, now: datetime) -> None:
    """Keep ways as a service told them now, in place of what it told before; forget what is a year old.

    The trail has one row of it, not one of each way.
    """
    session.execute(delete(TravelTime).where(TravelTime.asked_at < now - KEPT))
    for some in portions(sorted(legs)):
        insert = dialect_insert(session, TravelTime)
        session.execute(
            insert.on_conflict_do_update(
                index_elements=["service", "origin", "destination"],
                set_={name: insert.excluded[name] for name in ("seconds", "metres", "asked_at")},
            ),
            [
                {
                    "service": service.key,
                    "origin": named(origin),
                    "destination": named(destination),
                    "seconds": None if leg is None else leg.seconds,
                    "metres": None if leg is None else leg.metres,
                    "asked_at": now,
                }
                for origin, destination in some
                for leg in (legs[origin, destination],)
            ],
        )
    record(session, "kept", TravelTime.__tablename__, service.key, after={"ways": len(legs)})
    session.flush()
