"""What of a region's events may disturb its plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

DISTURBING = (
    "job.added",
    "job.changed",
    "job.prolonged",
    "workforce.absent",
    "technician.changed",
    "tool.bookings_released",
    "stock.moved",
)
"""Beginnings of the kinds of events that may disturb a plan. A plan causes none of these itself."""

EVENTS_MAX = 2_000
"""So many events are looked at in one go; the rest has its turn in the next minute."""


class Kind(StrEnum):
    """What an event names: jobs, people, or parts."""

    JOBS = "jobs"
    PEOPLE = "people"
    PARTS = "parts"


_NAMES: Mapping[str, Kind] = {
    "job": Kind.JOBS,
    "workforce": Kind.JOBS,
    "tool": Kind.JOBS,
    "technician": Kind.PEOPLE,
    "stock": Kind.PARTS,
}


def named_by(kind: str) -> Kind:
    """Return what events of a kind name."""
    return _NAMES[kind.partition(".")[0]]
