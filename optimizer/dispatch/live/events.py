"""What happens on a day: delays, visits in vain, illness, parts, new and cancelled jobs. All times in seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import singledispatch

from optimizer.dispatch.jobs import Job, PinKind
from optimizer.dispatch.live.day import Day
from optimizer.dispatch.live.left import Left
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan, StopKind


@dataclass(frozen=True, slots=True)
class JobExtended:
    """A job, begun or not, takes each of its technicians longer by `by_s`."""

    job: str
    by_s: float


@dataclass(frozen=True, slots=True)
class TravelDelayed:
    """A technician is later by `by_s` where he is on his way to; one who is idle leaves later by that."""

    technician: str
    by_s: float


@dataclass(frozen=True, slots=True)
class NobodyMet:
    """Who came for a job that has begun met nobody: it is to be done `again`, or is given back."""

    job: str
    again: bool = True


@dataclass(frozen=True, slots=True)
class TechnicianIll:
    """A technician works no more from `from_s` on. The job that he is at then is to be done again."""

    technician: str
    from_s: float


@dataclass(frozen=True, slots=True)
class PartUnserviceable:
    """What is foreseen of a part for a job cannot be used. Another is delivered at `ready_s`, or (None) never.

    Others of its kind, and alternates, may come from kits and depots as before.
    """

    job: str
    part: str
    ready_s: float | None = None


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job that nobody knew of."""

    job: Job


@dataclass(frozen=True, slots=True)
class JobCancelled:
    """A job is not to be done any more; whoever is at it leaves."""

    job: str


Event = JobExtended | TravelDelayed | NobodyMet | TechnicianIll | PartUnserviceable | NewJob | JobCancelled


def happened(
    problem: Problem, plan: Plan, now_s: float, events: Sequence[Event] = (), *, freeze_s: float = 0.0
) -> tuple[Problem, Plan]:
    """Return the problem that is left at a time after events, in their order, and the running plan as one of it.

    What is over and what has been left for is pinned, what begins within `freeze_s` keeps technicians and order, and
    every planned job has its place in the running plan as what a change is counted from. The plan is priced anew, but
    it may break what has changed: `replan` takes over what still holds. Linear in the plan. Raises ValueError naming
    the job or technician of an event that is unknown or over, and for delays that are none.
    """
    day = Day(problem, plan, now_s)
    for event in events:
        apply(event, day)
    left = Left(day, freeze_s)
    asked = left.problem()
    return asked, left.plan(asked)


@singledispatch
def apply(event: object, day: Day) -> None:
    """Enter an event into a day."""
    raise ValueError(f"nothing like {event} can happen to the day from {day.now_s} on")


@apply.register
def _(event: JobExtended, day: Day) -> None:
    job = _open(day, event.job)
    _is_delay(f"job {job.number}", event.by_s)
    crew = {seat: key[0] for seat, (key, _) in day.seats().get(job.number, {}).items()}
    seats = []
    for index, seat in enumerate(job.seats):
        length_s = job.duration_s if seat.duration_s is None else seat.duration_s
        person = day.people.get(crew.get(index, ""))
        factor = person.proficiency.get(job.kind, 1.0) if person is not None else 1.0
        seats.append(replace(seat, duration_s=length_s + event.by_s / factor))
    day.jobs[job.number] = replace(job, seats=tuple(seats))
    day.lengthen(job.number, event.by_s)


@apply.register
def _(event: TravelDelayed, day: Day) -> None:
    if event.technician not in day.people:
        raise ValueError(f"technician {event.technician} is not in this problem")
    _is_delay(f"technician {event.technician}", event.by_s)
    for key, begun in day.begun.items():
        if key[0] == event.technician and begun.stops and begun.back_s is None:
            last = begun.stops[-1]
            if last.kind is StopKind.JOB and last.start_s > day.now_s:
                day.put_off(last.name, event.by_s)
                return
            if last.start_s <= day.now_s < last.end_s and last.kind is StopKind.JOB:
                raise ValueError(f"technician {event.technician} is at job {last.name}; extend that instead")
    day.detain(event.technician, event.by_s)


@apply.register
def _(event: NobodyMet, day: Day) -> None:
    job = _open(day, event.job)
    pin = day.pins.get(job.number)
    if pin is None or (pin.start_s or 0.0) > day.now_s:
        raise ValueError(f"job {job.number} has not begun: nobody is there yet who could meet nobody")
    day.give_up(job.number, day.now_s)
    if event.again:
        day.jobs[job.number] = replace(job, pin=None)
    else:
        del day.jobs[job.number]


@apply.register
def _(event: TechnicianIll, day: Day) -> None:
    if event.technician not in day.people:
        raise ValueError(f"technician {event.technician} is not in this problem")
    for number, seats in day.seats().items():
        if any(key[0] == event.technician and stop.end_s > event.from_s for key, stop in seats.values()):
            pin = day.pins.get(number)
            if pin is not None and pin.kind is PinKind.DONE:
                continue
            day.give_up(number, event.from_s)
            given = day.jobs[number].pin
            if given is not None and given.kind is not PinKind.ASSIGNED:
                day.jobs[number] = replace(day.jobs[number], pin=None)
    day.ill(event.technician, event.from_s)


@apply.register
def _(event: PartUnserviceable, day: Day) -> None:
    job = _open(day, event.job)
    if all(event.part not in need.parts for need in job.parts):
        raise ValueError(f"job {job.number} needs no part {event.part}")
    needs = (replace(need, ready_s=event.ready_s) if event.part in need.parts else need for need in job.parts)
    day.jobs[job.number] = replace(job, parts=tuple(needs))
    day.spoil(job.number, event.part)


@apply.register
def _(event: NewJob, day: Day) -> None:
    if event.job.number in day.jobs:
        raise ValueError(f"job {event.job.number} is in the problem already")
    if event.job.pin is not None and event.job.pin.kind is not PinKind.ASSIGNED:
        raise ValueError(f"job {event.job.number} is {event.job.pin.kind}: a new job has not begun")
    day.jobs[event.job.number] = event.job


@apply.register
def _(event: JobCancelled, day: Day) -> None:
    job = _open(day, event.job)
    day.give_up(job.number, day.now_s)
    del day.jobs[job.number]


def _open(day: Day, number: str) -> Job:
    """Return a job that is not over. Raises ValueError."""
    if number not in day.jobs:
        raise ValueError(f"job {number} is not in this problem")
    pin = day.pins.get(number) or day.jobs[number].pin
    if pin is not None and pin.kind is PinKind.DONE:
        raise ValueError(f"job {number} is finished: nothing can happen to it any more")
    return day.jobs[number]


def _is_delay(name: str, by_s: float) -> None:
    if not math.isfinite(by_s) or by_s <= 0:
        raise ValueError(f"{name}: a delay must be above 0 s, not {by_s}")
