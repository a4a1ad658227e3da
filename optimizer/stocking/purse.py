"""One budget: how far curves must go, which pieces its money buys, and what that proves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.free import lay_free
from optimizer.stocking.knapsack import Offer, Taken, filled, relaxed, searched

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from optimizer.stocking.case import Case
    from optimizer.stocking.curves import Curve, Curves
    from optimizer.stocking.model import Budget

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Ask = Callable[[int, float, float], Curve | None]

SAMPLED = 400
"""How many parts tell about where the price of money will lie, where there are several times as many."""
BELOW = 4.0
"""By how much curves go on below that price."""
DOUBT, AGAIN = 0.02, 3
"""How many pieces a curve may be off at the price of money without being made again, and how often that is done."""
FIRST, STEP, LAST = 1e-3, 1e-3, 1e-12
"""Where nothing tells, curves go down to these prices: shares of what waits without stock by unit of the money."""
POINTS = 200


class Purse:
    """The parts of one budget and its money."""

    def __init__(self, case: Case, curves: Curves, budget: Budget) -> None:
        tree = case.tree
        self.case, self.tree, self.curves, self.budget = case, tree, curves, budget
        self.parts = case.parts[budget]
        self.budgeted, self.resale = case.money[budget], case.resale
        self.prices, self.owned = case.price[self.parts], case.owned[self.parts]
        self.least = np.add.reduceat(tree.least, tree.at[:-1])[self.parts]
        self.bare = np.array(
            [curves.value(index, tree.least[tree.at[index] : tree.at[index + 1]]) for index in self.parts]
        )
        # what is owned beyond the least could be sold: keeping it costs what it would bring
        beyond = np.where(self.least > self.owned, 1.0, self.resale) * (self.least - self.owned)
        self.beyond = float(self.prices @ beyond)
        self.money = max(0.0, self.budgeted - self.beyond)
        self.offers: list[Offer] = []
        self.unknown = 0.0
        self.floor = self.near = 0.0
        self.curve_of: dict[int, tuple[Curve, float]] = {}
        self.proven = False

    def spend(self, ask: Ask, *, whole: bool) -> None:
        """Choose how many pieces of each part; `whole` has everything searched."""
        unit = float(self.bare.sum()) / max(self.money, float(self.prices.min()))
        self.floor = (LAST if whole else FIRST) * unit
        if self.parts.size > 4 * SAMPLED:
            some = np.linspace(0, self.parts.size - 1, SAMPLED).astype(np.int64)
            self.floor = self._relaxed(ask, some, self.money * SAMPLED / self.parts.size, LAST * unit).price / BELOW
        self.taken = self._relaxed(ask, np.arange(self.parts.size), self.money, LAST * unit)
        self._close(ask)
        whole = whole and all(offer.low is None for offer in self.offers)
        self.pieces, complete = searched(self.offers, self.taken, self.money, self._attained, whole=whole)
        if not complete:
            self.pieces = filled(self.offers, self.pieces, self.money)
            self._go_on(ask, LAST * unit)
        self.proven = complete and not self.unknown

    def _close(self, ask: Ask) -> None:
        """Make curves again that were close at another price than that of the money."""
        for _ in range(AGAIN):
            price = self.near = self.taken.price
            off = [
                index
                for index, offer in enumerate(self.offers)
                if offer.low is not None and offer.doubt(price) > DOUBT * price * self.prices[index]
            ]
            if not off or self.unknown:
                return
            for index in off:
                self.offers[index] = self._offer(ask, index)
            self.taken = relaxed(self.offers, self.money, self.floor)

    def _go_on(self, ask: Ask, last: float) -> None:
        """Spend what is left on pieces that save less than the floor: the next that saves more may be too dear."""
        offers, number = self.offers, self.pieces.tolist()
        left = self.money - sum(float(offer.costs[:one].sum()) for offer, one in zip(offers, number, strict=True))
        if self.unknown or self.floor <= last:
            return
        self.floor = last
        for index, offer in enumerate(offers):
            if number[index] == offer.costs.size and self.prices[index] <= left:
                further = self._offer(ask, index)
                if self.unknown:  # no work is left, and none is needed for the bound
                    self.unknown = 0.0
                    break
                offers[index] = further
        self.pieces = filled(offers, self.pieces, self.money)

    def buy(self, ask: Ask, price: float) -> None:
        """Take every piece that saves this price for its money, whatever that comes to."""
        self.floor = self.near = price
        self.pieces = np.zeros(self.parts.size, np.int64)
        spent = waiting = 0.0
        for index in range(self.parts.size):
            offer = self._offer(ask, index)
            self.pieces[index] = offer.costs.size
            spent += float(offer.costs.sum())
            waiting += float(offer.values[-1]) - offer.doubt(price)
        nothing = np.zeros(1)
        self.taken = Taken(self.pieces, spent, price, waiting, nothing, nothing)

    def _relaxed(self, ask: Ask, some: Ints, money: float, last: float) -> Taken:
        """Return what whole units buy of some parts, on curves that go on until the money is used or worth nothing."""
        while True:
            self.offers, self.unknown, self.near = [], 0.0, BELOW * self.floor
            for index in some:
                self.offers.append(self._offer(ask, int(index)))
            taken = relaxed(self.offers, money, self.floor)
            if taken.price > self.floor or self.floor <= last or self.unknown:
                return taken
            self.floor *= STEP

    def _offer(self, ask: Ask, index: int) -> Offer:
        """Return a part as far as a piece saves the floor for its cost."""
        part, price = int(self.parts[index]), float(self.prices[index])
        enough, near = self.floor * price, self.near * price
        curve = ask(part, enough, near)
        if curve is not None and self.least[index] + curve.hull.size - 1 < self.owned[index]:
            # what is owned costs less than what is bought: it is of use as long as it saves that
            enough, near = enough * self.resale, near * self.resale
            curve = ask(part, enough, near)
        if curve is None:
            self.unknown += self.bare[index]
            return Offer(self.bare[index : index + 1], np.zeros(0))
        self.curve_of[index] = curve, enough
        costs = self._costs(index, curve.hull.size)
        number = int((np.minimum.accumulate(-np.diff(curve.hull)) >= self.floor * costs).sum())
        low = None if curve.low is None else (curve.low, np.append(0.0, self._costs(index, curve.low.size).cumsum()))
        return Offer(curve.hull[: number + 1], costs[:number], low)

    def _costs(self, index: int, size: int) -> Floats:
        """Return what each piece beyond the least costs."""
        pieces = self.least[index] + np.arange(size - 1)
        costs: Floats = self.prices[index] * np.where(pieces < self.owned[index], self.resale, 1.0)
        return costs

    def _attained(self, index: int, pieces: int) -> float:
        """Return what waits of a part, as it can be had."""
        if index not in self.curve_of:
            return float(self.bare[index])
        curve, enough = self.curve_of[index]
        if curve.attained is not None:
            return float(curve.attained[pieces])
        part = int(self.parts[index])
        stock = self.tree.least[self.tree.at[part] : self.tree.at[part + 1]].copy()
        return self.curves.lay(part, enough, curve, pieces, stock)

    def lay(self, stock: Ints) -> None:
        """Write where the pieces lie, by node of the tree."""
        for index, (curve, enough) in self.curve_of.items():
            part = int(self.parts[index])
            nodes = slice(self.tree.at[part], self.tree.at[part + 1])
            self.curves.lay(part, enough, curve, int(self.pieces[index]), stock[nodes])
        self.curve_of.clear()  # of a large network they take much memory, and nobody asks again
        self.offers.clear()
        lay_free(self.case, self.curves, stock, self.parts)

    def bound(self, objective: float) -> float:
        """Return the least that can wait, where so much does."""
        return objective if self.proven else max(0.0, min(objective, float(self.taken.bound - self.unknown)))

    def points(self) -> tuple[tuple[float, float], ...]:
        """Return the efficient curve, close where money or what waits changes; money counts from what is owned."""
        paid, waiting = self.taken.paid + self.budgeted - self.money, self.taken.waiting
        last = np.append(np.diff(paid) > 0, True)  # what costs nothing is no point of its own
        paid, waiting = paid[last], waiting[last]
        if paid.size > POINTS:
            steps = [np.searchsorted(axis, np.linspace(axis[0], axis[-1], POINTS // 2)) for axis in (paid, -waiting)]
            some = np.unique(np.minimum(np.concatenate(steps), paid.size - 1))
            paid, waiting = paid[some], waiting[some]
        return tuple(zip(paid.tolist(), waiting.tolist(), strict=True))
