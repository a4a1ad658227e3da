"""Verify a forecast; shares the problem's definition with what made it and nothing else."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.forecast.explain import Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.forecast.forecast import Forecast
    from optimizer.forecast.model import Problem

CLOSE = 1e-9
LEADS = (1.0, 2.5, 12.0)
LEVELS = (0.1, 0.5, 0.9, 0.99)


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that the forecast breaks (a stable code), and the part and place that break it."""

    code: str
    where: str


def check(problem: Problem, forecast: Forecast) -> list[Violation]:
    """Return every violation; an empty list says that the forecast may be used.

    Codes: `row` (a part and place without a row, or one that nothing was known of), `counts` (pieces and periods that
    count and those left out are not what was given), `number` (none, or negative), `scheduled`, `mean` (it does not add
    up over lead times), `quantile` (they do not rise). That none foretells better is not checked. O(rows × periods).
    """
    given = _given(problem)
    keys = set(forecast.keys)
    found = [Violation("row", _name(key)) for key in sorted(given.keys() ^ keys)]
    if len(keys) != len(forecast.keys):
        found.append(Violation("row", "twice"))
    for row, key in enumerate(forecast.keys):
        found += _row(forecast, row, given.get(key, (0, 0)))
    return [*found, *_demand(forecast)]


def _name(key: tuple[str, str]) -> str:
    return f"part {key[0]} at {key[1]}"


def _given(problem: Problem) -> dict[tuple[str, str], tuple[int, int]]:
    """Return by newest part and place the pieces in periods that are known, and those scheduled."""
    next_of = {one.old: one.new for one in problem.successions}

    def newest(part: str) -> str:
        while part in next_of:
            part = next_of[part]
        return part

    history = problem.history
    pieces: dict[tuple[str, str], int] = defaultdict(int)
    for row, (part, place) in enumerate(zip(history.parts, history.places, strict=True)):
        numbers = zip(history.pieces[row].tolist(), history.known[row].tolist(), strict=True)
        pieces[newest(part), place] += sum(int(count) for count, known in numbers if known)
    scheduled: dict[tuple[str, str], int] = defaultdict(int)
    for one in problem.scheduled:
        scheduled[newest(one.part), one.place] += one.pieces
    keys = {*pieces, *scheduled, *((one.part, one.place) for one in problem.exposures)}
    return {key: (pieces[key], scheduled[key]) for key in keys}


def _row(forecast: Forecast, row: int, given: tuple[int, int]) -> Iterator[Violation]:
    told, where = forecast.explain(row), _name(forecast.keys[row])
    pieces = told.evidence.pieces + sum(one.pieces for one in told.left_out)
    periods = told.evidence.periods + sum(one.periods for one in told.left_out)
    if pieces != given[0] or periods != forecast.rolled.pieces.shape[1]:
        yield Violation("counts", where)
    if told.scheduled != given[1]:
        yield Violation("scheduled", where)
    numbers = (told.rate, told.rate_deviation, told.dispersion, told.still_asked, told.memory_periods)
    if not all(0 <= one < math.inf for one in numbers):
        yield Violation("number", where)
    if told.method is Method.SCHEDULED and told.rate != 0:
        yield Violation("row", where)


def _demand(forecast: Forecast) -> Iterator[Violation]:
    short, long, whole = (forecast.over(lead) for lead in (LEADS[0], LEADS[1], LEADS[0] + LEADS[1]))
    flat = (forecast.ahead == forecast.ahead[:, :1]).all(axis=1)
    for row, key in enumerate(forecast.keys):
        total = float(short.chance_mean[row] + long.chance_mean[row])
        if flat[row] and abs(total - whole.chance_mean[row]) > CLOSE * max(1.0, total):
            yield Violation("mean", _name(key))
    last = None
    for lead in LEADS:
        demand = forecast.over(lead)
        quantiles = demand.quantiles(LEVELS)
        for row, key in enumerate(forecast.keys):
            rising = quantiles[row].tolist()
            if rising != sorted(rising) or rising[0] < demand.scheduled[row]:
                yield Violation("quantile", _name(key))
            if not 0 <= demand.mean[row] < math.inf or not 0 <= demand.variance[row] < math.inf:
                yield Violation("number", _name(key))
            if last is not None and demand.mean[row] < last.mean[row] * (1 - CLOSE):
                yield Violation("mean", _name(key))
        last = demand
