"""Routes of the versions of the budgets."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from fieldops.finance.budgets.queries import NO_KEY, version_line_page, version_page
from fieldops.finance.budgets.schemas import NewVersion, VersionDecision, VersionLineOut, VersionOut
from fieldops.finance.budgets.versions import decide_version, propose, version_by_number
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

router = APIRouter(prefix="/budget-versions", tags=["budgets"], route_class=Route)

Number = Annotated[str, Path(description="Number of a version, such as BV-000001.")]


@router.get("", dependencies=[needs("budget.read", Elsewhere.SHARED)])
def budget_versions(session: Reading, paging: Paged) -> Page[VersionOut]:
    """List the versions of the budgets: drafts, what is approved, what it superseded, forecasts."""
    (after,) = paging.after(("",))
    return paging.page(version_page(session, after=after, limit=paging.rows), lambda one: (one.number,))


@router.post("", status_code=201, dependencies=[needs("budget.write", Elsewhere.NETWORK)])
def propose_version(session: Writing, actor: Acting, edge: Here, response: Response, wanted: NewVersion) -> VersionOut:
    """Keep a set of budgets as a draft, or a forecast to compare with; nothing else changes."""
    return _told(session, response, propose(session, actor, wanted, edge.clock()).number)


@router.get("/{number}", dependencies=[needs("budget.read", Elsewhere.SHARED)])
def budget_version(session: Reading, response: Response, number: Number) -> VersionOut:
    """Return a version."""
    return _told(session, response, version_by_number(session, number).number)


@router.get("/{number}/lines", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def version_lines(session: Reading, paging: Paged, number: Number) -> Page[VersionLineOut]:
    """List the lines of a version, each beside the budget of now: the preview of its approval."""
    version = version_by_number(session, number)
    (after,) = paging.after((NO_KEY,))
    return paging.page(version_line_page(session, version.id, after=after, limit=paging.rows), lambda one: (one.id,))


@router.post("/{number}/decide", dependencies=[needs("budget.approve", Elsewhere.NETWORK)])
def decide(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    decision: VersionDecision,
) -> VersionOut:
    """Approve a draft that somebody else made, which sets the budget of each of its lines, or withdraw it."""
    now = edge.clock()
    decide_version(session, actor, number, decision, now, now.date(), version=version)
    return _told(session, response, number)


def _told(session: Session, response: Response, number: str) -> VersionOut:
    (told,) = version_page(session, number=number)
    tag(response, told.version)
    return told
