"""The dynamic TRSP: requests become known over the day, and each time the rest of the day is planned anew.

A technician waits where he is and leaves for a stop as late as its start allows; what he has left for, stands. One
whose stops are all over is on his way home, and from there on can be sent again: his working time goes on. What does
not fit when it becomes known is turned away for good. Beside ours stands `insertion` alone.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from benchmarks.dispatch.evaluate import Tour, Visit, evaluate
from benchmarks.dispatch.insertion import Insertion
from benchmarks.dispatch.instances import Instance, Releases, Trsp
from benchmarks.dispatch.problems import ALWAYS, problem
from benchmarks.dispatch.runs import OURS, Case, Settings, Solutions, Solver, cpu_now
from benchmarks.dispatch.tours import tours_of
from optimizer.dispatch.jobs import Job, Pin, PinKind
from optimizer.dispatch.model import Depot, Problem
from optimizer.dispatch.plan import Plan, Route, Stop, StopKind
from optimizer.dispatch.technicians import Appointment, Technician, Validity
from optimizer.run import Limit

KIND = "dtrsp"
EVENT_SHARE = 0.1
"""An event gets this part of the seconds of the first plan."""
PLENTY = 1e6
"""Of every part, once a technician has been at the depot."""
HERE, DEPOT = "here", "depot"


def run(
    instances: Sequence[Instance], releases: Sequence[Releases], settings: Settings, solver: Solver
) -> Iterator[Case]:
    """Yield the cases of ours and of insertion; the i-th releases are of the i-th instance. Raises ValueError."""
    if len(instances) != len(releases):
        raise ValueError(f"{len(releases)} files of release dates for {len(instances)} instances; name one for each")
    keep = Solutions(settings.solutions)
    for instance, known in zip(instances, releases, strict=True):
        if not isinstance(instance, Trsp):
            raise ValueError(f"{instance.name}: only a TRSP has a dynamic variant, not {instance.kind}")
        if unknown := {node.id for node in instance.requests} ^ set(known):
            raise ValueError(f"{instance.name}: its release dates are of other requests, such as {min(unknown)}")
        for seed in settings.seeds:
            whole = solver(
                problem(instance), limit=Limit(seconds=settings.seconds), seed=seed, threads=settings.threads
            )
            static = evaluate(instance, tours_of(instance, whole)).value
            for day in (_Ours(instance, settings, seed, solver), _Insertion(instance)):
                yield keep(*_lived(instance, known, day, static, seed))


class _Day:
    """A day that is planned as it goes; `solver` is its name."""

    solver: str

    def tell(self, ids: Sequence[str], now: float) -> None:
        """Plan with these requests, which have just become known."""
        raise NotImplementedError

    def tours(self) -> list[Tour]:
        """Return the tours at the end."""
        raise NotImplementedError

    def turned_away(self) -> list[str]:
        """Return the requests that did not fit."""
        raise NotImplementedError

    def worked(self) -> float:
        """Return the working time, with what was waited in vain."""
        raise NotImplementedError


def _lived(instance: Trsp, known: Releases, day: _Day, static: float, seed: int) -> tuple[Case, list[Tour]]:
    """Let the day pass and judge it; the first plan, made the evening before, is no event."""
    events: dict[float, list[str]] = defaultdict(list)
    for request, released in known.items():
        events[released].append(request)
    began, spent, slowest = time.perf_counter(), cpu_now(), 0.0
    for now in sorted(events):
        event = time.perf_counter()
        day.tell(sorted(events[now], key=int), max(now, 0.0))
        slowest = max(slowest, time.perf_counter() - event) if now >= 0 else slowest
    cpu_s, wall_s = cpu_now() - spent, time.perf_counter() - began
    tours, gone = day.tours(), set(day.turned_away())
    verdict = evaluate(without(instance, gone), tours)
    case = Case(
        instance.name,
        KIND,
        day.solver,
        max(verdict.value, day.worked()),
        instance.bks,
        verdict.feasible and not foreseen(instance, known, tours),
        cpu_s,
        wall_s,
        seed,
        static,
        len(gone),
        slowest,
    )
    return case, tours


def without(instance: Trsp, gone: set[str]) -> Trsp:
    """Return the instance without those requests."""
    kept = [at for at, node in enumerate(instance.requests) if node.id not in gone]
    homes = len(instance.homes)
    return replace(
        instance,
        requests=tuple(instance.requests[at] for at in kept),
        outfits=(*instance.outfits[:homes], *(instance.outfits[homes + at] for at in kept)),
    )


def foreseen(instance: Trsp, known: Releases, tours: Sequence[Tour]) -> list[str]:
    """Return the requests that somebody left for before they were known: a plan of the day has none."""
    at = {node.id: node for node in instance.nodes}
    early = []
    for tour in tours:
        before = at[tour.resource]
        for visit in tour.visits:
            node = at[visit.id]
            way = math.dist((before.x, before.y), (node.x, node.y))
            if visit.kind == "job" and visit.start is not None and visit.start - way < known[visit.id] - 1e-6:
                early.append(visit.id)
            before = node
    return early


class _Insertion(_Day):
    solver = "insertion"

    def __init__(self, instance: Trsp) -> None:
        self.plan = Insertion(instance)

    def tell(self, ids: Sequence[str], now: float) -> None:
        self.plan.add(ids, now)

    def tours(self) -> list[Tour]:
        return self.plan.solution()

    def turned_away(self) -> list[str]:
        return self.plan.turned_away

    def worked(self) -> float:
        return sum(tour.cost for tour in self.plan.tours)


class _Ours(_Day):
    solver = OURS

    def __init__(self, instance: Trsp, settings: Settings, seed: int, solver: Solver) -> None:
        self.whole = problem(instance)
        self.settings, self.seed, self.solve = settings, seed, solver
        self.known: set[str] = set()
        self.away: list[str] = []
        self.plan: Plan | None = None

    def tell(self, ids: Sequence[str], now: float) -> None:
        self.known |= set(ids)
        jobs = tuple(job for job in self.whole.jobs if job.number in self.known)
        asked = replace(self.whole, jobs=jobs, now_s=now)
        seconds = self.settings.seconds
        if self.plan is not None:
            asked = continued(asked, self.plan, now)
            seconds *= EVENT_SHARE
        self.plan = self.solve(
            asked, limit=Limit(seconds=seconds), seed=self.seed, threads=self.settings.threads, start=self.plan
        )
        gone = [left.job for left in self.plan.left_out]
        self.away += gone
        self.known -= set(gone)

    def tours(self) -> list[Tour]:
        """Jobs and depot stops in their order; a depot visit that was over is an appointment in the last plan."""
        routes = self.plan.routes if self.plan is not None else ()
        depot = self.whole.depots[0].code
        return [
            Tour(
                route.technician,
                tuple(
                    Visit("job", stop.name, None, stop.start_s)
                    if stop.kind is StopKind.JOB
                    else Visit("depot", depot, None, stop.start_s)
                    for stop in route.stops
                    if stop.kind is not StopKind.APPOINTMENT or stop.name == DEPOT
                ),
            )
            for route in routes
        ]

    def turned_away(self) -> list[str]:
        return self.away

    def worked(self) -> float:
        return sum(route.returns_s - route.departs_s for route in self.plan.routes) if self.plan is not None else 0.0


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a technician has left for at a time, and where he goes on from; `back_s` is set once he has gone home."""

    stops: tuple[Stop, ...]
    place: int
    idle: bool
    back_s: float | None


