"""A calendar to subscribe to (RFC 5545).

Instants are in UTC: a local time would need the rules of its zone in the file, and could not name an hour that the
clock repeats; every calendar shows UTC in the zone of its reader.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event

REFRESH = timedelta(minutes=15)
"""How often a subscriber is asked to look again."""

_PRODUCT = "-//fieldops//fieldops//EN"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event.

    `key` stays the same for ever, `sequence` grows with each change, and a withdrawn event stays in the calendar, as
    cancelled, so that every copy of it is struck out. Instants are aware. Raises ValueError for others, for an event
    that does not end after its start, and for a negative sequence.
    """

    key: UUID
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str
    withdrawn: bool = False

    def __post_init__(self) -> None:
        if any(instant.utcoffset() is None for instant in (self.changed_at, self.starts_at, self.ends_at)):
            raise ValueError("an instant has no time zone")
        if self.ends_at.astimezone(UTC) <= self.starts_at.astimezone(UTC):
            raise ValueError("the event does not end after its start")
        if self.sequence < 0:
            raise ValueError("the sequence is negative")


def feed(name: str, entries: Iterable[Entry], now: datetime) -> bytes:
    """Return a calendar of this name, its events in the order of time; it has no alarms.

    `now` is when it is made. Raises ValueError where two entries have one key, or `now` no time zone.
    """
    if now.utcoffset() is None:
        raise ValueError("now has no time zone")
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", _clean(name))
    calendar.add("x-wr-calname", _clean(name))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    keys: set[UUID] = set()
    for entry in sorted(entries, key=lambda one: (one.starts_at, one.key)):
        if entry.key in keys:
            raise ValueError(f"two entries have the key {entry.key}")
        keys.add(entry.key)
        calendar.add_component(_event(entry, now))
    written: bytes = calendar.to_ical()
    return written


def _event(entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.key}@fieldops")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", _whole(now))
    event.add("last-modified", _whole(entry.changed_at))
    event.add("dtstart", _whole(entry.starts_at))
    event.add("dtend", _whole(entry.ends_at))
    event.add("summary", _clean(entry.summary))
    event.add("location", _clean(entry.location))
    event.add("description", _clean(entry.description))
    event.add("status", "CANCELLED" if entry.withdrawn else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.withdrawn else "OPAQUE")
    return event


def _whole(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)


def _clean(text: str) -> str:
    """Return a text without the control characters that a calendar may not hold."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in kept if one in "\n\t" or unicodedata.category(one) != "Cc")
