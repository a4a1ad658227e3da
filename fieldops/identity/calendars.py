"""The secret by which a user's calendar is read without a login: made, revoked, and told from others."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fieldops.identity.actors import Granted, load_actor
from fieldops.identity.models import CalendarSecret, User
from fieldops.identity.tokens import digest, new_secret
from inventory.kernel.actor import Actor
from inventory.kernel.audit import record
from inventory.kernel.errors import NotFound, Unauthenticated
from inventory.kernel.texts import gettext as _

READS = "dispatch.read"
"""The right without which there is no calendar, and the only one that its secret gives."""


def open_calendar(session: Session, name: str, now: datetime) -> str:
    """Make a user a new secret, and return it; the one before is void. The session is of the whole network."""
    user = session.scalars(select(User).where(User.name == name).with_for_update()).one()
    secret = new_secret()
    session.execute(delete(CalendarSecret).where(CalendarSecret.user_id == user.id))
    session.add(CalendarSecret(user_id=user.id, digest=digest(secret), created_at=now))
    session.flush()
    record(session, "calendar_opened", "user", name)
    return secret


def close_calendar(session: Session, name: str) -> None:
    """Make a user's secret void, where there is one. The session is of the whole network."""
    user = session.scalars(select(User).where(User.name == name).with_for_update()).one()
    found = session.get(CalendarSecret, user.id)
    if found is not None:
        session.delete(found)
        session.flush()
        record(session, "calendar_closed", "user", name)


def owner_of(session: Session, secret: str, now: datetime, granted: Granted, origin: str) -> Actor:
    """Return who reads a calendar by a secret, with the right to read only; raises NotFound for one that is void.

    The session is of the whole network.
    """
    user = session.scalar(select(CalendarSecret.user_id).where(CalendarSecret.digest == digest(secret)))
    if user is None:
        raise _no_calendar()
    try:
        actor = load_actor(session, user, now, origin=origin, limited_to=frozenset({READS}), granted=granted)
    except Unauthenticated:
        raise _no_calendar() from None
    if READS not in actor.permissions:
        raise _no_calendar()
    return actor


def _no_calendar() -> NotFound:
    return NotFound(_("There is no such calendar; its owner can make a new address"), code="unknown_calendar")
