"""The page of notifications: what happened within the visitor's scope, and since when he has not looked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from fieldops.events.queries import last_number, news_page
from fieldops.events.rules import untold
from fieldops.identity.cookies import is_https
from fieldops.web.pages.event_words import kinds_of, news, topics
from fieldops.web.pages.shell import SEEN_COOKIE, YEAR_S, Framed, kept, seen_of
from inventory.kernel.edge import Paged
from inventory.kernel.routes import Elsewhere, needs

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_LAST = 2**63 - 1


@router.get("/notifications", dependencies=[needs("events.read", Elsewhere.HIDDEN)])
def notifications(
    request: Request, frame: Framed, paging: Paged, topic: Annotated[str, Query(max_length=16)] = ""
) -> Response:
    """List what happened, the newest first; from now on the bell counts what comes after it."""
    (before,) = paging.after((_LAST,))
    found = news_page(
        frame.session, before=before, kinds=kinds_of(topic), without=untold(frame.actor), limit=paging.rows
    )
    page = paging.page([(one.number, news(one)) for one in found], lambda one: (one[0],))
    response = HTMLResponse(
        frame.page(
            "admin/notifications.html",
            page=page,
            filters=kept(paging, topic=topic),
            started=paging.cursor is not None,
            topics=topics(),
            kinds=kinds_of(topic),
            seen=seen_of(request),
        )
    )
    if not topic and paging.cursor is None:
        seen = str(max(last_number(frame.session), seen_of(request)))
        response.set_cookie(SEEN_COOKIE, seen, max_age=YEAR_S, samesite="lax", secure=is_https(request), httponly=True)
    return response
