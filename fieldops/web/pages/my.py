"""The pages of somebody in the field, on a telephone: the own days, the card of a job; they go on off line."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import HTMLResponse, JSONResponse, Response

from fieldops.dispatch.checklists.schemas import called
from fieldops.dispatch.papers.words import seat, titles
from fieldops.locale.words import words
from fieldops.planning.desk.queries import desk_time
from fieldops.web.pages import my_words
from fieldops.web.pages.my_view import my_card, my_days, plain
from fieldops.web.pages.shell import Framed
from inventory.kernel.edge import Here
from inventory.kernel.routes import PUBLIC, Elsewhere, needs
from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import language

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_SCRIPT = Path(__file__).parents[1] / "static" / "js" / "my" / "worker.js"
_READERS = needs("dispatch.execute", Elsewhere.HIDDEN)


@router.get("/my", dependencies=[_READERS])
def days(frame: Framed, edge: Here) -> str:
    """Show the own jobs: today's, and what comes."""
    now = edge.clock()
    shown = my_days(frame.session, frame.actor, desk_time(frame.session, edge.clock))
    return frame.page("my/day.html", days=shown, made_at=now, **_words())


@router.get("/my/jobs/{number}", dependencies=[_READERS])
def card(frame: Framed, edge: Here, number: str) -> str:
    """Show the card of a job, and what may be told of it."""
    shown = my_card(frame.session, frame.actor, number)
    facts = shown.for_scripts(frame.actor.id)
    return frame.page(
        "my/card.html", card=shown, facts=facts, plain=plain, called=called, made_at=edge.clock(), **_words()
    )


def _words() -> dict[str, object]:
    return {
        "words": words(),
        "seat": seat,
        "titles": titles,
        "states": my_words.states(),
        "steps": my_words.steps(),
        "happened": my_words.happened(),
        "conditions": my_words.conditions(),
        "removals": my_words.removals(),
        "page_words": my_words.told_by_scripts(),
    }


@router.get("/sw.js", dependencies=[PUBLIC])
def worker() -> Response:
    """Return the script that answers for the server off line: it stands above the pages that it answers for."""
    return Response(_SCRIPT.read_bytes(), media_type="text/javascript")


@router.get("/manifest.webmanifest", dependencies=[PUBLIC])
def manifest() -> Response:
    """Return what a telephone needs to put the pages of the field beside its programs."""
    told = {
        "id": "/my",
        "name": _("fieldops, my day"),
        "short_name": "fieldops",
        "lang": language().replace("_", "-"),
        "start_url": "/my",
        "scope": "/",
        "display": "standalone",
        "background_color": "#14508c",
        "theme_color": "#14508c",
        "icons": [{"src": "/static/icon.svg", "type": "image/svg+xml", "sizes": "any", "purpose": "any"}],
    }
    return JSONResponse(told, media_type="application/manifest+json")
