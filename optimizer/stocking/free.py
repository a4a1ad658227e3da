"""Lay owned pieces that bring no money where they help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.stocking.case import Case
    from optimizer.stocking.curves import Curves

    Ints = NDArray[np.int64]


def lay_free(case: Case, curves: Curves, stock: Ints, parts: Ints) -> None:
    """Lay surplus of some parts where it saves most, as long as it saves anything; `stock` is by node, in place.

    Where surplus could be sold, nothing is done. O(surplus of use × nodes × stock) for a part.
    """
    if case.resale > 0:
        return
    at, most = case.tree.at, case.tree.most
    free = case.surplus(stock)
    for part in parts[free[parts] > 0].tolist():
        nodes = slice(int(at[part]), int(at[part + 1]))
        for _ in range(int(free[part])):
            saved = curves.savings(part, stock[nodes])
            saved[stock[nodes] >= most[nodes]] = 0.0
            best = int(saved.argmax())
            if saved[best] <= curves.nothing(part):
                break
            stock[nodes.start + best] += 1
