"""Domain events: written in the transaction that causes them, numbered after its commit, told to open pages and
other systems then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, String, event, func, insert, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from uuid_utils.compat import uuid7

from inventory.kernel.actor import Actor, Scope
from inventory.kernel.base import Base
from inventory.kernel.scope import Rule, declare, readable_regions
from inventory.kernel.types import BigIdentity

EVERYONE = "*"
"""Audience of an event about what everybody may see, such as a part of the catalogue."""
NETWORK_ONLY = "-"
"""Audience of an event that concerns several regions at once: those who see the whole network."""

CHANNEL = "fieldops_events"
"""What PostgreSQL notifies listeners on when events are committed."""


def _heard(table: Any, actor: Actor) -> ColumnElement[bool]:
    scope = actor.scope
    return or_(
        table.audience.in_((EVERYONE, *readable_regions(scope))),
        table.area.in_(sorted(scope.areas)),
        table.place.in_(sorted(scope.places)),
    )


@declare(Rule(_heard), audited=False)
class OutboxEvent(Base):
    """One thing that happened; `key` makes the same effect impossible to write twice.

    `audience` is EVERYONE, NETWORK_ONLY or the code of a region; with `area` and `place` those hear it, too, whose
    scope is smaller than the region. `number` is empty until the relay gives it, in the order in which readers may see
    events.
    """

    __tablename__ = "outbox_event"

    id: Mapped[int] = mapped_column(BigIdentity, primary_key=True)
    kind: Mapped[str] = mapped_column(String(64), index=True)
    key: Mapped[str] = mapped_column(String(128), unique=True)
    audience: Mapped[str] = mapped_column(String(48), server_default=NETWORK_ONLY)
    area: Mapped[str | None] = mapped_column(String(48))
    place: Mapped[str | None] = mapped_column(String(48))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    happened_at: Mapped[datetime]
    number: Mapped[int | None] = mapped_column(BigInteger, unique=True)


def hears(scope: Scope, audience: str, area: str | None, place: str | None) -> bool:
    """Tell whether a scope hears an event, by the rule that the table's statements get."""
    return (
        scope.everything
        or audience in (EVERYONE, *readable_regions(scope))
        or area in scope.areas
        or place in scope.places
    )


def emit(
    session: Session,
    kind: str,
    payload: dict[str, Any],
    happened_at: datetime,
    *,
    audience: str = NETWORK_ONLY,
    area: str | None = None,
    place: str | None = None,
    key: str | None = None,
) -> None:
    """Add an event to the caller's transaction; `key`, unique among all events, defaults to a new one."""
    session.add(
        OutboxEvent(
            kind=kind,
            key=key or f"{kind}/{uuid7()}",
            audience=audience,
            area=area,
            place=place,
            payload=payload,
            happened_at=happened_at,
        )
    )
    _wake(session)


def emit_many(session: Session, kind: str, told: Iterable[tuple[str, dict[str, Any]]], happened_at: datetime) -> None:
    """Add an event of a kind for each (audience, payload) to the caller's transaction, in one statement."""
    rows = [
        {
            "kind": kind,
            "key": f"{kind}/{uuid7()}",
            "audience": audience,
            "payload": payload,
            "happened_at": happened_at,
        }
        for audience, payload in told
    ]
    if rows:
        session.execute(insert(OutboxEvent), rows)
        _wake(session)


def _wake(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql" and not event.contains(session, "before_commit", _notify):
        event.listen(session, "before_commit", _notify)


def _notify(session: Session) -> None:
    """Wake whoever listens, once the transaction is committed."""
    session.connection().execute(select(func.pg_notify(CHANNEL, "")))
