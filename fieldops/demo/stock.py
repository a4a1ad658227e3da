"""Target quantities by place and the stock that stands against them on the first day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from fieldops.demo.catalogue import Catalogue
from fieldops.demo.families import UNIT_CLASSES, Echelon
from fieldops.demo.fleet import DRIVERS, yearly_usage
from fieldops.demo.rows import AircraftRow, LaneRow, PlaceRow, Scale, StockRow, TargetRow, Tier
from fieldops.demo.tables import STOCK_VALUE_USD, TAIL_HELD

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CHEAP_USD = 1_000.0
CHEAP_SAFETY = 2.5
"""Standard deviations of safety stock for cheap parts; for the others it follows from the value of the stock."""
FACTOR_BOUNDS, BISECTIONS = (-4.0, 8.0), 30
DEAR_USD = 150_000.0
"""From this price on stock stands at its target: one engine more or less would change the value of the whole."""
SHORT_SHARE = 0.97
"""Value of the stock relative to its targets, since some of it is used up."""
CENTRAL_TAIL_SHARE = 0.97
CENTRAL_REVIEW_DAYS = 14.0
OUT_OF_STOCK_SHARE = 0.01
KEPT: dict[Tier, tuple[Echelon, ...]] = {
    "central": ("central", "hub", "outlet"),
    "regional": ("hub", "outlet"),
    "centre": ("outlet",),
    "outlet": ("outlet",),
}
"""Families held by tier."""
TAIL_PRICE_LIMIT_USD: dict[Tier, float] = {"regional": 4_000.0, "centre": 1_500.0, "outlet": 300.0}
CENTRAL_MINIMUM = {"standard_part": 10, "material": 4}
AT_TARGET, BELOW, EMPTY = 0.82, 0.91, 0.95
"""Cumulative shares of balances at target, below it, gone; the rest stands above."""


@dataclass(frozen=True, slots=True)
class _Holding:
    """Which place (by number) holds which part, and the demand a year and lead days it must cover."""

    place: IntArray
    part: IntArray
    per_year: FloatArray
    lead_days: FloatArray


def build_stock(
    rng: Generator,
    scale: Scale,
    places: tuple[PlaceRow, ...],
    lanes: tuple[LaneRow, ...],
    aircraft: tuple[AircraftRow, ...],
    catalogue: Catalogue,
) -> tuple[tuple[TargetRow, ...], tuple[StockRow, ...]]:
    """Return targets, sized to the stock value of the scale, and stock, both in the order of places and parts."""
    holding = _holding(rng, scale, places, lanes, aircraft, catalogue)
    price = np.array([float(part.standard_cost) for part in catalogue.parts])
    classes = [part.part_class for part in catalogue.parts]
    minimum = np.ones(len(holding.part), dtype=np.int64)
    central = holding.place == 0
    minimum[central] = [CENTRAL_MINIMUM.get(classes[part], 1) for part in holding.part[central]]
    target = _targets(holding, price, minimum, STOCK_VALUE_USD[scale] / SHORT_SHARE)
    on_hand = _on_hand(rng, target, price[holding.part])
    on_hand[np.isin(holding.part, _out_of_stock(rng, catalogue))] = 0
    codes = [place.code for place in places]
    numbers = [part.part_number for part in catalogue.parts]
    rows = list(zip(holding.part.tolist(), holding.place.tolist(), target.tolist(), on_hand.tolist(), strict=True))
    return (
        tuple(TargetRow(numbers[part], codes[place], quantity) for part, place, quantity, _ in rows),
        tuple(
            StockRow(numbers[part], codes[place], "serviceable", quantity)
            for part, place, _, quantity in rows
            if quantity
        ),
    )


def _demand_per_year(
    places: tuple[PlaceRow, ...], aircraft: tuple[AircraftRow, ...], catalogue: Catalogue
) -> FloatArray:
    """Return demands a year, shape (places, parts): of a place itself and of all places replenished through it."""
    types = sorted({tail.type for tail in aircraft})
    number = {place.code: i for i, place in enumerate(places)}
    usage = np.zeros((len(places), len(types) * len(DRIVERS)))
    for tail in aircraft:
        for d, driver in enumerate(DRIVERS):
            usage[number[tail.base], types.index(tail.type) * len(DRIVERS) + d] += yearly_usage(tail, driver)
    wear = np.zeros((len(types) * len(DRIVERS), len(catalogue.parts)))
    for p, part in enumerate(catalogue.parts):
        for name in part.aircraft_types:
            row = types.index(name) * len(DRIVERS) + DRIVERS.index(part.usage_driver)
            wear[row, p] = part.quantity_per_aircraft / float(part.mean_usage_between_removals)
    demand: FloatArray = usage @ wear
    parents_last = sorted(
        range(len(places)), key=lambda i: ("outlet", "centre", "regional", "central").index(places[i].tier)
    )
    for i in parents_last:
        parent = places[i].parent
        if parent is not None:
            demand[number[parent]] += demand[i]
    return demand


def _holding(
    rng: Generator,
    scale: Scale,
    places: tuple[PlaceRow, ...],
    lanes: tuple[LaneRow, ...],
    aircraft: tuple[AircraftRow, ...],
    catalogue: Catalogue,
) -> _Holding:
    """Choose what each place holds: families by echelon, and of the tail the cheap parts most in demand."""
    demand = _demand_per_year(places, aircraft, catalogue)
    routine_days = {(lane.origin, lane.destination): lane.lead_h / 24 for lane in lanes if lane.mode == "routine"}
    supply_days = np.array(
        [CENTRAL_REVIEW_DAYS + (part.turn_around_days or part.lead_time_days) for part in catalogue.parts]
    )
    echelons = np.array([family.echelon for family in catalogue.families])
    families = len(echelons)
    tail_price = np.array([float(part.standard_cost) for part in catalogue.parts[families:]])
    parts, lead_days = [], []
    for i, place in enumerate(places):
        own = np.flatnonzero(np.isin(echelons, KEPT[place.tier]) & (demand[i, :families] > 0))
        if place.parent is None:
            tail = np.flatnonzero(rng.random(len(tail_price)) < CENTRAL_TAIL_SHARE)
        else:
            wanted = TAIL_HELD[scale][place.tier]
            tail = _tail_held(rng, demand[i, families:], tail_price < TAIL_PRICE_LIMIT_USD[place.tier], wanted)
        parts.append(np.concatenate([own, families + tail]))
        days = routine_days[place.parent, place.code] if place.parent else supply_days[parts[-1]]
        lead_days.append(np.broadcast_to(days, len(parts[-1])))
    place_of = np.repeat(np.arange(len(places)), [len(held) for held in parts])
    part_of = np.concatenate(parts)
    return _Holding(place_of, part_of, demand[place_of, part_of], np.concatenate(lead_days))


def _tail_held(rng: Generator, per_year: FloatArray, allowed: NDArray[np.bool_], wanted: int) -> IntArray:
    """Choose `wanted` of the allowed parts which are in demand, rather those more in demand."""
    lot = np.where(allowed, rng.random(len(per_year)) * np.sqrt(per_year), 0.0)
    chosen = np.argsort(-lot, kind="stable")[:wanted]
    return np.sort(chosen[lot[chosen] > 0])


def _targets(holding: _Holding, price: FloatArray, minimum: IntArray, value_usd: float) -> IntArray:
    """Return base stocks, mean demand of the lead time plus a safety factor times its deviation.

    The factor of parts from `CHEAP_USD` on is found by bisection, so that all is worth about `value_usd`.
    """
    mean = holding.per_year * holding.lead_days / 365
    unit = price[holding.part]

    def at(factor: float) -> IntArray:
        safety = np.where(unit < CHEAP_USD, CHEAP_SAFETY, factor) * np.sqrt(mean)
        target: IntArray = np.maximum(minimum, np.floor(mean + safety + 0.5).astype(np.int64))
        return target

    low, high = FACTOR_BOUNDS
    for _ in range(BISECTIONS):
        factor = (low + high) / 2
        if float(at(factor) @ unit) > value_usd:
            high = factor
        else:
            low = factor
    return min((at(low), at(high)), key=lambda target: abs(float(target @ unit) - value_usd))


def _on_hand(rng: Generator, target: IntArray, unit: FloatArray) -> IntArray:
    """Return balances: most at their target, some below it or used up, a few above."""
    lot = rng.random(len(target))
    below = np.floor(target * rng.random(len(target))).astype(np.int64)
    above = target + 1 + np.floor(target * 0.25 * rng.random(len(target))).astype(np.int64)
    balance = np.select([lot < AT_TARGET, lot < BELOW, lot < EMPTY], [target, below, np.zeros_like(target)], above)
    return np.where(unit >= DEAR_USD, target, balance)


def _out_of_stock(rng: Generator, catalogue: Catalogue) -> IntArray:
    """Choose units of the tail which nobody in the network has."""
    families = len(catalogue.families)
    units = [i for i, part in enumerate(catalogue.parts) if i >= families and part.part_class in UNIT_CLASSES]
    return rng.choice(units, size=max(3, round(OUT_OF_STOCK_SHARE * len(catalogue.parts))), replace=False)
