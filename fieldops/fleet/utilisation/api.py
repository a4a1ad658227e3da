"""Routes of utilisation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query

from fieldops.fleet.utilisation import queries, service
from fieldops.fleet.utilisation.schemas import NewUtilisation, UtilisationOut
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.fields import Code
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.network.service import site_ids

ROWS_MAX = 1_000

router = APIRouter(route_class=Route)


@router.get("/utilisation", dependencies=[needs("fleet.read", Elsewhere.HIDDEN)])
def utilisation(
    session: Reading,
    paging: Paged,
    aircraft_type: Annotated[Code | None, Query(description="A type of aircraft.")] = None,
    place: Annotated[Code | None, Query(description="A place.")] = None,
) -> Page[UtilisationOut]:
    """List what aircraft were used, by place, type, registration and month."""
    after = paging.after(queries.FIRST)
    if place is not None:
        site_ids(session, [place])
    rows = queries.utilisation_page(session, after=after, limit=paging.rows, aircraft_type=aircraft_type, place=place)
    return paging.page(rows, queries.key_of)


@router.post("/utilisation", status_code=201, dependencies=[needs("fleet.write", Elsewhere.REFUSED)])
def set_utilisation(
    session: Writing, actor: Acting, told: Annotated[list[NewUtilisation], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewUtilisation]:
    """Tell what aircraft were used in months, all or none; a row replaces what was told of the same before."""
    service.set_utilisation(session, actor, told)
    return told
