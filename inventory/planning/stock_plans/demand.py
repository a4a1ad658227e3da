"""What is asked for where: pieces a day by part and place, forecast from the use of aircraft or from what was issued.

Parts whose use is known have one removal rate for the whole network: that of the maker, corrected by what the ledger
saw issued. The others are forecast by their history at each place. What is replaced counts as what replaces it, and
parts that replace each other both ways as one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inventory.catalogue.models import UsageDriver
from inventory.planning.stock_plans.kin import Kin, kin_of
from inventory.planning.stock_plans.past import MONTH_DAYS, MONTHS
from inventory.planning.stock_plans.picture import Picture
from inventory.planning.stock_plans.used import Used, Worn, used_of, worn_by
from optimizer.forecast.exposure import Driver, Exposure, Prior
from optimizer.forecast.forecast import Forecast, forecast
from optimizer.forecast.history import History
from optimizer.forecast.model import Problem
from optimizer.forecast.succession import Succession, last_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NETWORK = -1
"""The place of what is forecast for all places together."""
_Columns = tuple[Ints, Ints, Floats, Floats, Floats]
"""Part, place, pieces a day, noise and doubt of the demand."""
_ALL = "*"
_MOST_FAULTLESS = 0.999999
_DRIVERS = {
    UsageDriver.FLIGHT_HOURS: Driver.HOURS,
    UsageDriver.CYCLES: Driver.CYCLES,
    UsageDriver.LANDINGS: Driver.LANDINGS,
    UsageDriver.APU_HOURS: Driver.APU_HOURS,
    UsageDriver.CALENDAR: Driver.CALENDAR,
}


@dataclass(frozen=True, slots=True)
class Basis:
    """What rows of a forecast were made from: a part at a place, or in the `NETWORK`, and pieces by month counted.

    `counted` are the months that do: those that the ledger knows wholly, and the use of aircraft where that is asked
    for. `left_out` are pieces issued in the others, also where there is no row, and in the `short` months of a
    row, so many, in which the place had run out. `gone` rows are dead.
    """

    part: Ints
    place: Ints
    pieces: Floats
    short: Ints
    gone: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    left_out: tuple[Ints, Ints, Floats]


@dataclass(frozen=True, slots=True)
class Removals:
    """Use between removals of a part: what the maker says, and what that became."""

    driver: UsageDriver
    mean_told: float
    mean_found: float


@dataclass(frozen=True, slots=True)
class Demand:
    """Pieces asked for a day, by part and place, which are told by their index in the picture.

    Over t days the variance is t · `noise` + t² · `doubt`: how demand varies, and how unsure its rate is. `known` tells
    of which parts any demand is. Of the others nobody knows: nothing is told of their aircraft, and the ledger saw no
    issue in a month that it knows wholly. `replaced` tells of parts which one their demand counts for; `kin` of all
    that stand in for each other.
    """

    part: Ints
    place: Ints
    per_day: Floats
    noise: Floats
    doubt: Floats
    known: NDArray[np.bool_]
    bases: tuple[Basis, ...]
    rates: Mapping[int, Removals]
    replaced: Mapping[int, int]
    kin: Kin


@dataclass(frozen=True, slots=True)
class _Issues:
    """Whole pieces by part and place and month; fractions are carried on to the next month, and rounded up."""

    part: Ints
    place: Ints
    pieces: Floats

    def some(self, chosen: NDArray[np.bool_]) -> _Issues:
        return _Issues(self.part[chosen], self.place[chosen], self.pieces[chosen])


def rates(picture: Picture) -> Demand:
    """Return the demand. O(parts × places + issues × months)."""
    kin = kin_of(picture)
    successions = [Succession(_name(old), _name(new)) for old, new in kin.one_demand().items()]
    last = {int(old): int(new) for old, new in last_of(successions).items()}
    used, issues = used_of(picture), _issues(picture)
    worn = list(worn_by(picture, used, last))
    ends = np.array([last.get(number, number) for number in range(len(picture.items))], np.int64)
    by_use = np.zeros(len(picture.items), np.bool_)
    by_use[[one.part for one in worn]] = True
    month = _newest(max(1, picture.past.whole))
    known = by_use.copy()
    columns: list[_Columns] = []
    bases, removals = [], {}
    if worn:
        told = _by_use(picture, worn, used, issues.some(by_use[ends[issues.part]]), successions, ends)
        columns += _spread(worn, used, told)
        bases.append(_basis(told, issues, ends, _newest(picture.past.whole) & used.known))
        found = {int(told.keys[row][0]): 1.0 / one.rate for row, (_exposure, one) in told.posteriors.items()}
        removals = {one.part: Removals(one.told.driver, float(one.told.usage or 0), found[one.part]) for one in worn}
    others = issues.some(~by_use[ends[issues.part]] & (issues.pieces[:, month] > 0).any(axis=1))
    if others.part.size:
        short = _short(picture, others, ends, month)
        told = forecast(Problem(_history(others, month, short), successions=tuple(successions)))
        basis = _basis(told, issues, ends, month)
        known[basis.part] = True
        bases.append(basis)
        varied = told.rate * told.dispersion
        columns.append(
            (basis.part, basis.place, told.rate / MONTH_DAYS, varied / MONTH_DAYS, told.rate_variance / MONTH_DAYS**2)
        )
    nowhere = issues.some(~known[ends[issues.part]])
    nothing = np.zeros(nowhere.part.size)
    columns.append((ends[nowhere.part], nowhere.place, nothing, nothing, nothing))
    return Demand(
        *_joined(columns),
        _known_by_kin(known[ends], picture, kin),
        tuple(bases),
        removals,
        last,
        kin,
    )


def _known_by_kin(known: NDArray[np.bool_], picture: Picture, kin: Kin) -> NDArray[np.bool_]:
    """Return of which parts any demand is known: also where it is of older ones that they serve, or of repairs."""
    needed = {part for _unit, part, _share in picture.needs}
    known |= [item.id in needed for item in picture.items]
    for group in kin.one_way:
        known[group.preferred] |= known[list(group.others)].any()
    return known


def _joined(columns: list[_Columns]) -> _Columns:
    """Return columns one after the other; those given are emptied, as they may be millions."""
    part, place, per_day, noise, doubt = (list(one) for one in zip(*columns, strict=True))
    columns.clear()

    def of(some: list[Any]) -> Any:
        joined = np.concatenate(some)
        some.clear()
        return joined

    return of(part), of(place), of(per_day), of(noise), of(doubt)


def _newest(months: int) -> NDArray[np.bool_]:
    return np.arange(MONTHS) >= MONTHS - months


def _name(part: int) -> str:
    return f"{part:09d}"


def _issues(picture: Picture) -> _Issues:
    parts = {item.id: number for number, item in enumerate(picture.items)}
    places = {site.id: number for number, site in enumerate(picture.sites)}
    count = len(picture.sites)
    given = picture.past.issues
    keys = np.array([parts[part] * count + places[place] for part, place, _month, _pieces in given], np.int64)
    cells, rows = np.unique(keys, return_inverse=True)
    pieces = np.zeros((cells.size, MONTHS))
    np.add.at(pieces, (rows, np.array([month for *_key, month, _pieces in given], np.int64)), [one[3] for one in given])
    so_far = np.ceil(np.cumsum(pieces, axis=1) - 1e-6)
    part, place = np.divmod(cells, count)
    return _Issues(part, place, np.diff(so_far, axis=1, prepend=0.0))


def _short(picture: Picture, issues: _Issues, ends: Ints, month: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return by row and month whether the place had run out: no piece was there on any day, or the first came again.

    In such a month nobody can tell demand from waiting: it was served elsewhere, or waited and is issued when a piece
    comes, in the month that is taken out, too. A month in which the last piece goes is none: to leave out just the
    months with an issue would make of each place with a single piece one without demand. Nor are they where a place has
    run out in half of all months or more: there it is usual, and pieces pass through. Parts of one demand have one
    shelf.
    """
    count = len(picture.sites)
    parts = {item.id: number for number, item in enumerate(picture.items)}
    places = {site.id: number for number, site in enumerate(picture.sites)}
    mine = ends[issues.part] * count + issues.place
    keys, row = np.unique(mine, return_inverse=True)
    row_at = {key: number for number, key in enumerate(keys.tolist())}
    came, more = np.zeros((keys.size, MONTHS + 1)), np.zeros((keys.size, MONTHS + 1))
    for part, place, at, some, net in picture.past.flows:
        found = row_at.get(int(ends[parts[part]]) * count + places[place])
        if found is not None:
            came[found, at + 1] += some
            more[found, at + 1] += net
    before = np.cumsum(more, axis=1)[:, :-1]
    empty = (before < 1e-6) & (came[:, 1:] < 1e-6) & month
    again = np.zeros_like(empty)
    again[:, 1:] = empty[:, :-1] & ~empty[:, 1:]
    short = empty | again
    usual = 2 * short.sum(axis=1) >= month.sum()
    told: NDArray[np.bool_] = (short & ~usual[:, None])[row]
    return told


