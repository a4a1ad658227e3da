"""The pages of plans: the list, and one plan."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from fieldops.dispatch.papers.words import seats
from fieldops.locale.words import words
from fieldops.planning.portion import told_plan
from fieldops.planning.queries import plan_by_number, plan_page
from fieldops.web.pages.plan_view import plan_view
from fieldops.web.pages.shell import Framed
from inventory.kernel.routes import Elsewhere, needs

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROWS_MAX = 50
_READERS = needs("plan.read", Elsewhere.HIDDEN)


@router.get("/plans", dependencies=[_READERS])
def plans(frame: Framed, before: Annotated[str, Query(max_length=24)] = "") -> str:
    """List the plans of the visitor's regions, the newest first, or what to do where there is none."""
    found = plan_page(frame.session, before=before, limit=ROWS_MAX + 1, region=frame.region)
    if not found and not before:
        return frame.page("empty.html")
    older = found[ROWS_MAX - 1].plan if len(found) > ROWS_MAX else None
    return frame.page("plans.html", plans=found[:ROWS_MAX], older=older, words=words())


@router.get("/plans/{number}", dependencies=[_READERS])
def plan(frame: Framed, number: str, region: Annotated[str | None, Query(max_length=48)] = None) -> str:
    """Show a plan, of one region or with an empty one whole; without, of the one that is looked at if it has it."""
    found = plan_by_number(frame.session, number)
    told = told_plan(frame.session, found)
    if region is None and frame.region in told.regions:
        region = frame.region
    return frame.page(
        "plan.html", board=plan_view(frame.session, found, told, region or None), words=words(), seats=seats
    )
