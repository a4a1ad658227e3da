"""Routes of the stock ledger."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query

from inventory.catalogue.service import part_ids
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.fields import Instant
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.ledger import queries, service
from inventory.ledger.schemas import BalanceOut, Closing, MoveOut, NewMove, Reversal, StockThen
from inventory.network.service import place_ids

MOVES_MAX = 1_000

router = APIRouter(prefix="/stock", tags=["stock"], route_class=Route)


@router.get("/balances", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def balances(session: Reading, paging: Paged, place: str | None = None, part: str | None = None) -> Page[BalanceOut]:
    """List what lies on shelves, by place and part, apart for each condition, hold, owner and number."""
    after = paging.after(("", "", queries.FIRST_KEY))
    if place is not None:
        place_ids(session, [place])
    if part is not None:
        part_ids(session, [part])
    rows = queries.balance_page(session, after=after, limit=paging.rows, place=place, part=part)
    page = paging.page(rows, lambda one: one[0])
    return Page(items=[balance for _key, balance in page.items], next=page.next)


@router.get("/then", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def stock_then(session: Reading, part: str, at: Annotated[Instant, Query(description="A past instant.")]) -> StockThen:
    """Tell what shelves held of a part at a past instant, by all that was recorded until now."""
    part_ids(session, [part])
    return StockThen(at=at, items=queries.stock_at(session, part, at))


@router.get("/moves", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def moves(
    session: Reading,
    paging: Paged,
    part: str | None = None,
    lot: Annotated[str | None, Query(description="A serial or lot number: its whole history.")] = None,
    place: str | None = None,
    document: str | None = None,
) -> Page[MoveOut]:
    """List moves in the order in which they were recorded."""
    (after,) = paging.after((0,))
    rows = queries.move_page(
        session, after=after, limit=paging.rows, part=part, lot=lot, place=place, document=document
    )
    return paging.page(rows, lambda one: (one.id,))


@router.post("/moves", status_code=201, dependencies=[needs("stock.move", Elsewhere.REFUSED)])
def post_moves(
    session: Writing,
    actor: Acting,
    edge: Here,
    moves: Annotated[list[NewMove], Body(min_length=1, max_length=MOVES_MAX)],
) -> list[NewMove]:
    """Post stock moves, all or none. A `move_id` is posted once; send your own to repeat a request safely."""
    service.post(session, actor, moves, edge.clock())
    return moves


@router.post("/reversals", status_code=201, dependencies=[needs("stock.move", Elsewhere.REFUSED)])
def reverse_moves(session: Writing, actor: Acting, edge: Here, reversal: Reversal) -> Reversal:
    """Take moves back by moves the other way, all or none. The answer names the new moves."""
    ids = service.reverse(session, actor, reversal.moves, reversal.document, edge.clock())
    return Reversal(moves=ids, document=reversal.document)


@router.get("/closing", dependencies=[needs("stock.read", Elsewhere.SHARED)])
def closing(session: Reading) -> Closing:
    """Return through which day the stock ledger is closed."""
    return Closing(closed_through=service.closed_through(session))


@router.post("/closing", dependencies=[needs("budget.write", Elsewhere.NETWORK)])
def close(session: Writing, actor: Acting, edge: Here, closing: Closing) -> Closing:
    """Close the stock ledger through a day, or open it again with null."""
    service.close_through(session, actor, closing.closed_through, edge.clock())
    return closing
