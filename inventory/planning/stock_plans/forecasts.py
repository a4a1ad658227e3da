"""How the demand of each part was forecast: what a plan keeps of it, and how much demand varies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from inventory.catalogue.models import UsageDriver
from inventory.planning.stock_plans.demand import NETWORK, Basis, Demand
from inventory.planning.stock_plans.forecast_schemas import ForecastMethod
from inventory.planning.stock_plans.past import MONTHS
from inventory.planning.stock_plans.picture import Picture

YEAR_DAYS = 365
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PartForecast:
    """How the demand of a part was forecast, for the places that are planned.

    `months` count, and in `events` of them `pieces` were issued: by use in the whole network, by history at the places
    that are planned; `…_left_out` do not count, nor do `months_short` of
    single places, which had run out. `per_year` are pieces, `deviation` how unsure that is, `dispersion`
    variance over mean. `mean_told` is the use between removals by the maker, `mean_found` after what was issued. Of
    what is used up the depot orders `order_quantity` pieces at a time. `weighted` is what waits in the plan.
    """

    part_id: UUID
    method: ForecastMethod
    months: int
    events: int
    pieces: int
    months_left_out: int
    months_short: int
    pieces_left_out: int
    per_year: float
    deviation: float
    dispersion: float
    replaces: tuple[str, ...]
    driver: UsageDriver | None = None
    mean_told: float | None = None
    mean_found: float | None = None
    order_quantity: int | None = None
    weighted: float = 0.0


def dispersions(demand: Demand, supply_days: Floats, parts: int) -> Floats:
    """Return variance over mean of each part's demand while supply is on its way, 1 at least.

    That of its places, each by its share of the demand, with how unsure their rates are.
    """
    mean = np.bincount(demand.part, demand.per_day * supply_days, parts)
    variance = np.bincount(demand.part, demand.noise * supply_days + demand.doubt * supply_days**2, parts)
    return np.maximum(1.0, np.divide(variance, mean, out=np.ones(parts), where=mean > 0))


def gone_parts(demand: Demand) -> set[int]:
    """Return the parts that nobody asks for any more, anywhere."""
    asked = set(demand.part[demand.per_day > 0].tolist())
    return {part for basis in demand.bases for part in basis.part[basis.gone].tolist()} - asked


def forecasts_of(
    picture: Picture, demand: Demand, numbers: NDArray[np.int64], planned: NDArray[np.bool_], dispersion: Floats
) -> Iterator[PartForecast]:
    """Yield how the demand of some parts was forecast, in their order; none for what is replaced."""
    parts = len(picture.items)
    here = planned[demand.place]
    part, doubt = demand.part[here], demand.doubt[here]
    per_day = np.bincount(part, demand.per_day[here], parts)
    common, apart = np.bincount(part, np.sqrt(doubt), parts), np.sqrt(np.bincount(part, doubt, parts))
    replaces: defaultdict[int, list[str]] = defaultdict(list)
    for old, end in demand.replaced.items():
        replaces[end].append(picture.items[old].number)
    for basis in demand.bases:
        by_use = bool((basis.place == NETWORK).all())
        told = _evidence(basis, planned, parts)
        months = int(basis.counted.sum())
        for number in np.intersect1d(numbers, basis.part).tolist():
            events, pieces, left_out, short = told[number].tolist()
            rate = demand.rates.get(number)
            yield PartForecast(
                part_id=picture.items[number].id,
                method=ForecastMethod.USE if by_use else ForecastMethod.HISTORY,
                months=months,
                events=int(events),
                pieces=int(pieces),
                months_left_out=MONTHS - months,
                months_short=int(short),
                pieces_left_out=int(left_out),
                per_year=float(per_day[number]) * YEAR_DAYS,
                # what is not known of a rate is the same at all places, of several rates it differs
                deviation=float((common if by_use else apart)[number]) * YEAR_DAYS,
                dispersion=float(dispersion[number]),
                replaces=tuple(sorted(replaces[number])),
                driver=None if rate is None else rate.driver,
                mean_told=None if rate is None else rate.mean_told,
                mean_found=None if rate is None else rate.mean_found,
            )


def _evidence(basis: Basis, planned: NDArray[np.bool_], parts: int) -> Floats:
    """Return by part the months with demand, pieces, pieces left out, and months of places that had run out."""
    mine = (basis.place == NETWORK) | planned[basis.place]
    by_month = np.zeros((parts, basis.pieces.shape[1]))
    np.add.at(by_month, basis.part[mine], basis.pieces[mine])
    short = np.bincount(basis.part[mine], basis.short[mine], parts)
    part, place, pieces = basis.left_out
    mine = (place == NETWORK) | planned[place]
    left_out = np.bincount(part[mine], pieces[mine], parts)
    return np.column_stack([(by_month > 0).sum(axis=1), by_month.sum(axis=1), left_out, short])
