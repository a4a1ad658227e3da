"""Routes of the reliability of parts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query

from inventory.catalogue.service import part_ids
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.fields import Code
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.planning.reliability import queries, service
from inventory.planning.reliability.schemas import NewReliability, ReliabilityOut

ROWS_MAX = 1_000

router = APIRouter(route_class=Route)


@router.get("/reliability", dependencies=[needs("catalogue.read", Elsewhere.SHARED)])
def reliability(
    session: Reading, paging: Paged, part: Annotated[Code | None, Query(description="A part number.")] = None
) -> Page[ReliabilityOut]:
    """List what is known of the removals of parts, by part number."""
    (after,) = paging.after(("",))
    if part is not None:
        part_ids(session, [part])
    rows = queries.reliability_page(session, after=after, limit=paging.rows, part=part)
    return paging.page(rows, lambda one: (one.part,))


@router.post("/reliability", status_code=201, dependencies=[needs("catalogue.write", Elsewhere.NETWORK)])
def set_reliability(
    session: Writing, actor: Acting, told: Annotated[list[NewReliability], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewReliability]:
    """Tell what is known of the removals of parts, all or none; it replaces what was told of a part before."""
    service.set_reliability(session, actor, told)
    return told
