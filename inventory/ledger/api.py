"""Routes of the stock ledger."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from inventory.catalogue.service import part_ids
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.ledger import queries, service
from inventory.ledger.schemas import BalanceOut, NewMove
from inventory.network.service import place_ids

MOVES_MAX = 1_000

router = APIRouter(prefix="/stock", tags=["stock"], route_class=Route)


@router.get("/balances", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def balances(session: Reading, paging: Paged, place: str | None = None, part: str | None = None) -> Page[BalanceOut]:
    """List what lies on shelves, by place, part and condition."""
    after = paging.after(("", "", ""))
    if place is not None:
        place_ids(session, [place])
    if part is not None:
        part_ids(session, [part])
    rows = queries.balance_page(session, after=after, limit=paging.rows, place=place, part=part)
    return paging.page(rows, lambda one: (one.place, one.part, one.condition))


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
