"""Posts events to webhooks: the worker calls `deliver_webhooks` each few seconds."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.events.attempts import claim, settle
from fieldops.events.models import DeliveryState, EventReader, Webhook, WebhookDelivery
from fieldops.events.queries import events_after, last_number
from fieldops.events.relay import relay
from fieldops.events.rules import is_of_kinds, narrowed, untold
from fieldops.events.schemas import EventOut
from integrations.notify.webhooks import SIGNATURE, NotDeliveredError, post, sign
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import dialect_insert, reading, writing
from inventory.kernel.outbox import NETWORK_ONLY, hears

TEST_KIND = "webhook.test"
_READER = "webhooks"
_RIGHT = "webhooks.write"
_EVENTS_PER_STEP = 500
_AT_ONCE = 8
"""How many webhooks are served side by side, so that one that hangs delays few others."""
_PER_CALL = 50
"""How many deliveries one webhook gets in one call, so that none keeps the others waiting."""


OwnerOf = Callable[[Session, Webhook], Actor | None]
"""Tells who a webhook's owner is now; None where there is no such person any more."""


def as_when_made(_session: Session, webhook: Webhook) -> Actor:
    """Return the owner as he was when he made or changed the webhook."""
    return Actor.from_json(webhook.acting)


@dataclass(frozen=True, slots=True)
class _Post:
    delivery: UUID
    url: str
    secret: str
    event: EventOut


def deliver_webhooks(
    engine: Engine,
    clock: Clock,
    stopping: Callable[[], bool] = lambda: False,
    *,
    private: bool = False,
    owner_of: OwnerOf = as_when_made,
) -> int:
    """Queue new events for the webhooks that hear them, and post what is due; returns how many arrived.

    A webhook hears what `owner_of` it hears; one whose owner may not have it any more is disabled. `private` also posts
    into private networks. What fails is tried again, then given up as dead. Once it is `stopping` nothing more is
    begun. Any number of workers may call this at the same time.
    """
    relay(engine)
    while not stopping() and _queue_some(engine, clock, owner_of):
        pass
    with reading(engine, SYSTEM) as session:
        due = session.scalars(
            select(WebhookDelivery.webhook_id)
            .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .where(Webhook.enabled, WebhookDelivery.state == DeliveryState.PENDING, WebhookDelivery.next_at <= clock())
            .distinct()
        ).all()
    if not due:
        return 0
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="webhook") as threads:
        return sum(threads.map(partial(_deliver_to, engine, clock, private, stopping), due))


def _queue_some(engine: Engine, clock: Clock, owner_of: OwnerOf) -> bool:
    """Queue the next events for the webhooks; False where there are none."""
    with reading(engine, SYSTEM) as session:
        reader = session.get(EventReader, _READER)
        if last_number(session) <= (reader.number if reader else 0):
            return False
    with writing(engine, SYSTEM, clock=clock) as session:
        session.execute(dialect_insert(session, EventReader).values(name=_READER, number=0).on_conflict_do_nothing())
        position = session.scalars(select(EventReader).where(EventReader.name == _READER).with_for_update()).one()
        events = events_after(session, position.number, limit=_EVENTS_PER_STEP)
        if events:
            for webhook in session.scalars(select(Webhook).where(Webhook.enabled)):
                owner = owner_of(session, webhook)
                if owner is None or not (owner.may(_RIGHT) and owner.scope.holds_region(webhook.region)):
                    webhook.enabled = False
                else:
                    _queue(session, webhook, owner, events, clock)
            position.number = events[-1].number
        return bool(events)


def _queue(session: Session, webhook: Webhook, owner: Actor, events: list[EventOut], clock: Clock) -> None:
    scope, without = narrowed(owner.scope, webhook.region), untold(owner)
    now = clock()
    session.add_all(
        WebhookDelivery(webhook_id=webhook.id, number=event.number, queued_at=now, next_at=now)
        for event in events
        if event.number > webhook.since
        and is_of_kinds(event.kind, webhook.kinds)
        and not event.kind.startswith(without)
        and hears(scope, event.audience, event.area, event.place)
    )


def _deliver_to(engine: Engine, clock: Clock, private: bool, stopping: Callable[[], bool], webhook: UUID) -> int:
    """Post what is due for one webhook; a receiver that cannot be reached gets no more this time."""
    arrived = 0
    for _attempt in range(_PER_CALL):
        if stopping():
            break
        with writing(engine, SYSTEM, clock=clock) as session:
            work = _claimed(session, webhook, clock)
        if work is None:
            break
        body = work.event.model_dump_json().encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "fieldops",
            "X-Fieldops-Delivery": str(work.delivery),
            "X-Fieldops-Event": work.event.kind,
            SIGNATURE: sign(work.secret, body, clock()),
        }
        status: int | None = None
        try:
            status = post(work.url, body, headers, private=private)
            error = None if 200 <= status < 300 else _answered(status)
        except NotDeliveredError as failed:
            error = str(failed)
        with writing(engine, SYSTEM, clock=clock) as session:
            delivery = session.get(WebhookDelivery, work.delivery, with_for_update=True)
            if delivery is not None:
                delivery.last_status = status
                settle(delivery, clock(), error)
        arrived += error is None
        if status is None:
            break
    return arrived


def _claimed(session: Session, webhook: UUID, clock: Clock) -> _Post | None:
    candidates = (
        select(WebhookDelivery)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(Webhook.id == webhook, Webhook.enabled)
    )
    delivery = claim(session, WebhookDelivery, candidates, clock())
    if delivery is None:
        return None
    target = session.get_one(Webhook, webhook)
    return _Post(delivery.id, target.url, target.secret, _event(session, delivery))


def _event(session: Session, delivery: WebhookDelivery) -> EventOut:
    if delivery.number is None:
        return EventOut(
            number=0,
            kind=TEST_KIND,
            audience=NETWORK_ONLY,
            area=None,
            place=None,
            happened_at=delivery.queued_at,
            payload={},
        )
    (event,) = events_after(session, delivery.number - 1, limit=1)
    return event


def _answered(status: int) -> str:
    return f"status {status}" + (": redirects are not followed" if 300 <= status < 400 else "")
