"""The page of a part."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from fieldops.web.pages.maps_view import part_map
from fieldops.web.pages.part_view import Further, part_view
from fieldops.web.pages.shell import Framed
from fieldops.web.pages.stock import measures
from fieldops.web.pages.stock_view import spelt
from fieldops.web.pages.stock_words import network_words, stock_words
from inventory.kernel.edge import Here
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import local
from inventory.ledger.queries import FIRST_KEY

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/parts/{number:path}", dependencies=[needs("stock.read", Elsewhere.SHARED)])
def part(
    frame: Framed,
    edge: Here,
    number: str,
    destination: Annotated[str, Query(max_length=48)] = "",
    quantity: Annotated[Decimal, Query(gt=0, le=1_000_000, max_digits=12, decimal_places=6)] = Decimal(1),
    place: Annotated[str, Query(max_length=48)] = "",
    cell: UUID = FIRST_KEY,
    before: Annotated[int, Query(ge=1, lt=2**62)] = 2**62 - 1,
) -> str:
    """Show where a part is and from where it could come, its pieces, moves and needs, within the visitor's reach."""
    may = frame.shell.may
    view = part_view(
        frame.session,
        number,
        edge.clock(),
        Further((place, cell), before),
        region=frame.region,
        jobs=may("dispatch.read"),
        targets=may("targets.read"),
        wanted=(destination, quantity) if destination else None,
    )
    zones = {one.code: one.time_zone for one in view.destinations}
    return frame.page(
        "stock/part.html",
        view=view,
        map=part_map(frame.session, view.places, view.due),
        destination=destination,
        quantity=quantity,
        zone=zones.get(destination, "UTC"),
        measures=measures(targets=may("targets.read")),
        words=network_words(),
        stock=stock_words(),
        spelt=spelt,
        local=local,
    )
