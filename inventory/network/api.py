"""Routes of the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from inventory.kernel.bulk import EACH_TOLD, How, Mode, add_many
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag
from inventory.network import calendar_queries, changes, queries, service
from inventory.network.calendar_schemas import CalendarOut, NewCalendar, Sources, SourcesOut
from inventory.network.schemas import LaneOut, NewLane, NewPlace, NewRegion, PlaceChange, PlaceOut, RegionOut

ROWS_MAX = 1_000

PlaceCode = Annotated[str, Path(description="Code of a place.")]

router = APIRouter(tags=["network"], route_class=Route)


@router.get("/regions", dependencies=[needs("network.read", Elsewhere.SHARED)])
def regions(session: Reading, paging: Paged) -> Page[RegionOut]:
    """List the regions, by code."""
    (after,) = paging.after(("",))
    return paging.page(queries.region_page(session, after=after, limit=paging.rows), lambda one: (one.code,))


@router.post("/regions", status_code=201, dependencies=[needs("network.write", Elsewhere.NETWORK)])
def add_regions(
    session: Writing, actor: Acting, regions: Annotated[list[NewRegion], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewRegion]:
    """Add regions, all or none."""
    service.add_regions(session, actor, regions)
    return regions


@router.get("/calendars", dependencies=[needs("network.read", Elsewhere.SHARED)])
def calendars(session: Reading, paging: Paged) -> Page[CalendarOut]:
    """List the calendars of opening hours, by code."""
    (after,) = paging.after(("",))
    rows = calendar_queries.calendar_page(session, after=after, limit=paging.rows)
    return paging.page(rows, lambda one: (one.code,))


@router.post("/calendars", status_code=201, dependencies=[needs("network.write", Elsewhere.NETWORK)])
def add_calendars(
    session: Writing, actor: Acting, calendars: Annotated[list[NewCalendar], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewCalendar]:
    """Add calendars of opening hours, all or none."""
    service.add_calendars(session, actor, calendars)
    return calendars


@router.post("/calendars/replacements", dependencies=[needs("network.write", Elsewhere.NETWORK)])
def replace_calendars(
    session: Writing, actor: Acting, calendars: Annotated[list[NewCalendar], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewCalendar]:
    """Put calendars in the place of those with the same codes, all or none: new hours, the holidays of a year."""
    changes.replace_calendars(session, actor, calendars)
    return calendars


@router.get("/places", dependencies=[needs("network.read", Elsewhere.SHARED)])
def places(session: Reading, paging: Paged, region: str | None = None) -> Page[PlaceOut]:
    """List depots, centres, outlets, kits and virtual places, by code."""
    (after,) = paging.after(("",))
    if region is not None:
        service.region_ids(session, [region])
    rows = queries.place_page(session, after=after, limit=paging.rows, region=region)
    return paging.page(rows, lambda one: (one.code,))


@router.get("/places/{code}", dependencies=[needs("network.read", Elsewhere.SHARED)])
def place(session: Reading, code: PlaceCode, response: Response) -> PlaceOut:
    """Return a place."""
    found = queries.place_by_code(session, code)
    tag(response, found.version)
    return found


@router.patch("/places/{code}", dependencies=[needs("network.write", Elsewhere.NETWORK)])
def change_place(
    session: Writing, actor: Acting, code: PlaceCode, change: PlaceChange, version: Changing, response: Response
) -> PlaceOut:
    """Change what is said of a place; what stock, people and plans are kept by stays."""
    changes.change_place(session, actor, code, change, version)
    return place(session, code, response)


@router.get("/places/{code}/sources", dependencies=[needs("network.read", Elsewhere.SHARED)])
def sources(session: Reading, code: PlaceCode, response: Response) -> SourcesOut:
    """Return the places that a place is replenished from, the first choice first."""
    found = queries.sources_of(session, code)
    tag(response, found.version)
    return found


@router.put("/places/{code}/sources", dependencies=[needs("network.write", Elsewhere.NETWORK)])
def set_sources(
    session: Writing, actor: Acting, code: PlaceCode, wanted: Sources, version: Changing, response: Response
) -> SourcesOut:
    """Say which places a place is replenished from, the first choice first; none for its parent."""
    service.set_sources(session, actor, code, wanted.sources, version)
    return sources(session, code, response)


@router.post(
    "/places",
    status_code=201,
    response_model=list[NewPlace],
    responses=EACH_TOLD,
    dependencies=[needs("network.write", Elsewhere.NETWORK)],
)
def add_places(
    session: Writing,
    actor: Acting,
    places: Annotated[list[NewPlace], Body(min_length=1, max_length=ROWS_MAX)],
    mode: How = Mode.ALL,
) -> list[NewPlace] | Response:
    """Add places: all or none, or each that can be added. A parent may come in the same request."""
    parents = {place.code: place.parent for place in places}
    return add_many(
        session,
        mode,
        places,
        lambda some: service.add_places(session, actor, some),
        key=lambda place: (_depth(place.code, parents), place.code),
    )


@router.get("/lanes", dependencies=[needs("network.read", Elsewhere.SHARED)])
def lanes(session: Reading, paging: Paged) -> Page[LaneOut]:
    """List lanes, by origin, destination and mode."""
    rows = queries.lane_page(session, after=paging.after(("", "", "")), limit=paging.rows)
    return paging.page(rows, lambda one: (one.origin, one.destination, one.mode))


@router.post(
    "/lanes",
    status_code=201,
    response_model=list[NewLane],
    responses=EACH_TOLD,
    dependencies=[needs("network.write", Elsewhere.NETWORK)],
)
def add_lanes(
    session: Writing,
    actor: Acting,
    lanes: Annotated[list[NewLane], Body(min_length=1, max_length=ROWS_MAX)],
    mode: How = Mode.ALL,
) -> list[NewLane] | Response:
    """Add lanes between places that exist: all or none, or each that can be added."""
    return add_many(
        session,
        mode,
        lanes,
        lambda some: service.add_lanes(session, actor, some),
        key=lambda lane: (lane.origin, lane.destination, lane.mode),
    )


@router.post("/lanes/replacements", dependencies=[needs("network.write", Elsewhere.NETWORK)])
def replace_lanes(
    session: Writing, actor: Acting, lanes: Annotated[list[NewLane], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewLane]:
    """Put lanes in the place of those between the same ends by the same mode, all or none."""
    changes.replace_lanes(session, actor, lanes)
    return lanes


def _depth(code: str | None, parents: Mapping[str, str | None]) -> int:
    """Return how many places of the request lie above one of them, which come before it."""
    depth = 0
    while code and (code := parents.get(code)) and depth < len(parents):
        depth += 1
    return depth
