"""Routes of the budgets."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from fieldops.finance.models import Category
from fieldops.finance.queries import FIRST_LINE, budget_lines, limits_set, limits_version
from fieldops.finance.schemas import ApprovalLimits, BudgetLineOut, NewBudgetLine
from fieldops.finance.service import open_lines, set_approval_limits
from inventory.kernel.base import require_version
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag
from inventory.network.service import region_ids

LINES_MAX = 1_000

router = APIRouter(tags=["budgets"], route_class=Route)


@router.get("/budgets", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def budgets(
    session: Reading,
    paging: Paged,
    day: Annotated[date | None, Query(alias="date")] = None,
    region: str | None = None,
    category: Category | None = None,
) -> Page[BudgetLineOut]:
    """List budget lines with what is taken and what is left, by region, category and period.

    `date` keeps the lines whose period holds it.
    """
    regions = () if region is None else tuple(region_ids(session, [region]))
    rows = budget_lines(
        session, day=day, regions=regions, category=category, after=paging.after(FIRST_LINE), limit=paging.rows
    )
    return paging.page(rows, lambda one: (one.region, one.category, one.period_start))


@router.post("/budgets", status_code=201, dependencies=[needs("budget.write", Elsewhere.REFUSED)])
def open_budgets(
    session: Writing,
    actor: Acting,
    edge: Here,
    lines: Annotated[list[NewBudgetLine], Body(min_length=1, max_length=LINES_MAX)],
) -> list[NewBudgetLine]:
    """Open budget lines with what is spent and committed so far, all or none."""
    open_lines(session, actor, lines, edge.clock())
    return lines


@router.get("/budgets/approval-limits", dependencies=[needs("budget.read", Elsewhere.SHARED)])
def approval_limits(session: Reading, response: Response) -> ApprovalLimits:
    """Show the largest amount that each role may approve."""
    tag(response, limits_version(session))
    return limits_set(session)


@router.put("/budgets/approval-limits", dependencies=[needs("budget.limits", Elsewhere.NETWORK)])
def put_approval_limits(
    session: Writing, response: Response, version: Changing, limits: ApprovalLimits
) -> ApprovalLimits:
    """Set the largest amount that each role named may approve; a role left out keeps its limit.

    The version is 0 while no limit was ever set.
    """
    require_version(limits_version(session), version)
    set_approval_limits(session, limits.limits, limits.currency)
    return approval_limits(session, response)
