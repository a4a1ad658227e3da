"""When somebody leaves and arrives: a way takes time on duty only for who is away."""

from __future__ import annotations

from optimizer.dispatch.pricing import TOLERANCE_S
from optimizer.dispatch.technicians import Technician


def arrives_s(person: Technician, from_s: float, way_s: float) -> float:
    """Return when somebody who leaves at a time arrives."""
    left_s = way_s
    for shift in person.shifts if person.away else ():
        begins_s = max(from_s, shift.start_s)
        room_s = shift.end_s - begins_s
        if room_s >= max(left_s - TOLERANCE_S, 0.0):
            return begins_s + left_s
        left_s -= max(room_s, 0.0)
    return from_s + way_s


def leaves_s(person: Technician, until_s: float, way_s: float) -> float:
    """Return when somebody has to leave to be there at a time."""
    left_s = way_s
    for shift in reversed(person.shifts) if person.away else ():
        ends_s = min(until_s, shift.end_s)
        room_s = ends_s - shift.start_s
        if room_s >= max(left_s - TOLERANCE_S, 0.0):
            return ends_s - left_s
        left_s -= max(room_s, 0.0)
    return until_s - way_s
