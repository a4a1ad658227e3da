"""Means over replications with their intervals (Student's t), from sums that grow by one replication after another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CONFIDENCE = 0.95
ENDLESS = 1e9
"""Standard errors beyond which the chances left are less than a machine number tells."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, and how far the truth is from it at most, in 95 of 100 cases; endless from a single replication."""

    mean: Floats
    half_width: Floats


class Ratio:
    """A sum over a sum, such as pieces served over pieces asked for; the second may be one that is always the same.

    The ratio of the sums of all replications, with the spread of y - ratio × x (W. G. Cochran, *Sampling Techniques*).
    """

    def __init__(self, size: int) -> None:
        self.count = 0
        self.y, self.x, self.yy, self.yx, self.xx = np.zeros((5, size))

    def add(self, y: Floats, x: Floats | float) -> None:
        """Take up a replication."""
        self.count += 1
        self.y += y
        self.x += x
        self.yy += y * y
        self.yx += y * x
        self.xx += x * np.asarray(x)

    def told(self) -> Estimate:
        """Return the ratio; NaN where x is nothing."""
        empty = np.full(self.y.size, math.nan)
        ratio = np.divide(self.y, self.x, out=empty, where=self.x > 0)
        if self.count < 2:
            return Estimate(ratio, np.full(ratio.size, math.inf))
        squares = np.maximum(0.0, self.yy - 2 * ratio * self.yx + ratio**2 * self.xx)
        # what is no more than the rounding of these sums is none
        squares = np.where(squares <= 1e-12 * self.yy, 0.0, squares)
        error = np.sqrt(squares / (self.count - 1) * self.count)
        half = student(self.count - 1) * np.divide(error, self.x, out=empty.copy(), where=self.x > 0)
        return Estimate(ratio, half)


def student(freedom: int, confidence: float = CONFIDENCE) -> float:
    """Return how many standard errors an interval of that confidence reaches, by halving.

    >>> round(student(1), 3), round(student(10), 3), round(student(10_000), 3)
    (12.706, 2.228, 1.96)
    """
    low, high = 0.0, 1.0
    while within(high, freedom) < confidence and high < ENDLESS:
        high *= 2.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if within(middle, freedom) < confidence else (low, middle)
    return high


def within(t: float, freedom: int) -> float:
    """Return the chance that Student's t lies between -t and t (Abramowitz and Stegun, 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    square = math.cos(angle) ** 2
    odd = freedom % 2 == 1
    term = math.cos(angle) if odd else 1.0
    total = term if freedom > 1 else 0.0
    for number in range(3 if odd else 2, freedom - 1, 2):
        term *= square * (number - 1) / number
        total += term
    share = math.sin(angle) * total
    return 2.0 / math.pi * (angle + share) if odd else share
