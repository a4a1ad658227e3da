"""The exact earliest schedule of a technician's jobs in a given order, and the cheapest place to put one more job.

Travel passes on duty only, so schedules are reckoned on each technician's duty clock: the seconds on duty since the
start of the horizon. There a travel of d seconds always ends d later, and nights do not exist. Starting each job as
early as possible is optimal: waiting is free, and an earlier end never makes a later job start later or cost more.
Technicians and jobs are named by their index in the problem.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from optimizer.dispatch.first.model import Job, Problem, Technician, Validity

Span = tuple[int, int]
"""A range of times (first, last), both included."""


@dataclass(frozen=True, slots=True)
class Route:
    """A technician's jobs in order, each with its earliest start (seconds), the same on his duty clock, and the cost.

    `cost` is all of it: travel and return, labour, lateness; `lateness_cost` the last alone.
    """

    technician: int
    jobs: tuple[int, ...]
    starts: tuple[int, ...]
    clocks: tuple[int, ...]
    lateness_cost: float
    cost: float


@dataclass(frozen=True, slots=True)
class Miss:
    """Why an order of jobs fails: the first job that cannot start, and by how many on-duty seconds it is missed."""

    job: int
    shortfall_s: int


@dataclass(frozen=True, slots=True)
class Insertion:
    """Where one more job costs least in a route: before the job at `position`, for `extra_cost` (money)."""

    extra_cost: float
    position: int


@dataclass(frozen=True, slots=True)
class Windows:
    """When one technician can start one job, on his duty clock (sorted, inclusive); start time = clock + offset."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]
    offsets: tuple[int, ...]


