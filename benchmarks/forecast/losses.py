"""Quantiles of demand over three periods, foretold from rolling origins, and means of the next period.

Rows with every period known and two with demand before the first origin count. The origins lie in the last quarter, 12
periods at most. The loss of a quantile is twice its pinball loss over √3 times the mean absolute deviation of the row
before the first origin; a row's is the mean over quantiles and origins, a method's the mean over rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.forecast.data import Demands, history
from benchmarks.forecast.peers import Mean, around, fixed
from benchmarks.report import Result
from optimizer.forecast.demand import Demand
from optimizer.forecast.forecast import forecast
from optimizer.forecast.model import Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)
AHEAD = 3
ORIGINS = 12
DRAWS = 1000
Method = Callable[["Floats", int], Demand]
"""Pieces by row and past period, and periods ahead, to demand over them."""


class Told(NamedTuple):
    """What a method told: loss by row, share of windows within each quantile, and errors of the means."""

    losses: Floats
    coverage: Floats
    rmsse: float
    bias: float


def fieldops(past: Floats, ahead: int) -> Demand:
    """Foretell with the forecast of the product."""
    return forecast(Problem(history(past))).over(float(ahead))


def measure(demands: Demands, seed: int, *, quick: bool) -> Iterator[Result]:
    """Return the figures of a file, each beside every fixed method, and the loss over that of the best with 95 %."""
    pieces = judged(demands.pieces)
    if not len(pieces):
        raise ValueError(f"{demands.name}: no part is known in every period and asked for twice before the last ones")
    if quick:
        pieces = pieces[np.random.default_rng(seed).permutation(len(pieces))[:300]]
    case = f"{demands.name}, {len(pieces)} parts"
    ours, peers = judge(pieces, fieldops), {name: judge(pieces, fixed_method(rate)) for name, rate in fixed().items()}
    for name, peer in peers.items():
        yield Result(case, "scaled_pinball", ours.losses.mean(), "ratio", name, peer.losses.mean())
    best = min(peers, key=lambda name: float(peers[name].losses.mean()))
    for metric, pair in (
        ("coverage_95", (ours.coverage[3], peers[best].coverage[3])),
        ("coverage_99", (ours.coverage[4], peers[best].coverage[4])),
        ("rmsse", (ours.rmsse, peers[best].rmsse)),
        ("bias", (ours.bias, peers[best].bias)),
    ):
        yield Result(case, metric, float(pair[0]), "share" if metric != "rmsse" else "ratio", best, float(pair[1]))
    low, high = _interval(ours.losses, peers[best].losses, seed)
    yield Result(case, "pinball_over_best", ours.losses.mean() / peers[best].losses.mean() - 1, "share", best, 0.0)
    yield Result(case, "pinball_over_best_low", low, "share", best, 0.0)
    yield Result(case, "pinball_over_best_high", high, "share", best, 0.0)


def speed(parts: int, periods: int, seed: int, demands: Callable[[int, int, int], Demands]) -> Result:
    """Return the processor time of a forecast of so many parts, over one lead time, with five quantiles."""
    given = Problem(history(demands(parts, periods, seed).pieces))
    began = time.process_time()
    forecast(given).over(float(AHEAD)).quantiles(LEVELS)
    return Result(f"{parts:,} parts, {periods} periods", "seconds", time.process_time() - began, "cpu s")


def judge(pieces: Floats, method: Method) -> Told:
    """Return what a method foretells of the last periods, each from those before alone."""
    first = _first(pieces.shape[1])
    before = pieces[:, :first]
    scale = np.sqrt(AHEAD) * np.abs(before - before.mean(axis=1, keepdims=True)).mean(axis=1)
    losses, within, errors, means = [], [], [], []
    for origin in range(first, pieces.shape[1]):
        past = np.ascontiguousarray(pieces[:, :origin])
        rate = method(past, 1).mean
        means.append(rate)
        errors.append(pieces[:, origin] - rate)
        if origin + AHEAD <= pieces.shape[1]:
            asked = pieces[:, origin : origin + AHEAD].sum(axis=1)[:, None]
            told = method(past, AHEAD).quantiles(LEVELS)
            off = asked - told
            losses.append(2.0 * np.maximum(LEVELS * off, (np.array(LEVELS) - 1.0) * off).mean(axis=1) / scale)
            within.append((asked <= told).mean(axis=0))
    steps = (np.diff(before, axis=1) ** 2).mean(axis=1)
    rmsse = np.sqrt((np.array(errors) ** 2).mean(axis=0) / steps).mean()
    bias = np.sum(means) / pieces[:, first:].sum() - 1.0
    return Told(np.mean(losses, axis=0), np.mean(within, axis=0), float(rmsse), float(bias))


def fixed_method(rate: Mean) -> Method:
    """Return a fixed mean of a period as a method."""
    return lambda past, ahead: around(rate(past), past, np.full(len(past), float(ahead)))


def _first(periods: int) -> int:
    return periods - min(ORIGINS, periods // 4)


def judged(pieces: Floats) -> Floats:
    """Return the rows that count."""
    whole = pieces[~np.isnan(pieces).any(axis=1)]
    judged: Floats = whole[(whole[:, : _first(pieces.shape[1])] > 0).sum(axis=1) >= 2]
    return judged


def _interval(ours: Floats, best: Floats, seed: int) -> tuple[float, float]:
    """Return the 95 % interval of our loss over that of the best, less 1: rows drawn again, the same for both."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(ours), (DRAWS, len(ours)))
    low, high = np.quantile(ours[drawn].mean(axis=1) / best[drawn].mean(axis=1) - 1.0, (0.025, 0.975))
    return float(low), float(high)
