"""Settings that a set of series chooses for itself, by how well they would have foretold its own past.

How long a memory is (each row weighs several, drawn towards what serves the whole set), how far a row's own dispersion
is trusted, and how much wider than its moments a forecast must be: nothing is set for one set or another.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from optimizer.forecast.kernel.scores import loss, score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KEEPS = np.array([1.0, 0.98, 0.95, 0.92, 0.9, 0.85, 0.8])
"""What share of its weight a period keeps when it is one period older: the memories."""
TRUSTS = np.array([1.0, 4.0, 16.0])
"""How many periods with demand a row needs for its own dispersion to count as much as that of all."""
WIDE = np.array([1.0, 1.15, 1.3, 1.5, 2.0])
"""Times how much the variance may be taken."""
LEVELS = np.array([0.5, 0.8, 0.9, 0.95, 0.99])
"""Service levels at which the width is judged."""
WINDOW = 3
"""Periods that are foretold at once for that."""
ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """What a set of series chose: shares of the memories in the whole set and by row, and what goes with them."""

    keeps: Floats
    shares: Floats
    by_row: Floats
    trust: float
    usual: float
    wide: float


def choose(pieces: Floats, used: NDArray[np.bool_]) -> Settings:
    """Return the settings of a set; pieces are 0 where a period is not used. O(rows × periods).

    Each row weighs the memories by the chances that they gave to its periods; trust and widening are those of the least
    quantile loss. Each period of the past is foretold from those before it.
    """
    usual = _usual(pieces, used)
    first = pieces.shape[1] // 3
    scores = np.zeros((len(pieces), KEEPS.size, TRUSTS.size))
    score(pieces, used, KEEPS, TRUSTS, usual, first, scores)
    tried = []
    for index, trust in enumerate(TRUSTS.tolist()):
        shares, by_row = _mixed(scores[:, :, index])
        losses = _losses(pieces, used, by_row, trust, usual, first)
        wide = float(WIDE[losses.argmin()])
        tried.append((float(losses.min()), Settings(KEEPS, shares, by_row, trust, usual, wide)))
    return min(tried, key=itemgetter(0))[1]


def _usual(pieces: Floats, used: NDArray[np.bool_]) -> float:
    """Return variance over mean by the mean size of a demand, over all rows with two demands or more; 1 if none."""
    periods, demands, total = used.sum(axis=1), (pieces > 0).sum(axis=1), pieces.sum(axis=1)
    rows = np.flatnonzero(demands > 1)
    if not rows.size:
        return 1.0
    periods, demands, total = periods[rows], demands[rows], total[rows]
    variance = ((pieces[rows] ** 2).sum(axis=1) - total**2 / periods) / (periods - 1)
    relative = variance * periods / total * demands / total
    return float((relative * (demands - 1)).sum() / (demands - 1).sum())


def _mixed(scores: Floats) -> tuple[Floats, Floats]:
    """Return the shares of the memories in the set and by row that make their mixture likeliest (EM).

    One row more counts for each memory alike, so that a small set does not choose by chance.
    """
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    memories = scores.shape[1]
    shares = np.full(memories, 1.0 / memories)
    by_row = np.empty_like(chances)
    for _ in range(ROUNDS):
        by_row = chances * shares
        by_row /= by_row.sum(axis=1, keepdims=True)
        shares = (by_row.sum(axis=0) + 1.0 / memories) / (len(scores) + 1.0)
    return shares, by_row


def _losses(pieces: Floats, used: NDArray[np.bool_], by_row: Floats, trust: float, usual: float, first: int) -> Floats:
    """Return the quantile loss in the past by widening, each row by the scale of its own demand."""
    windows = (pieces.shape[1] - first) // WINDOW
    told = np.zeros((len(pieces), WIDE.size + 1))
    loss(pieces, used, KEEPS, by_row, trust, usual, WINDOW, windows, WIDE, LEVELS, told)
    periods = used.sum(axis=1)
    mean = pieces.sum(axis=1) / periods
    scale = (np.abs(pieces - mean[:, None]) * used).sum(axis=1) / periods
    rows = np.flatnonzero((scale > 0) & (told[:, -1] > 0))
    lost: Floats = (1.0 / (scale[rows] * told[rows, -1])) @ told[rows, :-1]
    return lost
