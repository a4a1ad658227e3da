"""The prices and multipliers at which the stock that rounds found, part by part, is worth most: where to look next.

For any prices and multipliers each part takes the best of its stock that is known; the sum, less what money and floors
allow, lies above the bound of all stock and meets it where the stock was found. Its most is sought near the best bound
so far by planes that touch it (J. E. Kelley 1960), in a box that grows with success and shrinks without.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.stocking.aim import summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.stocking.aim import Aim
    from optimizer.stocking.case import Case
    from optimizer.stocking.rounds import Round

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

KNOWN = 12
"""How many rounds are remembered."""
PLANES, CLOSE = 120, 1e-7
"""How many planes there are at most, and how close, as a share, the most is told."""
WIDTHS = 0.002, 0.2, 0.3
"""The logarithm of the least, first and most width of the box, to either side."""


class Known(NamedTuple):
    """The stock of a round; by part its goal and cost, and what floors lack of it."""

    stock: NDArray[np.int32]
    goal: Floats
    costs: Floats
    lack: Floats


class Master:
    """Stock known by part, for prices by budget and multipliers by floor."""

    def __init__(self, case: Case, aim: Aim) -> None:
        self.case, self.aim = case, aim
        self.known: list[Known] = []
        self.parts = list(case.parts.values())
        self.allowed = np.append(np.array([case.money[budget] for budget in case.parts]), aim.lacks.limit)
        self.width = WIDTHS[1]
        self.center: tuple[float, Floats] | None = None
        lacks = aim.lacks
        part = np.searchsorted(case.tree.at, lacks.node, side="right") - 1
        self.entry = part * lacks.limit.size + lacks.floor

    def add(self, told: Round, at: Floats) -> None:
        """Remember the stock of a round at prices and multipliers."""
        lacks, shape = self.aim.lacks, (self.case.price.size, self.aim.lacks.limit.size)
        evaluation = told.evaluation
        missing = np.where(
            lacks.missed[lacks.floor], 1.0 - evaluation.fill[lacks.node], evaluation.own_backorders[lacks.node]
        )
        lack = summed(self.entry, missing * lacks.counts, math.prod(shape)).reshape(shape)
        self.known = [*self.known[1 - KNOWN :], Known(evaluation.stock.astype(np.int32), told.goal, told.costs, lack)]
        if self.center is None or told.bound > self.center[0]:
            self.width = min(WIDTHS[2], 1.5 * self.width)
            self.center = told.bound, at
        else:
            self.width = max(WIDTHS[0], self.width / 2.0)

    def value(self, at: Floats) -> tuple[float, Floats, Ints]:
        """Return what the best known stock comes to, how that changes with each price, and the choice by part."""
        budgets = len(self.parts)
        price = np.empty(self.case.price.size)
        for index, mine in enumerate(self.parts):
            price[mine] = at[index]
        sums = np.array([one.goal + price * one.costs + one.lack @ at[budgets:] for one in self.known])
        choice: Ints = sums.argmin(axis=0)
        costs = np.array([one.costs for one in self.known])[choice, np.arange(choice.size)]
        lack = np.zeros(at.size - budgets)
        for index, one in enumerate(self.known):
            lack += one.lack[choice == index].sum(axis=0)
        used = np.append([costs[mine].sum() for mine in self.parts], lack)
        return float(sums.min(axis=0).sum() - at @ self.allowed), used - self.allowed, choice

    def best(self, unit: Floats) -> Floats:
        """Return the prices and multipliers near the center for which the most remains; units of both are positive."""
        from ortools.math_opt.python import mathopt

        if self.center is None:
            raise ValueError("no stock is known yet")
        center = self.center[1]
        least = np.maximum((center + unit) * math.exp(-self.width) - unit, 0.0)
        scale = (center + unit) * math.exp(self.width) - unit - least
        model = mathopt.Model()
        # how far from the center, in widths of the box
        low = (least - center) / scale
        moves = [model.add_variable(lb=one, ub=one + 1.0) for one in low.tolist()]
        level = model.add_variable()
        model.maximize(level)
        solver = mathopt.IncrementalSolver(model, mathopt.SolverType.GLOP)
        at, found, highest = center, center, -math.inf
        for _ in range(PLANES):
            value, slope, _ = self.value(at)
            if value > highest:
                highest, found = value, at
            plane = model.add_linear_constraint(ub=value - float(slope @ (at - center)))
            plane.set_coefficient(level, 1.0)
            for move, steep in zip(moves, (slope * scale).tolist(), strict=True):
                plane.set_coefficient(move, -steep)
            told = solver.solve()
            if told.termination.reason is not mathopt.TerminationReason.OPTIMAL:
                break
            if told.objective_value() - highest <= CLOSE * abs(highest):
                break
            at = np.maximum(center + scale * np.array(told.variable_values(moves)), 0.0)
        return found

    def mixed(self, at: Floats) -> Ints:
        """Return the stock of which each part takes the best that is known."""
        choice = np.repeat(self.value(at)[2], np.diff(self.case.tree.at))
        stock = self.known[0].stock.copy()
        for index, one in enumerate(self.known):
            stock = np.where(choice == index, one.stock, stock)
        return stock.astype(np.int64)
