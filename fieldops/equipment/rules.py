"""When a tool may be used. Pure; instants are UTC, ends exclusive."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def holds_through(due: date, ends_at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a calibration that holds through a local day still holds when a job ends."""
    return (ends_at - timedelta(microseconds=1)).astimezone(zone).date() <= due
