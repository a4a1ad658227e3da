"""Use cases of webhooks: add, change, remove, test, retry a delivery."""

from __future__ import annotations

from datetime import datetime
from secrets import token_urlsafe
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.events.models import DeliveryState, Webhook, WebhookDelivery
from fieldops.events.queries import found_webhook, last_number
from fieldops.events.schemas import NewWebhook, WebhookChange
from inventory.kernel.actor import Actor
from inventory.kernel.audit import record
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from inventory.kernel.outbox import NETWORK_ONLY
from inventory.kernel.texts import gettext as _

_SECRET_BYTES = 32


def add_webhook(session: Session, actor: Actor, new: NewWebhook, now: datetime) -> Webhook:
    """Add a webhook, with a secret of its own, for the events from now on.

    Raises Forbidden for a region that is not the actor's, Invalid where it must be named.
    """
    webhook = Webhook(
        url=new.url,
        kinds=list(new.kinds),
        region=_region(actor, new.region),
        enabled=new.enabled,
        secret=token_urlsafe(_SECRET_BYTES),
        owner=actor.id,
        acting=actor.as_json(),
        since=last_number(session),
        created_at=now,
    )
    session.add(webhook)
    session.flush()
    return webhook


def change_webhook(session: Session, actor: Actor, key: UUID, version: int, change: WebhookChange) -> Webhook:
    """Change a webhook, which hears from then on what the actor hears; raises NotFound, Stale.

    What happened while it was disabled is not posted.
    """
    webhook = found_webhook(session, key, to_change=True)
    require_version(webhook.version, version)
    if change.enabled and not webhook.enabled:
        webhook.since = last_number(session)
    if change.url is not None:
        webhook.url = change.url
    if change.kinds is not None:
        webhook.kinds = list(change.kinds)
    if change.enabled is not None:
        webhook.enabled = change.enabled
    webhook.owner, webhook.acting = actor.id, actor.as_json()
    session.flush()
    return webhook


def remove_webhook(session: Session, _actor: Actor, key: UUID, version: int) -> None:
    """Remove a webhook with its deliveries; raises NotFound, Stale."""
    webhook = found_webhook(session, key, to_change=True)
    require_version(webhook.version, version)
    session.delete(webhook)
    session.flush()


def queue_test(session: Session, _actor: Actor, key: UUID, now: datetime) -> WebhookDelivery:
    """Queue an event of the kind “webhook.test” for a webhook; raises NotFound, Conflict for a disabled one."""
    webhook = found_webhook(session, key)
    if not webhook.enabled:
        raise Conflict(_("The webhook is disabled; enable it first"), code="webhook_disabled")
    delivery = WebhookDelivery(webhook_id=key, queued_at=now, next_at=now)
    session.add(delivery)
    session.flush()
    return delivery


def retry_delivery(session: Session, _actor: Actor, key: UUID, now: datetime) -> WebhookDelivery:
    """Make a delivery due at once, with all its attempts again; raises NotFound, Conflict for one that is done."""
    delivery = session.scalar(select(WebhookDelivery).where(WebhookDelivery.id == key).with_for_update())
    if delivery is None:
        raise NotFound(_("There is no delivery {key}; list those of the webhook").format(key=key), code="no_delivery")
    if delivery.state is DeliveryState.DONE:
        raise Conflict(_("The delivery is done already; there is nothing to retry"), code="delivery_done")
    delivery.state, delivery.attempts, delivery.next_at, delivery.ended_at = DeliveryState.PENDING, 0, now, None
    record(session, "retried", WebhookDelivery.__tablename__, str(key))
    session.flush()
    return delivery


def _region(actor: Actor, named: str | None) -> str:
    scope = actor.scope
    if named == NETWORK_ONLY or (named is None and scope.everything):
        if not scope.everything:
            raise Forbidden(_("Only the whole network's staff hear all regions; name yours"), code="outside_region")
        return NETWORK_ONLY
    if named is not None:
        actor.require_region(named)
        return named
    regions = sorted(scope.regions or ())
    if len(regions) != 1:
        raise Invalid(_("Say whose events are posted: name one of your regions"), code="region_needed", field="region")
    return regions[0]
