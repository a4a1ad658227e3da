"""Numbers of pieces as Poisson or, by two moments, negative binomial, and what a stock leaves of them."""

from __future__ import annotations

import math

import numpy as np

from optimizer.dispatch.kernel.compiled import compiled

LARGE = 100.0
"""A mean from which the sum need not begin at 0."""
STIRLING = 20.0
"""A shape from which Stirling's series tells gamma functions to machine precision."""
SPREAD = 9.0
"""How many standard deviations below the mean nothing is."""


@compiled
def risen(shape: float, count: int) -> float:
    """Return the logarithm of gamma(shape + count) / gamma(shape) / shape^count, also where both are very large."""
    end = shape + count
    if shape < STIRLING:
        return math.lgamma(end) - math.lgamma(shape) - count * math.log(shape)
    # by Stirling's series, whose large terms are taken from each other before they are added up
    corrections = 0.0
    for sign, at in ((1.0, end), (-1.0, shape)):
        square = at * at
        corrections += sign * (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * square)) / square) / at
    return (end - 0.5) * math.log1p(count / shape) - count + corrections


@compiled
def begun(mean: float, variance: float) -> tuple[int, float, float, float]:
    """Return (x, p, a, b): p is the probability of x, below which nothing is, and p(x + 1) = p(x) (a + b x) / (x + 1).

    Negative binomial of that mean and variance; Poisson where the variance is no larger.
    """
    poisson = variance <= mean * (1.0 + 1e-10)
    first = 0
    if mean > LARGE:
        first = max(0, int(mean - SPREAD * math.sqrt(max(mean, variance))))
    if poisson:
        chance = math.exp(-mean) if first == 0 else math.exp(first * math.log(mean) - mean - math.lgamma(first + 1.0))
        return first, chance, mean, 0.0
    over = variance - mean
    shape, tail = mean * mean / over, over / variance
    log = shape * math.log1p(-tail)
    if first > 0:
        log += risen(shape, first) + first * math.log(shape * tail) - math.lgamma(first + 1.0)
    return first, math.exp(log), shape * tail, tail


@compiled
def left(mean: float, variance: float, stock: int) -> tuple[float, float, float, float]:
    """Return mean and mean square of the pieces beyond a stock, the chances of fewer than it and of more.

    O(stock), of which what lies far below the mean costs nothing.
    """
    return left_over(mean, variance, stock, 1)


@compiled
def left_over(mean: float, variance: float, stock: int, orders: int) -> tuple[float, float, float, float]:
    """Return the same as the mean over so many stocks, from this one on. O(stock + orders)."""
    x, chance, a, b = begun(mean, variance)
    start = min(x, stock)
    short, square = mean - start, variance + (mean - start) ** 2
    below, sums, squares, fewer, more = 0.0, 0.0, 0.0, 0.0, 0.0
    for held in range(start, stock + orders):
        now = chance if held >= x else 0.0
        if held >= stock:
            sums += short
            squares += max(square, short)
            fewer += below
            more += max(0.0, 1.0 - below - now)
        # one piece more: (X - held - 1)+ is (X - held)+ less one where X > held
        if held >= x:
            below += chance
            chance *= (a + b * held) / (held + 1.0)
        beyond = max(0.0, 1.0 - below)
        square = max(0.0, square - 2.0 * short + beyond)
        short = max(0.0, short - beyond)
    return sums / orders, squares / orders, fewer / orders, more / orders


@compiled
def served_at_once(mean: float, variance: float, stock: int, dispersion: float) -> float:
    """Return the share of pieces asked for that are on the shelf, asked for in logarithmic batches. O(stock²)."""
    x, chance, a, b = begun(mean, variance)
    if dispersion <= 1.0 + 1e-12:
        return left(mean, variance, stock)[2]
    theta = 1.0 - 1.0 / dispersion
    log = -math.log1p(-theta)
    size = theta / ((1.0 - theta) * log)
    share = 0.0
    for pieces in range(x, stock):
        # of a batch, min(size, shelf) are served: the sum of the chances of at least 1, 2 ... shelf pieces
        at_least, one, served = 1.0, theta / log, 0.0
        for number in range(1, stock - pieces + 1):
            served += at_least
            at_least = max(0.0, at_least - one)
            one *= theta * number / (number + 1.0)
        share += chance * served / size
        chance *= (a + b * pieces) / (pieces + 1.0)
    return min(1.0, share)


@compiled
def served_over(mean: float, variance: float, stock: int, dispersion: float, orders: int) -> float:
    """Return the same as the mean over so many stocks, from this one on. O((stock + orders)²)."""
    share = served_at_once(mean, variance, stock, dispersion)
    if orders == 1:
        return share
    if dispersion <= 1.0 + 1e-12:
        return left_over(mean, variance, stock, orders)[2]
    theta = 1.0 - 1.0 / dispersion
    log, total = -math.log1p(-theta), 0.0
    for more in range(orders):
        total += share
        share = min(1.0, share + batches(mean, variance, stock + more, theta, log))
    return total / orders


@compiled
def batches(mean: float, variance: float, stock: int, theta: float, log: float) -> float:
    """Return by how much one piece beyond a stock raises the share served at once, of logarithmic batches."""
    x, chance, a, b = begun(mean, variance)
    size = theta / ((1.0 - theta) * log)
    # the piece serves where the batch is larger than what was on the shelf: the chances of these sizes
    at_least = np.empty(stock + 1)
    at_least[0], one = 1.0, theta / log
    for number in range(1, stock + 1):
        at_least[number] = max(0.0, at_least[number - 1] - one)
        one *= theta * number / (number + 1.0)
    share = 0.0
    for pieces in range(x, stock + 1):
        share += chance * at_least[stock - pieces] / size
        chance *= (a + b * pieces) / (pieces + 1.0)
    return share
