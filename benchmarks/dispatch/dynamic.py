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
from dataclasses import replace
from typing import Protocol

from benchmarks.dispatch.evaluate import Tour, Visit, evaluate
from benchmarks.dispatch.insertion import Insertion
from benchmarks.dispatch.instances import Instance, Releases, Trsp
from benchmarks.dispatch.problems import problem
from benchmarks.dispatch.running import AT_HOME, DEPOT, continued
from benchmarks.dispatch.runs import OURS, Case, Settings, Solutions, Solver, cpu_now, tell_faults
from benchmarks.dispatch.tours import tours_of
from optimizer.dispatch.plan import Plan, Stop, StopKind
from optimizer.run import Limit

KIND = "dtrsp"
Known = Mapping[str, float]
"""When each request becomes known."""


def days(instances: Sequence[Instance], releases: Sequence[Releases]) -> list[tuple[Trsp, Known]]:
    """Return each instance with its release dates; the i-th are of the i-th instance. Raises ValueError."""
    if len(instances) != len(releases):
        raise ValueError(f"{len(releases)} files of release dates for {len(instances)} instances; name one for each")
    found = []
    for instance, told in zip(instances, releases, strict=True):
        if not isinstance(instance, Trsp):
            raise ValueError(f"{instance.name}: only a TRSP has a dynamic variant, not {instance.kind}")
        if told.instance not in (None, instance.title):
            raise ValueError(
                f"{instance.name}: its release dates are those of {told.instance}, not of {instance.title}"
            )
        if unknown := {node.id for node in instance.requests} ^ set(told.known):
            raise ValueError(f"{instance.name}: its release dates are of other requests, such as {min(unknown)}")
        found.append((instance, told.known))
    return found


def run(paired: Sequence[tuple[Trsp, Known]], settings: Settings, solver: Solver) -> Iterator[Case]:
    """Yield the cases of ours and of insertion for each of `days`."""
    keep = Solutions(settings.solutions)
    for instance, known in paired:
        for seed in settings.seeds:
            whole = solver(
                problem(instance), limit=Limit(seconds=settings.seconds), seed=seed, threads=settings.threads
            )
            static = evaluate(instance, tours_of(instance, whole)).value
            for day in (_Ours(instance, settings, seed, solver), _Insertion(instance)):
                yield keep(*_lived(instance, known, day, static, seed))


class _Day(Protocol):
    """A day that is planned as it goes; `solver` is its name."""

    solver: str

    def tell(self, ids: Sequence[str], now: float) -> None:
        """Plan with these requests, which have just become known."""
        ...

    def tours(self) -> list[Tour]:
        """Return the tours at the end."""
        ...

    def turned_away(self) -> list[str]:
        """Return the requests that did not fit."""
        ...

    def worked(self) -> float:
        """Return the working time, with what was waited in vain."""
        ...


def _lived(instance: Trsp, known: Known, day: _Day, static: float, seed: int) -> tuple[Case, list[Tour]]:
    """Let the day pass and judge it; the first plan, made the evening before, is no event."""
    events: dict[float, list[str]] = defaultdict(list)
    for request, released in known.items():
        events[released].append(request)
    began, spent, slowest, most = time.perf_counter(), cpu_now(), 0.0, 0.0
    for now in sorted(events):
        event, used = time.perf_counter(), cpu_now()
        day.tell(sorted(events[now], key=int), max(now, 0.0))
        if now >= 0:
            slowest, most = max(slowest, time.perf_counter() - event), max(most, cpu_now() - used)
    cpu_s, wall_s = cpu_now() - spent, time.perf_counter() - began
    tours, gone = day.tours(), set(day.turned_away())
    verdict = evaluate(without(instance, gone), tours)
    early = [f"left for {request} before it was known" for request in foreseen(instance, known, tours)]
    tell_faults(instance.name, day.solver, seed, [*verdict.faults, *early])
    case = Case(
        instance.name,
        KIND,
        day.solver,
        max(verdict.value, day.worked()),
        instance.bks,
        verdict.feasible and not early,
        cpu_s,
        wall_s,
        seed,
        static,
        len(gone),
        slowest,
        most,
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


def foreseen(instance: Trsp, known: Known, tours: Sequence[Tour]) -> list[str]:
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
        limit, start = Limit(seconds=self.settings.seconds), self.plan
        if start is not None:
            asked, start = continued(asked, start, now)
            limit = Limit(iterations=self.settings.event_rounds)
        self.plan = self.solve(asked, limit=limit, seed=self.seed, threads=self.settings.threads, start=start)
        gone = [left.job for left in self.plan.left_out]
        self.away += gone
        self.known -= set(gone)

    def tours(self) -> list[Tour]:
        """Jobs, depot stops and times at home in their order; of what was over the last plan has appointments."""
        routes = self.plan.routes if self.plan is not None else ()
        return [
            Tour(route.technician, tuple(one for stop in route.stops if (one := self._visit(route.technician, stop))))
            for route in routes
        ]

    def _visit(self, technician: str, stop: Stop) -> Visit | None:
        if stop.kind is StopKind.JOB:
            return Visit("job", stop.name, None, stop.start_s)
        if stop.kind is StopKind.DEPOT or stop.name == DEPOT:
            return Visit("depot", self.whole.depots[0].code, None, stop.start_s)
        return Visit("home", technician, None, stop.start_s) if stop.name == AT_HOME else None

    def turned_away(self) -> list[str]:
        return self.away

    def worked(self) -> float:
        return sum(route.returns_s - route.departs_s for route in self.plan.routes) if self.plan is not None else 0.0
