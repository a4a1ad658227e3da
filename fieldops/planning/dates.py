"""What people are assigned to already, as fixed dates of the dispatch problem where these can be kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from optimizer.dispatch.model import Travel
from optimizer.dispatch.technicians import Appointment, Shift


def kept(dates: Iterable[Appointment], shifts: Sequence[Shift], ways: Travel) -> Iterator[Appointment]:
    """Yield of somebody's dates those that a shift has room for, ways included; earlier ones first.

    Who was assigned by hand may have been given no time for the way: such a date takes its time alone, since nobody
    is permitted elsewhere meanwhile.
    """
    waiting = sorted(dates, key=lambda one: (one.start_s, one.duration_s))
    for shift in shifts:
        place, free_s = shift.start_place, shift.start_s
        for one in waiting:
            end_s = one.start_s + one.duration_s
            back_s = end_s + ways.seconds[one.place, shift.end_place]
            if free_s + ways.seconds[place, one.place] <= one.start_s and back_s <= shift.end_s:
                place, free_s = one.place, end_s
                yield one
