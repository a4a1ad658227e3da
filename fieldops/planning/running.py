"""A plan that was kept, as the optimizer takes it up again: the problem that it is one of, and its tours. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.crews import CrewWanted, Post
from fieldops.planning.problems import AreaProblem, area_problem
from fieldops.planning.snapshot import Snapshot
from fieldops.workforce.kinds import SIGNING
from optimizer.dispatch.live.running import timed, unfit
from optimizer.dispatch.plan import Plan, Route, Stop, StopKind, Taken
from optimizer.dispatch.technicians import Technician
from optimizer.run import Status

_ROUNDED_S = 1.0
"""What a plan tells is rounded to seconds."""


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


def fitting(area: AreaProblem, lines: list[AssignmentLine]) -> tuple[list[AssignmentLine], list[str]]:
    """Return the assignments that still fit together, and the jobs of those that do not where the plan puts them.

    Those go that cannot be where they are told: outside the windows of the job, or when its people are away or off
    duty. Where the others of a tour do not fit together, the first goes that does not fit behind those before it, what
    was given before what was planned.
    """
    gone = {line.job for line in lines if not _can_be(area, line)}
    while True:
        lines = [line for line in lines if line.job not in gone]
        own = area.only({line.job for line in lines})
        tours = unfit(own.problem, as_plan(own, lines))
        out = {_first_unfit(own, lines, tour) for tour in tours} - {None}
        if not out:  # also where what does not fit is no job: the plan cannot be taken up
            return lines, sorted(gone)
        gone |= {number for number in out if number is not None}


def _can_be(area: AreaProblem, line: AssignmentLine) -> bool:
    """Tell whether somebody can be on a job when it is told."""
    job, seat = area.jobs[line.job], _seat(area, line)
    if seat is None:
        return True  # the tours tell
    start_s, end_s = ((at - area.start).total_seconds() for at in (line.starts_at, line.ends_at))
    spans = (job.seats[seat].permitted or {}).get(line.technician, ())
    if not any(one.from_s - _ROUNDED_S <= start_s and end_s <= one.until_s + _ROUNDED_S for one in spans):
        return False
    if area.crews[line.job].posts[seat].given is not None:
        return True
    if seat == 0 and not any(_is_within(start_s, one.from_s, one.until_s) for one in job.windows):
        return False
    return any(_is_within(start_s, one.start_s, one.end_s) for one in area.people[line.technician].shifts)


def _is_within(at_s: float, from_s: float, until_s: float) -> bool:
    return from_s - _ROUNDED_S <= at_s <= until_s + _ROUNDED_S


def _first_unfit(area: AreaProblem, lines: Sequence[AssignmentLine], tour: tuple[str, int]) -> str | None:
    """Return the first job of a tour that does not fit behind those before it; None where none is the reason."""
    person = area.people[tour[0]]
    mine = [line for line in lines if line.technician == person.code]
    mine = [line for line in mine if _shift(person, (line.starts_at - area.start).total_seconds()) == tour[1]]
    mine.sort(key=lambda line: (area.crews[line.job].given is None, line.starts_at))
    for count, line in enumerate(mine, 1):
        some = area.only({one.job for one in mine[:count]})
        if tour in unfit(some.problem, as_plan(some, mine[:count])):
            return line.job
    return None


def standing(area: AreaProblem, told: Sequence[AssignmentLine], currency: str) -> Iterator[AssignmentLine]:
    """Yield who has each post of the jobs that are whole: who was given it, else who has it in the plan."""
    planned: defaultdict[str, dict[int, AssignmentLine]] = defaultdict(dict)
    for line in told:
        planned[line.job][line.position] = line
    for number, crew in area.crews.items():
        lines = [_line(number, crew, post, planned[number], currency) for post in crew.posts]
        whole = [line for line in lines if line is not None and line.technician in area.people]
        if len(whole) == len(lines):
            yield from whole


def _line(
    number: str, crew: CrewWanted, post: Post, planned: Mapping[int, AssignmentLine], currency: str
) -> AssignmentLine | None:
    told = next((planned[position] for position in post.positions if position in planned), None)
    if post.given is None:
        return told
    starts, nothing = crew.first + post.after, Decimal(0)
    return AssignmentLine(
        job=number,
        position=post.positions[0],
        seat=post.seats[0],
        technician=post.given,
        starts_at=starts,
        ends_at=starts + post.lasts,
        parts_ready_at=None if told is None else told.parts_ready_at,
        travel_s=0,
        labour_cost=nothing,
        travel_cost=nothing,
        lateness_cost=nothing,
        currency=currency,
        held=False,
    )


def as_told(area: AreaProblem, lines: Sequence[AssignmentLine]) -> Plan:
    """Return the plan with every stop when it was told; of who stays out, or flies, as the engine times it."""
    plan = timed(area.problem, as_plan(area, lines))
    told = {
        (line.job, seat): line
        for line in lines
        for seat, post in enumerate(area.crews[line.job].posts)
        if line.position in post.positions
    }

    def at_told(route: Route) -> Route:
        person = area.people[route.technician]
        if person.away or route.return_flight is not None or any(stop.flight is not None for stop in route.stops):
            return route
        stops = []
        for stop in route.stops:
            if stop.kind is StopKind.JOB:
                line = told[stop.name, stop.seat]
                start_s, end_s = ((at - area.start).total_seconds() for at in (line.starts_at, line.ends_at))
                stop = replace(stop, start_s=start_s, end_s=end_s)
            stops.append(stop)
        return replace(route, stops=tuple(stops))

    return replace(plan, routes=tuple(at_told(route) for route in plan.routes))
