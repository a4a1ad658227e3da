"""When schedules are due, as crontab(5) says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.operations.rules import cron_trigger, latest_slot

XIAN = ZoneInfo("Asia/Shanghai")
SATURDAY = datetime(2026, 2, 28, 12, 0, tzinfo=XIAN)


def _due(cron: str, zone: str = "Asia/Shanghai", start: datetime = SATURDAY, count: int = 7) -> list[datetime]:
    trigger = cron_trigger(cron, zone)
    found: list[datetime] = []
    now = start
    for _run in range(count):
        due = trigger.get_next_fire_time(None, now)
        found.append(due)
        now = due + timedelta(seconds=1)
    return found


@pytest.mark.parametrize(
    ("weekday", "expected"),
    [
        ("0", "Sun"),
        ("7", "Sun"),
        ("1", "Mon"),
        ("mon", "Mon"),
        ("6", "Sat"),
        ("1-5", "Mon Tue Wed Thu Fri"),
        ("0-5", "Sun Mon Tue Wed Thu Fri"),
        ("5-7", "Fri Sat Sun"),
        ("FRI-MON", "Fri Sat Sun Mon"),
        ("1-5/2", "Mon Wed Fri"),
        ("*/2", "Sun Tue Thu Sat"),
        ("1,3", "Mon Wed"),
        ("*", "Sun Mon Tue Wed Thu Fri Sat"),
    ],
)
def test_weekdays_are_counted_from_sunday(weekday: str, expected: str) -> None:
    assert {f"{due:%a}" for due in _due(f"0 5 * * {weekday}")} == set(expected.split())


def test_the_hour_is_that_of_the_time_zone_on_both_sides_of_a_change_of_the_clock() -> None:
    spring = datetime(2026, 3, 28, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    due = _due("0 5 * * *", "Europe/Berlin", spring, 2)
    assert [f"{one:%m-%d %H:%M %z}" for one in due] == ["03-28 05:00 +0100", "03-29 05:00 +0200"]


@pytest.mark.parametrize(
    "cron",
    ["", "0 5 * *", "0 5 * * * *", "60 5 * * *", "0 5 * * 8", "0 5 * * noday", "0 5 * * 1-", "0 5 1 * 1", "@daily"],
)
def test_what_cron_would_not_follow_is_refused(cron: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        cron_trigger(cron, "UTC")


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(LookupError):
        cron_trigger("0 5 * * *", "Mars/Olympus")


BERLIN = ZoneInfo("Europe/Berlin")
CLOCK_FORWARD, CLOCK_BACK = datetime(2026, 3, 29, tzinfo=BERLIN), datetime(2026, 10, 25, tzinfo=BERLIN)


def _slots(cron: str, day: datetime) -> list[datetime]:
    """Return the slots of one local day in UTC, as a worker finds them that looks every quarter of an hour."""
    found = [day.astimezone(UTC)]
    end = (day + timedelta(days=1)).astimezone(UTC)
    for now in (found[0] + timedelta(minutes=15 * step) for step in range(1, 200)):
        slot = latest_slot(cron, "Europe/Berlin", found[-1], min(now, end))
        if slot is not None:
            found.append(slot)
    return found[1:]


@pytest.mark.parametrize(
    ("cron", "day", "expected"),
    [
        ("30 2 * * *", CLOCK_FORWARD, ["01:30"]),  # 02:30 is jumped over: right after it
        ("30 2 * * *", CLOCK_BACK, ["00:30"]),  # 02:30 comes twice: the first time
        ("30 5 * * *", CLOCK_FORWARD, ["03:30"]),
        ("30 5 * * *", CLOCK_BACK, ["04:30"]),
    ],
)
def test_a_daily_slot_comes_once_on_the_days_that_the_clock_changes(
    cron: str, day: datetime, expected: list[str]
) -> None:
    assert [f"{slot:%H:%M}" for slot in _slots(cron, day)] == expected


@pytest.mark.parametrize(("day", "hours"), [(CLOCK_FORWARD, 23), (CLOCK_BACK, 25)])
def test_an_hourly_slot_comes_every_hour_whatever_the_clock_does(day: datetime, hours: int) -> None:
    assert len(_slots("15 * * * *", day)) == hours


@pytest.mark.parametrize(
    ("cron", "down_for", "expected"),
    [
        ("* * * * *", timedelta(days=400), "2026-02-28 04:00"),
        ("0 5 * * *", timedelta(days=3), "2026-02-27 21:00"),
        ("0 5 * * *", timedelta(hours=7), None),
        ("0 5 * * *", timedelta(hours=7, seconds=1), "2026-02-27 21:00"),
        ("0 5 29 2 *", timedelta(days=3 * 366), "2024-02-28 21:00"),
        ("0 5 29 2 *", timedelta(days=366), None),
        ("0 0 31 4 *", timedelta(days=3_000), None),
        ("1-59/7 3 * * 1", timedelta(days=40), "2026-02-22 19:57"),
    ],
)
def test_of_missed_slots_the_latest_is_found(cron: str, down_for: timedelta, expected: str | None) -> None:
    slot = latest_slot(cron, "Asia/Shanghai", SATURDAY - down_for, SATURDAY)
    assert (slot and f"{slot:%Y-%m-%d %H:%M}") == expected


@given(
    minute=st.sampled_from(("*", "5", "0,30", "10-50/20")),
    hour=st.sampled_from(("*", "3", "1-4", "*/6")),
    weekday=st.sampled_from(("*", "1-5", "0")),
    minutes=st.integers(0, 3 * 24 * 60),
)
def test_the_latest_slot_is_the_one_that_counting_minutes_finds(
    minute: str, hour: str, weekday: str, minutes: int
) -> None:
    at = {"*": range(60), "5": (5,), "0,30": (0, 30), "10-50/20": (10, 30, 50)}[minute]
    hours = {"*": range(24), "3": (3,), "1-4": (1, 2, 3, 4), "*/6": (0, 6, 12, 18)}[hour]
    days = {"*": range(1, 8), "1-5": range(1, 6), "0": (7,)}[weekday]
    until = SATURDAY.replace(tzinfo=UTC)
    counted = (until - timedelta(minutes=back) for back in range(minutes))
    expected = next(
        (one for one in counted if one.minute in at and one.hour in hours and one.isoweekday() in days), None
    )
    after = until - timedelta(minutes=minutes)
    assert latest_slot(f"{minute} {hour} * * {weekday}", "UTC", after, until) == expected
