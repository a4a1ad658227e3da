"""Local time of people: shifts and validity dates as instants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from inventory.kernel.fields import FIRST_DAY, LAST_DAY


def shift_span(work_date: date, starts: time, ends: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the start and end of a local shift in UTC; a shift over a change of the clock is as long as it lasts."""
    last_date = work_date if ends > starts else work_date + timedelta(days=1)
    start = datetime.combine(work_date, starts, zone).astimezone(UTC)
    # a start in the hour that the clock leaves out lies after an end just behind that hour
    return start, max(start, datetime.combine(last_date, ends, zone).astimezone(UTC))


class LocalShift(Protocol):
    """A shift in local wall-clock time."""

    @property
    def work_date(self) -> date: ...

    @property
    def starts(self) -> time: ...

    @property
    def ends(self) -> time: ...


def first_overlap(shifts: Sequence[LocalShift], time_zone: str) -> tuple[str, str] | None:
    """Return the starts, as text, of the first two shifts of one person that overlap; None where none do."""
    zone = ZoneInfo(time_zone)
    told = sorted((*shift_span(one.work_date, one.starts, one.ends, zone), one.work_date, one.starts) for one in shifts)
    for (first, end, day, clock), (start, _end, other_day, other_clock) in pairwise(told):
        if start < end or start == first:
            return f"{day} {clock:%H:%M}", f"{other_day} {other_clock:%H:%M}"
    return None


def validity_span(valid_from: date, valid_until: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return from when until when (exclusive) a qualification holds, in UTC, for dates that are both included.

    "For ever" and "since ever", such as 9999-12-31, are cut to dates that can be reckoned with.
    """
    first, last = (min(max(day, FIRST_DAY), LAST_DAY) for day in (valid_from, valid_until))
    return local_midnight(first, zone), local_midnight(last + timedelta(days=1), zone)


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local day, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return the spans in order, those that touch or overlap made one."""
    united: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        else:
            united.append((start, end))
    return united


def without(
    spans: Iterable[tuple[datetime, datetime]], taken: Iterable[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """Return what is left of spans outside others."""
    left = list(spans)
    for away_from, back in taken:
        left = [
            part
            for start, end in left
            for part in ((start, min(end, away_from)), (max(start, back), end))
            if part[0] < part[1]
        ]
    return left
