"""The part of the checker that looks at jobs: who does them, when, with what, and how they hang together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from optimizer.dispatch.jobs import Job, PartNeed, PinKind
from optimizer.dispatch.model import Precedence, Problem
from optimizer.dispatch.plan import Plan, Route, Stop, StopKind, Taken
from optimizer.dispatch.pricing import TOLERANCE_S, Crew, changed_seats, shifts_of
from optimizer.dispatch.technicians import Technician
from optimizer.dispatch.violations import Violation, covers, exceeds, is_same
from optimizer.run import Status

BEGUN = (PinKind.STARTED, PinKind.DONE)


def check_jobs(problem: Problem, plan: Plan, done: Mapping[str, Crew]) -> Iterator[Violation]:
    """Yield what is wrong with the jobs that are done, and with those that are not but should be."""
    people = {person.code: person for person in problem.technicians}
    for crew in done.values():
        yield from _times(crew)
        yield from _who(people, crew)
    for job in problem.jobs:
        if job.pin is not None:
            yield from _pin(job, done.get(job.number), plan.status)
    for tie in problem.precedence:
        yield from _precedence(tie, done)
    for pair in problem.together:
        if pair.first in done and pair.second in done:
            shared = set(done[pair.first].technicians) & set(done[pair.second].technicians)
            if bool(shared) is not pair.same:
                yield Violation("together", f"{pair.first} {pair.second}")
    yield from _supplies(problem, people, plan, done)
    yield from _shared_tools(problem, people, plan, done)
    most, running = problem.change.changes_max, [crew for crew in done.values() if crew.job.running is not None]
    changes = sum(changed_seats(crew.job.running, crew) for crew in running if crew.job.running is not None)
    if most is not None and changes > most:
        yield Violation("changes", "seats with another technician", changes - most)


def _is_begun(job: Job) -> bool:
    return job.pin is not None and job.pin.kind in BEGUN


def _times(crew: Crew) -> Iterator[Violation]:
    job, start_s = crew.job, crew.start_s
    for number, seat in enumerate(job.seats):
        after_s = crew.seats[number][1].start_s - start_s
        missed_s = max(seat.after_min_s - after_s, after_s - seat.after_max_s)
        if missed_s > TOLERANCE_S:
            yield Violation("seat_gap", f"{job.number} {seat.code}", missed_s)
    if _is_begun(job):
        return
    if start_s < job.release_s - TOLERANCE_S:
        yield Violation("release", job.number, job.release_s - start_s)
    missed_s = min(max(window.from_s - start_s, start_s - window.until_s) for window in job.windows)
    if missed_s > TOLERANCE_S:
        yield Violation("window", job.number, missed_s)


def _who(people: Mapping[str, Technician], crew: Crew) -> Iterator[Violation]:
    """Check the crew; what has begun is not asked who may do it."""
    job = crew.job
    if len(set(crew.technicians)) < len(job.seats):
        yield Violation("crew", job.number)
    if _is_begun(job):
        return
    for number, seat in enumerate(job.seats):
        route, stop = crew.seats[number]
        where = f"{job.number} {seat.code} {route.technician}"
        if route.technician in job.forbidden:
            yield Violation("forbidden", where)
        for code in sorted(seat.qualifications):
            if not covers(people[route.technician].qualifications.get(code, ()), stop.start_s, stop.end_s):
                yield Violation("qualification", f"{where} {code}")
        allowed = None if seat.permitted is None else seat.permitted.get(route.technician, ())
        if allowed is not None and not covers(allowed, stop.start_s, stop.end_s):
            yield Violation("permission", where)


def _pin(job: Job, crew: Crew | None, plan_status: Status) -> Iterator[Violation]:
    if crew is None:
        if plan_status is not Status.INFEASIBLE:
            yield Violation("pin", f"{job.number} is not done")
    elif job.pin is not None:
        if crew.technicians != job.pin.technicians:
            yield Violation("pin", f"{job.number} has other technicians")
        if _is_begun(job) and job.pin.start_s is not None and not is_same(crew.start_s, job.pin.start_s):
            yield Violation("pin", f"{job.number} begins at another time", crew.start_s - job.pin.start_s)


def _precedence(tie: Precedence, done: Mapping[str, Crew]) -> Iterator[Violation]:
    before, after = done.get(tie.before), done.get(tie.after)
    if after is None:
        return
    if before is None:
        yield Violation("precedence", f"{tie.after} without {tie.before}")
        return
    gap_s = after.start_s - (before.start_s if tie.from_start else before.end_s)
    missed_s = max(tie.gap_min_s - gap_s, gap_s - tie.gap_max_s)
    if missed_s > TOLERANCE_S:
        yield Violation("precedence", f"{tie.before} {tie.after}", missed_s)


def _supplies(
    problem: Problem, people: Mapping[str, Technician], plan: Plan, done: Mapping[str, Crew]
) -> Iterator[Violation]:
    """Check parts, tools and load along each tour, then what all of them take from kits and depots."""
    depot_tools = {depot.code: depot.tools for depot in problem.depots}
    used: dict[tuple[str, str, str], float] = defaultdict(float)
    for route in plan.routes:
        load, depots, tools = 0.0, set(), set(people[route.technician].tools)
        for stop in route.stops:
            if stop.kind is StopKind.DEPOT:
                depots.add(stop.name)
                tools |= depot_tools[stop.name]
            if stop.kind is not StopKind.JOB or stop.seat or stop.name not in done:
                continue
            job = done[stop.name].job
            load += job.load
            if _is_begun(job):
                continue  # he has used what he used; the kit is what is left
            for tool in sorted(job.tools - tools):
                yield Violation("tool", f"{job.number} {tool}")
            yield from _parts(job, stop, depots)
            for taken in stop.parts:
                used[taken.source, route.technician if taken.source == "kit" else "", taken.part] += taken.quantity
        if exceeds(load, people[route.technician].capacity):
            yield Violation("load", f"{route.technician} shift {route.shift}", load - people[route.technician].capacity)
    stock = {depot.code: depot.stock for depot in problem.depots}
    for (source, code, part), quantity in used.items():
        if source == "kit" and exceeds(quantity, people[code].parts.get(part, 0.0)):
            yield Violation("kit", f"{code} {part}", quantity - people[code].parts.get(part, 0.0))
        if source in stock and exceeds(quantity, stock[source].get(part, 0.0)):
            yield Violation("stock", f"{source} {part}", quantity - stock[source].get(part, 0.0))


def _parts(job: Job, stop: Stop, depots: set[str]) -> Iterator[Violation]:
    """Check that each need is met in its turn, in full, by a part and from a source that will do."""
    if len(stop.parts) != len(job.parts):
        yield Violation("parts", job.number, len(stop.parts) - len(job.parts))
    for need, taken in zip(job.parts, stop.parts, strict=False):
        if not _is_met(need, taken, stop.start_s, depots):
            yield Violation("parts", f"{job.number} {need.parts[0]}")


def _is_met(need: PartNeed, taken: Taken, start_s: float, depots: set[str]) -> bool:
    if taken.part not in need.parts or exceeds(abs(taken.quantity - need.quantity), 0.0):
        return False
    if taken.source == "delivered":
        ready = need.ready_s is not None and start_s >= need.ready_s - TOLERANCE_S
        return ready and taken.part == need.parts[0]
    return need.carried and (taken.source == "kit" or taken.source in depots)


def _shared_tools(
    problem: Problem, people: Mapping[str, Technician], plan: Plan, done: Mapping[str, Crew]
) -> Iterator[Violation]:
    """Check that no more tours hold a shared tool at once than there are; each holds it for its shifts."""
    changes: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for route in plan.routes:
        shifts = shifts_of(people[route.technician], route)
        for tool in _held(route, done):
            changes[tool] += [(shifts[0].start_s, 1), (shifts[-1].end_s, -1)]
    for tool, moments in changes.items():
        holders, most = 0, 0
        for _, change in sorted(moments):
            holders += change
            most = max(most, holders)
        if most > problem.shared_tools[tool]:
            yield Violation("shared_tool", tool, most - problem.shared_tools[tool])


def _held(route: Route, done: Mapping[str, Crew]) -> set[str]:
    own = [stop.name for stop in route.stops if stop.kind is StopKind.JOB and not stop.seat and stop.name in done]
    return {tool for name in own for tool in done[name].job.shared_tools}
