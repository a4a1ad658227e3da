"""What a tour needs once a job is moved into it: the breaks that fall due, and a depot for what the kit has not.

Each goes where it pushes the other stops least.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from optimizer.dispatch.model import Depot
from optimizer.dispatch.plan import Route, Stop, StopKind
from optimizer.dispatch.pricing import TOLERANCE_S
from optimizer.dispatch.technicians import Break


class Item(NamedTuple):
    """A stop of a tour with when it should begin, and its number in the arrays (None: a break)."""

    stop: Stop
    wanted_s: float
    number: int | None


Timed = Callable[[Sequence[Item]], Route]
"""Returns the tour of stops that begin when they should, or as soon as they can."""
Way = tuple[int, Item]
"""A stop more, and which stop it is put before."""


def rested(items: Sequence[Item], pauses: Sequence[Break], home: int, timed: Timed) -> list[Item]:
    """Return the stops of a tour that begins at `home` (a place) with its breaks, in the order in which they fall due.

    They stay as they are if that will do, or if there is no room for one that is due.
    """
    if _keeps(timed(items), pauses):
        return list(items)
    told = [item.stop for item in items if item.stop.kind is StopKind.BREAK]
    found = [item for item in items if item.stop.kind is not StopKind.BREAK]
    for pause in pauses:
        if not _is_due(pause, timed(found)):
            continue
        from_s = next((one.start_s for one in told if _is(pause, one)), pause.earliest_s)
        places = [home, *(item.stop.place for item in found), home]
        ways = (
            (at, Item(_stop(StopKind.BREAK, "", place, from_s, pause.duration_s), from_s, None))
            for at in range(len(found) + 1)
            for place in dict.fromkeys(places[at : at + 2])
        )
        best = _least(found, ways, timed, pause.latest_s)
        found = found if best is None else _with(found, best)
    return found if _keeps(timed(found), pauses) else list(items)


def fetching(
    items: Sequence[Item], before: int, depots: Iterable[tuple[int, Depot]], timed: Timed
) -> tuple[list[Item], Depot] | None:
    """Return the stops of a tour with one more, at one of these depots (with their numbers), and which it is.

    It is before the stop `before`. None if nobody can be at any of them while it is open.
    """
    tried: list[tuple[float, int, Way, Depot]] = []
    for number, depot in depots:
        opens_s = depot.window.from_s
        stop = _stop(StopKind.DEPOT, depot.code, depot.place, opens_s, depot.handling_s)
        ways = [(at, Item(stop, opens_s, number)) for at in range(before + 1)]
        best = _least(items, ways, timed, depot.window.until_s)
        if best is not None:
            tried.append((_pushed_s(_with(items, best), timed), number, best, depot))
    if not tried:
        return None
    *_, best, depot = min(tried, key=lambda one: one[:2])
    return _with(items, best), depot


def _least(items: Sequence[Item], ways: Iterable[Way], timed: Timed, latest_s: float) -> Way | None:
    """Return the way to put in a stop that pushes the others least; None if it never begins in time."""
    best, least_s = None, math.inf
    for way in ways:
        tried = _with(items, way)
        if timed(tried).stops[way[0]].start_s <= latest_s + TOLERANCE_S:
            pushed_s = _pushed_s(tried, timed)
            if pushed_s < least_s - TOLERANCE_S:
                best, least_s = way, pushed_s
    return best


def _pushed_s(items: Sequence[Item], timed: Timed) -> float:
    """Return by how much stops begin later than they should, and how long the tour is out."""
    route = timed(items)
    late_s = sum(stop.start_s - item.wanted_s for stop, item in zip(route.stops, items, strict=True))
    return late_s + route.returns_s - route.departs_s


def _with(items: Sequence[Item], way: Way) -> list[Item]:
    at, item = way
    return [*items[:at], item, *items[at:]]


def _stop(kind: StopKind, name: str, place: int, start_s: float, length_s: float) -> Stop:
    return Stop(kind, name, place, start_s, start_s, start_s + length_s, 0.0, 0.0)


def _keeps(route: Route, pauses: Sequence[Break]) -> bool:
    """Say whether a tour has the breaks that are due, and no others."""
    due = [pause for pause in pauses if _is_due(pause, route)]
    taken = [stop for stop in route.stops if stop.kind is StopKind.BREAK]
    return len(due) == len(taken) and all(_is(pause, stop) for pause, stop in zip(due, taken, strict=True))


def _is_due(pause: Break, route: Route) -> bool:
    return route.departs_s < pause.latest_s < route.returns_s


def _is(pause: Break, stop: Stop) -> bool:
    """Say whether a stop is this break, in time."""
    in_time = pause.earliest_s - TOLERANCE_S <= stop.start_s <= pause.latest_s + TOLERANCE_S
    return in_time and abs(stop.end_s - stop.start_s - pause.duration_s) <= TOLERANCE_S
