"""Routes of the catalogue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from inventory.catalogue import queries
from inventory.catalogue.schemas import PartOut
from inventory.kernel.edge import Page, Paged, Reading

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
