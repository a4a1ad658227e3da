"""A day that is under way: what of a running plan stands at a time, and the problem that is left.

Jobs that somebody has left for are pinned to their starts. A depot visit that has begun is an appointment, and its
technician has everything from then on. Who is idle has an appointment where he is: now, or at home on his return.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from benchmarks.dispatch.problems import ALWAYS
from optimizer.dispatch.jobs import Job, Pin, PinKind
from optimizer.dispatch.model import Depot, Problem
from optimizer.dispatch.plan import LeftOut, Outcome, Plan, Route, Stop, StopKind
from optimizer.dispatch.technicians import Appointment, Technician, Validity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PLENTY = 1e6
"""Of every part, once a technician has been at the depot."""
HERE, DEPOT = "here", "depot"


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a technician has left for at a time, and where he goes on from; `back_s` is set once he has gone home."""

    stops: tuple[Stop, ...]
    place: int
    idle: bool
    back_s: float | None

    def resumes(self, now: float) -> float:
        """Return when one who is idle is at his place: at home on his return, elsewhere now."""
        return now if self.back_s is None else self.back_s


def continued(asked: Problem, plan: Plan, now: float) -> tuple[Problem, Plan]:
    """Return the problem as it is at that time of the running plan, and that plan as one of this problem."""
    people = {person.code: person for person in asked.technicians}
    begun = {route.technician: _begun(people[route.technician], route, now) for route in plan.routes}
    begun = {code: one for code, one in begun.items() if one.stops}
    pins: dict[str, Pin] = {}
    for code, one in begun.items():
        for stop in one.stops:
            if stop.kind is StopKind.JOB:
                kind = PinKind.DONE if stop.end_s <= now else PinKind.STARTED
                pins[stop.name] = Pin(kind, (code,), stop.start_s)
    home = {code: one.back_s for code, one in begun.items() if one.back_s is not None}
    jobs = tuple(
        replace(job, pin=pins[job.number]) if job.number in pins else _sent_again(asked, job, home, now)
        for job in asked.jobs
    )
    technicians = tuple(_person(one, begun.get(one.code), asked.depots[0], now) for one in asked.technicians)
    seconds = asked.travel["road"].seconds
    routes = tuple(_carried(route, begun.get(route.technician), people, seconds, now) for route in plan.routes)
    done = {stop.name for route in routes for stop in route.stops if stop.kind is StopKind.JOB}
    new = tuple(LeftOut(job.number, Outcome.UNSERVED, 0.0) for job in jobs if job.number not in done)
    return replace(asked, technicians=technicians, jobs=jobs), replace(plan, routes=routes, left_out=new)


def _carried(
    route: Route, begun: _Begun | None, people: Mapping[str, Technician], seconds: NDArray[np.float64], now: float
) -> Route:
    """Return a running route with the same stops at the same times, and the dates that now bind it."""
    stops = [stop for stop in route.stops if stop.name != HERE]
    if begun is not None:
        visits = (replace(stop, kind=StopKind.APPOINTMENT, name=DEPOT) for stop in begun.stops)
        over = [new if old.kind is StopKind.DEPOT else old for old, new in zip(begun.stops, visits, strict=True)]
        if begun.idle:
            at = begun.resumes(now)
            over.append(Stop(StopKind.APPOINTMENT, HERE, begun.place, at, at, at, 0.0, 0.0))
        stops[: len(begun.stops)] = over
        if any(stop.name == DEPOT for stop in over):
            stops = [replace(stop, parts=tuple(replace(one, source="kit") for one in stop.parts)) for stop in stops]
    shift = people[route.technician].shifts[0]
    place = shift.start_place
    departs = free = stops[0].start_s - seconds[place, stops[0].place]
    timed = []
    for stop in stops:
        way = float(seconds[place, stop.place])
        timed.append(replace(stop, arrives_s=free + way, travel_s=way))
        place, free = stop.place, stop.end_s
    way = float(seconds[place, shift.end_place])
    return replace(route, departs_s=departs, stops=tuple(timed), return_s=way, returns_s=free + way)


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
        dates.append(Appointment(HERE, begun.place, begun.resumes(now), 0.0))
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
