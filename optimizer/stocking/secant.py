"""Strengths that follow what their constraints exceed: each by the power that its last two values told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SPEEDS = 0.03, 5.0
"""The powers of the excess that a strength may follow."""
FIRST = 0.8
"""The power before anything is told."""
FAR = 3.0
"""The logarithm of the most by which a strength changes at once."""


class Secant:
    """Logarithms of strengths, and the power of the excess by which each changes."""

    def __init__(self, count: int) -> None:
        self.speed = np.full(count, FIRST)
        self.last: tuple[Floats, Floats] | None = None

    def change(self, strength: Floats, excess: Floats) -> Floats:
        """Return the logarithm to change strengths by, given their logarithms and those of what is exceeded."""
        if self.last is not None:
            rose, fell = strength - self.last[0], self.last[1] - excess
            known = (np.abs(rose) > 1e-9) & (np.abs(fell) > 1e-12) & (rose * fell > 0)
            speed = np.divide(rose, fell, out=np.ones_like(rose), where=known)
            self.speed = np.where(known, np.sqrt(np.clip(speed, *SPEEDS) * self.speed), self.speed)
        self.last = strength, excess
        told: Floats = np.clip(self.speed * excess, -FAR, FAR)
        return told
