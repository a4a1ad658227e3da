"""Reads of events and webhooks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from fieldops.events.models import DeliveryState, Webhook, WebhookDelivery
from fieldops.events.schemas import DeliveryOut, EventOut, WebhookOut
from inventory.kernel.errors import NotFound
from inventory.kernel.operations import OperationState
from inventory.kernel.outbox import OutboxEvent
from inventory.kernel.texts import gettext as _


def last_number(session: Session) -> int:
    """Return the number of the last event that the session's actor hears, 0 before the first.

    A page that shows it can open its stream with `?after=` it, and misses nothing that happens meanwhile.
    """
    return session.scalar(select(func.max(OutboxEvent.number))) or 0


def events_after(
    session: Session, number: int, *, kinds: Sequence[str] = (), without: Sequence[str] = (), limit: int
) -> list[EventOut]:
    """Return up to `limit` events after a number, by number.

    Their kinds begin with one of `kinds` (any, without) and with none of `without`.
    """
    query = select(OutboxEvent).where(OutboxEvent.number > number).order_by(OutboxEvent.number).limit(limit)
    if kinds:
        # not LIKE, which on SQLite does not tell upper from lower case
        query = query.where(or_(*(func.substr(OutboxEvent.kind, 1, len(kind)) == kind for kind in kinds)))
    for kind in without:
        query = query.where(func.substr(OutboxEvent.kind, 1, len(kind)) != kind)
    return [_event_out(one) for one in session.scalars(query)]


def _event_out(event: OutboxEvent) -> EventOut:
    return EventOut(
        number=event.number or 0,
        kind=event.kind,
        audience=event.audience,
        area=event.area,
        place=event.place,
        happened_at=event.happened_at,
        payload=event.payload,
    )


def news_page(
    session: Session, *, before: int, kinds: Collection[str], without: Sequence[str], limit: int
) -> list[EventOut]:
    """Return up to `limit` events of `kinds` with a number below `before`, the newest first.

    None of them begins with one of `without`; of an operation only its end is told.
    """
    query = _news(kinds, without).where(OutboxEvent.number < before)
    return [_event_out(one) for one in session.scalars(query.order_by(OutboxEvent.number.desc()).limit(limit))]


def news_count(session: Session, *, after: int, kinds: Collection[str], without: Sequence[str], limit: int) -> int:
    """Return how many events `news_page` tells with a number above `after`, `limit` at most."""
    some = _news(kinds, without).where(OutboxEvent.number > after).limit(limit)
    return session.scalar(select(func.count()).select_from(some.with_only_columns(OutboxEvent.id).subquery())) or 0


def _news(kinds: Collection[str], without: Sequence[str]) -> Select[OutboxEvent]:
    under_way = (OperationState.QUEUED.value, OperationState.RUNNING.value)
    return select(OutboxEvent).where(
        OutboxEvent.kind.in_([kind for kind in kinds if not kind.startswith(tuple(without))]),
        or_(OutboxEvent.kind != "operation.changed", OutboxEvent.payload["state"].as_string().not_in(under_way)),
    )


def webhook_page(session: Session, *, after: UUID, limit: int) -> list[WebhookOut]:
    """Return up to `limit` webhooks with a key after `after`, oldest first."""
    query = select(Webhook).where(Webhook.id > after).order_by(Webhook.id).limit(limit)
    return [webhook_out(one) for one in session.scalars(query)]


def webhook_out(webhook: Webhook) -> WebhookOut:
    """Return a webhook as readers see it."""
    return WebhookOut(**{name: getattr(webhook, name) for name in WebhookOut.model_fields})


def delivery_page(
    session: Session, webhook: UUID, *, state: DeliveryState | None, before: UUID, limit: int
) -> list[DeliveryOut]:
    """Return up to `limit` deliveries of a webhook with a key before `before`, newest first; raises NotFound."""
    found_webhook(session, webhook)
    query = (
        select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook, WebhookDelivery.id < before)
        .order_by(WebhookDelivery.id.desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(WebhookDelivery.state == state)
    return [delivery_out(one) for one in session.scalars(query)]


def delivery_out(delivery: WebhookDelivery) -> DeliveryOut:
    """Return a delivery as readers see it."""
    return DeliveryOut(**{name: getattr(delivery, name) for name in DeliveryOut.model_fields})


def found_webhook(session: Session, key: UUID, *, to_change: bool = False) -> Webhook:
    """Return a webhook, locked if it is to be changed; raises NotFound where the actor sees none of this key."""
    query = select(Webhook).where(Webhook.id == key)
    found = session.scalar(query.with_for_update() if to_change else query)
    if found is None:
        raise NotFound(_("There is no webhook {key}; list those that you have").format(key=key), code="no_webhook")
    return found
