"""Targets of a whole network with repair queues, parts that interchange and floors by region and class.

A tenth of the parts has an older one that it stands in for; shops at the centre repair a hundred parts each, and four
fifths of their benches are in use. Floors are of the two more essential classes in each region: they may lack four
fifths of what they lack without floors.
"""

from __future__ import annotations

import math
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.report import Result
from benchmarks.stocking.networks import network
from benchmarks.stocking.targets import ALL, QUICK, SHAPES
from optimizer.stocking.goals import Floor, Floors, Measure
from optimizer.stocking.interchange import Interchange, interchanged
from optimizer.stocking.model import Budget, Scenario
from optimizer.stocking.plan import Problem
from optimizer.stocking.queues import Shop, queued
from optimizer.stocking.solve import solve

MILLIONS = 20
LESS = 0.8
BUSY = 0.8
WORK_DAYS = 5.0
ESSENTIAL = (1.0, 0.3)


def measure(seed: int, *, quick: bool) -> Iterator[Result]:
    """Prepare and solve each shape; the compiler is warm."""
    for shape, (regions, forward, parts) in (QUICK if quick else SHAPES).items():
        given = network(regions, forward, parts, seed)
        money = MILLIONS * parts / 20_000 * 1e6
        budgets = {Budget.CAPITAL: money * 0.7, Budget.OPERATING: money * 0.3}
        began = time.process_time()
        scenario = _prepared(given)
        prepared = time.process_time() - began
        floors = _floors(Problem(scenario, budgets))
        # what floors ask for is found by a solve of its own, which is none of theirs
        began, asked = time.process_time(), time.perf_counter()
        plan = solve(Problem(scenario, budgets, floors=floors), limit=ALL)
        seconds = time.process_time() - began + prepared
        case = f"{shape}, {MILLIONS if not quick else MILLIONS * parts / 20_000:g} M, floors, interchange, queues"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
        yield Result(case, "seconds", seconds, "cpu s")
        yield Result(case, "prepare_s", prepared, "cpu s")
        yield Result(case, "wall_s", time.perf_counter() - asked, "s")
        yield Result(case, "peak_mb", peak, "MB")
        yield Result(case, "lagrangian_gap", plan.gap, "share")
        yield Result(case, "floors_met", float(np.mean([one.met for one in plan.floors])), "share")
        yield Result(case, "weighted_backorders", plan.objective, "pieces")


def _prepared(scenario: Scenario) -> Scenario:
    """Return a network whose parts interchange and wait for repair; of the older a part has the same demand again."""
    numbers = [part.number for part in scenario.parts]
    kinds = [part.repair is None for part in scenario.parts]
    groups = [
        Interchange(numbers[at + 1], (numbers[at],), two_way=at % 20 == 0)
        for at in range(0, len(numbers) - 1, 10)
        if kinds[at] == kinds[at + 1]
    ]
    scenario, _ = interchanged(scenario, groups)
    rate = np.bincount(scenario.lines.part, scenario.lines.rate_per_day, len(scenario.parts))
    repaired = [index for index, part in enumerate(scenario.parts) if part.repair is not None]
    shops = []
    for first in range(0, len(repaired), 100):
        some = repaired[first : first + 100]
        # a little less is repaired than fails
        load = WORK_DAYS * 0.95 * float(rate[some].sum())
        benches = max(1, math.ceil(load / BUSY))
        days = WORK_DAYS * benches * BUSY / load
        shops.append(Shop(f"S{first}", "C", {scenario.parts[index].number: days for index in some}, benches))
    scenario, _ = queued(scenario, shops)
    return scenario


def _floors(problem: Problem) -> Floors:
    scenario, lines = problem.scenario, problem.scenario.lines
    regions = {place.code: index for index, place in enumerate(p for p in scenario.places if p.parent == "C")}
    of_place = [regions.get(place.code, regions.get(place.parent or "", -1)) for place in scenario.places]
    region = np.array(of_place)[lines.place]
    # weights of parts that were joined lie between their classes
    classes = np.select([lines.weight > 0.65, lines.weight > 0.175], [0, 1], -1)
    group = np.where((region >= 0) & (classes >= 0), region * len(ESSENTIAL) + classes, -1)
    names = np.unique(group[group >= 0])
    group = np.where(group >= 0, np.searchsorted(names, group), -1)
    bare = Floors.of([Floor(str(name), Measure.FILL, 0.0) for name in names.tolist()], group)
    reached = solve(replace(problem, floors=bare), limit=ALL).floors
    return Floors.of([Floor(one.floor, Measure.FILL, 1.0 - LESS * (1.0 - one.value)) for one in reached], group)
