"""What one piece more or less does at places without places below, where it changes nothing else."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from optimizer.dispatch.kernel.compiled import compiled
from optimizer.stocking.kernel.counts import batches, left

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@compiled
def moved(at: Ints, mean: Floats, variance: Floats, stock: Ints, dispersion: Floats, leaf: Ints, told: Floats) -> None:
    """Fill `told` (4, leaves): the fall of backorders and rise of the share served at once with one piece more.

    And the rise and fall of the same with one piece less. Leaves are nodes that are not the root of their part.
    """
    part = 0
    for index in range(leaf.size):
        node = leaf[index]
        while at[part + 1] <= node:
            part += 1
        theta = 1.0 - 1.0 / dispersion[part]
        log = -math.log1p(-theta) if theta > 0.0 else 1.0
        held = stock[node]
        for less in range(2):
            if held < less:
                continue
            _, _, below, more = left(mean[node], variance[node], held - less)
            told[2 * less, index] = more
            told[2 * less + 1, index] = max(0.0, 1.0 - below - more)
            if theta > 1e-12:
                told[2 * less + 1, index] = batches(mean[node], variance[node], held - less, theta, log)
