"""Solve days and tell time, memory, cost, bound, gap, and how far urgent needs are served beside the rule of thumb."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from benchmarks.replenishment.networks import day
from benchmarks.replenishment.published import read
from benchmarks.report import Result
from optimizer.replenishment.daily.check_core import check_core
from optimizer.replenishment.daily.core import Core, Ints
from optimizer.replenishment.daily.greedy import greedy
from optimizer.replenishment.daily.program import Work, solve_program
from optimizer.replenishment.daily.search import search
from optimizer.run import Limit

NODES = 10_000
FILLS = {"fill_aog": 0, "fill_critical": 1}


def published(prefixes: Sequence[str], seconds: float | None) -> Iterator[Result]:
    """Solve each day in files in its three sizes, beside the known answers."""
    for prefix in prefixes:
        nested = read(prefix)
        for name, core, answer in nested.cases():
            case = f"{os.path.basename(prefix)}, {name}"  # noqa: PTH119 (a prefix is no file)
            yield from _solved(case, core, seconds, answer if name != "limits" else None, urgent=False)
            if name == "limits":
                yield _beside(Result(case, "cost_in_broken_pieces", broken(core), "money"), "published", answer)


def broken(core: Core) -> float:
    """Return what the day costs where pieces may be broken."""
    moves, nothing = np.flatnonzero(core.most > 0), np.zeros(core.supply.size, np.int64)
    relaxed = solve_program(core, moves, nothing, whole=False, work=Work())
    if relaxed is None:
        raise ValueError("the relaxation could not be solved")
    return relaxed.value


def generated(sizes: Sequence[int], seed: int, seconds: float | None) -> Iterator[Result]:
    """Solve generated days of so many parts, with and without lanes that cost."""
    for parts in sizes:
        for lanes in (True, False):
            core = (
                day(parts, seed, lanes=lanes) if parts >= 500 else day(parts, seed, regions=5, outlets=30, lanes=lanes)
            )
            case = f"{parts:,} parts, {'lanes with a cost' if lanes else 'no cost of lanes'}"
            yield from _solved(case, core, seconds, None, urgent=True)


def _solved(case: str, core: Core, seconds: float | None, answer: float | None, *, urgent: bool) -> Iterator[Result]:
    limit = Limit(iterations=NODES) if seconds is None else Limit(seconds=seconds)
    began, wall = time.process_time(), time.perf_counter()
    found = search(core, limit=limit, urgent_as_greedy=urgent)
    yield Result(case, "seconds", time.perf_counter() - wall, "s")
    yield Result(case, "cpu_s", time.process_time() - began, "cpu s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    yield Result(case, "peak_mb", peak, "MB")
    if wrong := check_core(core, found.pieces, found.objective):
        raise ValueError(f"{case}: the plan breaks {wrong[0].code} at {wrong[0].where}")
    rule = greedy(core)
    yield _beside(Result(case, "cost", found.objective, "money"), "published", answer)
    yield Result(case, "cost_saved", 1 - found.objective / core.price(rule), "share of greedy")
    yield Result(case, "bound", found.bound, "money")
    yield Result(case, "avoidable_gap", found.avoidable_gap, "share")
    for metric, urgency in FILLS.items():
        share, by_rule = (_fill(core, pieces, urgency) for pieces in (found.pieces, rule))
        yield _beside(Result(case, metric, share, "share"), "greedy", by_rule)


def _fill(core: Core, pieces: Ints, urgency: int) -> float:
    wanted = int(core.need_each[core.urgency == urgency].sum())
    return int(core.served(pieces)[urgency]) / wanted if wanted else 1.0


def _beside(result: Result, peer: str, value: float | None) -> Result:
    return result if value is None else Result(result.case, result.metric, result.value, result.unit, peer, value)


@contextmanager
def quiet() -> Iterator[None]:
    """Send what the solver's library prints to standard error: standard output is for the report alone."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
