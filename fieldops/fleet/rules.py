"""Where an aircraft is on ground and when it departs. Pure; instants are UTC, ends exclusive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """An aircraft is on ground at a station from its arrival until it departs."""

    station: str
    arrives_at: datetime
    departs_at: datetime

    def delays(self, told: Stay) -> bool:
        """Tell whether this is the same stay as was told, at the same station on the same UTC day, but later."""
        same = self.station == told.station and self.arrives_at.date() == told.arrives_at.date()
        return same and self.arrives_at >= told.arrives_at and self.departs_at >= told.departs_at and self != told


def ground_windows(stays: Iterable[Stay], start: datetime, end: datetime) -> list[Stay]:
    """Return the stays of one aircraft that touch a span, cut to it, in order of time."""
    inside = (
        Stay(one.station, max(one.arrives_at, start), min(one.departs_at, end))
        for one in stays
        if one.arrives_at < end and start < one.departs_at
    )
    return sorted(inside, key=lambda one: one.arrives_at)


def next_departure(stays: Iterable[Stay], after: datetime) -> datetime | None:
    """Return when an aircraft departs next, not before an instant; None where no departure is known."""
    return min((one.departs_at for one in stays if one.departs_at >= after), default=None)


def first_overlap(stays: Sequence[Stay], new: Stay) -> Stay | None:
    """Return the stay of the same aircraft that a new one overlaps, None for none. An aircraft is in one place."""
    return next((one for one in stays if one.arrives_at < new.departs_at and new.arrives_at < one.departs_at), None)
