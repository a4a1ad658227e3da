"""Routes of the catalogue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import StringConstraints

from inventory.catalogue import queries, service
from inventory.catalogue.schemas import NewPart, PartOut
from inventory.kernel.bulk import EACH_TOLD, How, Mode, add_many
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Elsewhere, Route, needs

PARTS_MAX = 1_000

router = APIRouter(tags=["catalogue"], route_class=Route)

Chapter = Annotated[str, StringConstraints(pattern=r"^\d{2}$")]


@router.get("/parts", dependencies=[needs("catalogue.read", Elsewhere.SHARED)])
def parts(
    session: Reading,
    paging: Paged,
    ata: Annotated[tuple[Chapter, ...], Query(description="ATA chapters of two digits; several may be given.")] = (),
) -> Page[PartOut]:
    """List parts, by number."""
    (after,) = paging.after(("",))
    rows = queries.part_page(session, after=after, limit=paging.rows, ata=ata)
    return paging.page(rows, lambda one: (one.part_number,))


@router.get("/parts/{number:path}", dependencies=[needs("catalogue.read", Elsewhere.SHARED)])
def part(session: Reading, number: Annotated[str, Path(description="A part number.")]) -> PartOut:
    """Return a part."""
    return queries.part_by_number(session, number)


@router.post(
    "/parts",
    status_code=201,
    response_model=list[NewPart],
    responses=EACH_TOLD,
    dependencies=[needs("catalogue.write", Elsewhere.NETWORK)],
)
def add_parts(
    session: Writing,
    actor: Acting,
    parts: Annotated[list[NewPart], Body(min_length=1, max_length=PARTS_MAX)],
    mode: How = Mode.ALL,
) -> list[NewPart] | Response:
    """Add parts to the catalogue: all or none, or each that can be added."""
    return add_many(
        session, mode, parts, lambda some: service.add_parts(session, actor, some), key=lambda part: part.part_number
    )
