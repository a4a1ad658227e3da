"""Routes of the network."""

from __future__ import annotations

from fastapi import APIRouter

from inventory.kernel.edge import Page, Paged, Reading
from inventory.network import queries
from inventory.network.schemas import PlaceOut, RegionOut
from inventory.network.service import region_ids

router = APIRouter(tags=["network"])


@router.get("/regions")
def regions(session: Reading, paging: Paged) -> Page[RegionOut]:
    """List the regions, by code."""
    (after,) = paging.after(("",))
    return paging.page(queries.region_page(session, after=after, limit=paging.rows), lambda one: (one.code,))


@router.get("/places")
def places(session: Reading, paging: Paged, region: str | None = None) -> Page[PlaceOut]:
    """List depots, centres, outlets, kits and virtual places, by code."""
    (after,) = paging.after(("",))
    if region is not None:
        region_ids(session, [region])
    rows = queries.place_page(session, after=after, limit=paging.rows, region=region)
    return paging.page(rows, lambda one: (one.code,))
