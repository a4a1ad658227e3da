"""Plans played through: how far simulated backorders are from planned ones, and what is named where they differ."""

from __future__ import annotations

import csv
import math
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmarks.report import Result
from benchmarks.stocking.answers import network as answered
from benchmarks.stocking.networks import network
from optimizer.run import Limit
from optimizer.simulation.check import check
from optimizer.simulation.intervals import CONFIDENCE
from optimizer.simulation.judge import SHOWN, Cause, judge
from optimizer.simulation.kernel.replication import REMOVED
from optimizer.simulation.model import Batches, Neighbours, Problem, RepairQueue, World, turn_around
from optimizer.simulation.simulate import simulate
from optimizer.stocking.evaluate import Evaluation, Method, evaluate, evaluated
from optimizer.stocking.model import Budget, Scenario
from optimizer.stocking.plan import Problem as Money
from optimizer.stocking.solve import solve
from optimizer.stocking.tree import repairs_of, tree_of

REPLICATIONS = 30
"""Many and short: with few of them intervals that all hold together are wide."""
PIECES = 4_000.0
"""Removals of a part in each replication of a network with known answers."""
BUSY = 0.85
"""Share of the time that the servers of the centre work, where its repair is a queue."""


@dataclass(slots=True)
class _Seen:
    """What is gathered over networks: by place of a part the planned and simulated backorders, and the causes."""

    planned: list[np.ndarray] = field(default_factory=list)
    compared_to: list[np.ndarray] = field(default_factory=list)
    simulated: list[np.ndarray] = field(default_factory=list)
    compared: int = 0
    agreeing: int = 0
    causes: Counter[Cause | None] = field(default_factory=Counter)
    removed: float = 0.0
    cpu_s: float = 0.0
    confidence: float = CONFIDENCE

    def add(self, problem: Problem, plan: Evaluation, other: Evaluation, seed: int, executor: Executor) -> None:
        """Simulate a plan, check the books, and judge it; `other` is a plan of the same stock to be compared with."""
        began = time.process_time()
        told = simulate(problem, limit=Limit(iterations=REPLICATIONS), seed=seed, executor=executor)
        self.cpu_s += time.process_time() - began
        if wrong := check(problem, told):
            raise RuntimeError(f"the books of a simulation do not add up: {wrong[0]}")
        self.removed += float(told.books[:, REMOVED].sum())
        judged = judge(problem, plan, told, confidence=self.confidence, executor=executor)
        self.compared += judged.compared
        self.agreeing += judged.agreeing
        self.causes.update(one.causes[0].cause if one.causes else None for one in judged.findings)
        self.planned.append(plan.backorders)
        self.compared_to.append(other.backorders)
        self.simulated.append(told.backorders.mean)

    def results(self, case: str) -> Iterator[Result]:
        """Yield the mean and the largest error, how many agree, and the first cause of the others."""
        planned, other, simulated = map(np.concatenate, (self.planned, self.compared_to, self.simulated))
        shown = np.maximum(planned, simulated) > SHOWN
        if not shown.any():
            return
        error, peer = (np.abs(one[shown] - simulated[shown]) / simulated[shown] for one in (planned, other))
        yield Result(case, "simulated_ebo_error", float(error.mean()), "share", "metric", float(peer.mean()))
        yield Result(case, "simulated_ebo_error_max", float(error.max()), "share", "metric", float(peer.max()))
        yield Result(case, "compared", self.compared, "places of parts")
        yield Result(case, "agreeing", self.agreeing / self.compared, "share")
        for cause in Cause:
            if self.causes[cause]:
                yield Result(case, f"named_{cause}", self.causes[cause], "places of parts")
        yield Result(case, "unnamed", self.causes[None], "places of parts")
        yield Result(case, "removals_per_cpu_s", self.removed / self.cpu_s, "pieces")


def measure(paths: Sequence[Path], seed: int, *, quick: bool) -> Iterator[Result]:
    """Judge networks of files of exact answers (`quick`: every twentieth), and a plan in worlds unknown to it."""
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        for path in paths:
            rows = list(csv.DictReader(path.read_text().splitlines()))[:: 20 if quick else 1]
            seen = _Seen(confidence=1.0 - (1.0 - CONFIDENCE) / len(rows))
            for row in rows:
                scenario, stock = answered(row)
                plan, other = (evaluate(scenario, stock, one) for one in (Method.NEGATIVE_BINOMIAL, Method.METRIC))
                days = PIECES / float(scenario.lines.rate_per_day.sum())
                seen.add(Problem(scenario, plan.stock, days), plan, other, seed, executor)
            yield from seen.results(f"{path.stem}, {len(rows)} rows")
        scenario = network(2, 8, 8 if quick else 40, seed)
        for name, problem, plan in _worlds(scenario, 1e4 if quick else 1e5):
            seen = _Seen()
            tree = tree_of(problem.scenario)
            other = evaluated(problem.scenario, tree, plan.stock, Method.METRIC)
            seen.add(problem, plan, other, seed, executor)
            yield from seen.results(f"a plan, {name}")


def _worlds(scenario: Scenario, days: float) -> Iterator[tuple[str, Problem, Evaluation]]:
    """Yield a plan of a network in its own world, and with repair queues, laterals, batches, and all of these."""
    regions = {place.parent for place in scenario.places if place.parent is not None} - {"C"}
    pools = tuple(
        Neighbours(tuple(place.code for place in scenario.places if place.parent == region), 0.25)
        for region in sorted(filter(None, regions))
    )
    shops = (RepairQueue("C", math.ceil(_work(scenario) / BUSY)),)
    batches = replace(scenario, parts=tuple(replace(part, dispersion=3.0) for part in scenario.parts))
    plain, varying = World(), World(turn_around_variation=1.0)
    worlds = {
        "as planned": (scenario, varying),
        "repair queue": (scenario, replace(varying, shops=shops)),
        "laterals": (scenario, replace(varying, pools=pools)),
        "batches": (batches, replace(plain, batches=Batches.GEOMETRIC)),
        "all of these": (batches, World(shops, pools, Batches.GEOMETRIC, 1.0)),
    }
    for name, (asked, world) in worlds.items():
        money = Money(asked, dict.fromkeys(Budget, 700.0 * len(asked.parts)))
        plan = solve(money, limit=Limit(iterations=10**9)).evaluation
        yield name, Problem(asked, plan.stock, days, world), plan


def _work(scenario: Scenario) -> float:
    """Return how many pieces are in repair, in the mean, where nobody waits."""
    tree = tree_of(scenario)
    turn = [turn_around(scenario, part) for part in scenario.parts]
    return float(np.add.reduceat(repairs_of(scenario, tree), tree.at[:-1]) @ np.array(turn))
