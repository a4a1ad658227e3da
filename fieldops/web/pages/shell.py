"""The shell around every page: who looks at it, where in the network, and where else there is to go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fieldops.events.queries import last_number, news_count
from fieldops.events.rules import untold
from fieldops.identity.cookies import is_https, session_secret
from fieldops.identity.tokens import csrf_of
from fieldops.web.pages.event_words import kinds_of
from fieldops.web.pages.scripts import told_by_scripts
from fieldops.web.signin import own_path
from fieldops.web.speech import COOKIE as LANGUAGE_COOKIE
from fieldops.web.templating import render
from inventory.kernel.actor import Actor
from inventory.kernel.edge import ROWS, Acting, Paging, Reading
from inventory.kernel.routes import PUBLIC
from inventory.kernel.texts import N_, gettext
from inventory.network.queries import region_page
from inventory.network.schemas import RegionOut

REGION_COOKIE = "fieldops_region"
"""Keeps the region that somebody looks at; empty for all of his."""
THEME_COOKIE = "fieldops_theme"
_REGIONS_MAX = 200
SEEN_COOKIE = "fieldops_seen"
"""Keeps the number of the last event when somebody last looked at the notifications."""
NEWS_MAX = 99
"""Beyond so many the bell says only that there are more."""
_NEWS_BACK = 1_000
"""How many events back the bell looks: what is older nobody waits for any more."""
_WAY_MAX = 2_000
YEAR_S = 365 * 24 * 3600

Theme = Literal["auto", "light", "dark", "contrast"]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, dependencies=[PUBLIC])


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that the menu leads to, for those with a right (all who are signed in, without); `key` goes there by g.

    `others` are paths of pages that belong to it.
    """

    path: str
    title: str
    permission: str | None
    key: str
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the title in the reader's language."""
        return gettext(self.title)


ENTRIES = (
    Entry("/", N_("Home"), None, "h"),
    Entry("/my", N_("My day"), "dispatch.execute", "m"),
    Entry("/board", N_("Board"), "plan.read", "b", ("/field-reports",)),
    Entry("/plans", N_("Plans"), "plan.read", "p"),
    Entry(
        "/stock",
        N_("Stock"),
        "stock.read",
        "s",
        ("/parts", "/places", "/offers", "/orders", "/stocktakes", "/target-plans"),
    ),
    Entry("/budgets", N_("Budgets"), "budget.read", "f"),
    Entry("/approvals", N_("Approvals"), "budget.read", "a"),
    Entry("/operations", N_("Long work"), "operations.read", "o", ("/admin/schedules",)),
    Entry("/admin/users", N_("Users"), "users.read", "u", ("/admin/roles",)),
    Entry("/admin/audit", N_("Audit"), "audit.read", "t", ("/admin/checks",)),
)
"""The menu, in its order."""


@dataclass(frozen=True, slots=True)
class Shell:
    """What the frame of a page shows. `csrf` goes into forms and scripts; it is empty for a program with a token.

    `told` is the number of the last event that the page knows, None for whoever hears of none.
    """

    name: str
    csrf: str
    path: str
    theme: str
    entries: tuple[Entry, ...]
    regions: tuple[RegionOut, ...]
    region: str | None
    permissions: frozenset[str]
    everywhere: bool
    news: int
    news_kinds: tuple[str, ...]
    told: int | None = None
    query: str = ""

    def here_without(self, *names: str) -> str:
        """Return the address of the page, for coming back to it, without some of its filters."""
        query = [(name, value) for name, value in parse_qsl(self.query) if name not in names]
        here = f"{self.path}?{urlencode(query)}" if query else self.path
        return here if len(here) <= _WAY_MAX else self.path

    def may(self, permission: str) -> bool:
        """Tell whether the visitor has a right."""
        return permission in self.permissions or "*" in self.permissions

    def is_at(self, entry: Entry) -> bool:
        """Tell whether the page is the one that an entry leads to, or below it."""
        below = (path for path in (entry.path, *entry.others) if path != "/")
        return self.path in (entry.path, *entry.others) or any(self.path.startswith(f"{path}/") for path in below)


