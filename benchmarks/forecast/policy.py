"""Stock that is laid by a forecast, run through the months after it: each part is ordered up to its level.

Parts with a lead time count. Levels are for demand over lead time and the month of the order, from all but the last
months; those are run through with what was ordered before still under way. What waits is served first. The peer is a
quantile of each part, negative binomial on the mean of its past; ours are targets of `optimizer.stocking` for the same
money, with backorders weighted by the mean size of an order, so that a line weighs the same however many pieces it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.forecast.data import Demands, history
from benchmarks.forecast.peers import around, mean
from benchmarks.report import Result
from optimizer.forecast.forecast import forecast
from optimizer.forecast.model import Problem as Known
from optimizer.run import Limit
from optimizer.stocking.model import UNLIMITED, Budget, Lines, Part, Place, Scenario
from optimizer.stocking.plan import Problem
from optimizer.stocking.solve import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.forecast.demand import Demand

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

JUDGED = 24
LEVEL = 0.95
HALVINGS = 6
PEER = f"item quantile {LEVEL}"
ALL = Limit(iterations=10**9)


class Served(NamedTuple):
    """Shares of lines served whole and of pieces served, and the mean of what waits."""

    line_fill: float
    unit_fill: float
    backorders: float


def measure(demands: Demands, *, quick: bool) -> Iterator[Result]:
    """Return what each policy serves for the money of the item quantile, and what ours needs to serve as many lines."""
    world = _World(demands)
    case = f"{demands.name}, {len(world.price)} parts"
    items = around(mean(world.past), world.past, world.lead + 1.0).quantiles([LEVEL])[:, 0]
    money = float(items @ world.price)
    theirs = world.run(items)
    levels = world.targets(money)
    ours = world.run(levels)
    yield Result(case, "line_fill", ours.line_fill, "share", PEER, theirs.line_fill)
    yield Result(case, "unit_fill", ours.unit_fill, "share", PEER, theirs.unit_fill)
    yield Result(case, "mean_backorders", ours.backorders, "pieces", PEER, theirs.backorders)
    yield Result(case, "investment", float(levels @ world.price), "money", PEER, money)
    if quick:
        return
    low, high = 0.0, money
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        enough = world.run(world.targets(middle)).line_fill >= theirs.line_fill
        low, high = (low, middle) if enough else (middle, high)
    yield Result(f"{case}, same line fill", "investment", high, "money", PEER, money)


class _World:
    """Parts with a known lead time and some demand to learn from."""

    def __init__(self, demands: Demands) -> None:
        if demands.lead is None or demands.price is None:
            raise ValueError(f"{demands.name}: a policy needs lead times and prices (lead_time_months, price_gbp)")
        pieces, judged = demands.pieces, min(JUDGED, demands.pieces.shape[1] // 3)
        self.first = pieces.shape[1] - judged
        with np.errstate(invalid="ignore"):
            taken = (demands.lead > 0) & (demands.lead < self.first) & (demands.price > 0)
        taken &= ~np.isnan(pieces).any(axis=1) & (pieces[:, : self.first].sum(axis=1) > 0)
        if not taken.any():
            raise ValueError(f"{demands.name}: no part has a lead time, a price and demand")
        self.pieces, self.lead, self.price = pieces[taken], demands.lead[taken], demands.price[taken]
        self.past = np.ascontiguousarray(self.pieces[:, : self.first])
        self.demand: Demand = forecast(Known(history(self.past))).over((self.lead + 1.0).tolist())

    def targets(self, money: float) -> Ints:
        """Return levels for this money."""
        demand, periods, count = self.demand, self.lead + 1.0, len(self.price)
        dispersion = np.divide(demand.variance, demand.mean, out=np.ones(count), where=demand.mean > 0)
        parts = [
            Part(f"P{row}", float(self.price[row]), float(periods[row]), dispersion=max(1.0, float(dispersion[row])))
            for row in range(count)
        ]
        size = self.past.sum(axis=1) / (self.past > 0).sum(axis=1)
        nothing = np.zeros(count, np.int64)
        lines = Lines(
            np.arange(count), nothing, demand.mean / periods, 1.0 / size, nothing, np.full(count, UNLIMITED), nothing
        )
        scenario = Scenario((Place("X"),), tuple(parts), lines)
        return solve(Problem(scenario, {Budget.OPERATING: money}), limit=ALL).evaluation.stock

    def run(self, levels: Ints) -> Served:
        """Return what levels serve in the months that are judged."""
        sums = np.concatenate([np.zeros((len(self.pieces), 1)), np.cumsum(self.pieces, axis=1)], axis=1)
        rows, lead = np.arange(len(self.pieces)), self.lead.astype(np.int64)
        lines = whole = units = served = waiting = 0.0
        for month in range(self.first, self.pieces.shape[1]):
            shelf = levels - (sums[:, month] - sums[rows, np.maximum(month - lead, 0)])
            asked = self.pieces[:, month]
            given = np.minimum(asked, np.maximum(shelf, 0.0))
            some = asked > 0
            lines, whole = lines + some.sum(), whole + (given >= asked)[some].sum()
            units, served = units + asked.sum(), served + given.sum()
            waiting += np.maximum(asked - shelf, 0.0).sum()
        return Served(whole / lines, served / units, waiting / (self.pieces.shape[1] - self.first))
