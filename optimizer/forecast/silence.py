"""Whether a part that nobody asked for of late is still asked for at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENDS = 0.005
"""The chance that a period is the last in which anybody asks for a part."""
GONE = 0.01
"""The chance that a part is still asked for, below which it may be taken for dead."""
SILENT = 12
"""And the periods since the last demand that it takes: a season must not look like an end."""


def still_asked(pieces: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return by row the chance that demand has not ended: each period asks with an unknown chance, until an end.

    The beta-geometric/beta-Bernoulli model (Fader, Hardie and Shang 2010) with a fixed chance to end; the chance to ask
    begins as that of all rows, worth one period. A period in which something was asked for counts, whether or not the
    place ran out; one that is not known does not. O(rows × periods).
    """
    demand = known & (pieces > 0)
    usual = float(np.clip(demand.sum() / max(1, known.sum()), 0.001, 0.999))
    rows = len(pieces)
    asks, rests = np.full(rows, usual), np.full(rows, 1.0 - usual)
    alive, ended = np.ones(rows), np.zeros(rows)
    for period in range(pieces.shape[1]):
        some, none = demand[:, period], known[:, period] & ~demand[:, period]
        ended = np.where(some, 0.0, np.where(none, ended + alive * ENDS, ended))
        alive = np.where(some, 1.0, np.where(none, alive * (1.0 - ENDS) * rests / (asks + rests), alive))
        asks, rests = asks + some, rests + none
    return np.where(demand.any(axis=1), alive / (alive + ended), 1.0)


def dead(pieces: NDArray[np.float64], known: NDArray[np.bool_], asked: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return by row whether a part is dead: `asked` is the chance that it is still asked for."""
    demand = known & (pieces > 0)
    late = demand[:, -SILENT:].any(axis=1)
    told: NDArray[np.bool_] = ~late & (asked < GONE)
    return told
