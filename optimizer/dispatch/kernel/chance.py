"""Random numbers that are the same on every machine, compiled or not.

Two multiplicative congruential generators combined (L'Ecuyer, "Efficient and portable combined random number
generators", Communications of the ACM 31, 1988, figure 3); every product fits 64 bits.
"""

from __future__ import annotations

import math

from optimizer.dispatch.kernel.arrays import Ints
from optimizer.dispatch.kernel.compiled import compiled


@compiled
def uniform(random: Ints) -> float:
    """Return a number above 0 and below 1."""
    random[0] = random[0] * 40014 % 2147483563
    random[1] = random[1] * 40692 % 2147483399
    mixed = (random[0] - random[1]) % 2147483562
    return (mixed + 0.5) / 2147483562.0


@compiled
def below(random: Ints, count: int) -> int:
    """Return a whole number from 0 to `count` - 1."""
    return int(math.floor(uniform(random) * count))
