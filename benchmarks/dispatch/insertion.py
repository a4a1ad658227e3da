"""The dynamic TRSP by insertion alone: what is planned stays in its order, a new request goes to its cheapest place."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.dispatch.evaluate import Tour, Visit
from benchmarks.dispatch.instances import Outfit, Trsp, euclid

DEPOT = 0


@dataclass(slots=True)
class Line:
    """A technician's stops by their place; the first `begun` of them, and when they start, stand.

    `place` and `free` tell from where and when he goes on, `left` when he left home, `homes` before which stops (by
    their number) he was home again, and since when.
    """

    home: int
    begun: int = 0
    places: list[int] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    place: int = 0
    free: float = 0.0
    left: float | None = None
    back: float = 0.0
    homes: dict[int, float] = field(default_factory=dict)

    @property
    def cost(self) -> float:
        """The working time."""
        return self.back - self.left if self.left is not None else 0.0


class Insertion:
    """Plans as requests come; `turned_away` are those that fitted nowhere."""

    def __init__(self, instance: Trsp) -> None:
        self.instance = instance
        self.nodes = instance.nodes
        self.ways = euclid(instance.nodes).tolist()
        self.index = {node.id: at for at, node in enumerate(self.nodes)}
        homes = range(1, len(instance.homes) + 1)
        self.tours = [Line(at, place=at, free=self.nodes[at].ready) for at in homes]
        self.turned_away: list[str] = []

    def add(self, ids: Iterable[str], now: float = 0.0) -> None:
        """Insert requests at that time: always the one whose second cheapest technician is dearest beside the first."""
        for tour in self.tours:
            self._advance(tour, now)
        waiting = [self.index[one] for one in ids]
        options = {place: [self._cheapest(tour, place) for tour in self.tours] for place in waiting}
        while options:
            regrets = {place: self._regret([cost for cost, _ in row]) for place, row in options.items()}
            place = max(regrets, key=regrets.__getitem__)
            row = options.pop(place)
            at = min(range(len(row)), key=lambda one: row[one][0])
            if row[at][0] == math.inf:
                self.turned_away.append(self.nodes[place].id)
                continue
            self._settle(self.tours[at], row[at][1])
            for other in options:
                options[other][at] = self._cheapest(self.tours[at], other)

    def solution(self) -> list[Tour]:
        """Return the tours as they stand."""
        return [Tour(self.nodes[tour.home].id, tuple(self._visits(tour))) for tour in self.tours]

    def _visits(self, tour: Line) -> Iterator[Visit]:
        for number, (place, start) in enumerate(zip(tour.places, tour.starts, strict=True)):
            if number in tour.homes:
                yield Visit("home", self.nodes[tour.home].id, None, tour.homes[number])
            yield Visit("job" if place else "depot", self.nodes[place].id, None, start)

    @staticmethod
    def _regret(costs: Sequence[float]) -> float:
        """Return by how much the second is dearer; one without a second comes first, one without any last."""
        first, second, *_ = [*sorted(costs), math.inf]
        return -1.0 if first == math.inf else second - first

    def _advance(self, tour: Line, now: float) -> None:
        """Let time pass: what he has left for by now stands, and he goes on from where he then is."""
        while tour.begun < len(tour.places):
            there, start = tour.places[tour.begun], tour.starts[tour.begun]
            if start - self.ways[tour.place][there] > now:
                break
            tour.begun += 1
            tour.place, tour.free = there, start + self.nodes[there].service
        if tour.begun == len(tour.places) and tour.begun and tour.free <= now:
            tour.place, tour.free = tour.home, max(tour.back, tour.free)  # he is at home, or on the way
            tour.homes.setdefault(tour.begun, tour.back)
        tour.free = max(tour.free, now)

    def _cheapest(self, tour: Line, place: int) -> tuple[float, list[int]]:
        """Return the least that the request adds to the working time, perhaps with a depot stop, and the new order."""
        best: tuple[float, list[int]] = (math.inf, [])
        head, tail = tour.places[: tour.begun], tour.places[tour.begun :]
        for at in range(len(tail) + 1):
            order = [*tail[:at], place, *tail[at:]]
            orders = [order]
            if DEPOT not in tour.places:
                orders += [[*order[:stop], DEPOT, *order[stop:]] for stop in range(at + 1)]
            for places in orders:
                if self._is_equipped(tour.home, [*head, *places]):
                    times = self._times(tour, places)
                    if times is not None and times[2] - times[0] - tour.cost < best[0]:
                        best = times[2] - times[0] - tour.cost, places
        return best

    def _is_equipped(self, home: int, places: Sequence[int]) -> bool:
        own: Outfit = self.instance.outfits[home - 1]
        parts, filled = own.parts, False
        for place in places:
            if place == DEPOT:
                filled = True
                continue
            need = self.instance.outfits[place - 1]
            if not need.skills <= own.skills or (not filled and not need.tools <= own.tools):
                return False
            parts = parts if filled else tuple(held - used for held, used in zip(parts, need.parts, strict=True))
            if min(parts) < 0:
                return False
        return True

    def _times(self, tour: Line, places: Sequence[int]) -> tuple[float, list[float], float] | None:
        """Return when he leaves home (as late as can be), the starts of those stops, and when he is back; or None."""
        planned = self._forward(tour, places, tour.free)
        if planned is None:
            return None
        starts, back = planned
        if tour.left is not None and tour.begun:
            return tour.left, starts, back
        latest = self.nodes[tour.home].due
        for place, after in zip(reversed(places), [tour.home, *reversed(places[1:])], strict=True):
            node = self.nodes[place]
            latest = min(node.due, latest - self.ways[place][after] - node.service)
        length = sum(self.ways[one][two] for one, two in zip([tour.home, *places], [*places, tour.home], strict=True))
        length += sum(self.nodes[place].service for place in places)
        leaves = max(tour.free, min(latest - self.ways[tour.home][places[0]], back - length))
        later = self._forward(tour, places, leaves)
        return (leaves, *later) if later is not None else (tour.free, starts, back)

    def _forward(self, tour: Line, places: Sequence[int], at: float) -> tuple[list[float], float] | None:
        place, starts = tour.place, []
        for there in places:
            node = self.nodes[there]
            at = max(at + self.ways[place][there], node.ready)
            if at > node.due:
                return None
            starts.append(at)
            at += node.service
            place = there
        back = at + self.ways[place][tour.home]
        return (starts, back) if back <= self.nodes[tour.home].due else None

    def _settle(self, tour: Line, places: Sequence[int]) -> None:
        times = self._times(tour, places)
        if times is None:
            raise RuntimeError("a place was found for a request that does not fit there")
        tour.left, starts, tour.back = times
        tour.places[tour.begun :] = places
        tour.starts[tour.begun :] = starts
