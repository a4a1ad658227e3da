"""Routes of the catalogue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import StringConstraints

from inventory.catalogue import queries, service
from inventory.catalogue.schemas import NewPart, PartOut
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing

PARTS_MAX = 1_000

router = APIRouter(tags=["catalogue"])

Chapter = Annotated[str, StringConstraints(pattern=r"^\d{2}$")]


@router.get("/parts")
def parts(
    session: Reading,
    paging: Paged,
    ata: Annotated[tuple[Chapter, ...], Query(description="ATA chapters of two digits; several may be given.")] = (),
) -> Page[PartOut]:
    """List parts, by number."""
    (after,) = paging.after(("",))
    rows = queries.part_page(session, after=after, limit=paging.rows, ata=ata)
    return paging.page(rows, lambda one: (one.part_number,))


@router.post("/parts", status_code=201)
def add_parts(
    session: Writing, actor: Acting, parts: Annotated[list[NewPart], Body(min_length=1, max_length=PARTS_MAX)]
) -> list[NewPart]:
    """Add parts to the catalogue, all or none."""
    service.add_parts(session, actor, parts)
    return parts
