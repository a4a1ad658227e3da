"""The pages of the product."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from fieldops.planning.models import DayPlan
from fieldops.planning.queries import latest_in_force, plan_by_number
from fieldops.web.board import board
from fieldops.web.templating import render
from fieldops.web.words import words
from inventory.kernel.edge import Reading

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Region = Annotated[str | None, Query()]


@router.get("/")
def latest_plan(session: Reading, region: Region = None) -> str:
    """Show the newest plan in force, or what to do where there is none."""
    plan = latest_in_force(session)
    return render("empty.html") if plan is None else _page(session, plan, region)


@router.get("/plans/{number}")
def plan(session: Reading, number: str, region: Region = None) -> str:
    """Show a plan."""
    return _page(session, plan_by_number(session, number), region)


def _page(session: Session, plan: DayPlan, region: str | None) -> str:
    return render("plan.html", board=board(session, plan, region), words=words())
