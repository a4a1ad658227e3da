"""Routes of events and webhooks."""

from __future__ import annotations

from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from fieldops.events import queries, service
from fieldops.events.hub import Hub
from fieldops.events.models import DeliveryState
from fieldops.events.rules import untold
from fieldops.events.schemas import (
    DeliveryOut,
    EventOut,
    KindPrefix,
    NewWebhook,
    WebhookAdded,
    WebhookChange,
    WebhookOut,
)
from fieldops.events.stream import Stream
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, show_once, tag

NUMBER_MAX = 2**63 - 1
_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)

router = APIRouter(tags=["events"], route_class=Route)


async def _hub(request: Request) -> Hub:
    return cast(Hub, request.app.state.hub)


Kind = Annotated[
    list[KindPrefix] | None, Query(max_length=50, description="Beginnings of the kinds wanted; all, without.")
]
Number = Annotated[int | None, Query(ge=0, le=NUMBER_MAX, description="The number of the last event known.")]
LastEventId = Annotated[
    int | None, Header(ge=0, le=NUMBER_MAX, description="The number of the last event received; goes before `after`.")
]


@router.get(
    "/events",
    dependencies=[needs("events.read", Elsewhere.HIDDEN)],
    response_class=EventSourceResponse,
    responses={200: {"description": "A stream that does not end.", "content": {"text/event-stream": {}}}},
)
async def stream(
    request: Request,
    edge: Here,
    actor: Acting,
    hub: Annotated[Hub, Depends(_hub)],
    kind: Kind = None,
    after: Number = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Stream what happens as server-sent events; with a number, from the event after it on.

    The id of each is its number, by which a browser resumes by itself. A reader that is too slow is disconnected after
    what it has, and resumes; so it is when its login ends or its rights change.
    """
    return Stream(
        hub,
        actor,
        kind or (),
        after if last_event_id is None else last_event_id,
        lambda: edge.still(request, actor),
    ).response()


@router.get("/events/log", dependencies=[needs("events.read", Elsewhere.HIDDEN)])
def log(session: Reading, actor: Acting, paging: Paged, kind: Kind = None, after: Number = None) -> Page[EventOut]:
    """List what happened, by number."""
    (number,) = paging.after((after or 0,))
    rows = queries.events_after(session, number, kinds=kind or (), without=untold(actor), limit=paging.rows)
    return paging.page(rows, lambda one: (one.number,))


@router.get("/webhooks", dependencies=[needs("webhooks.write", Elsewhere.HIDDEN)])
def webhooks(session: Reading, paging: Paged) -> Page[WebhookOut]:
    """List the addresses that events are posted to, oldest first."""
    (after,) = paging.after((_FIRST,))
    return paging.page(queries.webhook_page(session, after=after, limit=paging.rows), lambda one: (one.id,))


@router.post("/webhooks", status_code=201, dependencies=[needs("webhooks.write", Elsewhere.REFUSED)])
def add_webhook(
    session: Writing, actor: Acting, edge: Here, request: Request, response: Response, webhook: NewWebhook
) -> WebhookAdded:
    """Add an address that events are posted to from now on; the answer is the only one that tells its secret."""
    show_once(request, "secret")
    added = service.add_webhook(session, actor, webhook, edge.clock())
    tag(response, added.version)
    return WebhookAdded(**queries.webhook_out(added).model_dump(), secret=added.secret)


@router.get("/webhooks/{webhook}", dependencies=[needs("webhooks.write", Elsewhere.HIDDEN)])
def webhook(session: Reading, response: Response, webhook: UUID) -> WebhookOut:
    """Return a webhook."""
    found = queries.found_webhook(session, webhook)
    tag(response, found.version)
    return queries.webhook_out(found)


@router.patch("/webhooks/{webhook}", dependencies=[needs("webhooks.write", Elsewhere.HIDDEN)])
def change_webhook(
    session: Writing, actor: Acting, response: Response, version: Changing, webhook: UUID, change: WebhookChange
) -> WebhookOut:
    """Change a webhook; what happens while it is disabled is not posted later."""
    changed = service.change_webhook(session, actor, webhook, version, change)
    tag(response, changed.version)
    return queries.webhook_out(changed)


@router.delete("/webhooks/{webhook}", status_code=204, dependencies=[needs("webhooks.write", Elsewhere.HIDDEN)])
def remove_webhook(session: Writing, actor: Acting, version: Changing, webhook: UUID) -> None:
    """Remove a webhook and its deliveries."""
    service.remove_webhook(session, actor, webhook, version)


@router.post("/webhooks/{webhook}/test", status_code=202, dependencies=[needs("webhooks.write", Elsewhere.HIDDEN)])
def test_webhook(session: Writing, actor: Acting, edge: Here, webhook: UUID) -> DeliveryOut:
    """Post an event of the kind “webhook.test” in the next seconds; the list of deliveries tells how it went."""
    return queries.delivery_out(service.queue_test(session, actor, webhook, edge.clock()))


@router.get("/webhooks/{webhook}/deliveries", dependencies=[needs("webhooks.write", Elsewhere.HIDDEN)])
def deliveries(session: Reading, paging: Paged, webhook: UUID, state: DeliveryState | None = None) -> Page[DeliveryOut]:
    """List the deliveries of a webhook, newest first; those in one state, such as the dead ones."""
    (before,) = paging.after((_LAST,))
    rows = queries.delivery_page(session, webhook, state=state, before=before, limit=paging.rows)
    return paging.page(rows, lambda one: (one.id,))


@router.post("/webhooks/deliveries/{delivery}/retry", dependencies=[needs("webhooks.write", Elsewhere.HIDDEN)])
def retry_delivery(session: Writing, actor: Acting, edge: Here, delivery: UUID) -> DeliveryOut:
    """Deliver again what was given up, or sooner what waits."""
    return queries.delivery_out(service.retry_delivery(session, actor, delivery, edge.clock()))
