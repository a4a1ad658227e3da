"""Routes of the catalogue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import StringConstraints

from inventory.catalogue import queries, service
from inventory.catalogue.consistency import completed
from inventory.catalogue.link_api import router as link_router
from inventory.catalogue.schemas import NewPart, PartChange, PartOut
from inventory.kernel.bulk import EACH_TOLD, How, Mode, add_many
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

PARTS_MAX = 1_000

router = APIRouter(tags=["catalogue"], route_class=Route)
router.include_router(link_router)

Chapter = Annotated[str, StringConstraints(pattern=r"^\d{2}$")]
Number = Annotated[str, Path(description="A part number.")]


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
def part(session: Reading, response: Response, number: Number) -> PartOut:
    """Return a part."""
    found = queries.part_by_number(session, number)
    tag(response, found.version)
    return found


@router.patch("/parts/{number:path}", dependencies=[needs("catalogue.write", Elsewhere.NETWORK)])
def patch_part(
    session: Writing, actor: Acting, response: Response, version: Changing, number: Number, change: PartChange
) -> PartOut:
    """Change what is said of a part; what stock and documents are kept by stays."""
    service.change_part(session, actor, number, change, version)
    return part(session, response, number)


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
        session,
        mode,
        [completed(part) for part in parts],
        lambda some: service.add_parts(session, actor, some),
        key=lambda part: part.part_number,
    )
