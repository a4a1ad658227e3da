"""Routes of the control: its terms, what documents hold, what was spent."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response

from fieldops.finance.budgets.models import Stage
from fieldops.finance.control import accruals, actuals, holding, queries, terms
from fieldops.finance.control.actual_schemas import ActualOut, NewAccrual, NewActual, Reversal
from fieldops.finance.control.schemas import EarmarkOut, NewHold, Release, VerdictOut
from fieldops.finance.control.term_schemas import ApprovalLimits, Terms
from inventory.kernel.base import require_version
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

ACTUALS_MAX = 1_000

router = APIRouter(tags=["budget control"], route_class=Route)


@router.get("/budgets/approval-limits", dependencies=[needs("budget.read", Elsewhere.SHARED)])
def approval_limits(session: Reading, response: Response) -> ApprovalLimits:
    """Show the largest amount that each role may approve."""
    tag(response, terms.limits_version(session))
    return terms.limits_set(session)


@router.put("/budgets/approval-limits", dependencies=[needs("budget.limits", Elsewhere.NETWORK)])
def put_approval_limits(
    session: Writing, response: Response, version: Changing, limits: ApprovalLimits
) -> ApprovalLimits:
    """Set the largest amount that each role named may approve; a role left out keeps its limit.

    The limits of a category that is named are set anew. The version is 0 while no limit was ever set.
    """
    require_version(terms.limits_version(session), version)
    terms.set_approval_limits(session, limits.limits, limits.currency, limits.by_category)
    return approval_limits(session, response)


@router.get("/budgets/control-terms", dependencies=[needs("budget.read", Elsewhere.SHARED)])
def control_terms(session: Reading, response: Response) -> Terms:
    """Show the bands of the control, the personal limits, and when two approvals are needed."""
    tag(response, terms.terms_version(session))
    return terms.load_terms(session)


@router.put("/budgets/control-terms", dependencies=[needs("budget.limits", Elsewhere.NETWORK)])
def put_control_terms(session: Writing, response: Response, version: Changing, wanted: Terms) -> Terms:
    """Set the terms of the control as a whole. The version is 0 while they are those of the product."""
    terms.set_terms(session, wanted, version=version)
    return control_terms(session, response)


@router.post("/commitments/check", dependencies=[needs("budget.spend", Elsewhere.REFUSED)])
def check(session: Writing, actor: Acting, edge: Here, wanted: NewHold) -> VerdictOut:
    """Say what the control would say of a document now; nothing is held."""
    return holding.check(session, actor, wanted, edge.clock().date())


@router.get("/commitments", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def commitments(
    session: Reading,
    paging: Paged,
    document: str | None = None,
    line: UUID | None = None,
    stage: Stage | None = None,
    held: bool = True,
) -> Page[EarmarkOut]:
    """List what documents reserve and commit, item by item; without `held` also what they hold no more."""
    (after,) = paging.after((queries.NO_KEY,))
    rows = queries.earmark_page(
        session, after=after, limit=paging.rows, document=document, line=line, stage=stage, held=held
    )
    return paging.page(rows, lambda one: (one.id,))


@router.post("/commitments/release", status_code=204, dependencies=[needs("budget.spend", Elsewhere.HIDDEN)])
def release(session: Writing, actor: Acting, edge: Here, wanted: Release) -> None:
    """Give back what a document holds itself, with reversing entries."""
    now = edge.clock()
    holding.release(session, actor, wanted, now, now.date())


@router.get("/actuals", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def posted_actuals(
    session: Reading, paging: Paged, document: str | None = None, line: UUID | None = None
) -> Page[ActualOut]:
    """List what was spent, in the order in which it was posted."""
    (after,) = paging.after((queries.NO_KEY,))
    rows = queries.actual_page(session, after=after, limit=paging.rows, document=document, line=line)
    return paging.page(rows, lambda one: (one.id,))


@router.post("/actuals", status_code=201, dependencies=[needs("budget.post", Elsewhere.REFUSED)])
def post_actuals(
    session: Writing,
    actor: Acting,
    edge: Here,
    posted: Annotated[list[NewActual], Body(min_length=1, max_length=ACTUALS_MAX)],
) -> list[NewActual]:
    """Post expenses, all or none; each takes the money of its commitment, a source is posted once."""
    actuals.post_actuals(session, actor, posted, edge.clock())
    return posted


@router.post("/actuals/reverse", status_code=201, dependencies=[needs("budget.post", Elsewhere.HIDDEN)])
def reverse_actual(session: Writing, actor: Acting, edge: Here, wanted: Reversal) -> ActualOut:
    """Take an expense back with a reversing entry; what it took of its commitment is committed again."""
    made = actuals.reverse_actual(session, actor, wanted, edge.clock())
    (told,) = queries.actual_page(session, source=made.source)
    return told


@router.post("/actuals/accruals", status_code=201, dependencies=[needs("budget.post", Elsewhere.HIDDEN)])
def accrue(session: Writing, actor: Acting, edge: Here, wanted: NewAccrual) -> NewAccrual:
    """Count what is committed as spent on a day, before its invoice, and take it back on a later one."""
    accruals.accrue(session, actor, wanted, edge.clock())
    return wanted
