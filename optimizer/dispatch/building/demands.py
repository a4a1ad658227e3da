"""What ops ask of technicians: everybody looked at together, op by op, in arrays."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from optimizer.dispatch.building.ops import BEGUN, Op, base_length_s, near_factor, ops_of
from optimizer.dispatch.building.people import Tour, tours_of
from optimizer.dispatch.building.spans import Span, allowed_starts, intersect, united
from optimizer.dispatch.jobs import Job, Seat
from optimizer.dispatch.kernel.arrays import Flags, Floats, Ints
from optimizer.dispatch.model import Problem
from optimizer.dispatch.technicians import Technician, Validity


def windows_of(problem: Problem, op: Op) -> list[Span]:
    """Return when an op may begin, whoever does it."""
    if op.appointment is not None:
        return [(op.appointment.start_s, op.appointment.start_s)]
    job, seat = problem.jobs[op.job], problem.jobs[op.job].seats[op.seat]
    if job.pin is not None and job.pin.kind in BEGUN and job.pin.start_s is not None:
        return [(job.pin.start_s + seat.after_min_s, job.pin.start_s + seat.after_max_s)]
    opened = [
        (max(window.from_s, job.release_s), window.until_s) for window in job.windows if window.until_s >= job.release_s
    ]
    if op.seat == 0:
        return opened
    return [(opened[0][0] + seat.after_min_s, opened[-1][1] + seat.after_max_s)] if opened else []


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What an op asks of everybody, by technician: earliest and latest start (0 and -1: never), length, extra cost.

    `pieces` tells of those who may begin in several pieces of time, {technician: spans}; their start and end are the
    first and the last of these.
    """

    low: Floats
    high: Floats
    length: Floats
    extra: Floats
    pieces: dict[int, list[Span]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Allowed:
    """From when to when each technician is allowed something; `several` where that is not all of it."""

    from_s: Floats
    until_s: Floats
    several: Flags

    def put(self, who: int, validities: Iterable[Validity]) -> None:
        spans = united(validities)
        if spans:
            self.from_s[who], self.until_s[who], self.several[who] = spans[0][0], spans[-1][1], len(spans) > 1


class Crowd:
    """All technicians of a problem, asked about one op after the other."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.size = len(problem.technicians)
        self.number = {person.code: index for index, person in enumerate(problem.technicians)}
        ends = [{shift.end_place for shift in person.shifts} for person in problem.technicians]
        self.end_place = np.array([min(one) if len(one) == 1 else -1 for one in ends], dtype=np.int64)
        self.wanders = [who for who, one in enumerate(ends) if len(one) > 1]
        self.held: dict[str, _Allowed] = {}
        self.pace: dict[str, Floats] = {}
        for who, person in enumerate(problem.technicians):
            for code, spans in person.qualifications.items():
                self.held.setdefault(code, self._nobody()).put(who, spans)
            for kind, factor in person.proficiency.items():
                self.pace.setdefault(kind, np.ones(self.size))[who] = factor

    def _nobody(self) -> _Allowed:
        size = self.size
        return _Allowed(np.full(size, math.inf), np.full(size, -math.inf), np.zeros(size, dtype=np.bool_))

    def asked(self, op: Op) -> Asked:
        """Return what an op asks of everybody."""
        windows = windows_of(self.problem, op)
        if op.appointment is not None:
            length = np.full(self.size, op.appointment.duration_s)
            return self._only(op.person, windows, length, np.zeros(self.size))
        job = self.problem.jobs[op.job]
        length = base_length_s(job, op.seat) * self.pace.get(job.kind, np.ones(self.size))
        extra = self._extra(job, op.seat)
        if job.pin is None:
            return self._allowed(job, job.seats[op.seat], windows, length, extra)
        who = self.number[job.pin.technicians[op.seat]]
        if job.pin.kind in BEGUN:
            return self._only(who, windows, length, extra)
        free = self._allowed(job, job.seats[op.seat], windows, length, extra)
        others = np.arange(self.size) != who
        free.low[others], free.high[others] = 0.0, -1.0
        return Asked(free.low, free.high, length, extra, {one: free.pieces[one] for one in free.pieces if one == who})

    def _only(self, who: int, windows: Sequence[Span], length: Floats, extra: Floats) -> Asked:
        low, high = np.zeros(self.size), np.full(self.size, -1.0)
        if windows:
            low[who], high[who] = windows[0][0], windows[-1][1]
        return Asked(low, high, length, extra)

    def _allowed(self, job: Job, seat: Seat, windows: Sequence[Span], length: Floats, extra: Floats) -> Asked:
        from_s, until_s = np.full(self.size, -math.inf), np.full(self.size, math.inf)
        several = np.zeros(self.size, dtype=np.bool_)
        for one in self._limits(job, seat):
            from_s, until_s = np.maximum(from_s, one.from_s), np.minimum(until_s, one.until_s)
            several |= one.several
        last_s = until_s - length
        low, high = np.full(self.size, math.inf), np.full(self.size, -math.inf)
        for opens_s, closes_s in windows:
            first, last = np.maximum(from_s, opens_s), np.minimum(last_s, closes_s)
            fits = (first <= last) & (from_s <= last_s)
            low = np.where(fits, np.minimum(low, first), low)
            high = np.where(fits, np.maximum(high, last), high)
        asked = Asked(low, high, length, extra)
        for who in np.flatnonzero(several & (low <= high)).tolist():
            starts = allowed_starts(seat, job, self.problem.technicians[who], float(length[who]))
            spans = intersect(windows, starts)
            low[who], high[who] = (spans[0][0], spans[-1][1]) if spans else (math.inf, -math.inf)
            if len(starts) > 1 and spans:
                asked.pieces[who] = spans
        never = low > high
        low[never], high[never] = 0.0, -1.0
        return asked

    def _limits(self, job: Job, seat: Seat) -> Iterator[_Allowed]:
        """Yield what limits who may take a seat, and when."""
        for code in sorted(seat.qualifications):
            yield self.held.get(code) or self._nobody()
        if seat.permitted is not None:
            named = self._nobody()
            for code, spans in seat.permitted.items():
                if code in self.number:
                    named.put(self.number[code], spans)
            yield named
        if job.forbidden:
            free = _Allowed(
                np.full(self.size, -math.inf), np.full(self.size, math.inf), np.zeros(self.size, dtype=np.bool_)
            )
            out = [self.number[code] for code in job.forbidden if code in self.number]
            free.from_s[out], free.until_s[out] = math.inf, -math.inf
            yield free

    def _extra(self, job: Job, seat: int) -> Floats:
        extra = np.zeros(self.size)
        if job.preferred:
            extra += job.unpreferred_cost
            extra[[self.number[code] for code in job.preferred if code in self.number]] = 0.0
        if job.running is not None:
            others = np.ones(self.size, dtype=np.bool_)
            others[[self.number[code] for code in job.running.technicians[seat : seat + 1] if code in self.number]] = (
                False
            )
            change = self.problem.change
            extra[others] += near_factor(change, job.running, self.problem.now_s) * change.technician
        if seat == 0 and job.removed is not None:
            extra[self.end_place == job.removed.place] -= job.removed.saving
        return extra


class Gap(NamedTuple):
    """Between these two, somebody may not begin an op, but before and after."""

    op: int
    from_s: float
    until_s: float


class Demands:
    """What ops ask of technicians: earliest and latest start, length and extra cost, a row of each per technician.

    `gaps` tell, row by row, of starts between the two that are not allowed. Who is the same in all of it shares a row;
    where somebody's shifts end at different places, and a removed unit could ride along, each of his tours has its own.
    """

    def __init__(self, problem: Problem, tours: Sequence[Tour], ops: Sequence[Op]) -> None:
        self.problem, self.ops = problem, ops
        self.windows = [windows_of(problem, op) for op in ops]
        crowd = Crowd(problem)
        table = np.zeros((4, len(problem.technicians), len(ops)))
        gaps: dict[int, list[Gap]] = defaultdict(list)
        for index, op in enumerate(ops):
            asked = crowd.asked(op)
            table[:, :, index] = asked.low, asked.high, asked.length, asked.extra
            for who, spans in asked.pieces.items():
                gaps[who] += [Gap(index, before[1], after[0]) for before, after in pairwise(spans)]
        wanders = set(crowd.wanders)
        rows: dict[bytes, int] = {}  # by the hash of what is in them
        kept: list[Floats] = []
        self.gaps: list[list[Gap]] = []
        self.tour_row: list[int] = []
        known: dict[int, int] = {}
        for tour in tours:
            who = tour.person
            if who in wanders or who not in known:
                row = self._riding(table[:, who], tour) if who in wanders else table[:, who]
                content = row.tobytes() + np.array(gaps[who], dtype=np.float64).tobytes()
                known[who] = rows.setdefault(blake2b(content).digest(), len(rows))
                if known[who] == len(kept):
                    kept.append(row)
                    self.gaps.append(gaps[who])
            self.tour_row.append(known[who])
        if not kept:
            kept.append(np.zeros((4, len(ops))))
            self.gaps.append([])
        self.low, self.high, self.length, self.extra = np.stack(kept, axis=1)

    def _riding(self, row: Floats, tour: Tour) -> Floats:
        """Return a row with what is saved where a removed unit rides home with the tour."""
        row = row.copy()
        for index, op in enumerate(self.ops):
            job = None if op.appointment is not None or op.seat else self.problem.jobs[op.job]
            if job is not None and job.removed is not None and tour.to_place == job.removed.place:
                row[3, index] -= job.removed.saving
        return row


class Reach:
    """Who could be at a job in time, if it were the only one of his shift."""

    def __init__(self, problem: Problem, tours: Sequence[Tour]) -> None:
        people = [problem.technicians[tour.person] for tour in tours]
        modes = sorted(problem.travel)
        self.travel_s = [problem.travel[mode].seconds for mode in modes]
        self.mode = [np.array([index for index, one in enumerate(people) if one.mode == mode], int) for mode in modes]
        self.person = np.array([tour.person for tour in tours], dtype=np.int64)
        self.start_s = np.array([tour.start_s for tour in tours])
        self.end_s = np.array([tour.end_s for tour in tours])
        self.from_place = np.array([tour.from_place for tour in tours], dtype=np.int64)
        self.to_place = np.array([tour.to_place for tour in tours], dtype=np.int64)
        self.at_once = np.array([_is_free(problem, person) for person in people], dtype=np.bool_)

    def tours(self, place: int, low: Floats, high: Floats, length: Floats) -> Ints:
        """Return the tours that could have something at a place, asked of each tour: first and last start, length."""
        there, back = np.zeros(len(self.person)), np.zeros(len(self.person))
        for travel_s, own in zip(self.travel_s, self.mode, strict=True):
            there[own], back[own] = travel_s[self.from_place[own], place], travel_s[place, self.to_place[own]]
        there[self.at_once], back[self.at_once] = 0.0, 0.0
        start = np.maximum(low, self.start_s + there)
        return np.flatnonzero((start <= high + 1e-9) & (start + length + back <= self.end_s + 1e-9))


def _is_free(problem: Problem, person: Technician) -> bool:
    """Say whether the way cannot be told by one shift and the matrix alone."""
    return person.away or (person.flies and bool(problem.flights))


def able(problem: Problem) -> list[list[int]]:
    """Return for each job the technicians who could take a seat of it at some time, the way there and back included."""
    crowd, reach = Crowd(problem), Reach(problem, tours_of(problem))
    found: list[set[int]] = [set() for _ in problem.jobs]
    for op in ops_of(problem):
        if op.appointment is None:
            asked = crowd.asked(op)
            who = reach.person
            could = reach.tours(op.place, asked.low[who], asked.high[who], asked.length[who])
            found[op.job].update(who[could].tolist())
    return [sorted(who) for who in found]
