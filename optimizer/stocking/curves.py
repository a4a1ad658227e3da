"""The curve of each part: what waits, weighted, for each number of its pieces, and where these lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.kernel.curves import Part, Room, convex, curve
from optimizer.stocking.kernel.laying import allocate, capped, savings, valued
from optimizer.stocking.kernel.steps import stepped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.stocking.tree import Tree

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


NOTHING = 1e-12
"""The chance that a piece is used below which it is of no use, whatever the money."""
MUCH = 10_000_000
"""The square of the pieces that may be of use at the root, times the places: from which on, a tenth of a second's work,
stock there is not tried one by one."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What waits with the least pieces, one more and so on; convex, and a lower bound where not `exact`.

    `attained` are the values that can be had: those of the curve unless it is exact. `root` tells how many pieces, of
    each number beyond the least, lie at the root. `low` is a curve that no stock lies below, where not all was tried.
    """

    least: int
    hull: Floats
    attained: Floats | None
    root: NDArray[np.int32]
    low: Floats | None = None


class Curves:
    """The parts of a tree, one by one; `enough` is what a piece must save at least, beyond which no curve goes.

    By node, `weight` is of what waits of those whom the place serves itself, `miss` of the share that is not served at
    once. `exact` has every way to share the pieces of a part among places tried, for small networks where nothing
    weighs what is missed.
    """

    def __init__(self, tree: Tree, weight: Floats, miss: Floats | None = None, *, exact: bool = False) -> None:
        self.tree, self.exact = tree, exact and miss is None
        share = np.divide(tree.own, tree.rate, out=np.zeros(tree.own.size), where=tree.rate > 0)
        self.weight = share * weight
        self.miss, self.none = miss, np.zeros(int(np.diff(tree.at).max()))
        self.worst = self.weight.copy() if miss is None else self.weight + miss
        self.depths = int(tree.depth.max(initial=0)) + 1
        for depth in range(self.depths - 1, 0, -1):
            nodes = np.flatnonzero(tree.depth == depth)
            np.add.at(self.worst, tree.up[nodes], tree.share[nodes] * self.worst[nodes])

    def of(self, index: int, enough: float, near: float = 0.0) -> Curve:
        """Return the curve of a part; one that is not exact is close where a piece saves about `near`."""
        part, room = self._part(index, enough)
        least = int(part.least.sum())
        if _much(part):
            low, bare = np.empty(room.best.shape[1]), self.value(index, part.least)
            size, lower = stepped(part, room, bare, max(near, part.enough), low)
            return Curve(least, room.best[0, :size].copy(), None, room.root[:size].astype(np.int32), low[:lower].copy())
        size = curve(part, room, 0, 0.0, 0.0, 0)
        told, root = room.best[0, :size].copy(), room.root[:size].astype(np.int32)
        if not part.exact:
            return Curve(least, told, None, root)
        attained = told.copy()
        size = convex(told, size, 0.0)
        return Curve(least, told[:size], attained, root)

    def lay(self, index: int, enough: float, curve: Curve, pieces: int, stock: Ints) -> float:
        """Lay so many pieces beyond the least, as the curve has them; `stock` is by node of the part.

        Return what then waits, weighted.
        """
        part, room = self._part(index, enough)
        return allocate(part, room, pieces, int(curve.root[pieces]), stock)

    def value(self, index: int, stock: Ints) -> float:
        """Return what a stock, by node of the part, leaves waiting, weighted."""
        return valued(self._plain(index), 0, 0.0, 0.0, stock, np.empty(stock.size), np.empty(stock.size))

    def savings(self, index: int, stock: Ints) -> Floats:
        """Return what one piece more at each node of the part would save, weighted."""
        told = np.empty(stock.size)
        savings(self._plain(index), stock, told)
        return told

    def nothing(self, index: int) -> float:
        """Return what a piece of a part saves that is of no use; infinite where nothing that waits weighs anything."""
        worst = float(self.worst[self.tree.at[index] : self.tree.at[index + 1]].max())
        return NOTHING * worst if worst > 0 else np.inf

    def _part(self, index: int, enough: float) -> tuple[Part, Room]:
        part = self._plain(index)
        part = part._replace(most=part.most.copy(), enough=max(float(enough), self.nothing(index)))
        capped(part)
        part = part._replace(exact=part.exact and not _much(part))
        width = int((part.most - part.least).sum()) + 2
        best, total, other, gains = np.empty((4, self.depths, width))
        return part, Room(best, total, other, gains, np.zeros(width, np.int64))

    def _plain(self, index: int) -> Part:
        tree = self.tree
        begin, end = int(tree.at[index]), int(tree.at[index + 1])
        nodes = slice(begin, end)
        return Part(
            tree.up[nodes] - begin,
            tree.first[nodes] - begin,
            tree.last[nodes] - begin,
            tree.share[nodes],
            tree.due[nodes],
            tree.extra[nodes] if tree.extra.size else self.none[: end - begin],
            self.weight[nodes],
            self.none[: end - begin] if self.miss is None else self.miss[nodes],
            self.worst[nodes],
            tree.least[nodes],
            tree.most[nodes],
            float(tree.dispersion[index]),
            int(tree.quantity[index]),
            0.0,
            self.exact,
        )


def _much(part: Part) -> bool:
    """Return whether stock at the root of a part is not tried one by one."""
    pieces = int(part.most[0] - part.least[0])
    return bool(part.last[0] > part.first[0] and pieces * pieces * part.most.size >= MUCH)
