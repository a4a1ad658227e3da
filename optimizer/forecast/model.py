"""What a forecast is made from: a history, usage with removal rates, demand on known dates, and successions of parts.

Time from now counts in periods of the history.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.forecast.history import MOST, named, named_once
from optimizer.forecast.succession import last_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.forecast.exposure import Exposure
    from optimizer.forecast.history import History
    from optimizer.forecast.succession import Succession


@dataclass(frozen=True, slots=True)
class Scheduled:
    """Pieces that will be wanted at a known time, `ahead` periods from now, beside what comes by chance.

    The history must not hold demand of that kind. Raises ValueError for bad numbers.
    """

    part: str
    place: str
    ahead: float
    pieces: int

    def __post_init__(self) -> None:
        name = f"part {self.part} at {self.place}"
        if not 0 <= self.ahead < math.inf:
            raise ValueError(f"{name}: scheduled demand {self.ahead} periods ahead; it must be 0 or more and finite")
        if not 0 < self.pieces <= MOST or self.pieces != int(self.pieces):
            raise ValueError(f"{name}: scheduled demand of {self.pieces}; it must be whole pieces, 1 or more")


@dataclass(frozen=True, slots=True)
class Problem:
    """A history and what is known beside it; where a part and place has an exposure, that makes its forecast.

    What a succession replaces counts as its successor everywhere. Raises ValueError, naming part and place, for an
    exposure given twice or of other periods than the history, an exposure of a part that is replaced, a circle of
    successions, and a row with nothing to forecast from.
    """

    history: History
    exposures: tuple[Exposure, ...] = ()
    scheduled: tuple[Scheduled, ...] = ()
    successions: tuple[Succession, ...] = ()

    def __post_init__(self) -> None:
        last = last_of(self.successions)
        named_once((one.part, one.place) for one in self.exposures)
        named((one.part, one.place) for one in self.scheduled)
        for one in self.exposures:
            name = f"part {one.part} at {one.place}"
            if one.past and len(one.past) != self.history.periods:
                raise ValueError(
                    f"{name}: usage of {len(one.past)} past periods, the history has {self.history.periods}; "
                    "give as many, None where it is not known, or none at all"
                )
            if one.part in last:
                raise ValueError(f"{name}: is replaced by part {last[one.part]}; give the exposure of that one")
        self._founded(last)

    def _founded(self, last: Mapping[str, str]) -> None:
        """Refuse a part and place of which nothing is known."""
        history = self.history
        keys = [(last.get(part, part), place) for part, place in zip(history.parts, history.places, strict=True)]
        known = {(one.part, one.place) for one in self.exposures}
        known.update((last.get(one.part, one.part), one.place) for one in self.scheduled)
        known.update(keys[row] for row in np.flatnonzero((history.known & ~history.short).any(axis=1)))
        if bare := sorted(set(keys) - known):
            raise ValueError(
                f"part {bare[0][0]} at {bare[0][1]}: no period is known in which it did not run out ({len(bare)} such "
                "in all); give usage and a rate instead, or leave it out"
            )
