"""Strengths that follow what their constraints exceed: each by the power that its last two values told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SPEEDS = 0.03, 8.0
"""The powers of the excess that a strength may follow."""
LITTLE = 0.02
"""A change of the logarithm of an excess below which it tells nothing of the power: pieces are whole."""
FAR = 3.0
"""The logarithm of the most by which a strength changes at once."""


class Secant:
    """Logarithms of strengths, and the power of the excess by which each changes."""

    def __init__(self, count: int) -> None:
        self.speed = np.ones(count)
        self.last: tuple[Floats, Floats] | None = None

    def follow(self, other: Secant) -> None:
        """Go on with the powers of another, from values of one's own."""
        self.speed, self.last = other.speed, None

    def change(self, strength: Floats, excess: Floats) -> Floats:
        """Return the logarithm to change strengths by, given their logarithms and those of what is exceeded."""
        if self.last is not None:
            rose, fell = strength - self.last[0], self.last[1] - excess
            known = (np.abs(rose) > 1e-9) & (np.abs(fell) > LITTLE) & (rose * fell > 0)
            speed = np.divide(rose, fell, out=np.ones_like(rose), where=known)
            self.speed = np.where(known, np.sqrt(np.clip(speed, *SPEEDS) * self.speed), self.speed)
        self.last = strength, excess
        told: Floats = np.clip(self.speed * excess, -FAR, FAR)
        return told
