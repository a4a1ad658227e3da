"""The earliest arrival over the lanes, with the hours and cut-offs of their legs."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from heapq import heappop, heappush
from itertools import count
from typing import Any

from inventory.network.arrival import Leg, Quantile, durations
from inventory.network.hours import Openings, before, instant, openings, seconds_of, shortest
from inventory.network.models import DangerousGoods

_TAKES = {
    "none": frozenset(DangerousGoods),
    "passenger": frozenset({DangerousGoods.PASSENGER, DangerousGoods.CARGO, DangerousGoods.ALL}),
    "cargo": frozenset({DangerousGoods.CARGO, DangerousGoods.ALL}),
}
"""By the limit of a part, the lanes that take it; forbidden by air and unknown go by those without limit only."""
_BY_GROUND = frozenset({DangerousGoods.ALL})


@dataclass(frozen=True, slots=True)
class Link:
    """A lane as routes see it; costs in `currency`, weight in kg."""

    origin: str
    destination: str
    mode: str
    legs: tuple[Leg, ...]
    cost_per_kg: Decimal
    cost_per_piece: Decimal
    currency: str
    dg_allowed: DangerousGoods = DangerousGoods.NONE
    max_weight_kg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A chain of lanes from where something is to where it is wanted; none where it is there already."""

    arrives: datetime
    cost: Decimal
    links: tuple[Link, ...]


def carries(link: Link, weight_kg: Decimal, dg_limit: str) -> bool:
    """Tell whether a lane takes one piece of this weight and dangerous goods limit.

    The limit is none (no dangerous goods), passenger, cargo (cargo aircraft only), forbidden or unknown, which is
    taken for forbidden by air.
    """
    takes = _TAKES.get(dg_limit, _BY_GROUND)
    return link.dg_allowed in takes and (link.max_weight_kg is None or weight_kg <= link.max_weight_kg)


class Router:
    """The lanes of a network, all of one currency, made ready once for many questions."""

    def __init__(self, links: Iterable[Link], quantile: Quantile = Quantile.MEDIAN) -> None:
        self._edges = [_edge(link, quantile) for link in links]

    def earliest(
        self,
        origins: Mapping[str, datetime],
        destination: str,
        weight_kg: Decimal = Decimal(0),
        dg_limit: str = "none",
    ) -> dict[str, Route]:
        """Return {origin: the route of the earliest arrival}, where there is one; `origins` says when each is ready.

        Only lanes that take one piece of this weight and limit are used. Of a route over several lanes each keeps its
        own margin, so that its 90th percentile is on the cautious side; `arrive` over all legs of the route together
        tells the smaller one.
        """
        edges = [edge for edge in self._edges if carries(edge.link, weight_kg, dg_limit)]
        return _Search(edges, destination, weight_kg).routes(origins)


_PUT_FORWARD_S = 3 * 3600
"""No zone puts its clock forward by more, which shortens a night."""