class Frame:
    """A dependency of every page: fills a template within the shell of its visitor."""

    def __init__(self, request: Request, session: Reading, actor: Acting) -> None:
        self.session = session
        self.actor = actor
        self.shell = _shell(request, session, actor)

    @property
    def region(self) -> str | None:
        """Return the one region that the visitor looks at, None for all of his."""
        return self.shell.region

    def page(self, template: str, **values: Any) -> str:
        """Return a page."""
        return render(template, shell=self.shell, script_words=told_by_scripts(), **values)


Framed = Annotated[Frame, Depends(Frame)]


def _shell(request: Request, session: Session, actor: Actor) -> Shell:
    secret = session_secret(request)
    told = last_number(session) if actor.may("events.read") else None
    regions = tuple(_own(region_page(session, after="", limit=_REGIONS_MAX), actor))
    # an address that somebody sent says itself which region it is about
    wanted = request.query_params.get("region", request.cookies.get(REGION_COOKIE, ""))
    return Shell(
        name=actor.id,
        csrf=csrf_of(secret) if secret else "",
        path=request.url.path,
        theme=theme_of(request),
        entries=tuple(one for one in ENTRIES if one.permission is None or actor.may(one.permission)),
        regions=regions,
        region=wanted if any(one.code == wanted for one in regions) else None,
        permissions=actor.permissions,
        everywhere=actor.scope.everything,
        news=0 if told is None or request.url.path == "/notifications" else _news(request, session, actor, told),
        news_kinds=tuple(kinds_of()),
        told=told,
        query=request.url.query,
    )


def seen_of(request: Request) -> int:
    """Return the number of the last event when the visitor last looked at the notifications, 0 where he never did."""
    told = request.cookies.get(SEEN_COOKIE, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else 0


def kept(paging: Paging, **filters: str) -> dict[str, str]:
    """Return the filters of a list as the address of its next page keeps them, with its length where that was asked."""
    return filters if paging.limit == ROWS else filters | {"limit": str(paging.limit)}


def _news(request: Request, session: Session, actor: Actor, last: int) -> int:
    """Return how many notifications are new to the visitor, one more than NEWS_MAX where there are more."""
    after = max(seen_of(request), last - _NEWS_BACK)
    return news_count(session, after=after, kinds=kinds_of(), without=untold(actor), limit=NEWS_MAX + 1)


def _own(regions: Iterable[RegionOut], actor: Actor) -> Iterable[RegionOut]:
    return (region for region in regions if actor.scope.holds_region(region.code))


def theme_of(request: Request) -> str:
    """Return how the visitor wants pages to look; "auto" follows the device."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in get_args(Theme) else "auto"


Way = Annotated[str, Query(alias="next", max_length=_WAY_MAX)]


@router.get("/language/{language}")
def speak(request: Request, language: Literal["en", "zh_CN"], way: Way = "/") -> Response:
    """Show the pages in a language from now on."""
    return _remembering(request, LANGUAGE_COOKIE, language, way)


@router.get("/theme/{theme}")
def look(request: Request, theme: Theme, way: Way = "/") -> Response:
    """Show the pages in these colours from now on."""
    return _remembering(request, THEME_COOKIE, theme, way)


@router.get("/region")
def look_at(request: Request, code: Annotated[str, Query(max_length=48)] = "", way: Way = "/") -> Response:
    """Show one region from now on, or with none all of the visitor's."""
    return _remembering(request, REGION_COOKIE, code, way)


def _remembering(request: Request, cookie: str, value: str, way: str) -> Response:
    response = RedirectResponse(own_path(way), 303)
    response.set_cookie(cookie, value, max_age=YEAR_S, samesite="lax", secure=is_https(request), httponly=True)
    return response
