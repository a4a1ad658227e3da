"""Where the fleet is on ground in the week, and the tools that lie at the depots."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from numpy.random import Generator

from fieldops.demo.rows import AircraftRow, PlaceRow, RotationRow, ToolRow
from fieldops.demo.tables import TOOL_KINDS

DAYS = 7
FIRST_DEPARTURE_MIN, LAST_ARRIVAL_MIN = 6 * 60, 19 * 60
SLOT_MIN = 5
TURNAROUND_MIN = (35, 90)
AWAY_SHARE = 0.7
"""Share of days on which an aircraft turns around elsewhere in its area about noon."""


def build_rotations(
    rng: Generator, start: date, places: tuple[PlaceRow, ...], aircraft: tuple[AircraftRow, ...]
) -> tuple[RotationRow, ...]:
    """Return nights at the base, and turnarounds elsewhere in the area by day."""
    place_of = {place.code: place for place in places}
    by_area = defaultdict(list)
    for place in places:
        by_area[place.area].append(place.code)
    rows: list[RotationRow] = []
    for number, tail in enumerate(aircraft, start=1):
        base = place_of[tail.base]
        others = [code for code in by_area[base.area] if code != base.code]
        zone = ZoneInfo(base.time_zone)
        arrives = _local(start - timedelta(days=1), _minutes(rng, LAST_ARRIVAL_MIN, 240), zone)
        for day in range(DAYS):
            departs = _local(start + timedelta(days=day), _minutes(rng, FIRST_DEPARTURE_MIN, 180), zone)
            rows.append(RotationRow(tail.registration, base.code, arrives, departs, f"QV{number:03d}{day}"))
            if others and rng.random() < AWAY_SHARE:
                noon = departs + timedelta(minutes=_minutes(rng, 120, 120))
                turn = timedelta(minutes=int(rng.integers(*TURNAROUND_MIN)) // SLOT_MIN * SLOT_MIN)
                station = others[int(rng.integers(len(others)))]
                rows.append(RotationRow(tail.registration, station, noon, noon + turn, f"QV{number:03d}{day}R"))
            arrives = _local(start + timedelta(days=day), _minutes(rng, LAST_ARRIVAL_MIN, 240), zone)
    return tuple(rows)


def _minutes(rng: Generator, first: int, width: int) -> int:
    return first + int(rng.integers(width)) // SLOT_MIN * SLOT_MIN


def _local(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minutes // 60, minutes % 60), zone).astimezone(UTC)


def build_tools(rng: Generator, start: date, places: tuple[PlaceRow, ...]) -> tuple[ToolRow, ...]:
    """Return one or two tools of each kind at every depot and centre; a few are due soon, one in fifty is overdue."""
    rows: list[ToolRow] = []
    for place in places:
        if place.tier == "outlet":
            continue
        for kind, (_name, days) in TOOL_KINDS.items():
            for _each in range(1 + int(rng.integers(2))):
                age = int(rng.integers(1, days or 365))
                overdue = rng.random() < 0.02
                done = start - timedelta(days=(days or 365) + 9 if overdue else age)
                due = done + timedelta(days=days or 3_650)
                rows.append(ToolRow(kind, f"{kind}-{len(rows) + 1:04d}", place.code, done, due))
    return tuple(rows)