def _history(issues: _Issues, month: NDArray[np.bool_], short: NDArray[np.bool_] | None = None) -> History:
    known = np.broadcast_to(month, issues.pieces.shape)
    return History(
        tuple(map(_name, issues.part.tolist())),
        tuple(_ALL if place == NETWORK else str(place) for place in issues.place.tolist()),
        issues.pieces,
        known,
        np.zeros(issues.pieces.shape, np.bool_) if short is None else short,
    )


def _by_use(
    picture: Picture,
    worn: Sequence[Worn],
    used: Used,
    issues: _Issues,
    successions: Sequence[Succession],
    ends: Ints,
) -> Forecast:
    """Return the forecast of removals by unit of use, one row a part.

    What the maker says is worth the use in which one removal is expected by it: the first that are seen correct it.
    """
    parts = np.unique(np.concatenate([[one.part for one in worn], issues.part]).astype(np.int64))
    pieces = np.zeros((parts.size, MONTHS))
    np.add.at(pieces, np.searchsorted(parts, issues.part), issues.pieces)
    exposures = []
    for one in worn:
        flown = one.pieces @ used.past[one.told.driver]
        mean = float(one.told.usage or 0)
        exposures.append(
            Exposure(
                _name(one.part),
                _ALL,
                _DRIVERS[one.told.driver],
                past=tuple(amount if sure else None for amount, sure in zip(flown.tolist(), used.known, strict=True)),
                ahead=(1.0,),
                no_fault_found_share=min(one.told.no_fault_found_share, _MOST_FAULTLESS),
                prior=Prior(1.0 / mean, mean),
            )
        )
    network = _Issues(parts, np.full(parts.size, NETWORK), pieces)
    history = _history(network, _newest(picture.past.whole))
    return forecast(Problem(history, tuple(exposures), successions=_among(successions, parts, ends)))


