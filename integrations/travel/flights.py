"""Scheduled flights from a CSV file: on which days they leave when, when they are there, and the fare.

The columns are `origin` and `destination` (IATA codes of airports), `days` (of departure, 1 for Monday to 7, as in
12345), `departure` and `arrival` (as in 08:15, by the clock of the airport, or 08:15Z in UTC; +1 after an arrival that
is a day later), `fare`, and if wanted `from` and `until`, the first and the last day of a season.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import airportsdata

from integrations.travel.faults import FileFault, text_of

ROWS_MAX = 100_000
"""How many departures a file may list."""
LONGEST = timedelta(hours=24)
"""How long a flight may last."""
_NEEDED = ("origin", "destination", "days", "departure", "arrival", "fare")
_SEASON = ("from", "until")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(Z?)(?:\+([0-2]))?")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day by the clock of a zone, so many days after the day of departure."""

    time: time
    zone: tzinfo
    days_later: int = 0

    def on(self, day: date) -> datetime:
        """Return the instant in UTC; of a time that comes twice the first, one that is skipped is an hour later."""
        return datetime.combine(day + self.days_later * _DAY, self.time, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Departure:
    """A line of a timetable; `weekdays` (1 for Monday) and season are of the day of departure by its own clock."""

    origin: str
    destination: str
    weekdays: frozenset[int]
    departs: Clock
    arrives: Clock
    fare: float
    first: date = date.min
    last: date = date.max

    def flies_on(self, day: date) -> bool:
        """Tell whether it leaves on a day."""
        return self.first <= day <= self.last and day.isoweekday() in self.weekdays


@dataclass(frozen=True, slots=True)
class ScheduledFlight:
    """One flight of one day; instants are in UTC."""

    origin: str
    destination: str
    departs: datetime
    arrives: datetime
    fare: float


def flights_between(
    timetable: Iterable[Departure], airports: Collection[str], start: datetime, end: datetime
) -> list[ScheduledFlight]:
    """Return the flights between some airports that leave in a span (its end is not in it), by departure."""
    found = []
    for one in timetable:
        if one.origin not in airports or one.destination not in airports:
            continue
        day = start.astimezone(one.departs.zone).date()
        while (departs := one.departs.on(day)) < end:
            if departs >= start and one.flies_on(day) and (arrives := one.arrives.on(day)) > departs:
                found.append(ScheduledFlight(one.origin, one.destination, departs, arrives, one.fare))
            day += _DAY
    return sorted(found, key=lambda one: (one.departs, one.arrives, one.origin, one.destination, one.fare))


def read_timetable(path: Path) -> tuple[Departure, ...]:
    """Read a file; raises FileFault that names the line and what is wrong with it."""
    rows = csv.reader(io.StringIO(text_of(path), newline=""), strict=True)
    found: list[Departure] = []
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        _require_columns(header)
        zones = {code: airport["tz"] for code, airport in airportsdata.load("IATA").items()}
        for row in rows:
            if any(cell.strip() for cell in row):
                if len(found) == ROWS_MAX:
                    raise FileFault(f"the file has more than {ROWS_MAX} lines")
                found.append(_departure(header, row, zones))
    except (csv.Error, ValueError, OverflowError) as wrong:
        raise FileFault(f"line {max(rows.line_num, 1)}: {wrong}") from None
    return tuple(found)


def _require_columns(header: list[str]) -> None:
    for name in _NEEDED:
        if name not in header:
            raise ValueError(f"the column {name} is missing; there must be {', '.join(_NEEDED)}")
    for name in header:
        if name not in (*_NEEDED, *_SEASON):
            raise ValueError(f"the column {name} is not known; there may be {', '.join((*_NEEDED, *_SEASON))}")
        if header.count(name) > 1:
            raise ValueError(f"the column {name} is there twice")


def _departure(header: list[str], row: list[str], zones: Mapping[str, str]) -> Departure:
    if len(row) != len(header):
        raise ValueError(f"there are {len(row)} cells for {len(header)} columns")
    told = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
    origin, destination = _airport(told["origin"], zones), _airport(told["destination"], zones)
    if origin == destination:
        raise ValueError(f"the flight from {origin} goes nowhere else")
    departs = _clock("departure", told["departure"], zones[origin])
    if departs.days_later:
        raise ValueError(f"departure {told['departure']} is on its own day; leave out the +")
    one = Departure(
        origin,
        destination,
        _weekdays(told["days"]),
        departs,
        _clock("arrival", told["arrival"], zones[destination]),
        _fare(told["fare"]),
        _day("from", told.get("from"), date.min + _DAY),
        _day("until", told.get("until"), date.max - 3 * _DAY),
    )
    if one.last < one.first:
        raise ValueError(f"until {one.last} is before from {one.first}")
    _require_order(one)
    return one


def _require_order(one: Departure) -> None:
    """Refuse a flight that is there before it leaves, or takes more than a day, on the first day that it goes."""
    day = max(one.first, date(2026, 1, 15))
    lasts = one.arrives.on(day) - one.departs.on(day)
    if not timedelta() < lasts <= LONGEST:
        hours = lasts / timedelta(hours=1)
        raise ValueError(f"the flight would last {hours:g} hours; correct a time, or the +1 of the arrival")


def _airport(text: str, zones: Mapping[str, str]) -> str:
    code = text.upper()
    if not zones.get(code):
        raise ValueError(f"{text} is no IATA code of an airport, such as VTE")
    return code


def _weekdays(text: str) -> frozenset[int]:
    if not text or not set(text) <= set("1234567") or len(set(text)) < len(text):
        raise ValueError(f"days must be digits from 1 for Monday to 7, as in 12345, not {text}")
    return frozenset(int(digit) for digit in text)


def _clock(name: str, text: str, zone: str) -> Clock:
    told = _TIME.fullmatch(text)
    if told is None:
        raise ValueError(f"{name} must be a time as in 08:15, 08:15Z or 08:15+1, not {text}")
    hour, minute, utc, later = told.groups()
    return Clock(time(int(hour), int(minute)), UTC if utc else ZoneInfo(zone), int(later or 0))


def _fare(text: str) -> float:
    try:
        fare = float(text)
    except ValueError:
        fare = math.nan
    if not (math.isfinite(fare) and fare >= 0):
        raise ValueError(f"fare must be a number of at least 0, not {text}")
    return fare


def _day(name: str, text: str | None, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} must be a date as in 2026-03-29, not {text}") from None
