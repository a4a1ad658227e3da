"""How parts move: routine and AOG lanes between the places."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from fieldops.demo.places import great_circle_km
from fieldops.demo.rounding import cents
from fieldops.demo.rows import LaneRow, Mode, PlaceRow
from fieldops.demo.tables import CENTRAL, REGIONS

LATERALS_PER_HUB = 2
ROUTINE_SLOWER, ROUTINE_CHEAPER = (3.0, 8.0), (0.35, 0.6)
"""Hours and price of the routine lane relative to the AOG lane of the same way."""
PIECE_COST_USD: dict[Mode, tuple[float, float]] = {"aog": (25.0, 60.0), "routine": (4.0, 12.0)}


class _Lanes:
    """Lanes under construction, one for each origin, destination and mode; the first one given stays."""

    def __init__(self, rng: Generator) -> None:
        self._rng = rng
        self.rows: dict[tuple[str, str, Mode], LaneRow] = {}

    def add(self, origin: str, destination: str, aog_h: float, aog_per_kg: float, *, routine: bool = True) -> None:
        """Add a way in both directions, or, without `routine`, the AOG lane to the destination only."""
        slower, cheaper = self._rng.uniform(*ROUTINE_SLOWER), self._rng.uniform(*ROUTINE_CHEAPER)
        piece_share = self._rng.random()
        modes: list[tuple[Mode, float, float]] = [("aog", aog_h, aog_per_kg)]
        if routine:
            modes.append(("routine", aog_h * slower, aog_per_kg * cheaper))
        for mode, lead_h, per_kg in modes:
            low, high = PIECE_COST_USD[mode]
            piece = cents(low + piece_share * (high - low))
            for ends in [(origin, destination), (destination, origin)] if routine else [(origin, destination)]:
                self.rows.setdefault((*ends, mode), LaneRow(*ends, mode, round(lead_h), cents(per_kg), piece))


def build_lanes(rng: Generator, places: tuple[PlaceRow, ...]) -> tuple[LaneRow, ...]:
    """Return the lanes: centre to hubs, parents to children, hub to each place of its region, hubs to near hubs.

    These run both ways in both modes; an AOG shipment also goes from the central depot straight to every place.
    """
    lanes = _Lanes(rng)
    number = {place.code: i for i, place in enumerate(places)}
    points = np.array([(place.latitude, place.longitude) for place in places])
    distance_km = great_circle_km(points, points)
    hubs = {place.region: place.code for place in places if place.tier in ("central", "regional")}
    from_centre = {table.code: (table.aog_h, table.aog_per_kg) for table in REGIONS}
    for place in places:
        if place.parent is None:
            continue
        hours, per_kg = from_centre[place.region]
        lanes.add(CENTRAL, place.code, rng.uniform(*hours), rng.uniform(*per_kg), routine=place.parent == CENTRAL)
        for origin in sorted({hubs[place.region], place.parent} - {CENTRAL, place.code}):
            way_km = float(distance_km[number[origin], number[place.code]])
            lanes.add(origin, place.code, 5.0 + way_km / 150.0 + rng.uniform(0, 4), 1.5 + way_km / 700.0)
    _add_laterals(lanes, rng, sorted(set(hubs.values()) - {CENTRAL}), number, distance_km)
    return tuple(lanes.rows.values())


def _add_laterals(
    lanes: _Lanes, rng: Generator, hubs: list[str], number: dict[str, int], distance_km: np.ndarray
) -> None:
    for hub in hubs:
        others = sorted((float(distance_km[number[hub], number[other]]), other) for other in hubs if other != hub)
        for way_km, other in others[:LATERALS_PER_HUB]:
            lanes.add(hub, other, 20.0 + way_km / 200.0 + rng.uniform(0, 8), 4.0 + way_km / 900.0)
