"""What people do during the shifts that a change touches: kept with an answer, and looked at again. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from fieldops.planning.desk.kept import KeptTour
from fieldops.planning.desk.queries import PlannedSeat
from fieldops.planning.desk.running import Desk
from fieldops.workforce.facts import Engagement
from optimizer.dispatch.plan import Plan


def tours_changed(desk: Desk, after: Plan) -> list[KeptTour]:
    """Return the tours of a desk's plan that another plan has otherwise, as they are, also those of nobody's work."""
    one, other = (
        {(route.technician, route.shift): route for route in plan.routes} for plan in (desk.running.plan, after)
    )
    keys = sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
    return [
        tour(technician, *_shift(desk, technician, shift), desk.seats, desk.snapshot.engaged)
        for technician, shift in keys
    ]


def _shift(desk: Desk, technician: str, number: int) -> tuple[datetime, datetime]:
    """Return when a tour may be; who stays out over night has one for all days."""
    person = desk.area.people[technician]
    first, last = (0, -1) if person.away else (number, number)
    return desk.at(person.shifts[first].start_s), desk.at(person.shifts[last].end_s)


def tour(
    technician: str,
    since: datetime,
    until: datetime,
    seats: Iterable[PlannedSeat],
    work: Mapping[str, Sequence[Engagement]],
) -> KeptTour:
    """Return what somebody does from an instant to another by a plan, and by hand."""
    return KeptTour(
        technician=technician,
        starts_at=since,
        ends_at=until,
        rows=sorted(
            one.key for one in seats if one.technician == technician and one.starts_at < until and since < one.ends_at
        ),
        work=sorted(
            (one.job, one.starts, one.ends)
            for one in work.get(technician, ())
            if one.starts < until and since < one.ends
        ),
    )
