"""Move single pieces at places that have none below, so that floors are just met and money is just spent.

Each such move changes what waits there and nothing else, so that moves add up. At the prices of money and of floors
each loses little; those are taken that lose least for what they bring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.kernel.moves import moved
from optimizer.stocking.tree import parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from optimizer.stocking.aim import Lacks
    from optimizer.stocking.case import Case
    from optimizer.stocking.evaluate import Evaluation
    from optimizer.stocking.model import Budget

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TRIED = 5_000
"""How many moves are tried of each kind, the best first."""
IN_VAIN = 100
"""How many in a row may not fit, after which no more are tried."""
SLACK = 1e-12


class Moves:
    """Single pieces more or less for one stock, and what a few of them add up to."""

    def __init__(
        self,
        case: Case,
        lacks: Lacks,
        evaluation: Evaluation,
        weights: tuple[Floats, Floats | None],
        multipliers: Floats,
        prices: Mapping[Budget, float],
    ) -> None:
        tree = case.tree
        self.case, self.lacks, self.multipliers = case, lacks, multipliers
        self.stock = evaluation.stock.copy()
        part = parts_of(tree)
        scarce = np.add.reduceat(self.stock, tree.at[:-1]) <= case.owned + (case.owned > 0)
        self.leaf = np.flatnonzero((tree.first == tree.last) & (tree.up >= 0) & ~scarce[part])
        leaf, of = self.leaf, part[self.leaf]
        told = np.zeros((4, leaf.size))
        moved(tree.at, evaluation.due_mean, evaluation.due_variance, self.stock, tree.dispersion, leaf, told)
        wait, miss = weights
        held = self.stock[leaf]
        self.may = held < tree.most[leaf], held > tree.least[leaf]
        self.change = told.reshape(2, 2, leaf.size) * np.array([-1.0, 1.0])[:, None, None]  # of backorders, of misses
        self.cost = case.price[of]
        self.gain = self.change[:, 0] * wait[leaf]
        if miss is not None:
            self.gain += self.change[:, 1] * miss[leaf]
        self.budget = np.zeros(leaf.size, np.int64)
        money = np.zeros(tree.at.size - 1)
        self.left = np.zeros(len(case.parts))
        costs = case.costs(self.stock)
        for index, (budget, mine) in enumerate(case.parts.items()):
            money[mine] = prices[budget]
            self.budget[np.isin(of, mine)] = index
            self.left[index] = case.money[budget] - costs[mine].sum()
        self.lack = lacks.of(evaluation)
        self._entries()
        priced = np.array([[1.0], [-1.0]]) * self.cost * money[of]
        self.loss = np.maximum(self.gain + priced + self._of_floors(), 0.0)
        self.free = np.ones(leaf.size, np.bool_)

    def made(self) -> Ints | None:
        """Return a stock that meets the floors for the money, None if these moves do not lead to one."""
        if not self.leaf.size:
            return None
        self._trim()
        self._meet()
        self._pay()
        if (self.left < 0).any() or (self.lack > self.lacks.limit).any():
            return None
        self._spend()
        return self.stock

    def _entries(self) -> None:
        """Keep the entries of floors at these leaves, leaf after leaf."""
        lacks, leaf = self.lacks, self.leaf
        at = np.searchsorted(leaf, lacks.node)
        here = np.flatnonzero(np.isin(lacks.node, leaf))
        order = here[np.argsort(at[here], kind="stable")]
        self.entry_leaf, self.entry_floor = at[order], lacks.floor[order]
        kind = lacks.missed[self.entry_floor].astype(np.int64)
        self.entry_change = self.change[:, kind, self.entry_leaf] * lacks.counts[order]
        self.entry_at = np.searchsorted(self.entry_leaf, np.arange(leaf.size + 1))

    def _of_floors(self) -> Floats:
        """Return what the floors make of each move."""
        worth = self.entry_change * self.multipliers[self.entry_floor]
        return np.array([np.bincount(self.entry_leaf, one, self.leaf.size) for one in worth])

    def _meet(self) -> None:
        """Add pieces until each floor is met, those that lose least for it."""
        for floor in np.flatnonzero(self.lack > self.lacks.limit):
            mine = np.flatnonzero(self.entry_floor == floor)
            leaf, helps = self.entry_leaf[mine], -self.entry_change[0, mine]
            good = np.flatnonzero(self.may[0][leaf] & self.free[leaf] & (helps > 0))
            for index in _first(self.loss[0, leaf[good]] / helps[good]):
                if self.lack[floor] <= self.lacks.limit[floor]:
                    break
                self._take(0, int(leaf[good[index]]))

    def _pay(self) -> None:
        """Take pieces away until the money suffices, those that lose least for it, floors kept."""
        for budget in np.flatnonzero(self.left < 0):
            good, vain = np.flatnonzero(self.may[1] & self.free & (self.budget == budget)), 0
            for index in _first(self.loss[1, good] / self.cost[good]):
                if self.left[budget] >= 0 or vain == IN_VAIN:
                    break
                vain = 0 if self._taken(int(good[index])) else vain + 1

    def _trim(self) -> None:
        """Take pieces away where a floor that costs something is more than met."""
        for floor in np.flatnonzero((self.multipliers > 0) & (self.lack < self.lacks.limit)):
            mine = np.flatnonzero(self.entry_floor == floor)
            leaf, hurts = self.entry_leaf[mine], self.entry_change[1, mine]
            room = self.lacks.limit[floor] - self.lack[floor]
            good = np.flatnonzero(self.may[1][leaf] & self.free[leaf] & (hurts > 0) & (hurts <= room))
            vain = 0
            for index in _first(self.loss[1, leaf[good]] / hurts[good]):
                vain = 0 if self._taken(int(leaf[good[index]])) else vain + 1
                if vain == IN_VAIN:
                    break

    def _spend(self) -> None:
        """Add pieces for the money that is left, those that save most for it."""
        for budget in np.flatnonzero(self.left > 0):
            good = np.flatnonzero(self.may[0] & self.free & (self.budget == budget) & (self.cost <= self.left[budget]))
            vain = 0
            for index in _first(self.gain[0, good] / self.cost[good]):
                leaf = int(good[index])
                vain += 1
                if self.cost[leaf] <= self.left[budget] and self.gain[0, leaf] < 0:
                    self._take(0, leaf)
                    vain = 0
                if vain == IN_VAIN:
                    break

    def _taken(self, leaf: int) -> bool:
        """Take a piece away unless a floor is then not met any more; return whether it was."""
        entries = slice(self.entry_at[leaf], self.entry_at[leaf + 1])
        floors = self.entry_floor[entries]
        after = self.lack[floors] + self.entry_change[1, entries]
        if (after > self.lacks.limit[floors] * (1.0 - SLACK)).any():
            return False
        self._take(1, leaf)
        return True

    def _take(self, less: int, leaf: int) -> None:
        self.free[leaf] = False
        self.stock[self.leaf[leaf]] += 1 - 2 * less
        self.left[self.budget[leaf]] -= self.cost[leaf] * (1 - 2 * less)
        entries = slice(self.entry_at[leaf], self.entry_at[leaf + 1])
        np.add.at(self.lack, self.entry_floor[entries], self.entry_change[less, entries])


def _first(ratio: Floats) -> list[int]:
    """Return the indices of the least ratios, rising."""
    some = np.argpartition(ratio, TRIED)[:TRIED] if ratio.size > TRIED else np.arange(ratio.size)
    order: list[int] = some[np.argsort(ratio[some], kind="stable")].tolist()
    return order
