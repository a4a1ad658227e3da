"""Routes of the approvals: hold money or ask for it, the inbox, decisions, substitutes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from sqlalchemy.orm import Session

from fieldops.finance.approvals import queries, service
from fieldops.finance.approvals.models import ApprovalState
from fieldops.finance.approvals.schemas import ApprovalOut, NewSubstitution, SubstitutionOut, Verdict
from fieldops.finance.approvals.service import Settle
from fieldops.finance.control.schemas import NewHold, VerdictOut
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

router = APIRouter(tags=["approvals"], route_class=Route)

Number = Annotated[str, Path(description="Number of an approval, such as AR-000001.")]


async def settling() -> Settle | None:
    """Return what else happens when a document of a plan is approved; `fieldops.app` supplies it."""
    return None


Settling = Annotated[Settle | None, Depends(settling)]


@router.post("/commitments", status_code=201, dependencies=[needs("budget.spend", Elsewhere.REFUSED)])
def spend(session: Writing, actor: Acting, edge: Here, wanted: NewHold) -> VerdictOut:
    """Hold exactly what a document names, checked against the lines that pay; or ask for the approval that it needs.

    `held` tells which of both happened.
    """
    now = edge.clock()
    return service.spend(session, actor, wanted, now, now.date())


@router.get("/approvals", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def approvals(
    session: Reading,
    paging: Paged,
    state: ApprovalState | None = None,
    document: str | None = None,
    role: str | None = None,
) -> Page[ApprovalOut]:
    """List the requests for approval by number."""
    (after,) = paging.after(("",))
    rows = queries.approval_page(
        session, after=after, limit=paging.rows, state=state, document=document, approver_role=role
    )
    return paging.page(rows, lambda one: (one.number,))


@router.get("/approvals/inbox", dependencies=[needs("budget.approve", Elsewhere.HIDDEN)])
def inbox(session: Reading, actor: Acting, edge: Here) -> list[ApprovalOut]:
    """List what waits for one's own decision, also in another's stead: AOG first, then the oldest."""
    return queries.inbox(session, actor, edge.clock().date())


@router.get("/approvals/{number}", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def approval(session: Reading, response: Response, number: Number) -> ApprovalOut:
    """Return a request for approval."""
    return _told(session, response, queries.approval_by_number(session, number).number)


@router.post("/approvals/{number}/approve", dependencies=[needs("budget.approve", Elsewhere.HIDDEN)])
def approve(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    settle: Settling,
    version: Changing,
    number: Number,
    wanted: Verdict,
) -> ApprovalOut:
    """Approve a request within one's authority; its money is held in the same transaction."""
    now = edge.clock()
    service.approve(session, actor, number, wanted.note, now, now.date(), version=version, settle=settle)
    return _told(session, response, number)


@router.post("/approvals/{number}/reject", dependencies=[needs("budget.approve", Elsewhere.HIDDEN)])
def reject(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    wanted: Verdict,
) -> ApprovalOut:
    """Refuse a request, and say why."""
    now = edge.clock()
    service.reject(session, actor, number, wanted.note, now, now.date(), version=version)
    return _told(session, response, number)


@router.post("/approvals/{number}/withdraw", dependencies=[needs("budget.spend", Elsewhere.HIDDEN)])
def withdraw(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    wanted: Verdict,
) -> ApprovalOut:
    """Take a request back, of one's own or of a colleague."""
    service.withdraw(session, actor, number, wanted.note, edge.clock(), version=version)
    return _told(session, response, number)


@router.get("/substitutions", dependencies=[needs("budget.approve", Elsewhere.SHARED)])
def substitutions(session: Reading, paging: Paged) -> Page[SubstitutionOut]:
    """List who decides for whom, and on which days."""
    (after,) = paging.after((queries.NO_KEY,))
    return paging.page(queries.substitution_page(session, after=after, limit=paging.rows), lambda one: (one.id,))


@router.post("/substitutions", status_code=201, dependencies=[needs("budget.approve", Elsewhere.SHARED)])
def substitute(session: Writing, actor: Acting, edge: Here, wanted: NewSubstitution) -> SubstitutionOut:
    """Let somebody decide with one's own authority for some days."""
    made = service.substitute(session, actor, wanted, edge.clock())
    (told,) = queries.substitution_page(session, key=made.id)
    return told


@router.post("/substitutions/{key}/end", dependencies=[needs("budget.approve", Elsewhere.HIDDEN)])
def end_substitution(
    session: Writing, actor: Acting, edge: Here, key: Annotated[UUID, Path(description="Key of a substitution.")]
) -> SubstitutionOut:
    """End one's own substitution before its last day."""
    service.end_substitution(session, actor, key, edge.clock())
    (told,) = queries.substitution_page(session, key=key)
    return told


def _told(session: Session, response: Response, number: str) -> ApprovalOut:
    (told,) = queries.approval_page(session, number=number)
    tag(response, told.version)
    return told
