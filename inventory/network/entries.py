"""From lanes and calendars as they come in to the rows that they are kept in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from inventory.network.calendar_schemas import NewCalendar
from inventory.network.schemas import NewLane

Row = dict[str, Any]


def lane_row(lane: NewLane) -> Row:
    """Return what is kept of a lane beside its ends."""
    told = ("mode", "lead_s", "cost_per_kg", "cost_per_piece", "currency", "dg_allowed", "max_weight_kg", "active")
    return {name: getattr(lane, name) for name in told}


def leg_rows(key: UUID, lane: NewLane, calendars: Mapping[str, UUID]) -> list[Row]:
    """Return the legs of the lane with a key."""
    return [
        {
            "lane_id": key,
            "sequence": sequence,
            "kind": leg.kind,
            "median_s": leg.median_s,
            "p90_s": leg.p90_s,
            "calendar_id": calendars[leg.calendar] if leg.calendar else None,
            "cut_off_min": None if leg.cut_off is None else _minutes(leg.cut_off),
            "zone": leg.end,
        }
        for sequence, leg in enumerate(lane.legs)
    ]


def hours_rows(key: UUID, calendar: NewCalendar) -> list[Row]:
    """Return the opening hours of the calendar with a key."""
    return [
        {
            "calendar_id": key,
            "weekday": one.weekday,
            "opens_min": _minutes(one.opens),
            "closes_min": _minutes(one.closes),
        }
        for one in calendar.hours
    ]


def closure_rows(key: UUID, calendar: NewCalendar) -> list[Row]:
    """Return the closed days of the calendar with a key."""
    return [{"calendar_id": key, "day": one.day, "name": one.name} for one in calendar.closures]


def _minutes(clock: str) -> int:
    """Return the minutes after midnight of a time such as 17:30."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
