"""The dispatch board: its page, and what its scripts read."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic_core import to_json
from starlette.responses import HTMLResponse, Response

from fieldops.locale.words import words
from fieldops.planning.board.queries import barred, plans_in_force, told_board, told_jobs
from fieldops.planning.desk.queries import desk_time
from fieldops.web.pages.board_words import board_words
from fieldops.web.pages.maps_view import day_map
from fieldops.web.pages.shell import Framed
from inventory.kernel.edge import Here
from inventory.kernel.errors import Invalid
from inventory.kernel.fields import Instant
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import language
from inventory.network.schemas import TimeZone

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

BEFORE, AFTER = timedelta(days=1), timedelta(days=7)
"""How much of the time around today's beginning the board shows first."""
LONGEST = timedelta(days=35)
JOBS_MAX = 50
"""How many jobs may be read again at once; of more the whole board is read."""
_READERS = needs("plan.read", Elsewhere.HIDDEN)

From = Annotated[Instant, Query(alias="from")]
To = Annotated[Instant, Query(alias="to")]
Zone = Annotated[TimeZone, Query()]


@router.get("/board", dependencies=[_READERS])
def board(frame: Framed, edge: Here) -> str:
    """Show who works where and when, and what nobody does yet."""
    if not plans_in_force(frame.session, frame.region):
        return frame.page("empty.html")
    now = desk_time(frame.session, edge.clock)
    today = datetime.combine(now.date(), time(), ZoneInfo("UTC"))
    may = frame.shell.may
    span = {"from": (today - BEFORE).isoformat(), "to": (today + AFTER).isoformat()}
    only = {"region": frame.region} if frame.region else {}
    told = {
        "me": frame.shell.name,
        "chinese": language() == "zh_CN",
        "region": frame.region,
        "now": now.isoformat(),
        **span,
        "first": f"/board.json?{urlencode(span | only)}",
        "moves": may("dispatch.write"),
        "plans": may("plan.make"),
    }
    return frame.page("board/board.html", board=told, page_words=board_words())


@router.get("/board.json", dependencies=[_READERS])
def board_data(
    frame: Framed,
    since: From,
    until: To,
    job: Annotated[list[str] | None, Query(max_length=JOBS_MAX)] = None,
) -> Response:
    """Tell what the board shows between two instants, or how some jobs stand by now."""
    if not timedelta() < until - since <= LONGEST:
        raise Invalid(_("Ask for up to 35 days, from the earlier instant to the later"), code="wrong_span", field="to")
    if job:
        return _json(told_jobs(frame.session, since, until, frame.region, job))
    return _json(told_board(frame.session, since, until, frame.region))


@router.get("/board/barred.json", dependencies=[_READERS])
def board_barred(frame: Framed, job: Annotated[str, Query(max_length=48)]) -> Response:
    """Tell who may not take a seat of a job at all, and why."""
    return _json(barred(frame.session, job))


@router.get("/board/map", dependencies=[_READERS])
def board_map(
    frame: Framed, since: From, until: To, technician: Annotated[str, Query(max_length=48)] = "", zone: Zone = "UTC"
) -> str:
    """Show the jobs of a day at their places, and the ways of somebody: a part of the board, read when it is opened."""
    if not timedelta() < until - since <= LONGEST:
        raise Invalid(_("Ask for up to 35 days, from the earlier instant to the later"), code="wrong_span", field="to")
    told = day_map(frame.session, since, until, frame.region, technician)
    return frame.page("board/map.html", map=told, since=since, zone=zone, words=words())


def _json(told: Any) -> Response:
    return Response(to_json(told), media_type="application/json")
