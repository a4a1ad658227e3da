"""Local shifts and validity dates as instants, over every kind of change of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.workforce.rules import local_midnight, merged, shift_span, validity_span

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
LORD_HOWE, KATHMANDU = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu")
SANTIAGO, HAVANA = ZoneInfo("America/Santiago"), ZoneInfo("America/Havana")
ZONES = (BERLIN, NEW_YORK, LORD_HOWE, KATHMANDU, SANTIAGO, HAVANA)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("zone", "day", "starts", "ends", "begins", "hours"),
    [
        (BERLIN, date(2026, 3, 27), time(22), time(6), "2026-03-27T21:00", 8),
        (BERLIN, date(2026, 3, 28), time(22), time(6), "2026-03-28T21:00", 7),
        (BERLIN, date(2026, 3, 29), time(8), time(16), "2026-03-29T06:00", 8),
        (BERLIN, date(2026, 10, 24), time(22), time(6), "2026-10-24T20:00", 9),
        (NEW_YORK, date(2026, 10, 31), time(22), time(6), "2026-11-01T02:00", 9),
        (NEW_YORK, date(2026, 11, 1), time(0), time(0), "2026-11-01T04:00", 25),
        (NEW_YORK, date(2026, 3, 8), time(0), time(0), "2026-03-08T05:00", 23),
        (NEW_YORK, date(2026, 11, 1), time(1), time(1, 30), "2026-11-01T05:00", 0.5),
        (LORD_HOWE, date(2026, 4, 4), time(20), time(4), "2026-04-04T09:00", 8.5),
        (LORD_HOWE, date(2026, 10, 3), time(20), time(4), "2026-10-03T09:30", 7.5),
        (KATHMANDU, date(2026, 3, 29), time(6, 15), time(14, 45), "2026-03-29T00:30", 8.5),
        (KATHMANDU, date(2026, 3, 29), time(18), time(0), "2026-03-29T12:15", 6),
        (KATHMANDU, date(2026, 3, 29), time(22), time(22), "2026-03-29T16:15", 24),
    ],
)
def test_a_shift_is_as_long_as_it_lasts(
    zone: ZoneInfo, day: date, starts: time, ends: time, begins: str, hours: float
) -> None:
    start, end = shift_span(day, starts, ends, zone)
    assert start == datetime.fromisoformat(f"{begins}+00:00")
    assert end - start == timedelta(hours=hours)


@given(day=days, starts=st.times(), ends=st.times(), zone=st.sampled_from(ZONES))
def test_a_shift_starts_on_its_day_and_never_ends_before(day: date, starts: time, ends: time, zone: ZoneInfo) -> None:
    start, end = shift_span(day, starts, ends, zone)
    assert start.tzinfo is UTC
    assert end.tzinfo is UTC
    assert start <= end <= start + timedelta(hours=25)
    assert start.astimezone(zone).date() == day
    wall = datetime.combine(day, ends) - datetime.combine(day, starts)
    planned = wall if wall > timedelta(0) else wall + timedelta(days=1)
    assert abs((end - start) - planned) <= timedelta(hours=1)


def test_a_shift_in_the_hour_that_the_clock_leaves_out_has_no_length() -> None:
    start, end = shift_span(date(2026, 3, 29), time(2, 30), time(3, 15), BERLIN)
    assert start == end


@given(day=days, zone=st.sampled_from(ZONES))
def test_a_day_begins_when_the_one_before_ends(day: date, zone: ZoneInfo) -> None:
    first = local_midnight(day, zone)
    assert first.tzinfo is UTC
    assert first.astimezone(zone).date() == day
    assert (first - timedelta(microseconds=1)).astimezone(zone).date() == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, date(2026, 3, 29), 23),
        (BERLIN, date(2026, 10, 25), 25),
        (NEW_YORK, date(2026, 11, 1), 25),
        (LORD_HOWE, date(2026, 4, 5), 24.5),
        (LORD_HOWE, date(2026, 10, 4), 23.5),
        (KATHMANDU, date(2026, 3, 29), 24),
        # there the clock changes at midnight itself
        (SANTIAGO, date(2026, 9, 6), 23),
        (HAVANA, date(2026, 3, 8), 23),
        (HAVANA, date(2026, 11, 1), 25),
    ],
)
def test_a_qualification_holds_for_the_whole_of_both_dates(zone: ZoneInfo, day: date, hours: float) -> None:
    start, end = validity_span(day, day, zone)
    assert end - start == timedelta(hours=hours)
    before, _ = validity_span(day - timedelta(days=3), day - timedelta(days=1), zone)
    assert validity_span(day - timedelta(days=3), day, zone) == (before, end)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8))))
def test_merged_spans_cover_the_same_time_and_lie_apart(spans: list[tuple[int, int]]) -> None:
    def at(hour: int) -> datetime:
        return EPOCH + timedelta(hours=hour)

    found = merged((at(start), at(start + length)) for start, length in spans)
    covered = {start + hour for start, length in spans for hour in range(length)}
    assert {hour for hour in range(40) if any(start <= at(hour) < end for start, end in found)} == covered
    assert all(start < end for start, end in found)
    assert all(before[1] < after[0] for before, after in pairwise(found))
