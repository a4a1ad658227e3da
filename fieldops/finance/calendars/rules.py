"""How a fiscal year is divided into periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_MONTHS = 12
_LAST_DAY_OF_ALL_MONTHS = 28


class Pattern(StrEnum):
    """How a fiscal year is divided: into months, quarters, or twelve periods of 4, 4 and 5 weeks."""

    MONTHS = "months"
    QUARTERS = "quarters"
    WEEKS_445 = "weeks_445"


@dataclass(frozen=True, slots=True)
class Span:
    """A period by its code; `end` is the first day after it."""

    code: str
    start: date
    end: date


def year_after(first_day: date, pattern: Pattern, *, weeks: int = 52) -> date:
    """Return the first day of the year that follows one; `weeks` (52 or 53) counts for a year of weeks only."""
    if pattern is Pattern.WEEKS_445:
        return first_day + timedelta(weeks=weeks)
    return _months_later(first_day, _MONTHS)


def periods(first_day: date, pattern: Pattern, *, weeks: int = 52) -> list[Span]:
    """Return the periods of the fiscal year that begins on `first_day`, without a gap.

    A 53rd week belongs to the last period. The year is named for the calendar year in which it ends.
    """
    end = year_after(first_day, pattern, weeks=weeks)
    if pattern is Pattern.WEEKS_445:
        lengths = [4, 4, 5] * 4
        starts = [first_day + timedelta(weeks=sum(lengths[:number])) for number in range(len(lengths))]
    else:
        step = 1 if pattern is Pattern.MONTHS else 3
        starts = [_months_later(first_day, months) for months in range(0, _MONTHS, step)]
    year = (end - timedelta(days=1)).year
    letter = "Q" if pattern is Pattern.QUARTERS else "P"
    return [
        Span(f"{year}-{letter}{number:02d}", start, following)
        for number, (start, following) in enumerate(zip(starts, [*starts[1:], end], strict=True), start=1)
    ]


def starts_well(first_day: date) -> bool:
    """Tell whether each month has the day on which a year begins."""
    return first_day.day <= _LAST_DAY_OF_ALL_MONTHS


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(year, month + 1, day.day)
