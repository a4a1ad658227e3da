"""Lists of lists as two arrays: where each list begins, and all entries one behind the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from optimizer.dispatch.kernel.arrays import Flags, Floats, Ints


def begins(lists: Iterable[Sequence[object]]) -> Ints:
    """Return where each list begins, and the end of the last.

    >>> begins([[7, 8], [], [9]]).tolist()
    [0, 2, 2, 3]
    """
    return np.concatenate(([0], np.cumsum([len(one) for one in lists], dtype=np.int64))).astype(np.int64)


def ints(lists: Iterable[Iterable[int]]) -> Ints:
    """Return all whole numbers in a row."""
    return np.array([value for one in lists for value in one], dtype=np.int64)


def floats(lists: Iterable[Iterable[float]]) -> Floats:
    """Return all numbers in a row."""
    return np.array([value for one in lists for value in one], dtype=np.float64)


def flags(lists: Iterable[Iterable[bool]]) -> Flags:
    """Return all yes and no in a row."""
    return np.array([value for one in lists for value in one], dtype=np.bool_)


def members(at: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Return the entries of some rows one behind the other, and for each which of the rows it belongs to.

    >>> [part.tolist() for part in members(np.array([0, 2, 2, 3]), np.array([2, 0]))]
    [[2, 0, 1], [0, 1, 1]]
    """
    counts = at[rows + 1] - at[rows]
    owner = np.repeat(np.arange(rows.size), counts)
    ahead = np.cumsum(counts) - counts
    return np.arange(counts.sum()) + np.repeat(at[rows] - ahead, counts), owner
