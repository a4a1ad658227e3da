"""Routes of removed units."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from inventory.cores import queries
from inventory.cores.models import ObligationState
from inventory.cores.schemas import RemovedUnitOut, Settlement
from inventory.cores.service import settle
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

router = APIRouter(tags=["cores"], route_class=Route)

Number = Annotated[str, Path(description="Number of a removed unit.")]


@router.get("/removed-units", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def removed_units(
    session: Reading, paging: Paged, job: str | None = None, state: ObligationState | None = None
) -> Page[RemovedUnitOut]:
    """List units removed from aircraft and what is owed for them, by number."""
    (after,) = paging.after(("",))
    rows = queries.removed_page(session, after=after, limit=paging.rows, job=job, state=state)
    return paging.page(rows, lambda one: (one.number,))


@router.get("/removed-units/{number}", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def removed_unit(session: Reading, response: Response, number: Number) -> RemovedUnitOut:
    """Return a removed unit."""
    found = queries.removed_told(session, number)
    tag(response, found.version)
    return found


@router.post("/removed-units/{number}/settlement", dependencies=[needs("stock.move", Elsewhere.HIDDEN)])
def settle_removed_unit(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    wanted: Settlement,
) -> RemovedUnitOut:
    """Close what is owed for a removed unit."""
    settle(session, actor, number, wanted.note, edge.clock(), version=version)
    return removed_unit(session, response, number)
