"""Where the network stands: regions, depots, centres and outlets at real airports."""

from __future__ import annotations

from functools import cache
from typing import TypedDict, cast

import airportsdata
import numpy as np
from numpy.typing import NDArray

from fieldops.demo.names import PLACES
from fieldops.demo.rows import PlaceRow, RegionRow, Scale, Tier
from fieldops.demo.tables import CENTRAL, CENTRES_PER_REGION, LEFT_OUT_COUNTRIES, REGIONS, SCALE_INDEX, RegionTable

EARTH_RADIUS_KM = 6371.0
POOL_PER_PLACE = 1.6
"""Airports looked at for each place chosen: near enough to the hub to be served, wide enough to spread."""


class _Airport(TypedDict):
    iata: str
    name: str
    city: str
    country: str
    lat: float
    lon: float
    tz: str


@cache
def _airports() -> dict[str, _Airport]:
    return cast("dict[str, _Airport]", airportsdata.load("IATA"))


def great_circle_km(origins: NDArray[np.float64], destinations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (n, m) great-circle distances of points given as (n, 2) and (m, 2) degrees of latitude, longitude."""
    cosine = np.clip(_unit_vectors(origins) @ _unit_vectors(destinations).T, -1.0, 1.0)
    distance_km: NDArray[np.float64] = EARTH_RADIUS_KM * np.arccos(cosine)
    return distance_km


def _unit_vectors(points: NDArray[np.float64]) -> NDArray[np.float64]:
    phi, lam = np.radians(points).T
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def regions_of(scale: Scale) -> tuple[RegionTable, ...]:
    """Return the region tables of a scale in their fixed order."""
    return tuple(table for table in REGIONS if table.aircraft[SCALE_INDEX[scale]])


def build_places(scale: Scale) -> tuple[tuple[RegionRow, ...], tuple[PlaceRow, ...]]:
    """Return regions and places; a parent stands before its children."""
    tables = regions_of(scale)
    regions = tuple(RegionRow(table.code, table.name, table.hub) for table in tables)
    if scale == "network":
        return regions, tuple(_network_places(tables))
    places = []
    for table in tables:
        places.append(_hub(table))
        places += [_place(code, "outlet", table.code, table.code, table.hub) for code in table.outlets]
    return regions, tuple(places)


def _hub(table: RegionTable) -> PlaceRow:
    if table.hub == CENTRAL:
        return _place(CENTRAL, "central", table.code, table.code, None)
    return _place(table.hub, "regional", table.code, table.code, CENTRAL)


def _place(code: str, tier: Tier, region: str, area: str, parent: str | None) -> PlaceRow:
    airport = _airports()[code]
    city = airport["city"] or airport["name"]
    name, name_local = PLACES.get(code, (city, city))
    return PlaceRow(
        code=code,
        name=name,
        name_local=name_local,
        tier=tier,
        region=region,
        area=area,
        parent=parent,
        latitude=airport["lat"],
        longitude=airport["lon"],
        time_zone=airport["tz"],
        country=airport["country"],
    )


def _network_places(tables: tuple[RegionTable, ...]) -> list[PlaceRow]:
    """Give each region the airports nearest to its hub of all hubs, spread, and two of them as centres."""
    airports = _airports()
    codes = sorted(code for code, airport in airports.items() if _is_candidate(airport))
    points = np.array([(airports[code]["lat"], airports[code]["lon"]) for code in codes])
    minor = np.array(["International" not in airports[code]["name"] for code in codes])
    hubs = [codes.index(table.hub) for table in tables]
    to_hub_km = great_circle_km(points, points[hubs])
    nearest_hub = np.argmin(to_hub_km, axis=1)
    places = []
    for number, (table, hub) in enumerate(zip(tables, hubs, strict=True)):
        near = np.setdiff1d(np.flatnonzero(nearest_hub == number), hub)
        wanted = table.outlets_network + CENTRES_PER_REGION
        preferred = near[np.lexsort((to_hub_km[near, number], minor[near]))][: round(POOL_PER_PLACE * wanted)]
        pool = np.concatenate([[hub], preferred])
        distance_km = great_circle_km(points[pool], points[pool])
        chosen = _spread(distance_km, wanted)
        places += _region_places(table, [codes[pool[i]] for i in chosen], distance_km[np.ix_(chosen, chosen)])
    return places


def _is_candidate(airport: _Airport) -> bool:
    name = airport["name"]
    public = "Airport" in name and not any(
        word in name for word in ("Heliport", "Seaplane", "Air Base", "Army", "Navy")
    )
    return public and bool(airport["tz"]) and airport["country"] not in LEFT_OUT_COUNTRIES


def _spread(distance_km: NDArray[np.float64], wanted: int) -> list[int]:
    """Return the first point, the hub, and `wanted` others, each the farthest from those chosen before it."""
    chosen = [0]
    gap_km = distance_km[0]
    for _ in range(wanted):
        chosen.append(int(np.argmax(gap_km)))
        gap_km = np.minimum(gap_km, distance_km[chosen[-1]])
    return chosen


def _region_places(table: RegionTable, codes: list[str], distance_km: NDArray[np.float64]) -> list[PlaceRow]:
    """Return the hub (first of `codes`), its two centres and the outlets, each at the nearest of these three.

    The centres are the pair which shortens the way of all outlets the most.
    """
    to_hub_km = distance_km[:, 0]
    pairs = [(i, j) for i in range(1, len(codes)) for j in range(i + 1, len(codes))]
    way_km = [np.minimum(np.minimum(distance_km[i], distance_km[j]), to_hub_km).sum() for i, j in pairs]
    heads = (0, *pairs[int(np.argmin(way_km))])
    areas = {0: table.code} | {head: f"{table.code}-{codes[head]}" for head in heads[1:]}
    places = [_hub(table)]
    places += [_place(codes[head], "centre", table.code, areas[head], table.hub) for head in heads[1:]]
    nearest = np.argmin(distance_km[:, list(heads)], axis=1)
    for i in range(len(codes)):
        if i not in heads:
            head = heads[int(nearest[i])]
            places.append(_place(codes[i], "outlet", table.code, areas[head], codes[head]))
    return places
