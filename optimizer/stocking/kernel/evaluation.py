"""The pieces that are waited for at each place of a tree, for given stock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.dispatch.kernel.compiled import compiled
from optimizer.stocking.kernel.counts import begun, left_over, served_over

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NOTHING = 1e-17
"""A probability that is left away: a millionth of it would not change any sum."""


@compiled
def by_moments(
    at: Ints,
    up: Ints,
    share: Floats,
    due: Floats,
    extra: Floats,
    dispersion: Floats,
    quantity: Ints,
    stock: Ints,
    poisson: bool,
    told: Floats,
) -> None:
    """Fill `told` (nodes, 5) with pipeline mean and variance, backorder mean and variance, share served at once.

    `poisson` has every pipeline Poisson (METRIC); else it is negative binomial by two moments.
    """
    for part in range(at.size - 1):
        batch = dispersion[part]
        for node in range(at[part], at[part + 1]):
            mean, variance = due[node], due[node] * batch
            if extra.size:
                variance += extra[node]
            above = up[node]
            if above >= 0:
                waiting = share[node] * told[above, 2]
                mean += waiting
                variance += share[node] ** 2 * told[above, 3] + (1.0 - share[node]) * waiting * batch
            if poisson:
                variance = mean
            orders = quantity[part] if above < 0 else 1
            short, square, _, _ = left_over(mean, variance, stock[node], orders)
            fill = served_over(mean, variance, stock[node], 1.0 if poisson else batch, orders)
            told[node, 0], told[node, 1], told[node, 2] = mean, variance, short
            told[node, 3], told[node, 4] = max(0.0, square - short * short), fill


@compiled
def room(mean: float) -> int:
    """Return a number of pieces that a Poisson number does not reach."""
    return int(mean + 12.0 * np.sqrt(mean) + 40.0)


@compiled
def poisson_of(mean: float, size: int) -> Floats:
    """Return Poisson probabilities of 0 to `size` - 1."""
    told = np.zeros(size)
    x, chance, a, _b = begun(mean, mean)
    while x < size:
        told[x] = chance
        chance *= a / (x + 1.0)
        x += 1
    return told


@compiled
def thinned(waiting: Floats, share: float) -> Floats:
    """Return the distribution of how many of a number are one's own, each with the probability `share`."""
    told = np.zeros(waiting.size)
    # (1 - share + share z)^n for each n, summed as Horner does
    for number in range(waiting.size - 1, -1, -1):
        for x in range(waiting.size - 1, 0, -1):
            told[x] = told[x] * (1.0 - share) + told[x - 1] * share
        told[0] = told[0] * (1.0 - share) + waiting[number]
    return told


@compiled
def folded(one: Floats, other: Floats, size: int) -> Floats:
    """Return the distribution of the sum of two numbers, cut at `size`."""
    told = np.zeros(size)
    for x in range(min(one.size, size)):
        if one[x] > NOTHING:
            for y in range(min(other.size, size - x)):
                told[x + y] += one[x] * other[y]
    return told


@compiled
def used(chances: Floats) -> int:
    """Return how many entries there are before the tail of nothing."""
    size = chances.size
    while size > 1 and chances[size - 1] < NOTHING:
        size -= 1
    return size


@compiled
def exactly(at: Ints, up: Ints, share: Floats, due: Floats, quantity: Ints, stock: Ints, told: Floats) -> None:
    """Fill `told` as `by_moments` does, from whole distributions. O(pieces²) for each node."""
    for part in range(at.size - 1):
        begin, end = at[part], at[part + 1]
        waiting = np.zeros((end - begin, 1))
        lengths = np.zeros(end - begin, np.int64)
        for node in range(begin, end):
            pipeline = poisson_of(due[node], room(due[node]))
            above = up[node]
            if above >= 0:
                above -= begin
                mine = thinned(waiting[above, : lengths[above]], share[node])
                pipeline = folded(pipeline, mine[: used(mine)], pipeline.size + mine.size)
            pipeline = pipeline[: used(pipeline)]
            orders = quantity[part] if up[node] < 0 else 1
            if pipeline.size > waiting.shape[1]:
                wider = np.zeros((end - begin, pipeline.size))
                wider[:, : waiting.shape[1]] = waiting
                waiting = wider
            lengths[node - begin] = pipeline.size
            row = waiting[node - begin]
            fill = 0.0
            for x in range(pipeline.size):
                for more in range(orders):
                    held = stock[node] + more
                    row[max(0, x - held)] += pipeline[x] / orders
                    if x < held:
                        fill += pipeline[x] / orders
            lengths[node - begin] = used(row[: lengths[node - begin]])
            mean, square, short, beyond = 0.0, 0.0, 0.0, 0.0
            for x in range(pipeline.size):
                mean += x * pipeline[x]
                square += x * x * pipeline[x]
            for x in range(lengths[node - begin]):
                short += x * row[x]
                beyond += x * x * row[x]
            told[node, 0], told[node, 1], told[node, 2] = mean, square - mean * mean, short
            told[node, 3], told[node, 4] = max(0.0, beyond - short * short), fill
