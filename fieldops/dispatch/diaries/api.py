"""Routes of calendars: of a technician, for staff; one's own, by an address that needs no login."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from starlette.responses import Response

from fieldops.dispatch.diaries.queries import Diary, Promised, diary_of, own_diary
from fieldops.dispatch.diaries.schemas import CalendarAddress
from fieldops.dispatch.papers import job_entry
from fieldops.identity.actors import in_the_name_of
from fieldops.identity.calendars import READS, close_calendar, open_calendar
from fieldops.identity.cookies import client_address
from fieldops.identity.own_api import InPerson, Signing
from fieldops.identity.schemas import Language
from integrations.calendars.feed import Entry, feed
from inventory.kernel.edge import Acting, Here
from inventory.kernel.engine import reading, writing
from inventory.kernel.routes import PUBLIC, Elsewhere, Route, needs
from inventory.kernel.texts import language as spoken

router = APIRouter(tags=["calendars"], route_class=Route)
feed_router = APIRouter(include_in_schema=False, route_class=Route)

Wanted = Annotated[Language | None, Query(description="Language of the entries; without it that of the request.")]
Known = Annotated[str | None, Header(alias="If-None-Match", description="The ETag of what the reader has.")]


async def promised_of(request: Request) -> Promised:
    """Return what tells the jobs of the plans in force, which the composition root registered."""
    return cast(Promised, request.app.state.promised)


Promises = Annotated[Promised, Depends(promised_of)]


class Calendar(Response):
    """A calendar (RFC 5545)."""

    media_type = "text/calendar"


_CALENDAR: dict[str, Any] = {
    "response_class": Calendar,
    "responses": {
        200: {"content": {Calendar.media_type: {"schema": {"type": "string"}}}},
        304: {"description": "The reader has it as it is."},
    },
}


@router.get("/technicians/{code}/calendar.ics", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)], **_CALENDAR)
def technician_calendar(
    edge: Here,
    actor: Acting,
    promised: Promises,
    code: Annotated[str, Path(description="Code of a technician.")],
    language: Wanted = None,
    if_none_match: Known = None,
) -> Response:
    """Return the calendar of a technician: the jobs with a seat, those that were taken away as cancelled, and those
    that the plan in force gives."""
    now = edge.clock()
    with reading(edge.engine, actor) as session:
        diary = diary_of(session, code, now, promised)
    return _told(diary, language or spoken(), now, if_none_match)


@router.post("/me/calendar", status_code=201, dependencies=[needs(READS, Elsewhere.SHARED)])
def open_own_calendar(edge: Here, who: InPerson) -> CalendarAddress:
    """Make an address by which a telephone reads your calendar; it is shown this once, and ends the one before."""
    # not the request's session: an answer that is kept to be repeated would keep the secret in it
    with writing(edge.engine, in_the_name_of(who.actor.id, who.actor.origin), clock=edge.clock) as session:
        secret = open_calendar(session, who.actor.id, edge.clock())
    return CalendarAddress(address=f"{edge.address}/calendars/{secret}.ics")


@router.delete("/me/calendar", status_code=204, dependencies=[needs(READS, Elsewhere.SHARED)])
def close_own_calendar(edge: Here, who: InPerson) -> None:
    """Make the address of your calendar void."""
    with writing(edge.engine, in_the_name_of(who.actor.id, who.actor.origin), clock=edge.clock) as session:
        close_calendar(session, who.actor.id)


@feed_router.get("/calendars/{secret}.ics", dependencies=[PUBLIC], **_CALENDAR)
def subscribed_calendar(
    request: Request,
    edge: Here,
    signing: Signing,
    promised: Promises,
    secret: str,
    language: Wanted = None,
    if_none_match: Known = None,
) -> Response:
    """Return the calendar whose address it is, to whoever has it."""
    address = client_address(request)
    edge.count(f"address {address}")
    now = edge.clock()
    actor = signing.of_calendar(secret, address)
    with reading(edge.engine, actor) as session:
        diary = own_diary(session, actor.id, now, promised)
    return _told(diary, language or spoken(), now, if_none_match)


def _told(diary: Diary, language: str, now: datetime, known: str | None) -> Response:
    entries = [
        job_entry(
            one.visit,
            language,
            key=one.key,
            sequence=one.sequence,
            changed_at=one.changed_at,
            withdrawn=one.withdrawn,
        )
        for one in diary.planned
    ]
    # of the entries: the file itself says when it was made
    mark = _mark(diary.name, entries)
    headers = {"ETag": mark, "Cache-Control": "private, no-cache"}
    if known is not None and mark in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return Calendar(feed(diary.name, entries, now), headers=headers)


def _mark(name: str, entries: Sequence[Entry]) -> str:
    return f'"{sha256(repr((name, entries)).encode()).hexdigest()[:32]}"'
