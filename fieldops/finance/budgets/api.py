"""Routes of the budgets."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query
from sqlalchemy.orm import Session

from fieldops.finance.budgets import carrying, queries, service
from fieldops.finance.budgets.models import EntryKind
from fieldops.finance.budgets.overview import Dimension, OverviewRow, overview
from fieldops.finance.budgets.queries import FIRST_LINE, budget_lines, line_key
from fieldops.finance.budgets.schemas import (
    BudgetLineDetail,
    BudgetLineOut,
    CarriedOut,
    CostCentreOut,
    EntryOut,
    Freeze,
    NewBudgetLine,
    NewCarryOver,
    NewCostCentre,
    NewTransfer,
    TransferOut,
)
from fieldops.finance.categories import Category
from fieldops.finance.control.terms import require_supplement
from fieldops.finance.rates.schemas import KnownCurrency
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.network.service import region_ids

LINES_MAX = 1_000

router = APIRouter(tags=["budgets"], route_class=Route)

Line = Annotated[UUID, Path(description="Key of a budget line.")]


@router.get("/budgets", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def budgets(
    session: Reading,
    paging: Paged,
    day: Annotated[date | None, Query(alias="date")] = None,
    region: str | None = None,
    category: Category | None = None,
    cost_centre: str | None = None,
    person: str | None = None,
) -> Page[BudgetLineOut]:
    """List budget lines with what is taken and what is left, by region, category and period.

    `date` keeps the lines whose period holds it.
    """
    rows = budget_lines(
        session,
        day=day,
        regions=_regions(session, region),
        category=category,
        cost_centre=cost_centre,
        person=person,
        after=paging.after(FIRST_LINE),
        limit=paging.rows,
    )
    return paging.page(rows, line_key)


@router.post("/budgets", status_code=201, dependencies=[needs("budget.write", Elsewhere.REFUSED)])
def open_budgets(
    session: Writing,
    actor: Acting,
    edge: Here,
    lines: Annotated[list[NewBudgetLine], Body(min_length=1, max_length=LINES_MAX)],
) -> list[NewBudgetLine]:
    """Open budget lines with what is spent and committed so far, all or none."""
    service.open_lines(session, actor, lines, edge.clock())
    return lines


@router.get("/budgets/overview", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def budget_overview(
    session: Reading,
    edge: Here,
    by: Annotated[list[Dimension], Query(description="What to sum by, in this order.")] = [  # noqa: B006 - not changed
        Dimension.REGION,
        Dimension.CATEGORY,
    ],
    start: date | None = None,
    end: date | None = None,
    region: str | None = None,
    category: Category | None = None,
    into: Annotated[
        KnownCurrency | None, Query(description="Convert all into this currency, by today's rates.")
    ] = None,
) -> list[OverviewRow]:
    """Sum budget, what is taken, what is left and the forecast by any dimensions, exact in each currency.

    `start` and `end` keep the lines whose period meets them; `end` is the day after.
    """
    return overview(
        session,
        edge.clock().date(),
        by=list(dict.fromkeys(by)),
        start=start,
        end=end,
        regions=_regions(session, region),
        category=category,
        into=into,
    )


@router.get("/budgets/transfers", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def budget_transfers(session: Reading, paging: Paged, line: UUID | None = None) -> Page[TransferOut]:
    """List the documents that changed budgets: transfers, supplements, returns, what was carried over."""
    (after,) = paging.after(("",))
    rows = queries.transfer_page(session, after=after, limit=paging.rows, line=line)
    return paging.page(rows, lambda one: (one.number,))


@router.post("/budgets/transfers", status_code=201, dependencies=[needs("budget.write", Elsewhere.REFUSED)])
def make_transfer(session: Writing, actor: Acting, edge: Here, wanted: NewTransfer) -> TransferOut:
    """Move money from one line to another, or supplement or return some; refused below what is taken.

    A supplement is within what its maker may approve.
    """
    now = edge.clock()
    if wanted.from_line is None:
        require_supplement(session, actor, wanted, now.date())
    made = service.transfer(session, actor, wanted, now, now.date())
    (told,) = queries.transfer_page(session, number=made.number)
    return told


@router.post("/budgets/carry-over/preview", dependencies=[needs("budget.write", Elsewhere.REFUSED)])
def preview_carry_over(session: Writing, actor: Acting, wanted: NewCarryOver) -> list[CarriedOut]:
    """Show what would be carried over from each line that ends; nothing changes."""
    return carrying.preview_carry_over(session, actor, wanted)


@router.post("/budgets/carry-over", status_code=201, dependencies=[needs("budget.write", Elsewhere.REFUSED)])
def carry_over(session: Writing, actor: Acting, edge: Here, wanted: NewCarryOver) -> list[CarriedOut]:
    """Carry commitments, and with `remainder` what is left, over to the lines that follow, each with a document."""
    now = edge.clock()
    return carrying.carry_over(session, actor, wanted, now, now.date())


@router.get("/budgets/lines/{line}", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def budget_line(session: Reading, line: Line) -> BudgetLineDetail:
    """Return a line with what lies below it: the total is what it keeps in reserve and what is distributed."""
    return queries.line_detail(session, line)


@router.get("/budgets/lines/{line}/entries", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def budget_entries(session: Reading, paging: Paged, line: Line, kind: EntryKind | None = None) -> Page[EntryOut]:
    """List the entries that a line's amounts are the sums of, each with its document."""
    queries.line_detail(session, line)
    (after,) = paging.after((0,))
    rows = queries.entry_page(session, line, after=after, limit=paging.rows, kind=kind)
    return paging.page(rows, lambda one: (one.id,))


@router.post("/budgets/lines/{line}/freeze", dependencies=[needs("budget.write", Elsewhere.HIDDEN)])
def freeze_line(session: Writing, actor: Acting, edge: Here, line: Line, wanted: Freeze) -> BudgetLineDetail:
    """Freeze a line, so that it takes nothing new, or free it again."""
    service.set_frozen(session, actor, line, wanted, edge.clock())
    return queries.line_detail(session, line)


@router.get("/cost-centres", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def cost_centres(session: Reading, paging: Paged) -> Page[CostCentreOut]:
    """List the cost centres by code."""
    (after,) = paging.after(("",))
    rows = queries.cost_centre_page(session, after=after, limit=paging.rows)
    return paging.page(rows, lambda one: (one.code,))


@router.post("/cost-centres", status_code=201, dependencies=[needs("budget.write", Elsewhere.REFUSED)])
def add_cost_centres(
    session: Writing,
    actor: Acting,
    centres: Annotated[list[NewCostCentre], Body(min_length=1, max_length=LINES_MAX)],
) -> list[NewCostCentre]:
    """Add cost centres, all or none."""
    service.add_cost_centres(session, actor, centres)
    return centres


def _regions(session: Session, region: str | None) -> tuple[str, ...]:
    return () if region is None else tuple(region_ids(session, [region]))
