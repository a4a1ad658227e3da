"""Why a pinned job or an appointment cannot be kept: what else is fixed for the same technician stands in the way.

Codes, each with how many minutes it misses: `outside_shift` (begins before, or would end after, what the shift allows),
`overlaps` (another fixed stop takes the time), `unreachable` (from the one before, or on to the next). `over_budget`
(money): the region has less than the way there and back takes. `contradicts` (None): it takes more than two to say it.
Values: `technician`, and `other`, the fixed stop in the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from optimizer.dispatch.building.ops import BEGUN, Op, length_of
from optimizer.dispatch.building.people import tours_of
from optimizer.dispatch.building.state import Built
from optimizer.dispatch.model import Problem
from optimizer.dispatch.technicians import Technician
from optimizer.run import Reason

MINUTE_S = 60.0


class _Fixed(NamedTuple):
    """What a technician has to do at a set time."""

    name: str
    job: int
    place: int
    start_s: float
    end_s: float


def why_lost(one: Built, job: int) -> tuple[Reason, ...]:
    """Return why a job (or an appointment, numbered behind them) cannot be kept; nothing if it is not `lost`."""
    if job not in one.lost:
        return ()
    found = against(one.problem, one.ops, job, one.problem.technicians)
    return found or tuple(_dear(one, job)) or (Reason("contradicts"),)


def against(problem: Problem, ops: Sequence[Op], job: int, people: Sequence[Technician]) -> tuple[Reason, ...]:
    """Return what stands in the way of a job (or an appointment) with some people: the shift, another of `ops`."""
    found: list[Reason] = []
    for op in (op for op in ops if op.job == job):
        for person in people:
            own = _fixed(problem, op, person)
            if own is not None:
                others = [_fixed(problem, other, person) for other in ops if other.job != job]
                found += _outside(problem, own, person)
                for other in others:
                    if other is not None:
                        found += _apart(problem, own, other, person)
    return tuple(found)


def _fixed(problem: Problem, op: Op, person: Technician) -> _Fixed | None:
    """Return when an op is fixed for a person, None if it is not."""
    length_s = length_of(problem, op, person)
    if op.appointment is not None:
        if problem.technicians[op.person] is not person:
            return None
        date = op.appointment
        return _Fixed(date.name, op.job, date.place, date.start_s, date.start_s + length_s)
    job = problem.jobs[op.job]
    if job.pin is None or job.pin.kind not in BEGUN or job.pin.technicians[op.seat] != person.code:
        return None
    start_s = (job.pin.start_s or 0.0) + job.seats[op.seat].after_min_s
    return _Fixed(job.number, op.job, job.place, start_s, start_s + length_s)


def _dear(one: Built, job: int) -> Iterator[Reason]:
    """Yield by how much the way to what is fixed and back, with nothing else, is dearer than the region's budget."""
    problem = one.problem
    for op in (op for op in one.ops if op.job == job):
        for person in problem.technicians:
            if _fixed(problem, op, person) is None or person.region not in problem.budgets:
                continue
            fares = problem.travel[person.mode].cost
            ways = [float(fares[one.start_place, op.place] + fares[op.place, one.end_place]) for one in person.shifts]
            call = person.pay.call_out if op.appointment is None else 0.0
            missed = min(ways, default=0.0) + call - problem.budgets[person.region]
            if missed > 0 and not person.away and not (person.flies and problem.flights):
                yield Reason("over_budget", missed, {"technician": person.code})


def _outside(problem: Problem, own: _Fixed, person: Technician) -> Iterator[Reason]:
    """Yield by how much it misses the shift that suits it best, the ways from and to its places counted."""
    way_s = problem.travel[person.mode].seconds
    if person.away or (person.flies and problem.flights):
        way_s = 0.0 * way_s
    tours = (tour for tour in tours_of(problem) if problem.technicians[tour.person] is person)
    missing = [
        max(tour.start_s + way_s[tour.from_place, own.place] - own.start_s, 0.0)
        + max(own.end_s + way_s[own.place, tour.to_place] - tour.end_s, 0.0)
        for tour in tours
    ]
    if not missing:
        yield Reason("outside_shift", None, {"technician": person.code})
    elif min(missing) > 0:
        yield Reason("outside_shift", float(min(missing)) / MINUTE_S, {"technician": person.code})


def _apart(problem: Problem, own: _Fixed, other: _Fixed, person: Technician) -> Iterator[Reason]:
    """Yield by how much the two are too close."""
    first, then = sorted((own, other), key=lambda one: (one.start_s, one.end_s))
    told: dict[str, str | int | float] = {"technician": person.code, "other": other.name}
    missed_s = first.end_s - then.start_s
    if missed_s > 0:
        yield Reason("overlaps", missed_s / MINUTE_S, told)
        return
    missed_s += float(problem.travel[person.mode].seconds[first.place, then.place])
    if missed_s > 0 and not person.away and not (person.flies and problem.flights):
        yield Reason("unreachable", missed_s / MINUTE_S, told)
