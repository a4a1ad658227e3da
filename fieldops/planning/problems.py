"""From the snapshot to the dispatch problem of an area: codes become indices, instants seconds, Decimal float."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import combinations
from uuid import UUID

import numpy as np

from fieldops.dispatch.crew.engagements import VISIT
from fieldops.dispatch.queries import OpenJob
from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.crews import CrewWanted, Post, crew_wanted
from fieldops.planning.dates import kept
from fieldops.planning.rules import (
    CHANGE_NEAR,
    CHANGE_PER_H,
    CHANGE_TECHNICIAN,
    HORIZON_DAYS,
    UNSERVED_PENALTY,
)
from fieldops.planning.snapshot import Snapshot
from fieldops.planning.tools import Pool, pools
from fieldops.workforce.queries import Person
from fieldops.workforce.rest import Span
from fieldops.workforce.rules import without
from optimizer.dispatch import jobs as work
from optimizer.dispatch import technicians as staff
from optimizer.dispatch.model import ChangeCost, Flight, Precedence, Problem, Together, Travel
from optimizer.dispatch.plan import Plan, StopKind

HORIZON_S = HORIZON_DAYS * 86_400
DAY_S = 86_400
TRAVEL = "travel"
"""The one mode: by road when near, by air when far; where scheduled flights go, these instead."""


@dataclass(frozen=True)
class AreaProblem:
    """The dispatch problem of one area, and the instant that its second 0 stands for; `crews` are those of its jobs.

    Nobody is to work on both jobs of a pair of `apart`, though one may sign for both: the problem cannot say that.
    """

    area: str
    start: datetime
    problem: Problem
    crews: Mapping[str, CrewWanted]
    apart: tuple[tuple[str, str], ...]

    def both(self, plan: Plan) -> set[tuple[str, str]]:
        """Return (second job of such a pair, who works on both in a plan)."""
        workers: defaultdict[str, set[str]] = defaultdict(set)
        for route in plan.routes:
            for stop in route.stops:
                if stop.kind is StopKind.JOB and self.crews[stop.name].posts[stop.seat].works:
                    workers[stop.name].add(route.technician)
        return {(second, who) for first, second in self.apart for who in workers[first] & workers[second]}

    @cached_property
    def people(self) -> dict[str, staff.Technician]:
        """The technicians by code."""
        return {person.code: person for person in self.problem.technicians}

    @cached_property
    def jobs(self) -> dict[str, work.Job]:
        """The jobs by number."""
        return {job.number: job for job in self.problem.jobs}

    def only(self, numbers: Collection[str]) -> AreaProblem:
        """Return the problem with these jobs alone."""
        return replace(
            self,
            problem=replace(
                self.problem,
                jobs=tuple(job for job in self.problem.jobs if job.number in numbers),
                precedence=tuple(tie for tie in self.problem.precedence if {tie.before, tie.after} <= set(numbers)),
                together=tuple(pair for pair in self.problem.together if {pair.first, pair.second} <= set(numbers)),
            ),
        )


def area_problem(
    snapshot: Snapshot,
    area: str,
    ready: Mapping[str, datetime | None],
    fewer: Collection[str] = (),
    barred: Collection[tuple[str, str]] = (),
) -> AreaProblem:
    """Build the dispatch problem of an area; `ready` says for jobs with parts when these are there (None: never).

    On the jobs `fewer` one person works and signs, where anybody may; `barred` are jobs and who does not work on them.
    """
    start = snapshot.area_starts[area]
    places = [site for site in snapshot.sites.values() if site.area == area]
    index = {site.code: number for number, site in enumerate(places)}
    known = snapshot.ways.areas[area]
    ways = Travel(known.matrix.seconds.astype(np.float64), known.matrix.cost)
    people = [person for person in snapshot.people if person.base in index]
    jobs = [job for job in snapshot.jobs if job.place in index]
    here = {person.code for person in people}
    crews = {
        job.number: crew_wanted(job, snapshot.permitted[job.number], here, start, fewer=job.number in fewer)
        for job in jobs
    }
    for number, crew in crews.items():
        kept_off = {who for job, who in barred if job == number}
        crews[number] = replace(crew, posts=tuple(post.without(kept_off) for post in crew.posts))
    pairs = [(one.number, other.number) for one, other in on_two_systems(jobs)]
    alone = {number for number, crew in crews.items() if len(crew.posts) == 1}
    tools = pools(jobs, snapshot.tools, snapshot.equivalents)
    running = snapshot.running
    built = {
        job.number: replace(
            _job(job, index[job.place], start, ready, crews[job.number], tools, snapshot.away),
            running=_running(crews[job.number], running.get(job.number, ()), start),
        )
        for job in jobs
    }
    dates = _dates(snapshot, start, index, crews)
    problem = Problem(
        places=tuple(index),
        travel={TRAVEL: ways},
        technicians=tuple(
            _technician(
                person,
                index[person.base],
                start,
                [
                    (index[job.place], _seconds(post.lasts))
                    for job in jobs
                    for post in crews[job.number].posts
                    if post.given == person.code or person.code in post.permitted
                ],
                ways,
                dates[person.code],
                flies=bool(known.flights),
            )
            for person in people
        ),
        jobs=tuple(built.values()),
        flights=tuple(
            Flight(
                index[one.origin],
                index[one.destination],
                (one.departs - start).total_seconds(),
                (one.arrives - start).total_seconds(),
                one.fare,
            )
            for one in known.flights
        ),
        precedence=tuple(Precedence(before, job.number) for job in jobs for before in job.after),
        together=tuple(Together(*pair, same=False) for pair in pairs if alone.issuperset(pair)),
        shared_tools={_tool(*key): pool.sets for key, pool in tools.items() if pool.sets},
        change=change_cost() if running else ChangeCost(),
    )
    return AreaProblem(area, start, problem, crews, tuple(pair for pair in pairs if not alone.issuperset(pair)))


def change_cost() -> ChangeCost:
    """Return what it costs to depart from a plan that people know."""
    return ChangeCost(CHANGE_TECHNICIAN, CHANGE_PER_H, CHANGE_NEAR.total_seconds())


def _dates(
    snapshot: Snapshot, start: datetime, index: Mapping[str, int], crews: Mapping[str, CrewWanted]
) -> defaultdict[str, list[staff.Appointment]]:
    """Return what people are assigned to at the places of an area, but for the jobs on which the plan keeps them."""
    mine = {(number, post.given) for number, crew in crews.items() for post in crew.posts}
    dates: defaultdict[str, list[staff.Appointment]] = defaultdict(list)
    for code, known in snapshot.engaged.items():
        for one in known:
            first, last = up(one.starts, start), up(one.ends, start)
            if (one.job, code) not in mine and one.place in index and 0 <= first < last:
                dates[code].append(staff.Appointment(one.job, index[one.place], first, last - first))
    return dates


def _technician(
    person: Person,
    base: int,
    start: datetime,
    permitted: Iterable[tuple[int, int]],
    ways: Travel,
    dates: Iterable[staff.Appointment],
    *,
    flies: bool,
) -> staff.Technician:
    """Return a technician, who stays out over night where a permitted job (place, duration) is too far for a shift."""
    shifts = [staff.Shift(first, last, base, base) for first, last in _clipped(person.duties, start)]
    longest_s = max((shift.end_s - shift.start_s for shift in shifts), default=0.0)
    back_s = ways.seconds[base] + ways.seconds[:, base]
    away = any(back_s[place] > 0 and back_s[place] + duration_s > longest_s for place, duration_s in permitted)
    if away and shifts:  # who is still out after the plan's days comes home then
        shifts.append(staff.Shift(HORIZON_S, HORIZON_S + ways.seconds[:, base].max(), base, base))
    return staff.Technician(
        code=person.code,
        shifts=tuple(shifts),
        # whole spans: one that ended before the horizon explains why its holder cannot go
        qualifications={code: _validities(spans, start) for code, spans in person.qualifications.items()},
        pay=staff.Pay(per_h=float(person.cost_per_h)),
        mode=TRAVEL,
        flies=flies,
        away=away,
        appointments=() if away else tuple(kept(dates, shifts, ways)),
    )


def _job(
    job: OpenJob,
    place: int,
    start: datetime,
    ready: Mapping[str, datetime | None],
    crew: CrewWanted,
    tools: Mapping[tuple[str, str], Pool],
    away: Mapping[str, Sequence[Span]],
) -> work.Job:
    arrives = ready.get(job.number, start)
    ready_s = None if arrives is None else max(0, up(arrives, start))
    first_s = max(0, up(crew.first, start))
    last_s = max(first_s, min(down(crew.last, start), HORIZON_S - job.duration_s))
    windows, missing = _tooled(job, (first_s, last_s), start, tools)
    keeps = crew.given if ready_s is not None and not missing else None
    return work.Job(
        number=job.number,
        place=place,
        duration_s=job.duration_s,
        priority=work.Priority[job.priority.name],
        windows=windows,
        release_s=0 if job.released_at is None else max(0, up(job.released_at, start)),
        due_s=down(job.due_at, start),
        lateness=(staff.Band(0, float(job.delay_cost_per_h)),),
        unserved_cost=UNSERVED_PENALTY[job.priority],
        parts=tuple(
            work.PartNeed((part,), float(quantity), ready_s=ready_s, carried=False) for part, quantity in job.parts
        ),
        tools=frozenset(missing),
        shared_tools=frozenset(_tool(job.place, kind) for kind, _count in job.tools) if not missing else frozenset(),
        seats=tuple(_seat(post, start, away) for post in crew.posts),
        pin=None if keeps is None else work.Pin(work.PinKind.ASSIGNED, keeps),
    )


def _running(crew: CrewWanted, lines: Sequence[AssignmentLine], start: datetime) -> work.Running | None:
    """Return what the plan in force says of a job; None where it has another crew now, or what was told is past."""
    told = {line.position: line for line in lines}
    kept = [told[post.positions[0]] for post in crew.posts if post.positions[0] in told]
    if not kept or len(kept) < len(crew.posts) or kept[0].starts_at < start:
        return None
    told_s = (kept[0].starts_at - start).total_seconds()
    return work.Running(tuple(line.technician for line in kept), told_s, CHANGE_TECHNICIAN * len(kept))


def _seat(post: Post, start: datetime, away: Mapping[str, Sequence[Span]]) -> work.Seat:
    if post.given is not None:
        # who is away keeps no seat, whoever gave it
        there = without([(start, start + timedelta(seconds=2 * HORIZON_S))], away.get(post.given, ()))
        permitted = {post.given: _validities(there, start)}
    else:
        permitted = {code: _validities(spans, start, HORIZON_S) for code, spans in post.permitted.items()}
    return work.Seat(
        post.seats[0],
        qualifications=post.qualifications,
        permitted=permitted,
        duration_s=_seconds(post.lasts),
        after_min_s=_seconds(post.after),
        after_max_s=_seconds(post.by),
    )


def _tool(place: str, kind: str) -> str:
    """Return what the tools of a kind at a place are called: jobs elsewhere do not have them."""
    return f"{kind} at {place}"


def _tooled(
    job: OpenJob, window: tuple[int, int], start: datetime, tools: Mapping[tuple[str, str], Pool]
) -> tuple[tuple[staff.Window, ...], list[str]]:
    """Return when a job may start so that the tools are there until its end, and the kinds that never are."""
    starts, missing = [window], []
    for kind, _count in job.tools:
        there = [(up(first, start), down(last, start) - job.duration_s) for first, last in tools[job.place, kind].times]
        common = [(max(one[0], other[0]), min(one[1], other[1])) for one in starts for other in there]
        common = [span for span in common if span[0] <= span[1]]
        if common:
            starts = common
        else:
            missing.append(kind)
    return tuple(staff.Window(first, last) for first, last in sorted(starts)), missing


def on_two_systems(jobs: Sequence[OpenJob]) -> Iterator[tuple[OpenJob, OpenJob]]:
    """Yield the jobs that may be one critical task on two systems of an aircraft in one visit: two people do them."""
    same: defaultdict[tuple[UUID, str], list[OpenJob]] = defaultdict(list)
    for job in jobs:
        if job.work.critical is not None:
            same[job.work.critical.aircraft, job.work.critical.task].append(job)
    for tasks in same.values():
        for first, second in combinations(tasks, 2):
            if first.work.critical != second.work.critical and _one_visit(first, second):
                yield first, second


def _one_visit(first: OpenJob, second: OpenJob) -> bool:
    """Tell whether two jobs could lie so close that they are one visit."""
    begins, ends = max(first.window_start, second.window_start), min(_end(first), _end(second))
    return begins - ends <= VISIT


def _end(job: OpenJob) -> datetime:
    return job.window_end + timedelta(seconds=job.duration_s)


def _validities(spans: Collection[Span], start: datetime, end_s: float = math.inf) -> tuple[staff.Validity, ...]:
    inside = ((up(since, start), min(down(until, start), end_s)) for since, until in spans)
    return tuple(staff.Validity(since, until) for since, until in inside if since < until)


def _clipped(spans: Collection[Span], start: datetime) -> list[tuple[int, int]]:
    inside = ((max(0, up(first, start)), min(HORIZON_S, down(last, start))) for first, last in spans)
    return [(first, last) for first, last in inside if first < last]


def up(instant: datetime, start: datetime) -> int:
    """Return whole seconds from a start to an instant, rounded up."""
    return math.ceil((instant - start).total_seconds())


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())


def down(instant: datetime, start: datetime) -> int:
    """Return whole seconds from a start to an instant, rounded down."""
    return math.floor((instant - start).total_seconds())
