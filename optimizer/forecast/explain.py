"""What a forecast was made from, as values; whoever shows it chooses the words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.forecast.exposure import Driver, Exposure, Posterior, Source


class Method(StrEnum):
    """What the rate is drawn from: past demand, usage and removals, or nothing, where only dates are known."""

    HISTORY = "history"
    EXPOSURE = "exposure"
    SCHEDULED = "scheduled"


class Reason(StrEnum):
    """Why a period was left out: not recorded, more may have been wanted than there was, no usage of it is known."""

    UNKNOWN = "unknown"
    SHORT = "short"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Periods left out for a reason, and the pieces asked for in them."""

    reason: Reason
    periods: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Periods that count, those of them with demand, its pieces, and periods since the last demand (None: never)."""

    periods: int
    demands: int
    pieces: int
    silent_periods: int | None


@dataclass(frozen=True, slots=True)
class Rate:
    """A removal rate by unit of usage: what it was drawn from, and what it became."""

    driver: Driver
    usage: float
    pieces: float
    rate: float
    rate_deviation: float
    prior_rate: float | None
    prior_weight: float | None
    prior_source: Source | None

    @classmethod
    def of(cls, exposure: Exposure, posterior: Posterior) -> Rate:
        """Return the rate of an exposure; its usage is that of all its pieces, without what has no fault."""
        prior = exposure.prior
        return cls(
            exposure.driver,
            posterior.usage,
            posterior.pieces,
            posterior.rate,
            posterior.rate_variance**0.5,
            None if prior is None else prior.rate,
            None if prior is None else prior.weight,
            None if prior is None else prior.source,
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the forecast of a part at a place was made from.

    `rate` is pieces by unit of exposure, `rate_deviation` how unsure it is, `dispersion` variance over mean beside
    that, `widening` included. `memory_periods` is how many periods alike would tell as much as those that were weighed.
    `still_asked` is the chance that demand has not ended; after a long silence, nothing is foretold where that is next
    to none.
    """

    part: str
    place: str
    method: Method
    replaced: tuple[str, ...]
    evidence: Evidence
    left_out: tuple[LeftOut, ...]
    scheduled: int
    rate: float
    rate_deviation: float
    dispersion: float
    memory_periods: float
    widening: float
    still_asked: float
    removals: Rate | None
