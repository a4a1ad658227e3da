"""Figures of a network of 2,000 technicians and 10,000 jobs: first plan, plan after five minutes, memory, growth.

`first_plan_s` is the time to the first plan that the engine tells of, with everything that it prepares before.
`plan_cost_ratio_300s` is what the plan costs after five minutes beside the frozen insertion of `regret`. `peak_mb` is
the most memory held, by this process and its largest child. `growth_exponent` is the slope of processor time over
jobs, both logarithmic, for as many search moves a job: 1 is proportional.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.dispatch.regret import regret
from benchmarks.dispatch.runs import Solver, cpu_now
from benchmarks.dispatch.warmup import warm_up
from benchmarks.dispatch.worlds import JOBS, network
from benchmarks.report import Result
from optimizer.dispatch.check import check
from optimizer.dispatch.model import Problem
from optimizer.run import Limit, Progress

PLAN_S = 300.0
MOVES = 3
"""Search moves for each job where growth is measured."""
SIZES = (100, 300, 1_000, 3_000, 10_000)
QUICK_JOBS, QUICK_S = 1_000, 10.0


def measure(seed: int, threads: int, *, quick: bool, solver: Solver) -> list[Result]:
    """Return the figures; `quick` takes a tenth of the network and ten seconds, and says so in the case."""
    warm_up(solver, threads)
    jobs, seconds = (QUICK_JOBS, QUICK_S) if quick else (JOBS, PLAN_S)
    results = _planned(network(seed, jobs), seed, threads, seconds, solver)
    sizes = tuple(size for size in SIZES if size <= jobs)
    results.append(Result(f"{sizes[0]} to {sizes[-1]} jobs", "growth_exponent", growth(sizes, seed, solver), ""))
    return results


def _planned(problem: Problem, seed: int, threads: int, seconds: float, solver: Solver) -> list[Result]:
    case = f"{len(problem.technicians)} technicians, {len(problem.jobs)} jobs"
    began = time.perf_counter()
    told: list[float] = []

    def on_progress(_: Progress) -> None:
        told.append(time.perf_counter() - began)

    plan = solver(problem, limit=Limit(seconds=seconds), seed=seed, threads=threads, on_progress=on_progress)
    told.append(time.perf_counter() - began)
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    for violation in check(problem, plan):
        sys.stderr.write(f"{case}: {violation}\n")
    reference = regret(problem)
    return [
        Result(case, "first_plan_s", told[0], "s"),
        Result(
            case,
            f"plan_cost_ratio_{seconds:.0f}s",
            plan.objective / reference.objective,
            "",
            "regret-2 insertion, plan cost",
            reference.objective,
        ),
        Result(case, "peak_mb", peak, "MB"),
    ]


def growth(sizes: Sequence[int], seed: int, solver: Solver, clock: Callable[[], float] = cpu_now) -> float:
    """Return the exponent by which processor time grows with jobs, at as many search moves a job, in one thread."""
    spent = []
    for size in sizes:
        problem = network(seed, size)
        before = clock()
        solver(problem, limit=Limit(iterations=MOVES * size), seed=seed, threads=1)
        spent.append(clock() - before)
    slope, _ = np.polyfit(np.log(sizes), np.log(spent), 1)
    return float(slope)
