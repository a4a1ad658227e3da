"""A plan that was kept, as the optimizer takes it up again: the problem that it is one of, and its tours. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.problems import AreaProblem, area_problem
from fieldops.planning.snapshot import Snapshot
from fieldops.workforce.kinds import SIGNING
from optimizer.dispatch.plan import Plan, Route, Stop, StopKind, Taken
from optimizer.dispatch.technicians import Technician
from optimizer.run import Status


def area_as_planned(snapshot: Snapshot, area: str, lines: Sequence[AssignmentLine]) -> AreaProblem:
    """Return the problem of an area as a plan with these assignments had it: its parts, and who sits where alone."""
    ready = {one.job: one.parts_ready_at for one in lines if one.parts_ready_at is not None}
    people = Counter((one.job, one.technician) for one in lines)
    fewer = {number for (number, _person), count in people.items() if count > 1}
    apart = area_problem(snapshot, area, ready, fewer).apart
    workers = {(one.job, one.technician) for one in lines if one.position == 0 or one.seat not in SIGNING}
    pairs = [*apart, *((second, first) for first, second in apart)]
    barred = {(second, who) for first, second in pairs for job, who in workers if job == first}
    return area_problem(snapshot, area, ready, fewer, barred)


def as_plan(area: AreaProblem, lines: Iterable[AssignmentLine]) -> Plan:
    """Return who does which jobs in which order and shift, as the optimizer takes up a plan; it reckons the rest.

    Raises ValueError for a technician who has left the area, and for a seat that there is not any more.
    """
    tours: defaultdict[tuple[str, int], list[Stop]] = defaultdict(list)
    for line in lines:
        job, person = area.jobs[line.job], area.people.get(line.technician)
        if person is None:
            raise ValueError(f"technician {line.technician} has left the area")
        seat = _seat(area, line)
        if seat is None:
            raise ValueError(f"job {line.job} has no such seat any more")
        if line.position != area.crews[line.job].posts[seat].positions[0]:
            continue  # the same person has the first of them
        start_s, end_s = ((at - area.start).total_seconds() for at in (line.starts_at, line.ends_at))
        parts = tuple(Taken(need.parts[0], need.quantity, "delivered") for need in job.parts if not seat)
        tours[person.code, _shift(person, start_s)].append(
            Stop(StopKind.JOB, job.number, job.place, start_s, start_s, end_s, 0.0, 0.0, seat, parts=parts)
        )
    for person in area.problem.technicians:
        for date in person.appointments:
            end_s = date.start_s + date.duration_s
            stop = Stop(StopKind.APPOINTMENT, date.name, date.place, date.start_s, date.start_s, end_s, 0.0, 0.0)
            tours[person.code, _shift(person, date.start_s)].append(stop)
    routes = [
        Route(code, shift, 0.0, 0.0, tuple(sorted(stops, key=lambda stop: stop.start_s)), 0.0, 0.0)
        for (code, shift), stops in tours.items()
    ]
    return Plan(Status.FEASIBLE, 0.0, None, None, 0.0, tuple(routes), ())


def begun_with(area: AreaProblem, running: Mapping[str, Sequence[AssignmentLine]]) -> Plan | None:
    """Return what still fits of the plan in force, to begin the search with; None where there is nothing."""
    lines = [
        line
        for number, crew in running.items()
        if number in area.jobs
        for line in crew
        if line.technician in area.people and line.starts_at >= area.start and _seat(area, line) is not None
    ]
    return as_plan(area, lines) if lines else None


def _seat(area: AreaProblem, line: AssignmentLine) -> int | None:
    posts = area.crews[line.job].posts
    return next((at for at, post in enumerate(posts) if line.position in post.positions), None)


def _shift(person: Technician, start_s: float) -> int:
    """Return the number of the shift in which somebody begins something."""
    begun = sum(shift.start_s <= start_s for shift in person.shifts)
    return 0 if person.away else max(begun - 1, 0)
