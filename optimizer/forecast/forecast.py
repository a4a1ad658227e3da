"""The forecast: each part and place by what is known of it, over any lead time, with what it was made from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.forecast.choice import Settings, choose
from optimizer.forecast.demand import Assumption, Demand
from optimizer.forecast.explain import Evidence, Explanation, LeftOut, Method, Rate, Reason
from optimizer.forecast.exposure import posterior
from optimizer.forecast.kernel.scores import fit
from optimizer.forecast.silence import dead, still_asked
from optimizer.forecast.succession import Rolled, last_of, rolled_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.forecast.exposure import Exposure, Posterior
    from optimizer.forecast.model import Problem

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Demand by chance as columns, a row for each part and place: pieces by unit of exposure, and how sure that is.

    A unit is a period, or one of usage where there is an exposure; `ahead` is how many come in each period from now,
    the last going on for ever. Of x units the mean is x · rate, the variance x · rate · dispersion + x² ·
    rate_variance.
    """

    keys: tuple[tuple[str, str], ...]
    methods: tuple[Method, ...]
    rate: Floats
    dispersion: Floats
    rate_variance: Floats
    ahead: Floats
    scheduled: tuple[tuple[int, float, int], ...]  # row, periods ahead, pieces
    settings: Settings
    rolled: Rolled
    still_asked: Floats
    memory_periods: Floats
    posteriors: Mapping[int, tuple[Exposure, Posterior]]

    def over(self, lead_periods: float | Sequence[float | None], *, assumed: float | None = None) -> Demand:
        """Return demand over a lead time, one for all rows or one by row; None is one that nobody knows.

        `assumed` periods stand for those, and the result says where. Raises ValueError, naming part and place, for an
        unknown one where nothing is assumed, and for 0, negative and non-finite ones.
        """
        lead, assumptions = self._leads(lead_periods, assumed)
        units = _elapsed(self.ahead, lead)
        scheduled = np.zeros(len(self.keys), np.int64)
        for row, ahead, pieces in self.scheduled:
            if ahead < lead[row]:
                scheduled[row] += pieces
        mean = units * self.rate
        variance = mean * self.dispersion + units**2 * self.rate_variance
        return Demand(lead, scheduled, mean, variance, assumptions)

    def explain(self, row: int) -> Explanation:
        """Return what a row was made from."""
        rolled, (part, place) = self.rolled, self.keys[row]
        pieces, known, short = rolled.pieces[row], rolled.known[row], rolled.short[row]
        told = self.posteriors.get(row)
        used, silent = known & ~short, np.flatnonzero(pieces[::-1] > 0)
        counted = used if told is None else used & told[0].told_of(pieces.size)
        unused = used & ~counted
        left_out = (
            LeftOut(Reason.UNKNOWN, int((~known).sum()), 0),
            LeftOut(Reason.SHORT, int(short.sum()), int(pieces[short].sum())),
            LeftOut(Reason.UNUSED, int(unused.sum()), int(pieces[unused].sum())),
        )
        return Explanation(
            part=part,
            place=place,
            method=self.methods[row],
            replaced=tuple(one for one in rolled.of[row] if one != part),
            evidence=Evidence(
                periods=int(counted.sum()),
                demands=int((pieces[counted] > 0).sum()),
                pieces=int(pieces[counted].sum()),
                silent_periods=int(silent[0]) if silent.size else None,
            ),
            left_out=tuple(one for one in left_out if one.periods),
            scheduled=sum(one for at, _, one in self.scheduled if at == row),
            rate=float(self.rate[row]),
            rate_deviation=math.sqrt(self.rate_variance[row]),
            dispersion=float(self.dispersion[row]),
            memory_periods=float(self.memory_periods[row]),
            widening=self.settings.wide if self.methods[row] is Method.HISTORY else 1.0,
            still_asked=float(self.still_asked[row]),
            removals=None if told is None else Rate.of(*told),
        )

    def _leads(
        self, given: float | Sequence[float | None], assumed: float | None
    ) -> tuple[Floats, dict[int, Assumption]]:
        rule = (
            "must be more than 0 periods and finite; 0 in data is one that nobody knows: give None, and what to assume"
        )
        if assumed is not None and not 0 < assumed < math.inf:
            raise ValueError(f"an assumed lead time of {assumed} {rule}")
        each = list(given) if isinstance(given, Iterable) else [given] * len(self.keys)
        if len(each) != len(self.keys):
            raise ValueError(f"{len(each)} lead times for {len(self.keys)} rows; give one for each, or one for all")
        lead, assumptions = np.empty(len(self.keys)), {}
        for row, ((part, place), one) in enumerate(zip(self.keys, each, strict=True)):
            if one is None:
                if assumed is None:
                    raise ValueError(f"part {part} at {place}: its lead time is unknown; give it, or what to assume")
                assumptions[row] = Assumption(part, place, assumed)
            elif not 0 < one < math.inf:
                raise ValueError(f"part {part} at {place}: a lead time of {one} {rule}")
            lead[row] = assumed if one is None else one
        return lead, assumptions


