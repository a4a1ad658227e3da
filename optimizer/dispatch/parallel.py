"""Searches of parts side by side, or of one problem together, in threads: the kernel runs without Python's lock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event

from optimizer.dispatch.search import Search
from optimizer.run import Limit, ShouldStop

SLICES = 60
"""A search is cut into so many pieces of falling temperature."""

MEETINGS = 10
"""Searches from several seeds meet so often."""

ROUNDS_MIN = 20

ROUNDS_MAX = 2_000
"""Of so many rounds at most is a piece, however many there are in all: a stop is heeded within a moment."""

COMBINED = (0.6, 0.8, 0.95)
"""After these shares of the work the tours so far are combined anew."""

COMBINING = 0.05
"""Share of the seconds that each of these may take, if that is worth the while at all."""

COMBINING_MIN_S = 0.3

REPORT_EVERY_S = 0.5


class _Halt:
    """Whether to stop, asked by several threads: once it is so it stays so, and nobody is asked again."""

    def __init__(self, should_stop: ShouldStop) -> None:
        self.should_stop, self.halted = should_stop, Event()

    def __call__(self) -> bool:
        if not self.halted.is_set() and self.should_stop():
            self.halted.set()
        return self.halted.is_set()


def improve(
    searches: Sequence[Search],
    limit: Limit,
    seed: int,
    threads: int,
    should_stop: ShouldStop,
    report: Callable[[], None],
) -> None:
    """Search within the limit; `report` is called by the thread that calls this, twice a second and at the end."""
    busy = [one for one in searches if one.one.tours and one.one.ops]
    if not busy:
        return
    halt = _Halt(should_stop)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        try:
            if len(busy) == 1 and threads > 1:
                team = [busy[0], *(Search(busy[0].one, seed + 1_000 + index) for index in range(threads - 1))]
                _together(pool, team, limit, halt, report)
            else:
                _side_by_side(pool, threads, busy, limit, halt, report)
        finally:
            halt.halted.set()  # after a fault nobody searches on


def _finish(jobs: Sequence[Future[None]], report: Callable[[], None]) -> None:
    """Wait for all, and report meanwhile and at the end; raise what one of them raises."""
    while wait(jobs, timeout=REPORT_EVERY_S, return_when=FIRST_EXCEPTION).not_done:
        for job in jobs:
            if job.done():
                job.result()
        report()
    for job in jobs:
        job.result()
    report()


def _together(
    pool: ThreadPoolExecutor,
    team: Sequence[Search],
    limit: Limit,
    halt: _Halt,
    report: Callable[[], None],
) -> None:
    """Search one problem from several seeds; at each meeting all go on from the best plan."""
    began = time.monotonic()
    for piece in range(MEETINGS):
        share = (piece / MEETINGS, (piece + 1) / MEETINGS)
        number = None if limit.iterations is None else limit.iterations // len(team)
        until = began + (limit.seconds or 0.0) * share[1]
        _finish([pool.submit(_work, one, _Part(limit.seconds, number, share, until), halt) for one in team], report)
        best = min(team, key=lambda one: one.best.cost).best
        for one in team:
            if one.best.cost > best.cost:
                one.restore(best.stops, best.count, best.modes)
        if halt():
            return


def _side_by_side(
    pool: ThreadPoolExecutor,
    threads: int,
    busy: Sequence[Search],
    limit: Limit,
    halt: _Halt,
    report: Callable[[], None],
) -> None:
    """Search all parts at once, each with its share of the work by its number of jobs."""
    jobs = sum(len(one.one.ops) for one in busy)
    workers = min(max(1, threads), len(busy))
    _finish(
        [pool.submit(_turn, busy[worker::workers], limit, jobs / workers, halt) for worker in range(workers)], report
    )


def _turn(own: Sequence[Search], limit: Limit, jobs: float, halt: _Halt) -> None:
    ends = time.monotonic() + (limit.seconds or 0.0)
    left = sum(len(one.one.ops) for one in own)
    for one in own:
        size = len(one.one.ops)
        now = time.monotonic()
        seconds = None if limit.seconds is None else max(ends - now, 0.0) * size / left
        number = None if limit.iterations is None else max(1, round(limit.iterations * size / jobs))
        _work(one, _Part(seconds, number, (0.0, 1.0), now + (seconds or 0.0)), halt)
        one.forget()
        left -= size


@dataclass(frozen=True, slots=True)
class _Part:
    """A share (from, until) of a whole search, of so many seconds or rounds; by the clock it ends at `until`."""

    seconds: float | None
    rounds: int | None
    share: tuple[float, float]
    until: float

    def marks(self) -> list[float]:
        """Return the shares of the work within this one after which tours are combined."""
        return [mark for mark in COMBINED if self.share[0] <= mark < self.share[1]]


def _work(one: Search, part: _Part, halt: _Halt) -> None:
    """Search through a part of the work, in pieces after each of which it may be stopped."""
    if part.rounds is None:
        _work_by_clock(one, part, halt)
        return
    due, (first, last) = part.marks(), part.share
    begin, end = round(part.rounds * first), round(part.rounds * last)
    size = max(1, min((end - begin + SLICES - 1) // SLICES, ROUNDS_MAX))
    for done in range(begin, end, size):
        if halt():
            return
        if due and done >= due[0] * part.rounds:
            due.pop(0)
            one.combine(None)
        one.advance(min(size, end - done), done / part.rounds)


def _work_by_clock(one: Search, part: _Part, halt: _Halt) -> None:
    due, (first, last) = part.marks(), part.share
    began, combining = time.monotonic(), COMBINING * (part.seconds or 0.0)
    whole = part.until - began
    size = ROUNDS_MIN
    while (left := part.until - time.monotonic()) > 0 and not halt():
        progress = last - (last - first) * left / whole
        if due and progress >= due[0]:
            due.pop(0)
            if combining >= COMBINING_MIN_S:
                one.combine(min(combining, left))
            continue
        one.advance(size, progress)
        took = left - (part.until - time.monotonic())
        aim = max(0.005, whole / SLICES)
        size = max(1, min(4 * size, int(size * min(aim, left) / max(took, 1e-6))))
