"""Demand over a lead time as a distribution."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from optimizer.forecast.kernel.quantiles import all_quantiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

ALIKE = 1e-3
"""By what share variance must exceed the mean for the two to differ: nearer, no quantile tells them apart."""


class Kind(StrEnum):
    """How what comes by chance is distributed.

    `poisson` only where the variance is no larger than the mean; `point` where nothing comes by chance.
    """

    NEGATIVE_BINOMIAL = "negative_binomial"
    POISSON = "poisson"
    POINT = "point"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A lead time that nobody knows, and the periods that stand for it."""

    part: str
    place: str
    periods: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """Demand of one row as values: between `low` and `high` pieces with the chance `share` at least."""

    lead_periods: float
    assumed: bool
    kind: Kind
    scheduled: int
    mean: float
    variance: float
    share: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Demand:
    """By row of a forecast, pieces over its lead time: what is `scheduled`, and what comes by chance beside it.

    `variance` is of the forecast: how demand varies and how little is known of its mean.
    """

    lead_periods: Floats
    scheduled: Ints
    chance_mean: Floats
    variance: Floats
    assumptions: Mapping[int, Assumption]  # by row

    @property
    def mean(self) -> Floats:
        """Mean pieces, scheduled ones included."""
        return self.scheduled + self.chance_mean

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """How each row is distributed, beside what is scheduled."""
        over = self.variance > self.chance_mean * (1.0 + ALIKE)
        return tuple(
            Kind.POINT if mean <= 0 else Kind.NEGATIVE_BINOMIAL if wide else Kind.POISSON
            for mean, wide in zip(self.chance_mean.tolist(), over.tolist(), strict=True)
        )

    def quantiles(self, shares: Sequence[float]) -> Ints:
        """Return the least pieces that are not exceeded with each of these chances, one column a share.

        Raises ValueError for a share that does not lie between 0 and 1.
        """
        asked = np.asarray(shares, np.float64)
        if not ((asked > 0) & (asked < 1)).all():
            raise ValueError(f"shares must lie between 0 and 1, not {list(shares)}")
        order = np.argsort(asked, kind="stable")
        sound = np.where(self.variance > self.chance_mean * (1.0 + ALIKE), self.variance, self.chance_mean)
        rising = np.zeros((len(sound), asked.size), np.int64)
        all_quantiles(self.chance_mean, sound, asked[order], rising)
        told = np.empty_like(rising)
        told[:, order] = rising
        return told + self.scheduled[:, None]

    def interval(self, share: float) -> tuple[Ints, Ints]:
        """Return the least and most pieces between which demand lies with this chance at least, as much on each side.

        Raises ValueError for a share that does not lie between 0 and 1.
        """
        if not 0 < share < 1:
            raise ValueError(f"the share of an interval must lie between 0 and 1, not {share}")
        ends = self.quantiles([(1.0 - share) / 2.0, (1.0 + share) / 2.0])
        return ends[:, 0], ends[:, 1]

    def outlook(self, row: int, share: float) -> Outlook:
        """Return one row as values, with an interval. Raises ValueError as `interval` does."""
        here = slice(row, row + 1)
        one = Demand(self.lead_periods[here], self.scheduled[here], self.chance_mean[here], self.variance[here], {})
        low, high = one.interval(share)
        return Outlook(
            lead_periods=float(one.lead_periods[0]),
            assumed=row in self.assumptions,
            kind=one.kinds[0],
            scheduled=int(one.scheduled[0]),
            mean=float(one.mean[0]),
            variance=float(one.variance[0]),
            share=share,
            low=int(low[0]),
            high=int(high[0]),
        )
