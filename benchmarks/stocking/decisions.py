"""How often a model chooses a wrong stock level: the least that serves a share at once, with the exact model as truth.

The grid: a depot and a base that asks for a share of what the depot hands out. Varied are that share, the means in
repair and on the way to the base, the depot's stock (as shares of the mean in repair), and the share to be served.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from benchmarks.report import Result
from optimizer.stocking.evaluate import Method, evaluated
from optimizer.stocking.model import Line, Part, Place, Repair, Scenario
from optimizer.stocking.tree import tree_of

SHARES = (0.5, 0.25, 0.1, 0.05, 0.02, 0.01)
REPAIRED = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
ON_THE_WAY = (0.05, 0.2, 0.5, 1.0, 2.0)
DEPOT = (0.0, 0.4, 0.7, 1.0, 1.3, 1.6)
SERVED = (0.8, 0.9, 0.95, 0.98, 0.99)
LEVELS = 36


def measure() -> list[Result]:
    """Return the share of wrong decisions by model; 5,400 decisions."""
    legs = list(product(SHARES, ON_THE_WAY))
    places = [Place("D"), Place("ELSEWHERE", "D", 1.0)]
    places += [Place(f"B{index}", "D", way / share) for index, (share, way) in enumerate(legs)]
    cases = [(index, mean, depot) for index in range(len(legs)) for mean in REPAIRED for depot in DEPOT]
    parts, lines, stock = [], [], []
    for number, (index, mean, depot) in enumerate(cases):
        share = legs[index][0]
        for level in range(LEVELS):
            name = f"{number}/{level}"
            parts.append(Part(name, 1.0, repair=Repair(mean)))
            lines += [Line(name, "ELSEWHERE", 1.0 - share), Line(name, f"B{index}", share)]
            stock += [round(depot * mean), 0, level]
    scenario = Scenario.of(places, parts, lines)
    tree, held = tree_of(scenario), np.array(stock, np.int64)
    chosen = {}
    for method in Method:
        fill = evaluated(scenario, tree, held, method).fill[2::3].reshape(len(cases), LEVELS)
        chosen[method] = np.array([(fill < target).sum(axis=1) for target in SERVED])
        if chosen[method].max() == LEVELS:
            raise RuntimeError("a decision lies beyond the levels that were tried")
    truth = chosen[Method.EXACT]
    count = f"{truth.size} decisions"
    return [
        Result(f"{count}, {method}", "wrong_decisions", float((chosen[method] != truth).mean()), "share")
        for method in Method
    ]
