"""What is told of others' stock, and how long a piece of it would take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from heapq import heappop, heappush

from inventory.network.queries import LaneRow

_BANDS = ((1, 1), (2, 4), (5, 9), (10, None))


def band(quantity: Decimal) -> tuple[int, int | None]:
    """Return the band (at least, at most) that is told instead of a quantity of at least one piece."""
    pieces = int(quantity)
    return next((low, high) for low, high in _BANDS if high is None or pieces <= high)


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """How long a piece takes along a chain of lanes, and what it costs."""

    lead_s: int
    cost: Decimal


def ways_to(destination: str, lanes: Iterable[LaneRow], weight_kg: Decimal) -> dict[str, Way]:
    """Return {place code: the fastest way from there to the destination} for one piece, the cheaper of equally fast.

    Dijkstra over the lanes, which are used both ways: a return is taken to need as long and to cost as much.
    """
    towards: defaultdict[str, list[tuple[str, Way]]] = defaultdict(list)
    for lane in lanes:
        way = Way(lane.lead_s, lane.cost_per_piece + lane.cost_per_kg * weight_kg)
        towards[lane.destination].append((lane.origin, way))
        towards[lane.origin].append((lane.destination, way))
    found: dict[str, Way] = {}
    waiting = [(Way(0, Decimal(0)), destination)]
    while waiting:
        way, place = heappop(waiting)
        if place in found:
            continue
        found[place] = way
        for other, leg in towards[place]:
            if other not in found:
                heappush(waiting, (Way(way.lead_s + leg.lead_s, way.cost + leg.cost), other))
    return found
