"""The pages of orders: the list, as a file, too, and one with its lines, its steps and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.responses import HTMLResponse, Response

from fieldops.web.pages.shell import Framed
from fieldops.web.pages.stock_view import called
from fieldops.web.pages.stock_words import order_words, stock_words
from integrations.files.csv_file import write_csv
from inventory.availability.service import is_among
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place
from inventory.network.scope import places_within, reservable
from inventory.orders.queries import Chosen, order_by_number, order_page
from inventory.orders.rules import Act, OrderKind, OrderState, acts_of
from inventory.orders.schemas import StockOrderOut

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROWS_MAX = 50
FILE_MAX = 10_000
_READERS = needs("stock.read", Elsewhere.HIDDEN)
_RIGHTS = {Act.SHIP: "stock.move", Act.RECEIVE: "stock.move"}
"""The rights of the acts; of the others it is that to reserve."""
_COLUMNS = (
    "number",
    "kind",
    "state",
    "origin",
    "destination",
    "priority",
    "mode",
    "departs_at",
    "arrives_at",
    "freight",
    "currency",
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list shows, as its address says it."""

    state: str
    kind: str
    place: str
    part: str
    job: str

    @property
    def chosen(self) -> Chosen:
        """Return the orders that are meant; what is no state or kind leaves all."""
        state = next((one for one in OrderState if one == self.state), None)
        kind = next((one for one in OrderKind if one == self.kind), None)
        return Chosen(state, kind, self.place or None, self.part or None, self.job or None)

    @property
    def query(self) -> str:
        """Return the filters as the part of an address."""
        told = {name: getattr(self, name) for name in ("state", "kind", "place", "part", "job")}
        return urlencode({name: value for name, value in told.items() if value})


async def _filters(
    state: Annotated[str, Query(max_length=16)] = "",
    kind: Annotated[str, Query(max_length=16)] = "",
    place: Annotated[str, Query(max_length=48)] = "",
    part: Annotated[str, Query(max_length=48)] = "",
    job: Annotated[str, Query(max_length=48)] = "",
) -> Filters:
    return Filters(state, kind, place.strip(), part.strip(), job.strip())


Filtered = Annotated[Filters, Depends(_filters)]


@router.get("/orders", dependencies=[_READERS])
def orders(frame: Framed, filters: Filtered, before: Annotated[str, Query(max_length=24)] = "") -> str:
    """List the orders from and to places within the visitor's reach, the newest first."""
    found = order_page(frame.session, before=before, limit=ROWS_MAX + 1, chosen=filters.chosen)
    return frame.page(
        "stock/orders.html",
        found=found[:ROWS_MAX],
        older=found[ROWS_MAX - 1].number if len(found) > ROWS_MAX else None,
        filters=filters,
        states=list(OrderState),
        kinds=list(OrderKind),
        words=order_words(),
    )


@router.get("/orders.csv", dependencies=[_READERS], response_class=Response)
def orders_file(frame: Framed, filters: Filtered) -> Response:
    """Give what the list shows as a file, a row for each line of an order, the newest order first."""
    found = order_page(frame.session, before="", limit=FILE_MAX, chosen=filters.chosen)
    rows: list[tuple[Any, ...]] = [
        (
            *(getattr(one, name) for name in _COLUMNS),
            line.part,
            *(line.quantity, line.shipped, line.received, line.lost),
            line.serves_job,
        )
        for one in found
        for line in one.lines
    ]
    file = BytesIO()
    file.write("\ufeff".encode())  # so that Excel reads it as UTF-8
    write_csv(file, (*_COLUMNS, "part", "quantity", "shipped", "received", "lost", "serves_job"), rows)
    return Response(
        file.getvalue(), media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="orders.csv"'}
    )


@router.get("/orders/{number}", dependencies=[_READERS])
def order(frame: Framed, number: str) -> str:
    """Show an order with its lines, the steps that are open to the visitor, and its history."""
    session = frame.session
    found = order_by_number(session, number)
    (told,) = order_page(session, numbers=[number])
    own_origin = is_among(session, frame.actor, found.origin_id, places_within)
    own_end = is_among(session, frame.actor, found.destination_id, places_within)
    from_central = own_end and is_among(session, frame.actor, found.origin_id, reservable)
    able = {
        Act.RELEASE: own_origin or from_central,
        Act.SHIP: own_origin,
        Act.RECEIVE: own_end,
        Act.CANCEL: own_origin or own_end,
    }
    acts = [
        str(act)
        for act in acts_of(told.kind, told.state)
        if able.get(act) and frame.shell.may(_RIGHTS.get(act, "stock.reserve"))
    ]
    destination = session.get_one(Place, found.destination_id)
    return frame.page(
        "stock/order.html",
        told=told,
        acts=acts,
        may_write_off=frame.shell.may("stock.approve"),
        zone=destination.time_zone or "UTC",
        names=called(session, {line.part for line in told.lines}),
        history=_history(told),
        words=order_words(),
        stock=stock_words(),
    )


def _history(told: StockOrderOut) -> list[tuple[str, object, str | None]]:
    """Return (what happened, when, by whom), in its order."""
    steps = (
        (_("Drafted"), told.made_at, told.made_by),
        (_("Released"), told.released_at, told.released_by),
        (_("Shipped"), told.shipped_at, told.shipped_by),
        (_("Received"), told.received_at, told.received_by),
        (_("Cancelled"), told.cancelled_at, told.cancelled_by),
    )
    return [step for step in steps if step[1] is not None]
