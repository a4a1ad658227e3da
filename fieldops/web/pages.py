"""The pages of the product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fieldops.dispatch.papers.words import seats
from fieldops.identity.cookies import is_https, session_secret
from fieldops.identity.tokens import csrf_of
from fieldops.locale.words import words
from fieldops.planning.models import DayPlan
from fieldops.planning.queries import latest_in_force, plan_by_number
from fieldops.web.board import board
from fieldops.web.speech import COOKIE
from fieldops.web.templating import render
from inventory.kernel.actor import Actor
from inventory.kernel.edge import Acting, Reading
from inventory.kernel.routes import PUBLIC, Elsewhere, needs

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Region = Annotated[str | None, Query()]


_READERS = needs("plan.read", Elsewhere.HIDDEN)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a page; `csrf` goes into its forms, and is empty for a program with a token."""

    name: str
    csrf: str


@router.get("/", dependencies=[_READERS])
def latest_plan(request: Request, session: Reading, actor: Acting, region: Region = None) -> str:
    """Show the newest plan in force, or what to do where there is none."""
    plan = latest_in_force(session)
    if plan is None:
        return _page("empty.html", request, actor)
    return _plan_page(request, session, actor, plan, region)


@router.get("/plans/{number}", dependencies=[_READERS])
def plan(request: Request, session: Reading, actor: Acting, number: str, region: Region = None) -> str:
    """Show a plan."""
    return _plan_page(request, session, actor, plan_by_number(session, number), region)


@router.get("/language/{language}", dependencies=[PUBLIC])
def speak(request: Request, language: Literal["en", "zh_CN"]) -> Response:
    """Show the pages in a language from now on."""
    response = RedirectResponse("/", 303)
    response.set_cookie(COOKIE, language, samesite="lax", secure=is_https(request))
    return response


def _plan_page(request: Request, session: Session, actor: Actor, plan: DayPlan, region: str | None) -> str:
    return _page("plan.html", request, actor, board=board(session, plan, region), words=words(), seats=seats)


def _page(template: str, request: Request, actor: Actor, **values: Any) -> str:
    secret = session_secret(request)
    return render(template, visitor=Visitor(actor.id, csrf_of(secret) if secret else ""), **values)
