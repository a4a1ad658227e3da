"""Seats of jobs, and appointments, as ops; what each asks of the tours that could have it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.dispatch.building.flat import begins, flags, floats, ints
from optimizer.dispatch.building.people import Tour
from optimizer.dispatch.building.spans import Span, allowed_starts, intersect
from optimizer.dispatch.jobs import Job, PinKind, Running
from optimizer.dispatch.kernel.arrays import BIG, Flags, Floats
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
    """Return all ops: the seats job by job, then the appointments that lie within a shift."""
    found = [Op(number, index, job.place) for number, job in enumerate(problem.jobs) for index in range(len(job.seats))]
    number = len(problem.jobs)
    for who, person in enumerate(problem.technicians):
        for date in person.appointments:
            if any(shift.start_s <= date.start_s <= shift.end_s - date.duration_s for shift in person.shifts):
                found.append(Op(number, 0, date.place, date, who))
                number += 1
    return found


def length_of(problem: Problem, op: Op, person: Technician) -> float:
    """Return how long an op takes a person, in seconds."""
    if op.appointment is not None:
        return op.appointment.duration_s
    job = problem.jobs[op.job]
    own = job.seats[op.seat].duration_s
    return (job.duration_s if own is None else own) * person.proficiency.get(job.kind, 1.0)


def near_factor(change: ChangeCost, running: Running, now_s: float) -> float:
    """Return how much more a change costs so near to the start that was told: between 1 and 2.

    >>> near_factor(ChangeCost(near_s=3600.0), Running(("T1",), 1800.0), 0.0)
    1.5
    """
    if change.near_s <= 0:
        return 1.0
    return 1.0 + min(1.0, max(0.0, 1.0 - (running.start_s - now_s) / change.near_s))


class Demands:
    """What ops ask of technicians: earliest and latest start, length and extra cost, a row of each per technician.

    Where somebody is allowed in several pieces of time, each of his tours has a row of its own with the piece that
    lies in it longest, and so it has where his shifts end at different places and a removed unit could ride along.
    """

    def __init__(self, problem: Problem, tours: Sequence[Tour], ops: Sequence[Op]) -> None:
        self.problem, self.ops = problem, ops
        self.windows = [self._windows(op) for op in ops]
        rows: dict[bytes, int] = {}
        tables: list[list[Floats]] = [[], [], [], []]
        self.tour_row: list[int] = []
        known: dict[int, tuple[list[Floats], bool]] = {}
        for tour in tours:
            if tour.person not in known:
                known[tour.person] = self._row(problem.technicians[tour.person], tour)
            row, own = known[tour.person]
            if own:
                row, _ = self._row(problem.technicians[tour.person], tour)
            key = b"".join(column.tobytes() for column in row)
            if key not in rows:
                rows[key] = len(rows)
                for table, column in zip(tables, row, strict=True):
                    table.append(column)
            self.tour_row.append(rows[key])
        shape = (max(1, len(rows)), len(ops))
        self.low, self.high, self.length, self.extra = (
            np.array(table).reshape(shape) if rows else np.zeros(shape) for table in tables
        )

    def _windows(self, op: Op) -> list[Span]:
        if op.appointment is not None:
            return [(op.appointment.start_s, op.appointment.start_s)]
        job, seat = self.problem.jobs[op.job], self.problem.jobs[op.job].seats[op.seat]
        if job.pin is not None and job.pin.kind in BEGUN and job.pin.start_s is not None:
            return [(job.pin.start_s + seat.after_min_s, job.pin.start_s + seat.after_max_s)]
        opened = [
            (max(window.from_s, job.release_s), window.until_s)
            for window in job.windows
            if window.until_s >= job.release_s
        ]
        if op.seat == 0:
            return opened
        return [(opened[0][0] + seat.after_min_s, opened[-1][1] + seat.after_max_s)] if opened else []

    def _row(self, person: Technician, tour: Tour) -> tuple[list[Floats], bool]:
        row = [np.zeros(len(self.ops)) for _ in range(4)]
        low, high, length, extra = row
        own = len({shift.end_place for shift in person.shifts}) > 1
        for index, op in enumerate(self.ops):
            length[index] = length_of(self.problem, op, person)
            starts = self._starts(op, person, tour.person, length[index])
            spans = intersect(self.windows[index], starts)
            if len(starts) > 1:
                own = True
                spans = sorted(spans, key=lambda span: min(span[1], tour.end_s) - max(span[0], tour.start_s))[-1:]
            low[index], high[index] = (spans[0][0], spans[-1][1]) if spans else (0.0, -1.0)
            extra[index] = self._extra(op, person, tour)
        return row, own

    def _starts(self, op: Op, person: Technician, who: int, length_s: float) -> list[Span]:
        anytime = [(-math.inf, math.inf)]
        if op.appointment is not None:
            return anytime if op.person == who else []
        job = self.problem.jobs[op.job]
        if job.pin is not None:
            if job.pin.technicians[op.seat] != person.code:
                return []
            if job.pin.kind in BEGUN:
                return anytime
        return allowed_starts(job.seats[op.seat], job, person, length_s)

    def _extra(self, op: Op, person: Technician, tour: Tour) -> float:
        if op.appointment is not None:
            return 0.0
        job, cost = self.problem.jobs[op.job], 0.0
        if job.preferred and person.code not in job.preferred:
            cost += job.unpreferred_cost
        if job.running is not None and job.running.technicians[op.seat] != person.code:
            near = near_factor(self.problem.change, job.running, self.problem.now_s)
            cost += near * self.problem.change.technician
        if op.seat == 0 and job.removed is not None and tour.to_place == job.removed.place:
            cost -= job.removed.saving
        return cost


def op_arrays(problem: Problem, tours: Sequence[Tour], ops: Sequence[Op], demands: Demands) -> dict[str, object]:
    """Return the arrays of `kernel.arrays.Data` that tell of ops and jobs, but for supply and links."""
    jobs: list[Job | None] = [*problem.jobs, *(None for op in ops if op.appointment is not None)]
    numbers = {person.code: index for index, person in enumerate(problem.technicians)}
    windows = [spans if len(spans) > 1 else [] for spans in demands.windows]
    tours_for = _tours_for(problem, tours, ops, demands)
    late = [job.lateness if job is not None and math.isfinite(job.due_s) else () for job in jobs]
    running = [job.running if job is not None else None for job in jobs]
    return {
        "low_s": demands.low,
        "high_s": demands.high,
        "length_s": demands.length,
        "extra_cost": demands.extra,
        "tour_row": np.array(demands.tour_row, dtype=np.int64),
        "op_job": ints([[op.job] for op in ops]),
        "op_place": ints([[op.place] for op in ops]),
        "op_load": floats([[_load(jobs[op.job], op)] for op in ops]),
        "op_called": flags([[op.appointment is None] for op in ops]),
        "op_pausable": flags([[job is not None and job.pausable] for op in ops for job in [jobs[op.job]]]),
        "op_tours_at": begins(tours_for),
        "op_tours": ints(tours_for),
        "windows_at": begins(windows),
        "window_from_s": floats([[span[0] for span in spans] for spans in windows]),
        "window_until_s": floats([[span[1] for span in spans] for spans in windows]),
        "job_ops_at": np.searchsorted([op.job for op in ops], np.arange(len(jobs) + 1)).astype(np.int64),
        "job_leave": floats([[leave_cost(job)] for job in jobs]),
        "job_due_s": floats([[job.due_s if job is not None else math.inf] for job in jobs]),
        "late_at": begins(late),
        "late_after_s": floats([[band.after_s for band in bands] for bands in late]),
        "late_rate": floats([[band.per_h / 3600 for band in bands] for bands in late]),
        "job_told_s": floats([[math.nan if one is None else one.start_s] for one in running]),
        "job_move_rate": floats(
            [
                [0.0 if one is None else near_factor(problem.change, one, problem.now_s) * problem.change.per_h / 3600]
                for one in running
            ]
        ),
        "told_person": ints(
            [
                [-1 if (told := running[op.job]) is None else numbers.get(told.technicians[op.seat], len(numbers))]
                for op in ops
            ]
        ),
        "changes_max": len(ops) if problem.change.changes_max is None else problem.change.changes_max,
        "worst_rate": problem.worst_lateness_per_h / 3600,
    }


def leave_cost(job: Job | None) -> float:
    """Return what the search reckons for leaving a job out; None is an appointment, which is kept."""
    if job is None:
        return BIG
    costs = (job.unserved_cost, job.deferral_cost, job.outsourcing_cost)
    least = min(cost for cost in costs if cost is not None)
    return least + (BIG if job.mandatory or job.pin is not None else 0.0)


def _load(job: Job | None, op: Op) -> float:
    return 0.0 if job is None or op.seat > 0 else job.load


def _tours_for(problem: Problem, tours: Sequence[Tour], ops: Sequence[Op], demands: Demands) -> list[list[int]]:
    """Return for each op the tours that could have it if it were their only one."""
    if not tours or not ops:
        return [[] for _ in ops]
    places = np.array([op.place for op in ops])
    found: list[Flags] = []
    for tour, row in zip(tours, demands.tour_row, strict=True):
        person = problem.technicians[tour.person]
        travel = problem.travel[person.mode].seconds
        there, back = travel[tour.from_place, places], travel[places, tour.to_place]
        if person.away or (person.flies and problem.flights):
            there, back = np.zeros(len(ops)), np.zeros(len(ops))
        low, high, length = demands.low[row], demands.high[row], demands.length[row]
        start = np.maximum(low, tour.start_s + there)
        found.append((start <= high + 1e-9) & (start + length + back <= tour.end_s + 1e-9))
    able = np.array(found)
    return [np.flatnonzero(able[:, op]).tolist() for op in range(len(ops))]
