"""Opening hours: when work that counts only while a place is open ends."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from math import ceil
from zoneinfo import ZoneInfo

DAY_MIN = 24 * 60
_WINDOW_DAYS = 28
_WINDOW_S = _WINDOW_DAYS * 86_400
_WINDOWS_MAX = 64
"""How many windows of one calendar are kept: five years."""
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
    return at + seconds if calendar is None else openings(calendar, zone).work(at, seconds)


class Openings:
    """The intervals in which something is open, as instants; reckoned by the window of some weeks, each once."""

    __slots__ = ("_on_day", "_windows")

    def __init__(self, on_day: Callable[[date], Iterable[Interval]]) -> None:
        self._on_day = on_day
        self._windows: dict[int, tuple[list[int], list[int], list[int]]] = {}

    def work(self, at: int, seconds: int) -> int:
        """Return when work that begins at `at` or later ends; of no length, when it is open next."""
        while True:
            number = at // _WINDOW_S
            starts, ends, worked = self._windows.get(number) or self._window(number)
            first = bisect_right(ends, at)
            if first == len(ends):
                at = (number + 1) * _WINDOW_S
                continue
            opens = max(starts[first], at)
            goal = worked[first] - (ends[first] - opens) + seconds
            last = bisect_left(worked, goal, first)
            if last < len(ends):
                return ends[last] - (worked[last] - goal)
            seconds = goal - worked[-1]
            at = max(ends[-1], (number + 1) * _WINDOW_S)

    def _window(self, number: int) -> tuple[list[int], list[int], list[int]]:
        """Return the intervals that touch a window: when they open, when they end, and what is open until then."""
        begins = number * _WINDOW_S
        day = datetime.fromtimestamp(begins, UTC).date()
        # a local day begins and ends within a day of the one in UTC
        days = (day + timedelta(days=ahead) for ahead in range(-2, _WINDOW_DAYS + 2))
        touching = [
            (opens, closes)
            for one in days
            for opens, closes in self._on_day(one)
            if closes > begins and opens < begins + _WINDOW_S
        ]
        found = (
            [opens for opens, _closes in touching],
            [closes for _opens, closes in touching],
            list(accumulate(closes - opens for opens, closes in touching)),
        )
        if len(self._windows) >= _WINDOWS_MAX:
            self._windows.clear()
        self._windows[number] = found
        return found


@lru_cache(maxsize=4096)
def openings(calendar: Calendar, zone: str) -> Openings:
    """Return when it is open by a calendar in a zone."""

    def on_day(day: date) -> Iterable[Interval]:
        return () if day in calendar.closures else _day(calendar, zone, day)

    return Openings(on_day)


@lru_cache(maxsize=4096)
def shortest(week: tuple[tuple[Interval, ...], ...], seconds: int) -> int:
    """Return the least seconds from the beginning of work to its end in a week of opening hours."""
    calendar = Calendar(week)
    monday = date(2024, 1, 1)
    begins = (opens for ahead in range(7) for opens, _closes in _day(calendar, "UTC", monday + timedelta(days=ahead)))
    return min(work(at, seconds, calendar, "UTC") - at for at in begins)


@lru_cache(maxsize=4096)
def before(cut_off: int, zone: str) -> Openings:
    """Return when it is before a cut-off in minutes after local midnight, the cut-off itself included.

    Where the clock shows it twice it is the first; 1440 is the midnight after.
    """
    return Openings(lambda day: [(_at_clock(day, 0, zone), _at_clock(day, cut_off, zone) + 1)])


def seconds_of(moment: datetime) -> int:
    """Return an aware instant as whole seconds since 1970, rounded up."""
    return ceil(moment.timestamp())


def instant(seconds: int) -> datetime:
    """Return the instant, in UTC, of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


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
