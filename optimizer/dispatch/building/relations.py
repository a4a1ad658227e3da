"""What jobs have to do with each other as arrays: links between starts, order, the same person or not, nearness."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from optimizer.dispatch.building.demands import Demands
from optimizer.dispatch.building.flat import begins, flags, floats, ints
from optimizer.dispatch.building.ops import Op
from optimizer.dispatch.kernel.arrays import Floats, Ints
from optimizer.dispatch.model import Problem

NEAR_MAX = 100
"""So many neighbours of each job are known to the search."""

ROWS_AT_ONCE = 256


class Link(NamedTuple):
    """start[target] >= start[op] + offset_s (+ length of op if from_end) (- length of target if to_end)."""

    target: int
    offset_s: float
    from_end: bool = False
    to_end: bool = False


def relation_arrays(problem: Problem, ops: Sequence[Op], jobs: int) -> dict[str, object]:
    """Return the arrays of `kernel.arrays.Data` that tell of links, pairs and precedence; `jobs` with appointments."""
    numbers = {job.number: index for index, job in enumerate(problem.jobs)}
    first = {op.job: index for index, op in reversed(list(enumerate(ops)))}
    links: list[list[Link]] = [[] for _ in ops]
    for number, job in enumerate(problem.jobs):
        head = first[number]
        for index, seat in enumerate(job.seats[1:], start=1):
            links[head].append(Link(head + index, seat.after_min_s))
            links[head + index].append(Link(head, -seat.after_max_s))
    pairs: list[list[tuple[int, bool]]] = [[] for _ in range(jobs)]
    before: list[list[int]] = [[] for _ in range(jobs)]
    after: list[list[int]] = [[] for _ in range(jobs)]
    for one in problem.precedence:
        early, late = numbers[one.before], numbers[one.after]
        before[late].append(early)
        after[early].append(late)
        seats = 1 if one.from_start else len(problem.jobs[early].seats)
        for number in range(seats):
            links[first[early] + number].append(Link(first[late], one.gap_min_s, from_end=not one.from_start))
            if number:
                links[first[late]].append(Link(first[early] + number, -math.inf))
        # against the end of the first seat, which is no later than the last end: never wrong, at most strict
        links[first[late]].append(Link(first[early], -one.gap_max_s, to_end=not one.from_start))
    for two in problem.together:
        left, right = numbers[two.first], numbers[two.second]
        pairs[left].append((right, two.same))
        pairs[right].append((left, two.same))
    return {
        "linked": any(links),
        "link_at": begins(links),
        "link_target": ints([[link.target for link in one] for one in links]),
        "link_offset_s": floats([[link.offset_s for link in one] for one in links]),
        "link_from_end": flags([[link.from_end for link in one] for one in links]),
        "link_to_end": flags([[link.to_end for link in one] for one in links]),
        "pair_at": begins(pairs),
        "pair_job": ints([[job for job, _ in one] for one in pairs]),
        "pair_same": flags([[same for _, same in one] for one in pairs]),
        "before_at": begins(before),
        "before_job": ints(before),
        "after_at": begins(after),
        "after_job": ints(after),
    }


def nearness(problem: Problem, ops: Sequence[Op], jobs: int) -> Ints:
    """Return for each job the nearest others by travel there and back, nearest first, -1 where there are no more."""
    size = min(NEAR_MAX, jobs - 1)
    if size <= 0:
        return np.full((jobs, 1), -1, dtype=np.int64)
    place = np.zeros(jobs, dtype=np.int64)
    for op in reversed(ops):
        place[op.job] = op.place
    travel = problem.travel[min(problem.travel)].seconds
    near = np.empty((jobs, size), dtype=np.int64)
    for begin in range(0, jobs, ROWS_AT_ONCE):
        rows = np.arange(begin, min(jobs, begin + ROWS_AT_ONCE))
        way = travel[np.ix_(place[rows], place)] + travel[np.ix_(place, place[rows])].T
        way[np.arange(len(rows)), rows] = math.inf
        nearest = (
            np.argpartition(way, size - 1, axis=1)[:, :size] if size < jobs - 1 else np.argsort(way, axis=1)[:, :size]
        )
        order = np.lexsort((nearest, np.take_along_axis(way, nearest, axis=1)), axis=1)
        near[rows] = np.take_along_axis(nearest, order, axis=1)
    return near


def sort_keys(problem: Problem, ops: Sequence[Op], demands: Demands, tours_for: Ints, jobs: int) -> Floats:
    """Return orders in which jobs are put back, one a row: hardest, heaviest, far, near, narrowest, earliest first."""
    keys = np.zeros((6, jobs))
    travel = problem.travel[min(problem.travel)].seconds
    homes = sorted({shift.start_place for person in problem.technicians for shift in person.shifts})
    far = travel[homes].min(axis=0) if homes else np.zeros(len(problem.places))
    for index, op in enumerate(ops):
        number = op.job
        spans = demands.windows[index]
        early, late = (spans[0][0], spans[-1][1]) if spans else (0.0, 0.0)
        if number < len(problem.jobs):
            job = problem.jobs[number]
            late = min(late, max(early, job.due_s - job.duration_s))
            keys[1, number] = -(job.load if math.isfinite(job.load) and job.load else job.duration_s)
            keys[0, number] -= 1e6 * (len(job.seats) > 1)
        width = min(late - early, 1e7)
        keys[0, number] += float(tours_for[index]) * (1.0 + width)
        keys[2, number], keys[3, number] = -far[op.place], far[op.place]
        keys[4, number], keys[5, number] = width, early
    return keys
