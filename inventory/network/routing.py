"""The earliest arrival over the lanes, with the hours and cut-offs of their legs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from heapq import heappop, heappush
from itertools import count

from inventory.network.arrival import Leg, Quantile, durations, start
from inventory.network.hours import instant, seconds_of, work
from inventory.network.models import DangerousGoods

_TAKES = {
    "none": frozenset(DangerousGoods),
    "passenger": frozenset({DangerousGoods.PASSENGER, DangerousGoods.CARGO, DangerousGoods.ALL}),
    "cargo": frozenset({DangerousGoods.CARGO, DangerousGoods.ALL}),
}
"""By the limit of a part, the lanes that take it; forbidden by air and unknown go by those without limit only."""


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


def usable(links: Iterable[Link], weight_kg: Decimal, dg_limit: str = "none") -> list[Link]:
    """Return the lanes that take one piece of this weight and dangerous goods limit.

    The limit is none (no dangerous goods), passenger, cargo (cargo aircraft only), forbidden or unknown, which is
    taken for forbidden by air.
    """
    takes = _TAKES.get(dg_limit, frozenset({DangerousGoods.ALL}))
    return [
        link
        for link in links
        if link.dg_allowed in takes and (link.max_weight_kg is None or weight_kg <= link.max_weight_kg)
    ]


def earliest(
    links: Iterable[Link],
    origins: Mapping[str, datetime],
    destination: str,
    weight_kg: Decimal = Decimal(0),
    quantile: Quantile = Quantile.MEDIAN,
) -> dict[str, Route]:
    """Return {origin: the route of the earliest arrival}, where there is one; `origins` says when each is ready.

    The lanes are all of one currency. Of a route over several lanes each keeps its own margin, so that its 90th
    percentile is on the cautious side; `arrive` over all legs of the route together tells the smaller one.
    """
    net = _Net(links, destination, weight_kg, quantile)
    routes = {origin: net.route(origin, ready) for origin, ready in origins.items()}
    return {origin: route for origin, route in routes.items() if route is not None}


@dataclass(frozen=True, slots=True)
class _Edge:
    """A lane with what it takes of work in each leg, the least that it can take, and what one piece costs."""

    link: Link
    seconds: tuple[int, ...]
    least: int
    cost: Decimal

    def arrives(self, at: int) -> int:
        for leg, seconds in zip(self.link.legs, self.seconds, strict=True):
            at = work(start(leg, at), seconds, leg.calendar, leg.zone)
        return at


class _Net:
    """The lanes towards one destination.

    The search is A*: what remains is at least the work of the lanes ahead, were it always open. A lane's hours are
    reckoned only when it comes up as the most promising one, which most never do.
    """

    def __init__(self, links: Iterable[Link], destination: str, weight_kg: Decimal, quantile: Quantile) -> None:
        self.destination = destination
        self.leaving: defaultdict[str, list[_Edge]] = defaultdict(list)
        towards: defaultdict[str, list[_Edge]] = defaultdict(list)
        for link in links:
            seconds = tuple(durations(link.legs, quantile))
            cost = link.cost_per_piece + link.cost_per_kg * weight_kg
            edge = _Edge(link, seconds, sum(seconds), cost)
            self.leaving[link.origin].append(edge)
            towards[link.destination].append(edge)
        self.remaining = _remaining(towards, destination)

    def route(self, origin: str, ready: datetime) -> Route | None:
        """Return the route of the earliest arrival, the cheaper where two chains tie on the way; None without one."""
        if origin not in self.remaining:
            return None
        at, order = seconds_of(ready), count()
        # (earliest possible arrival, cost, order, instant, lanes so far, lane not yet reckoned, place)
        waiting: list[tuple[int, Decimal, int, int, tuple[_Edge, ...], _Edge | None, str]] = []
        heappush(waiting, (at + self.remaining[origin], Decimal(0), next(order), at, (), None, origin))
        settled: set[str] = set()
        while waiting:
            _bound, cost, _order, at, chain, ahead, place = heappop(waiting)
            if place in settled:
                continue
            if ahead is not None:
                at = ahead.arrives(at)
                bound = at + self.remaining[place]
                heappush(waiting, (bound, cost, next(order), at, (*chain, ahead), None, place))
                continue
            if place == self.destination:
                return Route(instant(at), cost, tuple(edge.link for edge in chain))
            settled.add(place)
            for edge in self.leaving[place]:
                onward = edge.link.destination
                if onward in self.remaining and onward not in settled:
                    bound = at + edge.least + self.remaining[onward]
                    heappush(waiting, (bound, cost + edge.cost, next(order), at, chain, edge, onward))
        return None


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
