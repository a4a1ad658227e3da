"""The page of a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from fieldops.planning.stock_picture import Due, Standing, dues, standings
from fieldops.web.pages.maps_view import place_map
from fieldops.web.pages.shell import Framed
from fieldops.web.pages.stock import measures
from fieldops.web.pages.stock_view import called, spelt
from fieldops.web.pages.stock_words import network_words
from inventory.kernel.edge import Here
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import local
from inventory.network.calendar_schemas import SourcesOut
from inventory.network.models import SITE_TIERS, Tier
from inventory.network.queries import LaneRow, lanes, place_by_code, shelves, sources_of
from inventory.network.schemas import PlaceOut

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROWS_MAX = 100


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place as its page shows it; `stock` is None where the visitor may not look in, `next` the part to go on."""

    place: PlaceOut
    sources: SourcesOut
    lanes: list[LaneRow]
    stock: list[Standing] | None
    next: str | None
    names: dict[str, str]
    due: list[Due]


@router.get("/places/{code}", dependencies=[needs("network.read", Elsewhere.SHARED)])
def place(frame: Framed, edge: Here, code: str, after: Annotated[str, Query(max_length=48)] = "") -> str:
    """Show a place and its lanes to everybody, what lies there and is due to those who may look into it."""
    may = frame.shell.may
    session = frame.session
    stock = _stock(session, code, edge, targets=may("targets.read")) if may("stock.read") else None
    later = [one for one in stock or () if one.column > after]
    shown = later[:ROWS_MAX]
    due = dues(session, place=code, limit=ROWS_MAX) if stock is not None else []
    view = PlaceView(
        place=place_by_code(session, code),
        sources=sources_of(session, code),
        lanes=lanes(session, at=code),
        stock=None if stock is None else shown,
        next=shown[-1].column if len(later) > ROWS_MAX else None,
        names=called(session, {one.column for one in shown} | {one.part for one in due}),
        due=due,
    )
    return frame.page(
        "stock/place.html",
        view=view,
        map=place_map(session, view.place, view.lanes, view.due),
        after=after,
        measures=measures(targets=may("targets.read")),
        words=network_words(),
        spelt=spelt,
        local=local,
    )


def _stock(session: Session, code: str, edge: Here, *, targets: bool) -> list[Standing] | None:
    found = [one.id for one in shelves(session, tiers=(*SITE_TIERS, Tier.KIT), code=code)]
    if not found:
        return None
    told = standings(session, found, None, edge.clock(), targets=targets)
    return sorted(told, key=lambda one: one.column)
