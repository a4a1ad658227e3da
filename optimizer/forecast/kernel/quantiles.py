"""Quantiles of numbers of pieces, Poisson or negative binomial by their moments."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from optimizer.dispatch.kernel.compiled import compiled
from optimizer.stocking.kernel.counts import begun

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WIDE = 2000.0
"""A standard deviation from which numbers are not gone through one by one."""
TINY = 1e-300
DIGITS = 1e-13


@compiled
def fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta function (Lentz; Numerical Recipes 6.4). O(√max(a, b))."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > TINY else TINY)
    told = d
    for index in range(1, 1_000_000):
        even = index * (b - index) * x / ((a + 2 * index - 1.0) * (a + 2 * index))
        odd = -(a + index) * (a + b + index) * x / ((a + 2 * index) * (a + 2 * index + 1.0))
        step = 1.0
        for term in (even, odd):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > TINY else TINY)
            c = 1.0 + term / c
            c = c if abs(c) > TINY else TINY
            step = d * c
            told *= step
        if abs(step - 1.0) < DIGITS:
            break
    return told


@compiled
def at_most(pieces: float, mean: float, variance: float) -> float:
    """Return the chance of so many pieces or fewer, negative binomial of that mean and larger variance."""
    a, b, x = mean * mean / (variance - mean), pieces + 1.0, mean / variance
    log = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x < (a + 1.0) / (a + b + 2.0):
        return math.exp(log) * fraction(x, a, b) / a
    return 1.0 - math.exp(log) * fraction(1.0 - x, b, a) / b


@compiled
def searched(mean: float, variance: float, share: float) -> int:
    """Return the least number that is not exceeded with this chance, by halving."""
    low, high = -1.0, math.ceil(mean) + 1.0
    while at_most(high, mean, variance) < share:
        low, high = high, 2.0 * high
    while high - low > 1.0:
        middle = math.floor((low + high) / 2.0)
        if at_most(middle, mean, variance) < share:
            low = middle
        else:
            high = middle
    return int(high)


@compiled
def quantiles(mean: float, variance: float, shares: Floats, told: Ints) -> None:
    """Fill in the least numbers that are not exceeded with these chances, which rise.

    Negative binomial of that mean and variance; Poisson where the variance is no larger.
    """
    if mean <= 0.0:
        told[:] = 0
        return
    if variance > max(WIDE * WIDE, 2.0 * mean):
        for index in range(shares.size):
            told[index] = searched(mean, variance, shares[index])
        return
    x, chance, a, b = begun(mean, variance)
    below = chance
    far = mean + 60.0 * math.sqrt(max(variance, mean)) + 60.0 * max(variance / mean, 1.0)
    for index in range(shares.size):
        while below < shares[index] and x < far:
            chance *= (a + b * x) / (x + 1.0)
            below += chance
            x += 1
        told[index] = x


@compiled
def all_quantiles(mean: Floats, variance: Floats, shares: Floats, told: Ints) -> None:
    """Fill in the quantiles of each row, one column a share."""
    for row in range(mean.size):
        quantiles(mean[row], variance[row], shares, told[row])
