"""What each memory would have foretold of each period, from the periods before it alone."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.dispatch.kernel.compiled import compiled
from optimizer.forecast.kernel.quantiles import quantiles

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WORST = -20.0
"""The least that a period may score: one that nothing foretells must not decide alone."""


class Sums(NamedTuple):
    """Sums over the periods of one row so far: by memory of weights, weighted pieces, squared weights; then plain."""

    weight: Floats
    pieces: Floats
    square: Floats
    plain: Floats  # periods, pieces, their squares, periods with demand, periods since the last that was used


@compiled
def nothing(memories: int) -> Sums:
    """Return sums over no period."""
    return Sums(np.zeros(memories), np.zeros(memories), np.zeros(memories), np.zeros(5))


@compiled
def take(sums: Sums, keeps: Floats, pieces: float, used: bool) -> None:
    """Let a period pass, and count it if it is used.

    Weights are by the newest period that was used: what passes after it takes from all alike.
    """
    sums.plain[4] += 1.0
    if not used:
        return
    for memory in range(keeps.size):
        kept = keeps[memory]
        if sums.plain[4] > 1.0:
            kept **= sums.plain[4]
        sums.weight[memory] = kept * sums.weight[memory] + 1.0
        sums.pieces[memory] = kept * sums.pieces[memory] + pieces
        sums.square[memory] = kept * kept * sums.square[memory] + 1.0
    sums.plain[0] += 1.0
    sums.plain[1] += pieces
    sums.plain[2] += pieces * pieces
    sums.plain[3] += 1.0 if pieces > 0.0 else 0.0
    sums.plain[4] = 0.0


@compiled
def dispersion(plain: Floats, trust: float, usual: float) -> float:
    """Return variance over mean of a period, drawn towards `usual` × the mean size as if `trust` demands had shown it.

    0 where nothing was asked for.
    """
    periods, pieces, squares, demands = plain[0], plain[1], plain[2], plain[3]
    if pieces <= 0.0:
        return 0.0
    expected = usual * pieces / demands
    if periods < 2.0:
        return expected
    own = max(0.0, (squares - pieces * pieces / periods) / (periods - 1.0) * periods / pieces)
    return (demands * own + trust * expected) / (demands + trust)


@compiled
def log_chance(pieces: float, mean: float, variance: float) -> float:
    """Return the logarithm of the chance of so many pieces, not below WORST."""
    if mean <= 0.0:
        return 0.0 if pieces == 0.0 else WORST
    if variance <= mean * (1.0 + 1e-9):
        log = pieces * math.log(mean) - mean - math.lgamma(pieces + 1.0)
    else:
        over = variance - mean
        shape = mean * mean / over
        log = -shape * math.log(variance / mean)
        if pieces > 0.0:
            log += math.lgamma(shape + pieces) - math.lgamma(shape) - math.lgamma(pieces + 1.0)
            log += pieces * math.log(over / variance)
    return max(WORST, log)


@compiled
def score(pieces: Floats, used: Flags, keeps: Floats, trusts: Floats, usual: float, first: int, told: Floats) -> None:
    """Add up by row, memory and trust the logarithms of the chances that each period from `first` on had."""
    rows, periods = pieces.shape
    for row in range(rows):
        sums = nothing(keeps.size)
        for period in range(periods):
            if period >= first and used[row, period] and sums.plain[0] >= 2.0:
                for trust in range(trusts.size):
                    spread = dispersion(sums.plain, trusts[trust], usual)
                    for memory in range(keeps.size):
                        weight = sums.weight[memory]
                        mean = sums.pieces[memory] / weight
                        variance = mean * spread * (1.0 + sums.square[memory] / (weight * weight))
                        told[row, memory, trust] += log_chance(pieces[row, period], mean, variance)
            take(sums, keeps, pieces[row, period], used[row, period])


@compiled
def moments(sums: Sums, shares: Floats, spread: float) -> tuple[float, float, float]:
    """Return the mean of a period, the variance of its estimate and that between memories, each with its share."""
    mean, square, estimate = 0.0, 0.0, 0.0
    for memory in range(shares.size):
        weight = sums.weight[memory]
        one = sums.pieces[memory] / weight
        mean += shares[memory] * one
        square += shares[memory] * one * one
        estimate += shares[memory] * one * spread * sums.square[memory] / (weight * weight)
    return mean, estimate, max(0.0, square - mean * mean)


@compiled
def fit(pieces: Floats, used: Flags, keeps: Floats, shares: Floats, trust: float, usual: float, told: Floats) -> None:
    """Fill in by row mean, dispersion, variance of the estimate, that between memories, and periods remembered."""
    rows, periods = pieces.shape
    for row in range(rows):
        sums = nothing(keeps.size)
        for period in range(periods):
            take(sums, keeps, pieces[row, period], used[row, period])
        told[row, 1] = dispersion(sums.plain, trust, usual)
        told[row, 0], told[row, 2], told[row, 3] = moments(sums, shares[row], told[row, 1])
        for memory in range(keeps.size):
            told[row, 4] += shares[row, memory] * sums.weight[memory] ** 2 / sums.square[memory]


@compiled
def loss(
    pieces: Floats,
    used: Flags,
    keeps: Floats,
    shares: Floats,
    trust: float,
    usual: float,
    window: int,
    windows: int,
    wide: Floats,
    levels: Floats,
    told: Floats,
) -> None:
    """Add up by row and widening the quantile loss of the last windows, each foretold from before it; the last
    column counts the windows, those with a period that is not used left out.
    """
    rows, periods = pieces.shape
    numbers = np.zeros(levels.size, np.int64)
    start = periods - window * windows
    for row in range(rows):
        sums = nothing(keeps.size)
        for period in range(periods):
            if period >= start and (period - start) % window == 0 and sums.plain[0] >= 2.0:
                ahead, whole = 0.0, True
                for later in range(period, period + window):
                    ahead += pieces[row, later]
                    whole = whole and used[row, later]
                if whole:
                    spread = dispersion(sums.plain, trust, usual)
                    one, estimate, between = moments(sums, shares[row], spread)
                    mean = window * one
                    told[row, wide.size] += 1.0
                    for index in range(wide.size):
                        variance = wide[index] * (mean * spread + window * window * estimate)
                        quantiles(mean, variance + window * window * between, levels, numbers)
                        for level in range(levels.size):
                            off = ahead - numbers[level]
                            told[row, index] += max(levels[level] * off, (levels[level] - 1.0) * off)
            take(sums, keeps, pieces[row, period], used[row, period])
