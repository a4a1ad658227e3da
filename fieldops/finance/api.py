"""Routes of the budgets."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from fieldops.finance.models import Category
from fieldops.finance.queries import FIRST_LINE, budget_lines
from fieldops.finance.schemas import BudgetLineOut
from inventory.kernel.edge import Page, Paged, Reading
from inventory.network.service import region_ids

router = APIRouter(tags=["budgets"])


@router.get("/budgets")
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
