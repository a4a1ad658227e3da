"""When a schedule is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from inventory.kernel.texts import gettext as _

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""As cron counts them; 7 is Sunday again. The scheduler counts from Monday, so it gets names."""


def cron_trigger(cron: str, time_zone: str) -> CronTrigger:
    """Return when `cron` (minute hour day month weekday, as in crontab(5)) is due in a time zone.

    Raises ValueError for what is no such expression, and for a day of the month together with a weekday: cron takes
    either of them, the scheduler both.
    """
    fields = cron.split()
    if len(fields) != 5:
        raise ValueError(_("give five fields: minute hour day month weekday, such as 0 5 * * *"))
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise ValueError(_("give a day of the month or a weekday, not both"))
    return CronTrigger(
        minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=time_zone
    )


def latest_slot(cron: str, time_zone: str, after: datetime, until: datetime) -> datetime | None:
    """Return the last instant in (after, until] at which `cron` is due, in UTC; None where there is none.

    On the day that the clock goes back a time of day that comes twice is due the first time only, unless every hour is;
    a time that the clock jumps over is due right after. Raises what `cron_trigger` raises.
    """
    trigger, every_hour = cron_trigger(cron, time_zone), cron.split()[1].startswith("*")
    for span in _SPANS:
        start = max(after, until - span)
        found = None
        # asked in the schedule's own zone, a slot of an hour that comes twice would be found again and again
        while (due := trigger.get_next_fire_time(None, start + timedelta(microseconds=1))) is not None:
            start = due.astimezone(UTC)
            if start > until:
                break
            if every_hour or not due.astimezone(ZoneInfo(time_zone)).fold:
                found = start
        if found is not None or until - span <= after:
            return found
    return None


def next_slot(cron: str, time_zone: str, after: datetime) -> datetime | None:
    """Return the first instant behind `after` at which `cron` is due, in UTC; None where there is none.

    As `latest_slot` counts; raises what `cron_trigger` raises.
    """
    trigger, every_hour = cron_trigger(cron, time_zone), cron.split()[1].startswith("*")
    while (due := trigger.get_next_fire_time(None, after + timedelta(microseconds=1))) is not None:
        after = due.astimezone(UTC)
        if every_hour or not due.astimezone(ZoneInfo(time_zone)).fold:
            return after
    return None


_SPANS = tuple(timedelta(days=days) for days in (1 / 24, 1, 32, 366, 5 * 366))
"""How far to look back, step by step: what is due each minute would take long to count through for a year."""


def _weekdays(field: str) -> str:
    if field == "*":
        return field
    days: set[int] = set()
    for part in field.split(","):
        span, _slash, step = part.partition("/")
        first, dash, last = ("0-6" if span == "*" else span).partition("-")
        start = _weekday(first)
        end = _weekday(last) if dash else start
        days.update(day % 7 for day in range(start, end + 1 if start <= end else end + 8, int(step or 1)))
    return ",".join(_WEEKDAYS[day] for day in sorted(days))


def _weekday(text: str) -> int:
    if text.lower() in _WEEKDAYS:
        return _WEEKDAYS.index(text.lower())
    number = int(text)
    if not 0 <= number <= 7:
        raise ValueError(_("{day} is no weekday; they go from 0 (Sunday) to 7 (Sunday again)").format(day=text))
    return number