def _among(successions: Sequence[Succession], parts: Ints, ends: Ints) -> tuple[Succession, ...]:
    """Return the successions that end in one of some parts."""
    there = set(parts.tolist())
    return tuple(one for one in successions if int(ends[int(one.old)]) in there)


def _spread(worn: Sequence[Worn], used: Used, told: Forecast) -> list[_Columns]:
    """Return the columns of demand at each place: what is used there a day × the removals by unit of it."""
    row = {int(part): number for number, (part, _place) in enumerate(told.keys)}
    columns = []
    for driver, some in groupby(sorted(worn, key=lambda one: (one.told.driver, one.part)), lambda one: one.told.driver):
        group = list(some)
        use = np.array([one.pieces for one in group]) @ used.a_day[driver]
        which, place = np.nonzero(use)
        part = np.array([one.part for one in group], np.int64)[which]
        amount = use[which, place]
        at = np.array([row[one.part] for one in group], np.int64)[which]
        per_day = amount * told.rate[at]
        columns.append((part, place, per_day, per_day * told.dispersion[at], amount**2 * told.rate_variance[at]))
    return columns


def _basis(told: Forecast, issues: _Issues, ends: Ints, counted: NDArray[np.bool_]) -> Basis:
    part = np.array([int(part) for part, _place in told.keys], np.int64)
    place = np.array([NETWORK if place == _ALL else int(place) for _part, place in told.keys], np.int64)
    pieces = told.rolled.pieces
    gone = (pieces > 0).any(axis=1) & (told.rate == 0)
    mine = np.isin(ends[issues.part], part)
    where = np.where((place == NETWORK).all(), NETWORK, issues.place[mine])
    short = told.rolled.short & counted
    left_out = (
        np.concatenate([ends[issues.part[mine]], part]),
        np.concatenate([where, place]),
        np.concatenate([issues.pieces[mine][:, ~counted].sum(axis=1), (pieces * short).sum(axis=1)]),
    )
    return Basis(part, place, (pieces * ~short)[:, counted], short.sum(axis=1), gone, counted, left_out)
