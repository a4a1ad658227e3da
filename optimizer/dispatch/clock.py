"""Times and money as whole numbers, for CP-SAT."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ortools.sat.python import cp_model

from optimizer.dispatch.building.spans import Span

FINEST = 10_000
"""So many ticks a second where no coarser clock shows all times exactly."""

MONEY_MAX = 2.0**57
"""What a model may cost at most, in whole numbers; the library refuses what could overflow."""


class Clock:
    """Counts in ticks: as few a second as show all given times exactly (`exact`), or FINEST."""

    def __init__(self, seconds: Iterable[float]) -> None:
        given = {one for one in seconds if math.isfinite(one)}
        fits = (rate for rate in (1, 10, 100, 1000) if all(abs(one * rate - round(one * rate)) < 1e-7 for one in given))
        rate = next(fits, None)
        self.exact = rate is not None
        self.rate = rate or FINEST

    def up(self, seconds: float) -> int:
        """Return the first tick that is not earlier."""
        return math.ceil(seconds * self.rate - 1e-6)

    def down(self, seconds: float) -> int:
        """Return the last tick that is not later."""
        return math.floor(seconds * self.rate + 1e-6)

    def seconds(self, ticks: int) -> float:
        """Return a tick in seconds."""
        return ticks / self.rate

    def domain(self, spans: Sequence[Span], first: int, last: int) -> cp_model.Domain:
        """Return the ticks of spans, those from `first` to `last`."""
        kept = [
            [
                first if since == -math.inf else max(first, self.up(since)),
                last if until == math.inf else self.down(until),
            ]
            for since, until in spans
        ]
        return cp_model.Domain.from_intervals([[since, min(last, until)] for since, until in kept if since <= until])


def money_scale(rates: Iterable[float], most: float) -> float:
    """Return by what to multiply rates: little is rounded, and nothing overflows where each is due `most` times."""
    total = sum(map(abs, rates)) * max(1.0, most)
    return 10.0 ** min(6, math.floor(math.log10(MONEY_MAX / total))) if total > 0 else 1.0
