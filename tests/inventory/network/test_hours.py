"""When work ends that counts only in opening hours: worked by hand in real time zones, and laws for all calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.network.hours import Calendar, worked
from tests.inventory.network.calendars import OFFICE, ZONES, calendars

HOUR = 3600
NIGHT = Calendar(week=(((0, 6 * 60),),) * 7)
ALL_DAY = Calendar(week=(((0, 1440),),) * 7)


def local(zone: str, text: str, *, fold: int = 0) -> datetime:
    """Return what a local clock shows, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ("zone", "start", "hours", "end"),
    [
        # 09:00-12:00, 13:00-18:00; 1 May 2026 is a Friday, Monday the fourth is a holiday
        ("Asia/Shanghai", "2026-05-01 10:00", 2, "2026-05-01 12:00"),
        ("Asia/Shanghai", "2026-05-01 10:00", 3, "2026-05-01 14:00"),
        ("Asia/Shanghai", "2026-05-01 17:30", 1, "2026-05-05 09:30"),
        ("Asia/Shanghai", "2026-05-02 08:00", 8, "2026-05-05 18:00"),
        ("Asia/Shanghai", "2026-05-01 18:00", 0, "2026-05-05 09:00"),
        ("America/La_Paz", "2026-04-30 16:00", 12, "2026-05-05 11:00"),
        ("Africa/Nairobi", "2026-04-29 23:59", 8, "2026-04-30 18:00"),
        ("Africa/Nairobi", "2026-04-29 12:30", 1, "2026-04-29 14:00"),
    ],
)
def test_office_hours_by_hand(zone: str, start: str, hours: int, end: str) -> None:
    assert worked(local(zone, start), hours * HOUR, OFFICE, zone) == local(zone, end)


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "end"),
    [
        # on 29 March 2026 02:00 becomes 03:00 in Paris: from midnight to six it is open for five hours
        (NIGHT, "2026-03-29 00:00", 5, "2026-03-29 06:00"),
        (NIGHT, "2026-03-29 01:00", 2, "2026-03-29 04:00"),
        (NIGHT, "2026-03-29 00:00", 6, "2026-03-30 01:00"),
        (ALL_DAY, "2026-03-28 12:00", 24, "2026-03-29 13:00"),
        # on 25 October 2026 03:00 becomes 02:00: seven hours
        (NIGHT, "2026-10-25 00:00", 7, "2026-10-25 06:00"),
        (NIGHT, "2026-10-25 01:00", 4, "2026-10-25 04:00"),
        (ALL_DAY, "2026-10-24 12:00", 24, "2026-10-25 11:00"),
    ],
)
def test_both_changes_of_the_clock_by_hand(calendar: Calendar, start: str, hours: int, end: str) -> None:
    paris = "Europe/Paris"
    assert worked(local(paris, start), hours * HOUR, calendar, paris) == local(paris, end)


def test_an_hour_that_the_clock_shows_twice_is_worked_twice_and_one_that_it_skips_never() -> None:
    twice = Calendar(week=(((120, 150),),) * 7)
    first = worked(local("Europe/Paris", "2026-10-25 00:00"), HOUR // 2, twice, "Europe/Paris")
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = worked(first, 1, twice, "Europe/Paris")
    assert second == datetime(2026, 10, 25, 1, 0, 1, tzinfo=UTC)
    skipped = worked(local("Europe/Paris", "2026-03-29 00:00"), 1, twice, "Europe/Paris")
    assert skipped == local("Europe/Paris", "2026-03-30 02:00:01")


def test_a_day_that_a_zone_skipped_has_no_hours() -> None:
    # Samoa went from 29 to 31 December 2011
    start = local("Pacific/Apia", "2011-12-29 09:00")
    end = worked(start, 15 * HOUR + 60, ALL_DAY, "Pacific/Apia")
    assert end == local("Pacific/Apia", "2011-12-31 00:01")


def test_without_a_calendar_it_is_always_open() -> None:
    assert worked(datetime(2026, 5, 2, tzinfo=UTC), 90, None, "Asia/Shanghai") == datetime(
        2026, 5, 2, 0, 1, 30, tzinfo=UTC
    )


@pytest.mark.parametrize("week", [(), ((),) * 7, (((0, 60),),) * 6])
def test_a_week_that_is_never_open_is_refused(week: tuple[tuple[tuple[int, int], ...], ...]) -> None:
    with pytest.raises(ValueError, match="seven weekdays"):
        Calendar(week=week, closures=frozenset({date(2026, 5, 1)}))


starts = st.integers(0, 280 * 24 * 60).map(
    lambda minutes: datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minutes)
)
seconds = st.integers(0, 60 * HOUR)


@given(calendar=calendars, zone=st.sampled_from(ZONES), one=starts, gap=st.integers(0, 100_000), work=seconds)
def test_who_starts_later_ends_no_earlier(calendar: Calendar, zone: str, one: datetime, gap: int, work: int) -> None:
    later = one + timedelta(seconds=gap)
    assert one <= worked(one, work, calendar, zone) <= worked(later, work, calendar, zone)


@given(calendar=calendars, zone=st.sampled_from(ZONES), start=starts, work=seconds, more=st.integers(1, 100_000))
def test_more_work_ends_later(calendar: Calendar, zone: str, start: datetime, work: int, more: int) -> None:
    shorter, longer = (worked(start, one, calendar, zone) for one in (work, work + more))
    assert shorter < longer or (work == 0 and shorter <= longer)


@given(calendar=calendars, zone=st.sampled_from(ZONES), start=starts, work=st.integers(1, 60 * HOUR))
def test_work_ends_within_hours(calendar: Calendar, zone: str, start: datetime, work: int) -> None:
    last = (worked(start, work, calendar, zone) - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
    minute = last.hour * 60 + last.minute
    assert any(opens <= minute < closes for opens, closes in calendar.week[last.weekday()])
    assert last.date() not in calendar.closures


@given(calendar=calendars, zone=st.sampled_from(ZONES), start=starts, work=st.integers(0, 300))
def test_it_is_as_counting_minute_by_minute(calendar: Calendar, zone: str, start: datetime, work: int) -> None:
    def is_open(moment: datetime) -> bool:
        wall = moment.astimezone(ZoneInfo(zone))
        minute = wall.hour * 60 + wall.minute
        hours = calendar.week[wall.weekday()]
        return wall.date() not in calendar.closures and any(opens <= minute < closes for opens, closes in hours)

    moment, left = start, work
    while left:
        left -= is_open(moment)
        moment += timedelta(minutes=1)
    if not work:
        while not is_open(moment):
            moment += timedelta(minutes=1)
    assert worked(start, work * 60, calendar, zone) == moment
