"""When a tool may be used. Pure; instants are UTC, ends exclusive."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def held_until(due: date, zone: ZoneInfo) -> datetime:
    """Return the end, in UTC, of the local day through which a calibration holds."""
    return datetime.combine(due + timedelta(days=1), time(), zone).astimezone(UTC)


def holds_through(due: date, ends_at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a calibration that holds through a local day still holds when a job ends."""
    return ends_at <= held_until(due, zone)
