"""What stands before anything is planned: begun and sequenced jobs, appointments, and what those wait for.

They are put in one by one by the kernel's own rules: what has begun, then appointments, then what is sequenced behind
it. What does not fit beside those before it is lost: it contradicts them, and no plan can keep it. Whether the
appointments of a technician had better come behind all that is sequenced is tried with everything else put in.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from optimizer.dispatch.building.flat import begins, ints
from optimizer.dispatch.building.ops import BEGUN
from optimizer.dispatch.building.state import Built, new_state
from optimizer.dispatch.jobs import Pin, PinKind
from optimizer.dispatch.kernel.box import boxed
from optimizer.dispatch.kernel.recreate import place, put_in
from optimizer.dispatch.kernel.start import complete, put_stops

HEAD = (*BEGUN, PinKind.SEQUENCED)

GROUPS_MAX = 4
"""For so many technicians at most the order of appointments and sequenced jobs is tried one by one."""

CLOSE = 1e-6


def settled(one: Built) -> Built:
    """Return a problem's arrays with the stops that every plan begins with, and what cannot be kept told."""
    pins = {number: job.pin for number, job in enumerate(one.problem.jobs) if job.pin is not None}
    heads = sorted((number for number, pin in pins.items() if pin.kind in HEAD), key=lambda number: _at_s(pins[number]))
    dates = [op.job for op in one.ops if op.appointment is not None]
    if not heads and not dates:
        return one
    begun = 1 + max((index for index, number in enumerate(heads) if pins[number].kind in BEGUN), default=-1)
    lost: set[int] = set()
    while True:
        first = _First(_for_pinned(one, heads, lost), heads)
        new = first.failing([*heads[:begun], *dates, *heads[begun:]], lost)
        if not new:
            break
        lost |= new
    found, behind = first.result(sorted(lost)), set[int]()
    groups = _groups(one, heads[begun:], dates)
    least = first.filled() if groups else 0.0
    for group in groups:
        late = behind | group
        ahead = _First(_for_pinned(one, heads, lost), heads)
        order = [*heads[:begun], *(date for date in dates if date not in late), *heads[begun:], *sorted(late)]
        if ahead.failing(order, lost, late):
            continue
        tried, cost = ahead.result(sorted(lost)), ahead.filled()
        if cost < least - CLOSE:
            found, least, behind = tried, cost, late
    return found


def _groups(one: Built, heads: Collection[int], dates: Collection[int]) -> list[set[int]]:
    """Return the appointments of each technician who has sequenced jobs; of all in one if these are many."""
    told = (one.problem.jobs[number].pin for number in heads)
    busy = {code for pin in told if pin is not None for code in pin.technicians}
    groups: dict[int, set[int]] = {}
    for op in one.ops:
        if op.job in dates and one.problem.technicians[op.person].code in busy:
            groups.setdefault(op.person, set()).add(op.job)
    apart = list(groups.values())
    return apart if len(apart) <= GROUPS_MAX else [set[int]().union(*apart)]


def _at_s(pin: Pin) -> float:
    return pin.start_s or 0.0


def _for_pinned(one: Built, heads: Collection[int], lost: Collection[int]) -> Built:
    """Return the arrays with no tour for what is lost, and for what is pinned that nearest to its told start."""
    found: list[list[int]] = []
    for index, op in enumerate(one.ops):
        tours = one.data.op_tours[one.data.op_tours_at[index] : one.data.op_tours_at[index + 1]].tolist()
        if op.job in lost:
            tours = []
        elif op.job in heads and tours:
            job = one.problem.jobs[op.job]
            at_s = _at_s(job.pin) if job.pin is not None else 0.0
            tours = [min(tours, key=lambda n: max(one.tours[n].start_s - at_s, at_s - one.tours[n].end_s, 0.0))]
        found.append(tours)
    must = one.data.job_must.copy()
    must[_waited_for(one, heads)] = True
    data = one.data._replace(
        op_tours_at=begins(found),
        op_tours=ints(found),
        tour_fixed=np.zeros_like(one.data.tour_fixed),
        job_must=must,
    )
    return replace(one, data=data)


def _waited_for(one: Built, jobs: Collection[int]) -> list[int]:
    """Return the jobs without which some are not done, each behind those that it waits for itself."""
    found: list[int] = []

    def visit(job: int) -> None:
        for entry in range(one.data.before_at[job], one.data.before_at[job + 1]):
            before = int(one.data.before_job[entry])
            if before not in found:
                visit(before)
                found.append(before)

    for job in jobs:
        visit(job)
    return found


class _First:
    """An empty plan that is filled with what is fixed."""

    def __init__(self, one: Built, heads: Sequence[int]) -> None:
        self.one, self.heads = one, set(heads)
        self.view = new_state(one, 0)
        self.data, self.state = boxed(one.data), boxed(self.view)
        for tour in range(len(one.tours)):
            put_stops(self.data, self.state, tour, np.array([], dtype=np.int64))

    def failing(self, fixed: Sequence[int], lost: Collection[int], late: Collection[int] = ()) -> set[int]:
        """Put in what is fixed, in this order, and what it waits for; return the first that cannot be kept, if any.

        The appointments that are `late` come behind the heads, if they can.
        """
        for job in fixed:
            if job in lost:
                continue
            self._fix(job in self.heads or job in late)
            if place(self.data, self.state, job, math.inf, 0.0):
                continue
            self._fix(job in self.heads)
            if job not in late or not place(self.data, self.state, job, math.inf, 0.0):
                return {job}
        self._fix(True)
        for job in sorted(self.heads - set(lost)):
            for before in _waited_for(self.one, [job]):
                if self.view.left_place[before] >= 0 and not put_in(self.data, self.state, before, math.inf, 0.0):
                    return {job}
        return set()

    def _fix(self, heads: bool) -> None:
        """Keep what is put in next behind the jobs at the heads, or allow it anywhere."""
        self.one.data.tour_fixed[:] = 0
        for op in self._ops_of(self.heads) if heads else ():
            tour = self.view.tour_of[op]
            if tour >= 0:
                behind = self.view.place_in[op] + 1
                self.one.data.tour_fixed[tour] = max(self.one.data.tour_fixed[tour], behind)

    def _ops_of(self, jobs: Collection[int]) -> Iterator[int]:
        for job in jobs:
            yield from range(self.one.data.job_ops_at[job], self.one.data.job_ops_at[job + 1])

    def filled(self) -> float:
        """Put in everything else that fits and return what the plan then costs."""
        return float(complete(self.data, self.state, 0))

    def result(self, lost: Sequence[int]) -> Built:
        """Return the arrays with the stops that are in."""
        stops = (self.view.stops[tour, : self.view.count[tour]] for tour in range(len(self.one.tours)))
        first = tuple(tuple(map(int, row)) for row in stops)
        return replace(self.one, first=first, modes=self.view.mode_of.copy(), lost=tuple(lost))
