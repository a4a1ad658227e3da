"""Routes of orders."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from sqlalchemy.orm import Session

from inventory.catalogue.service import part_ids
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag
from inventory.network.service import place_ids
from inventory.orders import queries, releasing, service, shipping
from inventory.orders.models import StockOrder
from inventory.orders.proposals import draft_proposals
from inventory.orders.rules import OrderKind, OrderState
from inventory.orders.schemas import (
    NewOrder,
    OrderCancellation,
    OrderChange,
    Proposals,
    Receipt,
    Shipment,
    StockOrderOut,
)
from inventory.ports import Spend

router = APIRouter(prefix="/orders", tags=["orders"], route_class=Route)

Number = Annotated[str, Path(description="Number of an order, such as TO-000001.")]
_READERS = needs("stock.read", Elsewhere.HIDDEN)


async def spending() -> Spend:
    """Return what keeps the budgets; `fieldops.app` supplies it."""
    raise NotImplementedError


Spending = Annotated[Spend, Depends(spending)]


@router.post("", status_code=201, dependencies=[needs("stock.reserve", Elsewhere.REFUSED)])
def draft_order(session: Writing, actor: Acting, edge: Here, response: Response, wanted: NewOrder) -> StockOrderOut:
    """Draft a transfer, a purchase or a repair; nothing is kept or spent for it yet."""
    return _told(session, response, service.draft(session, actor, wanted, edge.clock()))


@router.post("/proposals", status_code=201, dependencies=[needs("stock.reserve", Elsewhere.REFUSED)])
def draft_from_plan(session: Writing, actor: Acting, edge: Here, wanted: Proposals) -> list[StockOrderOut]:
    """Draft the orders that a plan proposes; a proposal that has its order already keeps it."""
    made = draft_proposals(session, actor, wanted.plan, wanted.proposals, edge.clock())
    told = {
        one.number: one for one in queries.order_page(session, limit=len(made), numbers=[one.number for one in made])
    }
    return [told[one.number] for one in made]


@router.get("", dependencies=[_READERS])
def orders(
    session: Reading,
    paging: Paged,
    state: OrderState | None = None,
    kind: OrderKind | None = None,
    place: Annotated[str | None, Query(description="Either end.")] = None,
    part: Annotated[str | None, Query(description="A part of a line.")] = None,
    job: Annotated[str | None, Query(description="A job that a line serves.")] = None,
) -> Page[StockOrderOut]:
    """List the orders from and to places that you may look into, by number."""
    (after,) = paging.after(("",))
    if place is not None:
        place_ids(session, [place])
    if part is not None:
        part_ids(session, [part])
    chosen = queries.Chosen(state, kind, place, part, job)
    rows = queries.order_page(session, after=after, limit=paging.rows, chosen=chosen)
    return paging.page(rows, lambda one: (one.number,))


@router.get("/{number}", dependencies=[_READERS])
def order(session: Reading, response: Response, number: Number) -> StockOrderOut:
    """Return an order with its lines, and the pieces that went."""
    return _told(session, response, queries.order_by_number(session, number))


@router.patch("/{number}", dependencies=[needs("stock.reserve", Elsewhere.HIDDEN)])
def change_order(
    session: Writing,
    actor: Acting,
    edge: Here,
    spend: Spending,
    response: Response,
    version: Changing,
    number: Number,
    wanted: OrderChange,
) -> StockOrderOut:
    """Change a draft; money that waits for it is withdrawn."""
    found = queries.order_by_number(session, number)
    service.change(session, actor, spend, found, wanted, edge.clock(), version=version)
    return _told(session, response, found)


@router.post("/{number}/release", dependencies=[needs("stock.reserve", Elsewhere.HIDDEN)])
def release_order(
    session: Writing,
    actor: Acting,
    edge: Here,
    spend: Spending,
    response: Response,
    version: Changing,
    number: Number,
) -> StockOrderOut:
    """Release a draft: its pieces are kept and its money is committed, or everything that vanished is named.

    Where the money needs an approval, the answer is still the draft, and `approval` names the request.
    """
    found = queries.order_by_number(session, number)
    releasing.release(session, actor, spend, found, edge.clock(), version=version)
    return _told(session, response, found)


@router.post("/{number}/ship", dependencies=[needs("stock.move", Elsewhere.HIDDEN)])
def ship_order(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    shipment: Shipment,
) -> StockOrderOut:
    """Take the pieces of a released order off their shelf, onto the way."""
    found = queries.order_by_number(session, number)
    shipping.ship(session, actor, found, shipment, edge.clock(), version=version)
    return _told(session, response, found)


@router.post("/{number}/receive", dependencies=[needs("stock.move", Elsewhere.HIDDEN)])
def receive_order(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    receipt: Receipt,
) -> StockOrderOut:
    """Put what came onto its shelf, all or some of it; say with `short` why nothing more will come."""
    found = queries.order_by_number(session, number)
    shipping.receive(session, actor, found, receipt, edge.clock(), version=version)
    return _told(session, response, found)


@router.post("/{number}/cancel", dependencies=[needs("stock.reserve", Elsewhere.HIDDEN)])
def cancel_order(
    session: Writing,
    actor: Acting,
    edge: Here,
    spend: Spending,
    response: Response,
    version: Changing,
    number: Number,
    why: OrderCancellation,
) -> StockOrderOut:
    """Give up an order that has not left; its pieces are free again, its money is given back."""
    found = queries.order_by_number(session, number)
    service.cancel(session, actor, spend, found, why.reason, edge.clock(), version=version)
    return _told(session, response, found)


def _told(session: Session, response: Response, order: StockOrder) -> StockOrderOut:
    session.flush()
    tag(response, order.version)
    (told,) = queries.order_page(session, numbers=[order.number])
    return told
