"""What keeps each technician from one seat of a job that is left out: the last obstacle met, and by how much.

All technicians are looked at together, in arrays: one row a tour, the furthest tour of each technician counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from optimizer.dispatch.building.ops import Op, length_of
from optimizer.dispatch.building.spans import allowed_spans
from optimizer.dispatch.building.taking import Held
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.kernel.arrays import Flags, Floats, Ints
from optimizer.dispatch.kernel.offers import END, offers, shortfalls
from optimizer.dispatch.technicians import Technician

DAY_S = 86_400.0
CLOSE = 1e-6


class Obstacle(IntEnum):
    """What a technician fails at, in the order in which it is looked at; the last one is no obstacle but the price."""

    SHIFT = 0
    TOOLS = 1
    PARTS = 2
    REST = 3
    TRAVEL = 4
    EXPIRED = 5
    DELIVERY = 6
    CAPACITY = 7
    TOGETHER = 8
    SHARED_TOOL = 9
    CHANGES = 10
    PARTS_TAKEN = 11
    BUSY = 12
    LINKED = 13
    BUDGET = 14
    PRICE = 15


UNITS = {
    Obstacle.SHIFT: 60.0,
    Obstacle.EXPIRED: DAY_S,
    Obstacle.DELIVERY: 60.0,
    Obstacle.REST: 60.0,
    Obstacle.TRAVEL: 60.0,
    Obstacle.BUSY: 60.0,
}
"""What a miss in seconds is divided by."""


@dataclass(frozen=True, slots=True, eq=False)
class Obstacles:
    """By technician: what he fails at (-1: he is not asked) and by how much, in seconds, pieces, load or money.

    `inf`: no amount would help. A technician who fits has `PRICE`, and what the seat would add to the plan's cost.
    """

    what: Ints
    miss: Floats

    def of(self, obstacle: Obstacle) -> tuple[Ints, float | None]:
        """Return those who fail at an obstacle, and the least miss among them in the unit of its code."""
        who = np.flatnonzero(self.what == obstacle)
        return who, self.miss_of(int(who[self.miss[who].argmin()])) if who.size else None

    def miss_of(self, who: int) -> float | None:
        """Return by how much one fails at his obstacle, in the unit of its code; None where no amount would help."""
        miss = float(self.miss[who])
        return None if math.isinf(miss) else miss / UNITS.get(Obstacle(self.what[who]), 1.0)


class Survey:
    """Looks at the seats of jobs that are left out of a plan, which is held in arrays and stays as it is."""

    def __init__(self, held: Held) -> None:
        self.held, self.one, self.data = held, held.one, held.one.data
        self.person = self.data.tour_person
        self.people = self.one.problem.technicians
        self.shift_over_s = np.array([tour.shifts[-1].overtime_s for tour in self.one.tours])
        self.kit, self.stock = self.data.kit.copy(), self.data.depot_stock.copy()

    def look(self, op: int, able: Ints) -> Obstacles:
        """Return what keeps each of those who are `able` (their indices) from an op that is out."""
        found = Obstacles(np.full(len(self.people), -1), np.full(len(self.people), math.inf))
        found.what[able] = Obstacle.SHIFT
        rows = np.flatnonzero(np.isin(self.person, able))
        what, miss = self._tours(op, rows)
        self._further(found, self.person[rows], what, miss)
        number = self.one.ops[op]
        for who in np.flatnonzero((found.what == Obstacle.EXPIRED) & np.isinf(found.miss)).tolist():
            found.miss[who] = self._invalid_s(op, number, self.one.problem.jobs[number.job], self.people[who])
        return found

    def _further(self, found: Obstacles, who: Ints, what: Ints, miss: Floats) -> None:
        """Keep for each technician the tour that gets furthest, and of these the one that misses least."""
        order = np.lexsort((-miss, what, who))
        last = np.flatnonzero(np.append(np.diff(who[order]) != 0, True)) if who.size else order
        found.what[who[order[last]]] = what[order[last]]
        found.miss[who[order[last]]] = miss[order[last]]

    def _tours(self, op: int, rows: Ints) -> tuple[Ints, Floats]:
        """Return what some tours fail at and by how much: first what time and kit tell, then the plan as it is."""
        what, miss = np.full(len(rows), Obstacle.PRICE), np.full(len(rows), math.inf)
        clear = np.ones(len(rows), dtype=np.bool_)

        def fail(obstacle: Obstacle, by: Floats) -> None:
            hit = clear & (by > CLOSE)
            what[hit], miss[hit] = obstacle, by[hit]
            clear[hit] = False

        data, row = self.data, self.data.tour_row[rows]
        length = data.length_s[row, op]
        ends = data.tour_end_s[rows]
        away = data.shifts_at[rows] < data.shifts_at[rows + 1]
        length = np.where(away & data.op_pausable[op], 0.0, length)
        fail(Obstacle.SHIFT, self._off_duty_s(op, rows, length))
        pieces, ready_s = self._missing(op, rows, self.kit, self.stock)
        fail(Obstacle.TOOLS, np.where(np.isinf(pieces), math.inf, 0.0))
        fail(Obstacle.PARTS, pieces)
        spans = self._windows(op) or [(0.0, -1.0)]
        alone_s = self._alone_s(op, rows, spans[0][0], spans[-1][1], length)
        lost_s = np.where(away, 0.0, self.shift_over_s[rows] - (ends - data.tour_over_s[rows]))
        fail(Obstacle.REST, np.where(alone_s <= lost_s + CLOSE, alone_s, 0.0))
        fail(Obstacle.TRAVEL, alone_s)
        never = data.high_s[row, op] < data.low_s[row, op]
        fail(Obstacle.EXPIRED, np.where(never, math.inf, self._allowed_s(op, rows, np.zeros(len(rows)), length)))
        fail(Obstacle.DELIVERY, self._allowed_s(op, rows, ready_s, length))
        if clear.any():
            self._in_plan(op, rows, fail, clear, miss)
        return what, miss

    def _off_duty_s(self, op: int, rows: Ints, length: Floats) -> Floats:
        """Return how much too short the longest stay on duty is that begins within a window of the job."""
        data = self.data
        missed = self._short_s(op, data.tour_start_s[rows], data.tour_end_s[rows], length)
        for index in np.flatnonzero(data.shifts_at[rows] < data.shifts_at[rows + 1]).tolist():
            own = slice(data.shifts_at[rows[index]], data.shifts_at[rows[index] + 1])
            missed[index] = self._short_s(op, data.shift_start_s[own], data.shift_end_s[own], length[index]).min()
        return missed

    def _short_s(self, op: int, starts: Floats, ends: Floats, length: Floats) -> Floats:
        missed: Floats = np.full(len(starts), math.inf)
        for from_s, until_s in self._windows(op):
            stay = np.minimum(ends, until_s + length) - np.maximum(starts, from_s)
            missed = np.minimum(missed, np.where(length > 0.0, length - np.maximum(0.0, stay), np.maximum(0.0, -stay)))
        return missed

    def _windows(self, op: int) -> Sequence[tuple[float, float]]:
        number = self.one.ops[op]
        job, seat = self.one.problem.jobs[number.job], self.one.problem.jobs[number.job].seats[number.seat]
        opened = [
            (max(one.from_s, job.release_s) + seat.after_min_s, one.until_s + seat.after_max_s)
            for one in job.windows
            if one.until_s >= job.release_s
        ]
        return opened if number.seat == 0 or not opened else [(opened[0][0], opened[-1][1])]

    def _alone_s(self, op: int, rows: Ints, low: Floats | float, high: Floats | float, length: Floats) -> Floats:
        """Return by how much it is too late with no other stop: to begin, or to be back."""
        data, here = self.data, self.data.op_place[op]
        mode = data.tour_mode[rows]
        there, back = (
            data.travel_s[mode, data.tour_from[rows], here],
            data.travel_s[mode, here, data.tour_to[rows]],
        )
        free = data.tour_flies[rows] | (data.shifts_at[rows] < data.shifts_at[rows + 1])
        there, back = np.where(free, 0.0, there), np.where(free, 0.0, back)
        begins = np.maximum(low, data.tour_start_s[rows] + there)
        late_s: Floats = np.maximum(begins - high, begins + length + back - data.tour_end_s[rows])
        return late_s

    def _allowed_s(self, op: int, rows: Ints, ready_s: Floats, length: Floats) -> Floats:
        """Return the same, begun when each is allowed to and not before `ready_s`."""
        data, row = self.data, self.data.tour_row[rows]
        low, high = data.low_s[row, op], data.high_s[row, op]
        late_s = self._alone_s(op, rows, np.maximum(low, ready_s), high, length)
        for index in np.flatnonzero(data.gaps_at[row] < data.gaps_at[row + 1]).tolist():
            gaps = np.arange(data.gaps_at[row[index]], data.gaps_at[row[index] + 1])
            gaps, one = gaps[data.gap_op[gaps] == op], slice(index, index + 1)
            begins, ends = [low[index], *data.gap_until_s[gaps]], [*data.gap_from_s[gaps], high[index]]
            late_s[index] = min(
                self._alone_s(op, rows[one], np.maximum(from_s, ready_s[one]), until_s, length[one])[0]
                for from_s, until_s in zip(begins, ends, strict=True)
            )
        return late_s

    def _missing(self, op: int, rows: Ints, kit: Floats, stock: Floats) -> tuple[Floats, Floats]:
        """Return how many pieces are missing from kit and one depot (`inf`: a tool), and when the rest is delivered."""
        data, person = self.data, self.person[rows]
        best, ready_s = np.full(len(rows), math.inf), np.zeros(len(rows))
        for depot in range(-1, len(stock)):
            tools = data.person_tools[person] | (data.depot_tools[depot] if depot >= 0 else 0)
            equipped = ((data.op_tools[op] & ~tools) == 0).all(axis=1)
            for mode in range(data.modes_at[op], data.modes_at[op + 1]):
                lacks = np.where(equipped, 0.0, math.inf)
                left = {part: kit[person, part] for part in self._parts(mode)}
                store = {part: np.full(len(rows), stock[depot, part] if depot >= 0 else 0.0) for part in left}
                for line in range(data.lines_at[mode], data.lines_at[mode + 1]):
                    part, quantity = data.line_part[line], data.line_quantity[line]
                    lacks += np.maximum(0.0, quantity - np.maximum(left[part], store[part]))
                    there = store[part] >= quantity
                    store[part] = store[part] - np.where(there, quantity, 0.0)
                    left[part] = left[part] - np.where(there, 0.0, quantity)
                ready = data.mode_ready_s[mode]
                better = (lacks < best) | ((lacks == best) & (ready < ready_s))
                best, ready_s = np.where(better, lacks, best), np.where(better, ready, ready_s)
        if data.modes_at[op] == data.modes_at[op + 1]:
            best = np.full(len(rows), self.one.problem.jobs[self.one.ops[op].job].parts[0].quantity)
        return best, ready_s

    def _parts(self, mode: int) -> list[int]:
        return [int(part) for part in self.data.line_part[self.data.lines_at[mode] : self.data.lines_at[mode + 1]]]

    def _in_plan(
        self, op: int, rows: Ints, fail: Callable[[Obstacle, Floats], None], clear: Flags, miss: Floats
    ) -> None:
        """Tell what those who could do it alone fail at in the plan as it is; the rest gets its price."""
        held, data, view = self.held, self.data, self.held.view
        tours = len(view.count)
        cost, over, late_s = np.empty(tours), np.empty(tours), np.empty(tours)
        missed = np.empty(tours, dtype=np.int64)
        budget = data.budget.copy()
        offers(held.data, held.state, op, budget, cost, over)
        if np.isinf(cost[rows[clear]]).any() and np.isfinite(budget).any():
            free = cost.copy()
            data.budget[:] = math.inf
            try:
                offers(held.data, held.state, op, budget, free, over)
            finally:
                data.budget[:] = budget
            over = np.where(np.isinf(cost), over, 0.0)
            cost = np.where(np.isinf(cost), free, cost)
        shortfalls(held.data, held.state, op, late_s, missed)
        out = np.isinf(cost[rows])
        loaded = view.load[rows] + data.op_load[op] - data.tour_capacity[rows]
        fail(Obstacle.CAPACITY, np.where(out, np.nan_to_num(loaded, neginf=0.0), 0.0))
        fail(Obstacle.TOGETHER, np.where(out & self._company(op, rows), math.inf, 0.0))
        fail(Obstacle.SHARED_TOOL, np.where(out & self._tool_taken(op, rows), math.inf, 0.0))
        told = data.told_person[op]
        limited = (told >= 0) & (told != self.person[rows]) & (view.changes[0] >= data.changes_max)
        fail(Obstacle.CHANGES, np.where(out & limited, 1.0 + view.changes[0] - data.changes_max, 0.0))
        pieces, _ = self._missing(op, rows, view.kit_left, view.stock_left)
        fail(Obstacle.PARTS_TAKEN, np.where(out, pieces, 0.0))
        cut = data.tour_end_s - data.tour_over_s < self.shift_over_s
        rest = out & cut[rows] & (missed[rows] == END)
        lost_s = self.shift_over_s[rows] - (data.tour_end_s - data.tour_over_s)[rows]
        fail(Obstacle.REST, np.where(rest & (late_s[rows] <= lost_s), late_s[rows], 0.0))
        fail(
            Obstacle.TRAVEL,
            np.where(out & (view.count[rows] == 0), np.where(late_s[rows] > CLOSE, late_s[rows], math.inf), 0.0),
        )
        fail(Obstacle.BUSY, np.where(out, late_s[rows], 0.0))
        fail(Obstacle.LINKED if data.linked else Obstacle.BUSY, np.where(out, math.inf, 0.0))
        fail(Obstacle.BUDGET, np.where(over[rows] > CLOSE, over[rows], 0.0))
        miss[clear] = cost[rows[clear]]

    def _company(self, op: int, rows: Ints) -> Flags:
        """Say which tours are of the wrong person for a job that is planned and has to be with this one, or apart."""
        data, view, job = self.data, self.held.view, self.data.op_job[op]
        wrong = np.zeros(len(rows), dtype=np.bool_)
        for pair in range(data.pair_at[job], data.pair_at[job + 1]):
            other = data.pair_job[pair]
            tours = view.tour_of[data.job_ops_at[other] : data.job_ops_at[other + 1]]
            if (tours >= 0).any():
                shares = np.isin(self.person[rows], self.person[tours[tours >= 0]])
                wrong |= shares != data.pair_same[pair]
        return wrong

    def _tool_taken(self, op: int, rows: Ints) -> Flags:
        """Say for which tours a shared tool is with others at some time of the shift."""
        data, view = self.data, self.held.view
        taken = np.zeros(len(rows), dtype=np.bool_)
        for tool in data.shared[data.shared_at[op] : data.shared_at[op + 1]]:
            full = view.held[tool] >= data.shared_count[tool]
            for index, tour in enumerate(rows.tolist()):
                moments = data.moments[data.moments_at[tour] : data.moments_at[tour + 1]]
                taken[index] |= not view.holding[tour, tool] and bool(full[moments].any())
        return taken

    def _invalid_s(self, op: int, number: Op, job: Job, person: Technician) -> float:
        """Return by how many seconds what a person holds misses a start on duty within the windows."""
        length = length_of(self.one.problem, number, person)
        spans = allowed_spans(job.seats[number.seat], job, person)
        return min(
            (
                max(from_s - min(until_s, shift.end_s - length), max(from_s, start_s, shift.start_s) + length - last_s)
                for from_s, last_s in spans
                for start_s, until_s in self._windows(op)
                for shift in person.shifts
                if max(start_s, shift.start_s) <= min(until_s, shift.end_s + shift.overtime_s - length)
            ),
            default=math.inf,
        )
