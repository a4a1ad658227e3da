"""Rounding that keeps its promise: money to cents, shares to whole counts with an exact total."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np


def cents(value: float) -> Decimal:
    """Return a price in dollars rounded to cents."""
    return Decimal(round(value * 100)).scaleb(-2)


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Split `total` into whole counts proportional to `weights` by largest remainder; the counts add up to `total`."""
    shares = np.asarray(weights, dtype=float)
    shares = shares * total / shares.sum()
    counts = np.floor(shares).astype(int)
    largest_remainder_first = np.argsort(-(shares - counts), kind="stable")
    counts[largest_remainder_first[: total - int(counts.sum())]] += 1
    return [int(count) for count in counts]
