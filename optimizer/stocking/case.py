"""One network with its money as arrays: the whole of a problem, or some of its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.stocking.model import Budget
from optimizer.stocking.tree import some_parts, tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from optimizer.stocking.plan import Problem
    from optimizer.stocking.tree import Tree

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


class Case(NamedTuple):
    """A tree, the price of each part, the parts of each budget and its money; pieces owned by part."""

    tree: Tree
    price: Floats
    owned: Ints
    parts: Mapping[Budget, Ints]
    money: Mapping[Budget, float]
    resale: float

    def some(self, chosen: Ints, money: Mapping[Budget, float]) -> Case:
        """Return the case of some parts with other money."""
        at = {one: place for place, one in enumerate(chosen.tolist())}
        parts = {
            budget: np.array([at[one] for one in mine.tolist() if one in at], np.int64)
            for budget, mine in self.parts.items()
        }
        return self._replace(
            tree=some_parts(self.tree, chosen),
            price=self.price[chosen],
            owned=self.owned[chosen],
            parts={budget: mine for budget, mine in parts.items() if mine.size},
            money=money,
        )

    def costs(self, stock: Ints) -> Floats:
        """Return what a stock by node costs by part, beyond what is owned; what is sold counts against it."""
        more = np.add.reduceat(stock, self.tree.at[:-1]) - self.owned
        return self.price * np.where(more > 0, 1.0, self.resale) * more

    def surplus(self, stock: Ints) -> Ints:
        """Return the owned pieces of each part that are in no target."""
        return np.maximum(self.owned - np.add.reduceat(stock, self.tree.at[:-1]), 0)


def case_of(problem: Problem) -> Case:
    """Return a problem as a case."""
    tree, parts = tree_of(problem.scenario), problem.scenario.parts
    of = {
        budget: np.array([index for index, part in enumerate(parts) if part.budget is budget], np.int64)
        for budget in Budget
    }
    return Case(
        tree,
        np.array([part.price for part in parts]),
        np.add.reduceat(tree.owned.astype(np.int64), tree.at[:-1]),
        {budget: mine for budget, mine in of.items() if mine.size},
        {budget: float(problem.budgets[budget]) for budget, mine in of.items() if mine.size},
        problem.resale_share,
    )