def forecast(problem: Problem) -> Forecast:
    """Return the forecast of a problem, its settings chosen by the whole of it. O(rows × periods).

    Raises ValueError where an exposure has neither demand nor a prior.
    """
    last = last_of(problem.successions)
    exposures = {(one.part, one.place): one for one in problem.exposures}
    planned = [((last.get(one.part, one.part), one.place), one) for one in problem.scheduled]
    rolled = rolled_up(problem.history, last, [*exposures, *(key for key, _ in planned)])
    at = {key: row for row, key in enumerate(rolled.keys)}
    used = rolled.known & ~rolled.short
    counted = np.where(used, rolled.pieces, 0.0)
    # by name, so that sums over rows, and with them the settings, are the same in whatever order series are given
    rows = np.array(sorted(np.flatnonzero(used.any(axis=1)), key=rolled.keys.__getitem__), np.int64)
    settings = choose(counted[rows], used[rows])
    told = np.zeros((len(at), 5))
    told[rows] = _fitted(counted[rows], used[rows], settings)
    rate, estimate, between = told[:, 0], told[:, 2], told[:, 3]
    dispersion = told[:, 1] * settings.wide
    rate_variance = estimate * settings.wide + between
    asked = still_asked(rolled.pieces, rolled.known)
    gone = dead(rolled.pieces, rolled.known, asked)
    rate[gone], rate_variance[gone] = 0.0, 0.0
    posteriors = {}
    for key, exposure in exposures.items():
        row = at[key]
        one = posterior(exposure, counted[row], used[row], settings.trust)
        posteriors[row] = (exposure, one)
        rate[row] = one.rate * exposure.factor
        dispersion[row] = one.dispersion
        rate_variance[row] = one.rate_variance * exposure.factor**2
    told_by = [Method.SCHEDULED] * len(at)
    for row in rows.tolist():
        told_by[row] = Method.HISTORY
    for row in posteriors:
        told_by[row] = Method.EXPOSURE
    return Forecast(
        keys=rolled.keys,
        methods=tuple(told_by),
        rate=rate,
        dispersion=dispersion,
        rate_variance=rate_variance,
        ahead=_ahead(len(at), {row: exposure.ahead for row, (exposure, _) in posteriors.items()}),
        scheduled=tuple((at[key], one.ahead, one.pieces) for key, one in planned),
        settings=settings,
        rolled=rolled,
        still_asked=asked,
        memory_periods=told[:, 4],
        posteriors=posteriors,
    )


def _fitted(pieces: Floats, used: NDArray[np.bool_], settings: Settings) -> Floats:
    told = np.zeros((len(pieces), 5))
    fit(pieces, used, settings.keeps, settings.by_row, settings.trust, settings.usual, told)
    return told


def _ahead(rows: int, usage: Mapping[int, Sequence[float]]) -> Floats:
    """Return units by row and period from now; one a period where there is no usage."""
    told = np.ones((rows, max(map(len, usage.values()), default=1)))
    for row, ahead in usage.items():
        told[row, : len(ahead)] = ahead
        told[row, len(ahead) :] = ahead[-1]
    return told


def _elapsed(ahead: Floats, periods: Floats) -> Floats:
    """Return the units that come within so many periods, by row."""
    width = ahead.shape[1]
    sums = np.concatenate([np.zeros((len(ahead), 1)), np.cumsum(ahead, axis=1)], axis=1)
    rows, whole = np.arange(len(ahead)), np.minimum(periods, width - 1).astype(np.int64)
    told: Floats = sums[rows, whole] + (periods - whole) * ahead[rows, whole]
    return told