def continued(asked: Problem, plan: Plan, now: float) -> Problem:
    """Return the problem as it is at that time of the running plan."""
    routes = {route.technician: route for route in plan.routes}
    begun = {
        person.code: _begun(person, routes[person.code], now) for person in asked.technicians if person.code in routes
    }
    begun = {code: one for code, one in begun.items() if one.stops}
    pins: dict[str, Pin] = {}
    for code, one in begun.items():
        for stop in one.stops:
            if stop.kind is StopKind.JOB:
                kind = PinKind.DONE if stop.end_s <= now else PinKind.STARTED
                pins[stop.name] = Pin(kind, (code,), stop.start_s)
    people = tuple(_person(one, begun.get(one.code), asked.depots[0], now) for one in asked.technicians)
    home = {code: one.back_s for code, one in begun.items() if one.back_s is not None}
    jobs = tuple(
        replace(job, pin=pins[job.number]) if job.number in pins else _sent_again(asked, job, home, now)
        for job in asked.jobs
    )
    return replace(asked, technicians=people, jobs=jobs)


def _begun(person: Technician, route: Route, now: float) -> _Begun:
    """Return what the technician has left for: he leaves as late as the start of a stop allows."""
    planned = [stop for stop in route.stops if stop.name != HERE]
    left = tuple(takewhile(lambda stop: stop.start_s - stop.travel_s <= now, planned))
    idle = bool(left) and left[-1].end_s <= now
    if idle and len(left) == len(planned):
        return _Begun(left, person.shifts[0].end_place, idle, route.returns_s)
    return _Begun(left, left[-1].place if left else person.shifts[0].start_place, idle, None)


def _person(person: Technician, begun: _Begun | None, depot: Depot, now: float) -> Technician:
    """Return the technician at that time: not gone yet, or bound to what he has left for and to where he is."""
    if begun is None:
        shift = person.shifts[0]
        begins = min(max(shift.start_s, now), shift.end_s - 1e-3)
        return replace(person, shifts=(replace(shift, start_s=begins),))
    filled = [stop for stop in begun.stops if stop.kind is StopKind.DEPOT or stop.name == DEPOT]
    dates = [Appointment(DEPOT, stop.place, stop.start_s, 0.0) for stop in filled]
    if begun.idle:
        dates.append(Appointment(HERE, begun.place, now if begun.back_s is None else begun.back_s, 0.0))
    if filled:
        person = replace(person, tools=depot.tools, parts=dict.fromkeys(depot.stock, PLENTY))
    return replace(person, appointments=tuple(dates))


def _sent_again(asked: Problem, job: Job, home: Mapping[str, float], now: float) -> Job:
    """Let nobody who is at home leave for the job before now."""
    if not home:
        return job
    seconds = asked.travel["road"].seconds
    permitted = {person.code: ALWAYS for person in asked.technicians}
    for person in asked.technicians:
        if person.code in home:
            begins = max(now, home[person.code]) + seconds[person.shifts[0].end_place, job.place]
            permitted[person.code] = (Validity(begins, math.inf),)
    return replace(job, seats=(replace(job.seats[0], permitted=permitted),))
