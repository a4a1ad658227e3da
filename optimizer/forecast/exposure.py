"""Demand from usage: hours, cycles, landings, APU hours or days, times a removal rate that what happened corrects."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


LEAST = 1e-9
"""Usage up to which a past tells nothing."""


class Driver(StrEnum):
    """What wears a part out; usage and rates are counted in it."""

    HOURS = "hours"
    CYCLES = "cycles"
    LANDINGS = "landings"
    APU_HOURS = "apu_hours"
    CALENDAR = "calendar"


class Source(StrEnum):
    """Who says what a removal rate is before the place's own history."""

    FLEET = "fleet"
    MAKER = "maker"


@dataclass(frozen=True, slots=True)
class Prior:
    """A removal rate by unit of usage of one installed part, and the usage that it is worth as evidence.

    A gamma distribution of shape `rate` × `weight` and of that weight. Raises ValueError for numbers that are not more
    than 0 and finite.
    """

    rate: float
    weight: float
    source: Source = Source.MAKER

    def __post_init__(self) -> None:
        for name, value in (("rate", self.rate), ("weight", self.weight)):
            if not 0 < value < math.inf:
                raise ValueError(f"the {name} of a prior must be more than 0 and finite, not {value}")


@dataclass(frozen=True, slots=True)
class Exposure:
    """How much the aircraft that a place serves use a part: by past period, and by period to come.

    `past` is as long as the history (None: not known), or empty where the part is new. The last of `ahead` goes on for
    ever. Usage is of aircraft; each has `quantity_per_aircraft` of the part. Of all removals, `no_fault_found_share`
    are put back and ask for nothing: the history counts demand, so without them. Raises ValueError for bad numbers.
    """

    part: str
    place: str
    driver: Driver
    past: tuple[float | None, ...]
    ahead: tuple[float, ...]
    quantity_per_aircraft: int = 1
    no_fault_found_share: float = 0.0
    prior: Prior | None = None

    def __post_init__(self) -> None:
        name = f"part {self.part} at {self.place}"
        if not self.ahead:
            raise ValueError(f"{name}: no usage ahead; give that of one period at least, which then goes on")
        for usage in (*self.past, *self.ahead):
            if usage is not None and not 0 <= usage < math.inf:
                raise ValueError(
                    f"{name}: usage of {usage} {self.driver}; it must be 0 or more and finite (past: None if not known)"
                )
        if self.quantity_per_aircraft < 1:
            raise ValueError(f"{name}: {self.quantity_per_aircraft} per aircraft; it must be 1 or more")
        if not 0 <= self.no_fault_found_share < 1:
            raise ValueError(
                f"{name}: no_fault_found_share of {self.no_fault_found_share}; it must be 0 or more and less than 1"
            )

    def told_of(self, periods: int) -> NDArray[np.bool_]:
        """Return of which past periods the usage is known; of none of them where the part is new."""
        return np.array([one is not None for one in self.past] or [False] * periods, np.bool_)

    @property
    def factor(self) -> float:
        """Pieces asked for by unit of usage, for a removal rate of 1."""
        return self.quantity_per_aircraft * (1.0 - self.no_fault_found_share)


class Posterior(NamedTuple):
    """A removal rate after what happened: gamma of this shape and weight, and what it was drawn from.

    `dispersion` is variance over mean of the demand for a rate that is known: above 1 where pieces go in batches.
    """

    shape: float
    weight: float
    dispersion: float
    usage: float
    pieces: float

    @property
    def rate(self) -> float:
        """The mean removal rate."""
        return self.shape / self.weight

    @property
    def rate_variance(self) -> float:
        """Its variance."""
        return self.shape / self.weight**2


def posterior(exposure: Exposure, pieces: NDArray[np.float64], used: NDArray[np.bool_], trust: float) -> Posterior:
    """Return the removal rate after the used periods of a history (conjugate: gamma of the rate, Poisson removals).

    Pieces that go in batches are so much less evidence: pieces and usage are divided by the dispersion, which is the
    squares of what was not expected by what was, drawn towards 1 as if `trust` periods with demand had shown that.
    Raises ValueError where nothing was asked for in no usage and there is no prior.
    """
    counted = used & exposure.told_of(used.size)
    usage = np.where(counted, [one or 0.0 for one in exposure.past] or 0.0, 0.0) * exposure.factor
    asked = np.where(counted, pieces, 0.0)
    total, events = float(usage.sum()), float(asked.sum())
    prior = exposure.prior
    if prior is None and not (total > LEAST and events > 0):
        raise ValueError(
            f"part {exposure.part} at {exposure.place}: {events:g} pieces in {total:g} {exposure.driver} tell no rate, "
            "and there is no prior; give the rate of the fleet or of the maker"
        )
    dispersion = _dispersion(asked, usage, trust)
    shape, weight = (0.0, 0.0) if prior is None else (prior.rate * prior.weight, prior.weight)
    return Posterior(shape + events / dispersion, weight + total / dispersion, dispersion, total, events)


def _dispersion(asked: NDArray[np.float64], usage: NDArray[np.float64], trust: float) -> float:
    flown = usage > 0
    periods, demands = int(flown.sum()), int((asked[flown] > 0).sum())
    if periods < 2 or demands == 0:
        return 1.0
    expected = usage[flown] * asked[flown].sum() / usage[flown].sum()
    own = float(((asked[flown] - expected) ** 2).sum() / expected.sum()) * periods / (periods - 1)
    return max(1.0, (demands * own + trust) / (demands + trust))
