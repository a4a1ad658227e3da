"""When schedules are due, as crontab(5) says."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fieldops.operations.rules import cron_trigger

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
