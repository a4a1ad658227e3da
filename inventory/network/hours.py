"""Opening hours: when work that counts only while a place is open ends."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import ceil
from zoneinfo import ZoneInfo

DAY_MIN = 24 * 60
_BLOCK_DAYS = 28
Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Weekly opening hours and the days of exception on which nobody works.

    `week` holds for each weekday from Monday its intervals in minutes after local midnight, in order and apart;
    1440 is the end of the day. Raises ValueError for a week that is never open: work in it would never end.
    """

    week: tuple[tuple[Interval, ...], ...]
    closures: frozenset[date] = field(default=frozenset())

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("A calendar has seven weekdays and is open on one of them at least")


def worked(start: datetime, seconds: int, calendar: Calendar | None, zone: str) -> datetime:
    """Return when work that begins at `start` or later ends, in UTC; only opening hours in the zone count.

    Without a calendar it is always open. Work of no length ends as soon as it is open. Seconds are real ones: a day of
    23 or 25 hours has as many as it has.
    """
    return instant(work(seconds_of(start), seconds, calendar, zone))


def work(at: int, seconds: int, calendar: Calendar | None, zone: str) -> int:
    """Do as `worked`, with instants as seconds since 1970."""
    if calendar is None:
        return at + seconds
    for opens, closes in _from(at, calendar, zone):
        if closes - opens >= seconds:
            return opens + seconds
        seconds -= closes - opens
    raise AssertionError("a calendar is open every week but those of its closures")


def on_day_of(at: int, minutes: int, zone: str) -> int:
    """Return the instant of a time of the local clock, in minutes after midnight, on the local day of `at`.

    Where the clock shows it twice it is the first; 1440 is the midnight after.
    """
    return _at_clock(_local(at, zone).date(), minutes, zone)


def seconds_of(moment: datetime) -> int:
    """Return an aware instant as whole seconds since 1970, rounded up."""
    return ceil(moment.timestamp())


def instant(seconds: int) -> datetime:
    """Return the instant, in UTC, of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def _from(at: int, calendar: Calendar, zone: str) -> Iterator[Interval]:
    """Yield without end the intervals in which it is open after `at`, the first one cut there."""
    block = _local(at, zone).date().toordinal() // _BLOCK_DAYS
    while True:
        intervals, ends = _block(calendar, zone, block)
        for opens, closes in intervals[bisect_right(ends, at) :]:
            yield max(opens, at), closes
        block += 1


@lru_cache(maxsize=4096)
def _block(calendar: Calendar, zone: str, block: int) -> tuple[tuple[Interval, ...], tuple[int, ...]]:
    """Return the intervals of some weeks as instants, and their ends."""
    days = (date.fromordinal(block * _BLOCK_DAYS + number) for number in range(_BLOCK_DAYS))
    intervals = tuple(one for day in days if day not in calendar.closures for one in _day(calendar, zone, day))
    return intervals, tuple(closes for _opens, closes in intervals)


def _day(calendar: Calendar, zone: str, day: date) -> Iterator[Interval]:
    """Yield when it is open on a local day, as instants: exactly while the local clock shows opening hours."""
    hours = calendar.week[day.weekday()]
    if not hours:
        return
    for begins, ends in _evenly(_at_clock(day, 0, zone), _at_clock(day, DAY_MIN, zone), zone):
        wall = _local(begins, zone).replace(tzinfo=UTC)
        midnight = begins - int((wall - datetime.combine(day, time(), UTC)).total_seconds())
        for opens, closes in hours:
            first, last = max(begins, midnight + opens * 60), min(ends, midnight + closes * 60)
            if first < last:
                yield first, last


def _evenly(begins: int, ends: int, zone: str) -> list[Interval]:
    """Split a day where the clock is put forward or back: in each part the local clock runs evenly."""
    if begins >= ends:  # a day that the zone skipped
        return []
    offset = _local(begins, zone).utcoffset()
    if _local(ends - 1, zone).utcoffset() == offset:
        return [(begins, ends)]
    low, high = begins, ends - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _local(middle, zone).utcoffset() == offset else (low, middle)
    return [(begins, high), (high, ends)]


def _at_clock(day: date, minutes: int, zone: str) -> int:
    return int((datetime.combine(day, time(), ZoneInfo(zone)) + timedelta(minutes=minutes)).timestamp())


def _local(at: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at, ZoneInfo(zone))
