"""One budget: how far curves must go, which pieces its money buys, and what that proves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.knapsack import Offer, Taken, filled, relaxed, searched
from optimizer.stocking.plan import Spending

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from optimizer.stocking.curves import Curve, Curves
    from optimizer.stocking.model import Budget
    from optimizer.stocking.plan import Problem
    from optimizer.stocking.tree import Tree

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Ask = Callable[[int, float], Curve | None]

SAMPLED = 400
"""How many parts tell about where the price of money will lie, where there are several times as many."""
BELOW = 4.0
"""By how much curves go on below that price."""
FIRST, STEP, LAST = 1e-3, 1e-3, 1e-12
"""Where nothing tells, curves go down to these prices: shares of what waits without stock by unit of the money."""
POINTS = 200


class Purse:
    """The parts of one budget and its money."""

    def __init__(self, problem: Problem, tree: Tree, curves: Curves, budget: Budget, parts: Ints) -> None:
        self.tree, self.curves, self.budget, self.parts = tree, curves, budget, parts
        self.budgeted, self.resale = float(problem.budgets[budget]), problem.resale_share
        self.prices = np.array([problem.scenario.parts[index].price for index in parts])
        self.owned = np.add.reduceat(tree.owned.astype(np.int64), tree.at[:-1])[parts]
        self.least = np.add.reduceat(tree.least, tree.at[:-1])[parts]
        self.bare = np.array([curves.value(index, tree.least[tree.at[index] : tree.at[index + 1]]) for index in parts])
        # what is owned beyond the least could be sold: keeping it costs what it would bring
        beyond = np.where(self.least > self.owned, 1.0, self.resale) * (self.least - self.owned)
        self.money = max(0.0, self.budgeted - float(self.prices @ beyond))
        self.offers: list[Offer] = []
        self.unknown = 0.0
        self.floor = 0.0
        self.curve_of: dict[int, Curve] = {}
        self.proven = False

    def spend(self, ask: Ask, *, whole: bool) -> None:
        """Choose how many pieces of each part; `whole` has everything searched."""
        unit = float(self.bare.sum()) / max(self.money, float(self.prices.min()))
        self.floor = (LAST if whole else FIRST) * unit
        if self.parts.size > 4 * SAMPLED:
            some = np.linspace(0, self.parts.size - 1, SAMPLED).astype(np.int64)
            self.floor = self._relaxed(ask, some, self.money * SAMPLED / self.parts.size, LAST * unit).price / BELOW
        self.taken = self._relaxed(ask, np.arange(self.parts.size), self.money, LAST * unit)
        self.pieces, complete = searched(self.offers, self.taken, self.money, self._attained, whole=whole)
        if not complete:
            self.pieces = filled(self.offers, self.pieces, self.money)
        self.proven = complete and not self.unknown

    def _relaxed(self, ask: Ask, some: Ints, money: float, last: float) -> Taken:
        """Return what whole units buy of some parts, on curves that go on until the money is used or worth nothing."""
        while True:
            self.offers, self.unknown = [], 0.0
            for index in some:
                self.offers.append(
                    self._offer(int(index), ask(int(self.parts[index]), self.floor * self.prices[index]))
                )
            taken = relaxed(self.offers, money, self.floor)
            if taken.price > self.floor or self.floor <= last or self.unknown:
                return taken
            self.floor *= STEP

    def _offer(self, index: int, curve: Curve | None) -> Offer:
        if curve is None:
            self.unknown += self.bare[index]
            return Offer(self.bare[index : index + 1], np.zeros(0))
        self.curve_of[index] = curve
        pieces = self.least[index] + np.arange(curve.hull.size - 1)
        return Offer(curve.hull, self.prices[index] * np.where(pieces < self.owned[index], self.resale, 1.0))

    def _attained(self, index: int, pieces: int) -> float:
        """Return what waits of a part, as it can be had."""
        curve = self.curve_of.get(index)
        if curve is None:
            return float(self.bare[index])
        if curve.attained is not None:
            return float(curve.attained[pieces])
        part = int(self.parts[index])
        stock = self.tree.least[self.tree.at[part] : self.tree.at[part + 1]].copy()
        return self.curves.lay(part, self.floor * self.prices[index], curve, pieces, stock)

    def lay(self, stock: Ints) -> None:
        """Write where the pieces lie, by node of the tree."""
        for index, part in enumerate(self.parts):
            nodes = slice(self.tree.at[part], self.tree.at[part + 1])
            if (curve := self.curve_of.get(index)) is not None:
                enough = self.floor * self.prices[index]
                self.curves.lay(int(part), enough, curve, int(self.pieces[index]), stock[nodes])
        self.curve_of.clear()  # of a large network they take much memory, and nobody asks again
        self.offers.clear()

    @property
    def surplus(self) -> Ints:
        """Return the owned pieces of each part that are in no target."""
        return np.maximum(self.owned - self.least - self.pieces, 0)

    def told(self, objective: float) -> Spending:
        """Return how the money is used, with what then waits."""
        pieces = self.least + self.pieces
        bought = np.where(pieces > self.owned, 1.0, self.resale) * (pieces - self.owned)
        bound = objective if self.proven else max(0.0, min(objective, float(self.taken.bound - self.unknown)))
        return Spending(self.budgeted, float(self.prices @ bought), self.taken.price, objective, bound, self._points())

    def _points(self) -> tuple[tuple[float, float], ...]:
        """Return the efficient curve; money counts from nothing beyond what is owned."""
        paid, waiting = self.taken.paid + self.budgeted - self.money, self.taken.waiting
        some = np.unique(np.linspace(0, paid.size - 1, min(paid.size, POINTS)).astype(np.int64))
        return tuple(zip(paid[some].tolist(), waiting[some].tolist(), strict=True))
