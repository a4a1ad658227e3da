"""The quickest way from place to place over the lanes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from heapq import heappop, heappush

from inventory.network.queries import LaneRow


@dataclass(frozen=True, slots=True)
class Path:
    """A door-to-door way by one mode, over one lane or several; costs in the currency of the lanes."""

    mode: str
    lead_s: int
    cost_per_kg: Decimal
    cost_per_piece: Decimal


def paths(lanes: Iterable[LaneRow], among: Collection[str]) -> dict[tuple[str, str], tuple[Path, ...]]:
    """Return {(origin, destination): the quickest path of each mode} between different places of `among`.

    Lanes that leave `among` are not used. A pair without entry is not connected.
    """
    by_mode: defaultdict[str, defaultdict[str, list[LaneRow]]] = defaultdict(lambda: defaultdict(list))
    for lane in lanes:
        if lane.origin in among and lane.destination in among:
            by_mode[lane.mode][lane.origin].append(lane)
    found: defaultdict[tuple[str, str], list[Path]] = defaultdict(list)
    for mode, leaving in sorted(by_mode.items()):
        for origin in sorted(leaving):
            for destination, path in _quickest(mode, leaving, origin).items():
                found[origin, destination].append(path)
    return {pair: tuple(modes) for pair, modes in found.items()}


def _quickest(mode: str, leaving: dict[str, list[LaneRow]], origin: str) -> dict[str, Path]:
    """Dijkstra's algorithm on lead time; ties go to the cheaper, then to the first in the alphabet."""
    done: dict[str, Path] = {}
    queue = [(0, Decimal(0), Decimal(0), origin)]
    while queue:
        lead_s, per_kg, per_piece, place = heappop(queue)
        if place in done:
            continue
        done[place] = Path(mode, lead_s, per_kg, per_piece)
        for lane in leaving.get(place, ()):
            if lane.destination not in done:
                costs = (per_kg + lane.cost_per_kg, per_piece + lane.cost_per_piece)
                heappush(queue, (lead_s + lane.lead_s, *costs, lane.destination))
    del done[origin]
    return done
