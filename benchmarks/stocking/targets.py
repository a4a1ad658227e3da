"""Targets of a whole network: processor time, memory, the gap to the bound, and what the money leaves waiting."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator

from benchmarks.report import Result
from benchmarks.stocking.networks import network
from optimizer.run import Limit
from optimizer.stocking.model import Budget
from optimizer.stocking.plan import Problem
from optimizer.stocking.solve import solve

SHAPES = {"545 places, 20,000 parts": (30, 514, 20_000)}
QUICK = {"61 places, 1,000 parts": (10, 50, 1_000)}
MILLIONS = (2, 20, 200)
ALL = Limit(iterations=10**9)


def measure(seed: int, *, quick: bool) -> Iterator[Result]:
    """Solve each shape for each sum of money; the compiler is warm."""
    warm = network(2, 4, 20, seed)
    solve(Problem(warm, dict.fromkeys(Budget, 1e4)), limit=ALL)
    for shape, (regions, forward, parts) in (QUICK if quick else SHAPES).items():
        scenario = network(regions, forward, parts, seed)
        for millions in MILLIONS[:1] if quick else MILLIONS:
            budgets = {Budget.CAPITAL: millions * 7e5, Budget.OPERATING: millions * 3e5}
            began, wall = time.process_time(), time.perf_counter()
            plan = solve(Problem(scenario, budgets), limit=ALL)
            case = f"{shape}, {millions} M"
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
            yield Result(case, "seconds", time.process_time() - began, "cpu s")
            yield Result(case, "wall_s", time.perf_counter() - wall, "s")
            yield Result(case, "peak_mb", peak, "MB")
            yield Result(case, "lagrangian_gap", plan.gap, "share")
            yield Result(case, "weighted_backorders", plan.objective, "pieces")
            del plan  # as large as the next one, whose memory is measured
