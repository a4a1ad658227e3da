"""Limits of work and rest, compared with a walk through every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fieldops.workforce.rest import RestRule, Span, rest_faults
from fieldops.workforce.rules import shift_span

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RULE = RestRule(
    code="R",
    duty_max=12 * HOUR,
    break_max=2 * HOUR,
    rest_min=11 * HOUR,
    night_from=time(23),
    night_to=time(6),
    night_rest=20 * HOUR,
    weekly_rest=30 * HOUR,
    travel_counts=True,
    regular_day=8 * HOUR,
    overtime_month=6 * HOUR,
)
CHANGES = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Asia/Kathmandu": (date(2026, 2, 28), date(2028, 2, 29)),
    "Pacific/Auckland": (date(2026, 4, 5), date(2026, 9, 27)),
    "Pacific/Apia": (date(2011, 12, 29), date(2011, 12, 31)),
    "America/Sao_Paulo": (date(2018, 11, 4), date(2018, 2, 18)),
}
"""Days on which clocks change, the date line is crossed, a leap day, a midnight that there is not."""


Found = set[tuple[str, datetime, timedelta]]


def by_the_minute(work: list[Span], rule: RestRule, zone: ZoneInfo) -> Found:
    """Return the faults by looking at each minute by itself: slow, and written without the spans of the rules."""
    first = min(start for start, _end in work) - MINUTE
    count = int((max(end for _start, end in work) - first) / MINUTE) + 1
    at = [first + number * MINUTE for number in range(count)]
    worked = [number for number in range(count) if any(start <= at[number] < end for start, end in work)]
    local = [minute.astimezone(zone) for minute in at]
    night = {number for number in range(count) if not rule.night_to <= local[number].time() < rule.night_from}
    duties: list[list[int]] = []
    for number in worked:
        if duties and (number - duties[-1][-1] - 1) * MINUTE <= rule.break_max:
            duties[-1].append(number)
        else:
            duties.append([number])
    days: dict[date, int] = {}
    for number in worked:
        days[local[number].date()] = days.get(local[number].date(), 0) + 1
    return _of_duties(duties, at, night, rule) | _of_months(days, rule, zone)


def _of_duties(duties: list[list[int]], at: list[datetime], night: set[int], rule: RestRule) -> Found:
    found: Found = set()
    week, begin = timedelta(days=7), duties[0][0]
    longest: dict[int, timedelta] = {}
    for before, duty in zip([None, *duties], duties, strict=False):
        length = (duty[-1] - duty[0] + 1) * MINUTE
        if length > rule.duty_max:
            found.add(("duty_too_long", at[duty[0]], length))
        if before is not None:
            rest = (duty[0] - before[-1] - 1) * MINUTE
            if rest < rule.rest_min:
                found.add(("rest_too_short", at[duty[0]], rest))
            elif rest < rule.night_rest and night & set(range(before[0], before[-1] + 1)):
                found.add(("night_rest_too_short", at[duty[0]], rest))
            begin = duty[0] if rest >= rule.weekly_rest else begin
        longest[begin] = (duty[-1] - begin + 1) * MINUTE
    return found | {("no_weekly_rest", at[number], span) for number, span in longest.items() if span > week}


def _of_months(days: dict[date, int], rule: RestRule, zone: ZoneInfo) -> Found:
    months: dict[date, timedelta] = {}
    for day, minutes in days.items():
        beyond = max(minutes * MINUTE - rule.regular_day, timedelta())
        months[day.replace(day=1)] = months.get(day.replace(day=1), timedelta()) + beyond
    return {
        ("too_much_overtime", datetime.combine(month, time(), zone).astimezone(UTC), beyond)
        for month, beyond in months.items()
        if rule.overtime_month is not None and beyond > rule.overtime_month
    }


shifts = st.lists(
    st.tuples(
        st.integers(-6, 6), st.integers(0, 23), st.sampled_from([0, 15, 30, 45]), st.integers(0, 23), st.booleans()
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@example(name="Pacific/Apia", which=True, told=[(0, 0, 0, 5, False), (1, 0, 0, 0, False)])
@given(name=st.sampled_from(sorted(CHANGES)), which=st.booleans(), told=shifts)
def test_spans_and_minutes_find_the_same(name: str, which: bool, told: list[tuple[int, int, int, int, bool]]) -> None:
    zone, around = ZoneInfo(name), CHANGES[name][which]
    spans = [
        shift_span(around + timedelta(days=day), time(starts, minute), time(ends, minute), zone)
        for day, starts, minute, ends, _ in told
    ]
    work = [span for span in spans if span[0] < span[1]]
    if not work:
        return
    found = [(one.code, one.at, one.found) for one in rest_faults(work, RULE, zone)]
    assert len(set(found)) == len(found)
    assert set(found) == by_the_minute(work, RULE, zone)


def test_nobody_who_does_not_work_works_too_long() -> None:
    assert rest_faults([], RULE, ZoneInfo("UTC")) == []


@pytest.mark.parametrize(("days", "faults"), [(7, 0), (8, 1)])
def test_a_week_may_pass_without_a_weekly_rest_and_no_more(days: int, faults: int) -> None:
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    work = [(start + timedelta(days=day), start + timedelta(days=day, hours=8)) for day in range(days)]
    found = rest_faults(work, RULE, ZoneInfo("UTC"))
    assert [one.code for one in found] == ["no_weekly_rest"] * faults
