"""Routes of stocktakes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response
from sqlalchemy.orm import Session

from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag
from inventory.network.service import place_ids
from inventory.stocktakes import queries, service
from inventory.stocktakes.counting import count
from inventory.stocktakes.models import Stocktake, StocktakeState
from inventory.stocktakes.schemas import Cancellation, Count, LineOut, NewStocktake, Rejection, StocktakeOut

COUNTS_MAX = 1_000

router = APIRouter(prefix="/stocktakes", tags=["stocktakes"], route_class=Route)

Number = Annotated[str, Path(description="Number of a stocktake, such as ST-000001.")]


@router.post("", status_code=201, dependencies=[needs("stock.count", Elsewhere.REFUSED)])
def open_stocktake(
    session: Writing, actor: Acting, edge: Here, response: Response, wanted: NewStocktake
) -> StocktakeOut:
    """Open a stocktake of a place: of everything, of the parts listed, or of an ATA chapter."""
    return _told(session, response, service.open_stocktake(session, actor, wanted, edge.clock()))


@router.get("", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def stocktakes(
    session: Reading, paging: Paged, place: str | None = None, state: StocktakeState | None = None
) -> Page[StocktakeOut]:
    """List stocktakes by number, each with what it came to."""
    (after,) = paging.after(("",))
    if place is not None:
        place_ids(session, [place])
    rows = queries.stocktake_page(session, after=after, limit=paging.rows, place=place, state=state)
    return paging.page(rows, lambda one: (one.number,))


@router.get("/{number}", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def stocktake(session: Reading, response: Response, number: Number) -> StocktakeOut:
    """Return a stocktake."""
    return _told(session, response, queries.stocktake_by_number(session, number))


@router.get("/{number}/lines", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def lines(session: Reading, paging: Paged, number: Number) -> Page[LineOut]:
    """List the lines of a stocktake, by part."""
    found = queries.stocktake_by_number(session, number)
    after = paging.after(("", queries.FIRST_KEY))
    rows = queries.line_page(session, found, after=after, limit=paging.rows)
    return paging.page(rows, lambda one: (one.part, one.id))


@router.post("/{number}/counts", dependencies=[needs("stock.count", Elsewhere.HIDDEN)])
def add_counts(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    number: Number,
    counts: Annotated[list[Count], Body(min_length=1, max_length=COUNTS_MAX)],
) -> StocktakeOut:
    """Write down what was counted, all or none; a cell that is counted again takes the newer count."""
    found = queries.stocktake_by_number(session, number)
    count(session, actor, found, counts, edge.clock())
    return _told(session, response, found)


@router.post("/{number}/submit", dependencies=[needs("stock.count", Elsewhere.HIDDEN)])
def submit(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, number: Number
) -> StocktakeOut:
    """End the counting; without a variance the stocktake is done with that."""
    found = queries.stocktake_by_number(session, number)
    service.submit(session, actor, found, edge.clock(), version=version)
    return _told(session, response, found)


@router.post("/{number}/approve", dependencies=[needs("stock.approve", Elsewhere.HIDDEN)])
def approve(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, number: Number
) -> StocktakeOut:
    """Post the variances, as somebody who counted none of it."""
    found = queries.stocktake_by_number(session, number)
    service.approve(session, actor, found, edge.clock(), version=version)
    return _told(session, response, found)


@router.post("/{number}/reject", dependencies=[needs("stock.approve", Elsewhere.HIDDEN)])
def reject(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    rejection: Rejection,
) -> StocktakeOut:
    """Send lines back to be counted again, and say why."""
    found = queries.stocktake_by_number(session, number)
    service.reject(session, actor, found, rejection, edge.clock(), version=version)
    return _told(session, response, found)


@router.post("/{number}/cancel", dependencies=[needs("stock.count", Elsewhere.HIDDEN)])
def cancel(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    why: Cancellation,
) -> StocktakeOut:
    """Give a stocktake up; nothing is posted."""
    found = queries.stocktake_by_number(session, number)
    service.cancel(session, actor, found, why.reason, edge.clock(), version=version)
    return _told(session, response, found)


def _told(session: Session, response: Response, stocktake: Stocktake) -> StocktakeOut:
    session.flush()
    tag(response, stocktake.version)
    (told,) = queries.stocktake_page(session, number=stocktake.number)
    return told
