"""Base stocks that cost least, where a piece in stock costs money by place and a waiting one its weight.

For a few places: a search in steps of one piece, up, down or from one place to another, with any of the models.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.evaluate import Method, evaluated
from optimizer.stocking.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from optimizer.stocking.model import Scenario
    from optimizer.stocking.tree import Tree

    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Costs:
    """Stock of the only part by place, and what it costs a day: on the shelf, on the way, and of what waits."""

    stock: Mapping[str, int]
    on_shelf: float
    on_the_way: float
    waiting: float

    @property
    def total(self) -> float:
        """The sum of all three."""
        return self.on_shelf + self.on_the_way + self.waiting


def cost_of(
    scenario: Scenario, held: Mapping[str, int], holding: Mapping[str, float], method: Method = Method.EXACT
) -> Costs:
    """Return what a stock of the only part costs a day.

    `holding` is what a piece costs a day at each place, on the shelf and on its way to the next one below. A waiting
    piece costs the weight of its line. Raises ValueError for more than one part, a part that is repaired below its root
    (its pieces on the way are not known apart), and a place without its cost.
    """
    tree = _tree(scenario, holding)
    codes = [scenario.places[place].code for place in tree.place.tolist()]
    return _costs(scenario, tree, np.array([held.get(code, 0) for code in codes], np.int64), holding, method)


def cheapest(scenario: Scenario, holding: Mapping[str, float], method: Method = Method.EXACT) -> Costs:
    """Return the stock that costs least a day, of those that no step of one piece betters; raises as `cost_of` does.

    O(places²) evaluations a step.
    """
    tree = _tree(scenario, holding)
    size = tree.place.size
    one = np.eye(size, dtype=np.int64)
    steps = [*one, *-one, *(one[into] - one[out] for into, out in permutations(range(size), 2))]
    best = _costs(scenario, tree, np.round(tree.due).astype(np.int64), holding, method)
    better = True
    while better:
        better = False
        now = np.array(list(best.stock.values()), np.int64)
        for step in steps:
            if (now + step).min() >= 0:
                told = _costs(scenario, tree, now + step, holding, method)
                if told.total < best.total - 1e-12:
                    best, better = told, True
    return best


def _tree(scenario: Scenario, holding: Mapping[str, float]) -> Tree:
    if len(scenario.parts) != 1:
        raise ValueError(f"holding costs are of one part at a time, not {len(scenario.parts)}")
    repair = scenario.parts[0].repair
    if repair is not None and repair.depth > 0:
        raise ValueError("holding costs are of parts that are repaired at the root, or bought")
    tree = tree_of(scenario)
    for place in tree.place.tolist():
        code = scenario.places[place].code
        if not 0 <= holding.get(code, -1.0) < math.inf:
            raise ValueError(f"place {code}: say what holding a piece costs there a day, 0 or more")
    return tree


def _costs(scenario: Scenario, tree: Tree, stock: Ints, holding: Mapping[str, float], method: Method) -> Costs:
    told = evaluated(scenario, tree, stock, method)
    codes = [scenario.places[place].code for place in tree.place.tolist()]
    cost = np.array([holding[code] for code in codes])
    # of an order of several the position lies higher in the mean
    position = stock + np.where(tree.up < 0, (tree.quantity[0] - 1) / 2, 0.0)
    shelf = position - told.due_mean + told.backorders
    below = np.flatnonzero(tree.up >= 0)
    way = float(cost[tree.up[below]] @ tree.due[below])
    return Costs(dict(zip(codes, stock.tolist(), strict=True)), float(cost @ shelf), way, told.weighted)
