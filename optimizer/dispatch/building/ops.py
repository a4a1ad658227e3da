"""Seats of jobs, and appointments, as ops."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.dispatch.building.people import binds
from optimizer.dispatch.jobs import Job, PinKind, Running
from optimizer.dispatch.model import ChangeCost, Problem
from optimizer.dispatch.technicians import Appointment, Technician

BEGUN = (PinKind.STARTED, PinKind.DONE)


@dataclass(frozen=True, slots=True)
class Op:
    """A seat of a job (`job` its index), or an appointment of a technician (`job` counts on behind the jobs)."""

    job: int
    seat: int
    place: int
    appointment: Appointment | None = None
    person: int = -1


def ops_of(problem: Problem) -> list[Op]:
    """Return all ops: the seats job by job, then the appointments that bind."""
    found = [Op(number, index, job.place) for number, job in enumerate(problem.jobs) for index in range(len(job.seats))]
    number = len(problem.jobs)
    for who, person in enumerate(problem.technicians):
        for date in person.appointments:
            if binds(person, date):
                found.append(Op(number, 0, date.place, date, who))
                number += 1
    return found


def length_of(problem: Problem, op: Op, person: Technician) -> float:
    """Return how long an op takes a person, in seconds."""
    if op.appointment is not None:
        return op.appointment.duration_s
    return seat_length_s(problem.jobs[op.job], op.seat, person)


def seat_length_s(job: Job, seat: int, person: Technician) -> float:
    """Return how long a seat of a job takes a person, in seconds."""
    return base_length_s(job, seat) * person.proficiency.get(job.kind, 1.0)


def base_length_s(job: Job, seat: int) -> float:
    """Return how long a seat of a job takes somebody of usual proficiency."""
    own = job.seats[seat].duration_s
    return job.duration_s if own is None else own


def near_factor(change: ChangeCost, running: Running, now_s: float) -> float:
    """Return how much more a change costs so near to the start that was told: between 1 and 2.

    >>> near_factor(ChangeCost(near_s=3600.0), Running(("T1",), 1800.0), 0.0)
    1.5
    """
    if change.near_s <= 0:
        return 1.0
    return 1.0 + min(1.0, max(0.0, 1.0 - (running.start_s - now_s) / change.near_s))
