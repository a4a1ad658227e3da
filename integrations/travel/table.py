"""Measured ways from a table service that speaks as OSRM does: `/table/v1/driving/…`."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import httpx

from integrations.travel.matrix import Leg, Pair, Point

ATTEMPTS = 2
"""How often a block is asked for where the connection breaks or the server has a fault of its own."""
BYTES_MAX = 32 * 1024 * 1024
"""How long an answer may be."""
SECONDS_MAX = 30 * 86_400
METRES_MAX = 40_000_000
"""Longer ways than these are no answer."""


class TravelFault(StrEnum):
    """Why a service did not tell ways."""

    NO_CONNECTION = "no_connection"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    TOO_MANY_POINTS = "too_many_points"
    GARBAGE = "garbage"


@dataclass(frozen=True, slots=True)
class TableService:
    """Where the service is; an answer takes `timeout_s` at most, for `points_max` points at most."""

    url: str
    timeout_s: float = 10.0
    points_max: int = 100

    @property
    def key(self) -> str:
        """What tells its ways from those of another service."""
        return hashlib.sha256(self.url.rstrip("/").encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service told, None for a pair without a road, and its first fault; `asked` counts the requests."""

    legs: dict[Pair, Leg | None]
    fault: TravelFault | None = None
    asked: int = 0


class _Failed(Exception):
    def __init__(self, fault: TravelFault, *, again: bool = False) -> None:
        super().__init__(fault)
        self.fault = fault
        self.again = again


def ask(
    service: TableService, groups: Iterable[Collection[Pair]], should_stop: Callable[[], bool] = lambda: False
) -> Answer:
    """Ask for the pairs of some groups of points that lie together, and return what came; never raises.

    A service that is not there or too slow is asked no more, nor is any once `should_stop` says so.
    """
    return asyncio.run(_ask(service, groups, should_stop))


async def _ask(service: TableService, groups: Iterable[Collection[Pair]], should_stop: Callable[[], bool]) -> Answer:
    legs: dict[Pair, Leg | None] = {}
    first: TravelFault | None = None
    asked = 0
    blocks = ((block, set(group)) for group in groups for block in _blocks(group, max(service.points_max, 2)))
    async with httpx.AsyncClient(timeout=service.timeout_s, trust_env=False) as client:
        for block, wanted in blocks:
            if should_stop():
                break
            for attempt in range(1, ATTEMPTS + 1):
                asked += 1
                try:
                    legs.update(one for one in await _told(client, service, *block) if one[0] in wanted)
                except _Failed as failed:
                    if failed.again and attempt < ATTEMPTS:
                        continue
                    first = first or failed.fault
                    if failed.fault in (TravelFault.NO_CONNECTION, TravelFault.TIMEOUT):
                        return Answer(legs, first, asked)
                break
    return Answer(legs, first, asked)


def _blocks(pairs: Collection[Pair], points_max: int) -> Iterator[tuple[list[Point], list[Point]]]:
    """Yield origins and destinations, together no more than `points_max`, that hold all pairs."""
    origins, destinations = sorted({one for one, _ in pairs}), sorted({one for _, one in pairs})
    if len({*origins, *destinations}) <= points_max:
        if pairs:
            yield origins, destinations
        return
    half = points_max // 2
    wanted = set(pairs)
    for row in range(0, len(origins), half):
        for column in range(0, len(destinations), half):
            rows, columns = origins[row : row + half], destinations[column : column + half]
            needed = [(one, other) for one in rows for other in columns if (one, other) in wanted]
            if needed:
                yield sorted({one for one, _ in needed}), sorted({other for _, other in needed})


async def _told(
    client: httpx.AsyncClient, service: TableService, origins: list[Point], destinations: list[Point]
) -> Iterator[tuple[Pair, Leg | None]]:
    points = sorted({*origins, *destinations})
    places = ";".join(f"{longitude:.5f},{latitude:.5f}" for latitude, longitude in points)
    parameters = {
        "annotations": "duration,distance",
        "sources": ";".join(str(points.index(one)) for one in origins),
        "destinations": ";".join(str(points.index(one)) for one in destinations),
    }
    # as they are: OSRM does not take its own separators escaped
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    told = await _fetched(client, f"{service.url.rstrip('/')}/table/v1/driving/{places}?{query}", service.timeout_s)
    durations = _table(told.get("durations"), len(origins), len(destinations), SECONDS_MAX)
    distances = _table(told.get("distances"), len(origins), len(destinations), METRES_MAX)
    return (
        ((origin, destination), None if seconds is None or metres is None else Leg(seconds, metres))
        for origin, seconds_of, metres_of in zip(origins, durations, distances, strict=True)
        for destination, seconds, metres in zip(destinations, seconds_of, metres_of, strict=True)
        if origin != destination
    )


async def _fetched(client: httpx.AsyncClient, url: str, timeout_s: float) -> dict[str, object]:
    """Return the object that a service answers, within its time in all."""
    content = bytearray()
    try:
        # one deadline for all: the client's own limits count anew for each byte of an answer that drips
        async with asyncio.timeout(timeout_s), client.stream("GET", url) as response:
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > BYTES_MAX:
                    raise _Failed(TravelFault.GARBAGE)
    except (TimeoutError, httpx.TimeoutException):
        raise _Failed(TravelFault.TIMEOUT) from None
    except httpx.DecodingError:
        raise _Failed(TravelFault.GARBAGE) from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        raise _Failed(TravelFault.NO_CONNECTION, again=True) from None
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.status_code >= 500:
        raise _Failed(TravelFault.REFUSED, again=True)
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        raise _Failed(TravelFault.GARBAGE if response.is_success else TravelFault.REFUSED) from None
    if not isinstance(told, dict):
        raise _Failed(TravelFault.GARBAGE)
    if told.get("code") == "TooBig":
        raise _Failed(TravelFault.TOO_MANY_POINTS)
    if told.get("code") != "Ok":
        raise _Failed(TravelFault.REFUSED if "code" in told else TravelFault.GARBAGE)
    return told


def _table(told: object, rows: int, columns: int, most: int) -> list[list[int | None]]:
    """Return a table of whole numbers, rounded up; null where there is no way."""
    if not isinstance(told, list) or len(told) != rows:
        raise _Failed(TravelFault.GARBAGE)
    return [_row(row, columns, most) for row in told]


def _row(told: object, columns: int, most: int) -> list[int | None]:
    if not isinstance(told, list) or len(told) != columns:
        raise _Failed(TravelFault.GARBAGE)
    for value in told:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if value is not None and not (is_number and 0 <= value <= most):
            raise _Failed(TravelFault.GARBAGE)
    return [None if value is None else math.ceil(value) for value in told]
