"""From a pattern to the duties of a roster. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta


@dataclass(frozen=True, slots=True)
class PatternDuty:
    """A duty on a day of the cycle, counted from 0, in local time; `ends` at or before `starts` is the next day."""

    day: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class PlannedShift:
    """One duty on a date."""

    work_date: date
    starts: time
    ends: time


def planned(
    duties: Sequence[PatternDuty], cycle_days: int, begins: date, first: date, last: date
) -> Iterator[PlannedShift]:
    """Yield the shifts between two dates, both included, of a pattern whose day 0 is on the date `begins`."""
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for duty in duties:
            if duty.day == (day - begins).days % cycle_days:
                yield PlannedShift(day, duty.starts, duty.ends)