_Clock = tuple[Openings | None, Openings | None, int]
"""Of a leg: until when it starts on the same day, when it is open, and the seconds of work."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """A lane with the clocks of its legs, and the least that it can take."""

    link: Link
    clocks: tuple[_Clock, ...]
    least: int

    def arrives(self, at: int) -> int:
        for same_day, hours, seconds in self.clocks:
            if same_day is not None:
                at = same_day.work(at, 0)
            at = at + seconds if hours is None else hours.work(at, seconds)
        return at


def _edge(link: Link, quantile: Quantile) -> _Edge:
    seconds = durations(link.legs, quantile)
    clocks = tuple(
        (
            None if leg.cut_off is None else before(leg.cut_off, leg.zone),
            None if leg.calendar is None else openings(leg.calendar, leg.zone),
            worked,
        )
        for leg, worked in zip(link.legs, seconds, strict=True)
    )
    return _Edge(link, clocks, sum(_least(leg, worked) for leg, worked in zip(link.legs, seconds, strict=True)))


def _least(leg: Leg, seconds: int) -> int:
    """Return what the work of a leg takes at least, be it begun when it opens on the best day of the week."""
    if leg.calendar is None:
        return seconds
    return max(seconds, shortest(leg.calendar.week, seconds) - _PUT_FORWARD_S)


_Chain = tuple[Any, _Edge] | None
"""The lanes so far, the last one outermost."""


class _Search:
    """The search for the earliest arrivals at one destination over some lanes.

    It is A*: what remains takes at least what each lane ahead takes on its best day, and whoever comes to a place
    later never arrives earlier than one of an earlier search who was there before. A lane's hours are reckoned only
    when it comes up as the most promising one, which most never do.
    """

    def __init__(self, edges: Iterable[_Edge], destination: str, weight_kg: Decimal) -> None:
        self._destination = destination
        self._weight_kg = weight_kg
        self._leaving: defaultdict[str, list[_Edge]] = defaultdict(list)
        towards: defaultdict[str, list[_Edge]] = defaultdict(list)
        for edge in edges:
            self._leaving[edge.link.origin].append(edge)
            towards[edge.link.destination].append(edge)
        self._remaining = _remaining(towards, destination)
        self._learnt: defaultdict[str, _Bounds] = defaultdict(_Bounds)

    def routes(self, origins: Mapping[str, datetime]) -> dict[str, Route]:
        """Return the route of each origin that has one; the nearest are searched first, and teach the others."""
        near = sorted(origins.keys() & self._remaining.keys(), key=lambda one: (self._remaining[one], one))
        found = {origin: self._route(origin, seconds_of(origins[origin])) for origin in near}
        return {origin: found[origin] for origin in origins if origin in found}

    def _route(self, origin: str, at: int) -> Route:
        """Return the route of the earliest arrival, the cheaper where two chains tie on the way."""
        order, remaining = count(), self._remaining
        # (earliest possible arrival, cost, order, instant, lanes so far, lane not yet reckoned, place)
        waiting: list[tuple[int, Decimal, int, int, _Chain, _Edge | None, str]] = []
        heappush(waiting, (at + remaining[origin], Decimal(0), next(order), at, None, None, origin))
        reached: dict[str, int] = {}
        while True:
            bound, cost, _order, at, chain, ahead, place = heappop(waiting)
            if place in reached and reached[place] <= at:
                continue
            if ahead is not None:
                at = ahead.arrives(at)
                bound = max(bound, at + remaining[place], self._learnt[place].at(at))
                heappush(waiting, (bound, cost, next(order), at, (chain, ahead), None, place))
                continue
            reached[place] = at
            if place == self._destination:
                self._learn(reached, at)
                return Route(instant(at), cost, _links(chain))
            for edge in self._leaving[place]:
                onward = edge.link.destination
                soonest = at + edge.least
                if onward in remaining and not (onward in reached and reached[onward] <= soonest):
                    least = max(bound, soonest + remaining[onward], self._learnt[onward].at(soonest))
                    heappush(waiting, (least, cost + self._cost(edge), next(order), at, chain, edge, onward))

    def _learn(self, reached: Mapping[str, int], arrival: int) -> None:
        """Keep that nobody who is at a place then or later arrives earlier."""
        for place, at in reached.items():
            self._learnt[place].add(at, arrival)

    def _cost(self, edge: _Edge) -> Decimal:
        return edge.link.cost_per_piece + edge.link.cost_per_kg * self._weight_kg


class _Bounds:
    """From instants at a place to the earliest arrivals that are possible since then; both ascend."""

    __slots__ = ("_arrivals", "_instants")

    def __init__(self) -> None:
        self._instants: list[int] = []
        self._arrivals: list[int] = []

    def at(self, instant: int) -> int:
        """Return the earliest arrival that is possible for whoever is here at an instant; 0 where nothing is known."""
        number = bisect_right(self._instants, instant)
        return self._arrivals[number - 1] if number else 0

    def add(self, instant: int, arrival: int) -> None:
        """Keep a bound, unless an earlier instant has one as late."""
        if self.at(instant) < arrival:
            number = bisect_right(self._instants, instant)
            self._instants.insert(number, instant)
            self._arrivals.insert(number, arrival)
            while number + 1 < len(self._arrivals) and self._arrivals[number + 1] <= arrival:
                del self._instants[number + 1], self._arrivals[number + 1]


def _links(chain: _Chain) -> tuple[Link, ...]:
    found: list[Link] = []
    while chain is not None:
        chain, edge = chain
        found.append(edge.link)
    return tuple(reversed(found))


def _remaining(towards: Mapping[str, list[_Edge]], destination: str) -> dict[str, int]:
    """Return {place: the least seconds from there to the destination}, by Dijkstra's algorithm backwards."""
    found: dict[str, int] = {}
    waiting = [(0, destination)]
    while waiting:
        seconds, place = heappop(waiting)
        if place in found:
            continue
        found[place] = seconds
        for edge in towards.get(place, ()):
            if edge.link.origin not in found:
                heappush(waiting, (seconds + edge.least, edge.link.origin))
    return found
