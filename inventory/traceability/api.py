"""Routes of serial and lot numbers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from inventory.kernel.bulk import EACH_TOLD, How, Mode, add_many
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.traceability import queries, service
from inventory.traceability.paper_schemas import LotDates
from inventory.traceability.schemas import LotOut, NewLot

LOTS_MAX = 1_000

router = APIRouter(prefix="/stock", tags=["stock"], route_class=Route)


@router.get("/lots", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def lots(
    session: Reading,
    paging: Paged,
    part: str | None = None,
    number: str | None = None,
    place: Annotated[str | None, Query(description="Where serial numbers are now.")] = None,
) -> Page[LotOut]:
    """List serial and lot numbers, by part."""
    after = paging.after(("", ""))
    rows = queries.lot_page(session, after=after, limit=paging.rows, part=part, number=number, place=place)
    return paging.page(rows, lambda one: (one.part, one.number))


@router.post(
    "/lots",
    status_code=201,
    response_model=list[NewLot],
    responses=EACH_TOLD,
    dependencies=[needs("stock.move", Elsewhere.SHARED)],
)
def add_lots(
    session: Writing,
    actor: Acting,
    lots: Annotated[list[NewLot], Body(min_length=1, max_length=LOTS_MAX)],
    mode: How = Mode.ALL,
) -> list[NewLot] | Response:
    """Add serial and lot numbers: all or none, or each that can be added."""
    return add_many(
        session,
        mode,
        lots,
        lambda some: service.add_lots(session, actor, some),
        key=lambda lot: (lot.part, lot.number),
    )


@router.post("/lots/dates", dependencies=[needs("stock.inspect", Elsewhere.REFUSED)])
def date_lot(session: Writing, actor: Acting, dates: LotDates) -> LotDates:
    """Enter when a piece or lot was made or expires, from its papers."""
    service.set_dates(session, actor, dates)
    return dates
