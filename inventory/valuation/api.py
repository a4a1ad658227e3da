"""Routes of what the stock is worth and what it cost."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query

from inventory.catalogue.service import part_ids
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.errors import Invalid
from inventory.kernel.fields import Instant
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.kernel.texts import gettext as _
from inventory.valuation import cost_queries, queries, service
from inventory.valuation.schemas import By, CostChangeOut, CostOut, NewAddition, Policy, StockValue

POLICIES_MAX = 1_000
ADDITIONS_MAX = 1_000

router = APIRouter(prefix="/stock", tags=["stock"], route_class=Route)


@router.get("/value", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def stock_value(
    session: Reading,
    edge: Here,
    paging: Paged,
    by: By = By.PLACE,
    at: Annotated[Instant | None, Query(description="A past instant; now where it is left out.")] = None,
) -> StockValue:
    """Tell what own stock on the shelves one looks into is worth, and list that of other owners without a value."""
    now = edge.clock()
    if at is not None and at > now:
        raise Invalid(
            _("Nobody knows the stock of the future; leave at out for now, or give an instant before"),
            code="instant_ahead",
            field="at",
        )
    after = paging.after(("", ""))
    told = queries.stock_value(session, by, at, now)
    lines = [line for line in told.items if (line.key, line.owner) > after]
    page = paging.page(lines[: paging.rows], lambda line: (line.key, line.owner))
    return told.model_copy(update={"items": page.items, "next": page.next})


@router.get("/costs", dependencies=[needs("budget.read", Elsewhere.SHARED)])
def costs(session: Reading, paging: Paged, part: str | None = None) -> Page[CostOut]:
    """List what a unit of each part is worth, by part number."""
    if part is not None:
        part_ids(session, [part])
    (after,) = paging.after(("",))
    rows = cost_queries.cost_page(session, after=after, limit=paging.rows, part=part)
    return paging.page(rows, lambda one: (one.part,))


@router.get("/costs/changes", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def cost_changes(session: Reading, paging: Paged, part: str | None = None) -> Page[CostChangeOut]:
    """List how the averages came about, receipt by receipt, for those who see the whole network."""
    if part is not None:
        part_ids(session, [part])
    (after,) = paging.after((0,))
    rows = cost_queries.change_page(session, after=after, limit=paging.rows, part=part)
    return paging.page(rows, lambda one: (one.id,))


@router.get("/depreciation", dependencies=[needs("budget.read", Elsewhere.SHARED)])
def policies(session: Reading, paging: Paged) -> Page[Policy]:
    """List how assets are written off: first by class, then the parts that differ."""
    rows = cost_queries.policy_page(session, after=paging.after(("", "")), limit=paging.rows)
    return paging.page(rows, lambda one: (one.part or "", one.part_class or ""))


@router.post("/depreciation", dependencies=[needs("budget.write", Elsewhere.NETWORK)])
def set_policies(
    session: Writing, actor: Acting, policies: Annotated[list[Policy], Body(min_length=1, max_length=POLICIES_MAX)]
) -> list[Policy]:
    """Set how the assets of parts or classes are written off, in the place of what was set before, all or none."""
    service.set_policies(session, actor, policies)
    return policies


@router.post("/additions", status_code=201, dependencies=[needs("budget.write", Elsewhere.NETWORK)])
def add_to_assets(
    session: Writing,
    actor: Acting,
    edge: Here,
    additions: Annotated[list[NewAddition], Body(min_length=1, max_length=ADDITIONS_MAX)],
) -> list[NewAddition]:
    """Add costs, such as overhauls, to the value of pieces with a serial number, all or none."""
    service.add_to_assets(session, actor, additions, edge.clock())
    return additions