def intersect(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """Return the spans common to two sorted sequences of disjoint spans."""
    common, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        first, last = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if first <= last:
            common.append((first, last))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return common


def asked_window(job: Job) -> list[Span]:
    """Return the starts that the job's own window and its parts allow: one span, or none."""
    if job.parts_ready_s is None or job.parts_ready_s > job.latest_start_s:
        return []
    return [(max(job.earliest_s, job.parts_ready_s), job.latest_start_s)]


def valid_starts(technician: Technician, job: Job, within: Sequence[Span]) -> list[Span]:
    """Return the starts among `within` at which a technician may do a job at each second of [start, start + duration].

    All qualifications must hold, and the permission where the job names who has one.
    """
    starts = list(within)
    for held in may_spans(technician, job):
        spans = ((first, last - job.duration_s) for first, last in held)
        starts = intersect(starts, [span for span in spans if span[0] <= span[1]])
    return starts


def may_spans(technician: Technician, job: Job) -> Iterator[list[Span]]:
    """Yield when each qualification holds that a job asks for, and when the technician is permitted to do it."""
    for code in job.qualifications:
        yield held_spans(technician, code)
    if job.permitted is not None:
        yield _united(job.permitted.get(technician.code, ()))


def held_spans(technician: Technician, code: str) -> list[Span]:
    """Return when a technician holds a qualification, validities that touch or overlap made one."""
    return _united(technician.qualifications.get(code, ()))


def _united(validities: Iterable[Validity]) -> list[Span]:
    held: list[Span] = []
    for validity in sorted(validities, key=lambda validity: validity.from_s):
        first, last = validity.from_s, validity.until_s - 1
        if held and first <= held[-1][1] + 1:
            first, last = held[-1][0], max(held.pop()[1], last)
        held.append((first, last))
    return held


def start_windows(technician: Technician, job: Job) -> Windows:
    """Return when a technician, travel aside, can start a job: within window, parts, one duty and qualifications."""
    spans = valid_starts(technician, job, asked_window(job))
    windows: list[tuple[int, int, int]] = []
    clock = 0
    for duty in technician.duties:
        if spans and duty.end_s - job.duration_s >= duty.start_s:
            offset = duty.start_s - clock
            for first, last in intersect(spans, [(duty.start_s, duty.end_s - job.duration_s)]):
                windows.append((first - offset, last - offset, offset))
        clock += duty.end_s - duty.start_s
    return Windows(*(tuple(column) for column in zip(*windows, strict=True))) if windows else Windows((), (), ())


class Timing:
    """All schedules of one problem. Building it is O(technicians x jobs x duties); a schedule O(jobs log duties)."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.windows = [[start_windows(person, job) for job in problem.jobs] for person in problem.technicians]
        technicians = range(len(problem.technicians))
        self.able = [[who for who in technicians if self.windows[who][job].lasts] for job in range(len(problem.jobs))]
        self._places = [job.place for job in problem.jobs]
        self._durations = [job.duration_s for job in problem.jobs]
        self._lateness = [(job.due_s - job.duration_s, job.lateness_cost_per_h / 3600) for job in problem.jobs]
        self._travel_s: list[list[int]] = problem.travel_s.tolist()
        pays = {technician.cost_per_h for technician in problem.technicians}
        legs = {pay: (problem.travel_cost + problem.travel_s * (pay / 3600)).tolist() for pay in pays}
        self._leg_cost: list[list[list[float]]] = [legs[technician.cost_per_h] for technician in problem.technicians]

    def route(self, technician: int, jobs: Sequence[int]) -> Route | Miss:
        """Return the earliest schedule of these jobs in this order, or the first miss.

        Raises ValueError for a job that has no start window at all for this technician.
        """
        person, places = self.problem.technicians[technician], self._places
        place, clock, lateness_cost = person.base, 0, 0.0
        starts, clocks = [], []
        for job in jobs:
            windows = self.windows[technician][job]
            if not windows.lasts:
                raise ValueError(f"technician {person.code} can never start job {self.problem.jobs[job].number}")
            clock += self._travel_s[place][places[job]]
            index = bisect_left(windows.lasts, clock)
            if index == len(windows.lasts):
                return Miss(job, clock - windows.lasts[-1])
            clock = max(clock, windows.firsts[index])
            clocks.append(clock)
            starts.append(clock + windows.offsets[index])
            lateness_cost += self.lateness_cost(job, starts[-1])
            place, clock = places[job], clock + self._durations[job]
        cost = lateness_cost
        if jobs:
            stops = [person.base, *(places[job] for job in jobs), person.base]
            cost += math.fsum(self._leg_cost[technician][start][end] for start, end in pairwise(stops))
            cost += sum(self._durations[job] for job in jobs) * person.cost_per_h / 3600
        return Route(technician, tuple(jobs), tuple(starts), tuple(clocks), lateness_cost, cost)

    def insertion(self, route: Route, job: int, below: float = math.inf) -> Insertion | None:
        """Return the cheapest feasible insertion of a job into a route, below a cost; the first among equals."""
        windows = self.windows[route.technician][job]
        if not windows.lasts:
            return None
        person, places, leg_cost = (
            self.problem.technicians[route.technician],
            self._places,
            self._leg_cost[route.technician],
        )
        pay = self._durations[job] * person.cost_per_h / 3600
        here, best, last = places[job], None, len(route.jobs)
        origin, clock = person.base, 0
        for position in range(last + 1):
            if position:
                before = route.jobs[position - 1]
                origin, clock = places[before], route.clocks[position - 1] + self._durations[before]
            if clock > windows.lasts[-1]:
                break
            destination = person.base if position == last else places[route.jobs[position]]
            extra_cost = pay + leg_cost[origin][here] + leg_cost[here][destination]
            if last:
                extra_cost -= leg_cost[origin][destination]
            if extra_cost - route.lateness_cost >= below:
                continue
            lateness_cost = self._added_lateness(route, job, position, clock + self._travel_s[origin][here])
            if lateness_cost is not None and extra_cost + lateness_cost < below:
                below = extra_cost + lateness_cost
                best = Insertion(below, position)
        return best

    def inserted(self, route: Route, job: int, position: int) -> Route | Miss:
        """Return the route with one more job at a position."""
        return self.route(route.technician, (*route.jobs[:position], job, *route.jobs[position:]))

    def lateness_cost(self, job: int, start_s: int) -> float:
        """Return what starting a job at a time costs in lateness."""
        free_s, cost_per_s = self._lateness[job]
        return (start_s - free_s) * cost_per_s if start_s > free_s else 0.0

    def _added_lateness(self, route: Route, job: int, position: int, clock: int) -> float | None:
        """Return what a job put in, reached at `clock`, costs in lateness there and later on; None if any fails."""
        row, cost, index = self.windows[route.technician], 0.0, position
        while True:
            windows = row[job]
            window = bisect_left(windows.lasts, clock)
            if window == len(windows.lasts):
                return None
            clock = max(clock, windows.firsts[window])
            if index > position:
                if clock == route.clocks[index - 1]:
                    return cost
                cost -= self.lateness_cost(job, route.starts[index - 1])
            cost += self.lateness_cost(job, clock + windows.offsets[window])
            if index == len(route.jobs):
                return cost
            clock += self._durations[job] + self._travel_s[self._places[job]][self._places[route.jobs[index]]]
            job, index = route.jobs[index], index + 1
