"""The aircraft: where they are based, who flies them, how much they are used in a year."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from numpy.random import Generator

from fieldops.demo.names import OPERATOR_FIRST, OPERATOR_LAST, OPERATOR_SECOND
from fieldops.demo.places import regions_of
from fieldops.demo.rounding import apportion
from fieldops.demo.rows import AircraftRow, Driver, OperatorRow, PlaceRow, Scale
from fieldops.demo.tables import AIRCRAFT_TYPES, SCALE_INDEX, TYPE_SHARE, USAGE_PER_FLIGHT_HOUR

DRIVERS: tuple[Driver, ...] = ("flight_hours", "landings", "apu_hours", "calendar")
AIRCRAFT_PER_OPERATOR = 9
HEAD_WEIGHT = 3.0
"""Aircraft at a depot or centre relative to an outlet."""
DAYS_PER_YEAR = 365


def yearly_usage(aircraft: AircraftRow, driver: Driver) -> float:
    """Return what an aircraft uses in a year, in the unit of the driver (calendar: days)."""
    if driver == "calendar":
        return DAYS_PER_YEAR
    return aircraft.flight_hours_per_year * USAGE_PER_FLIGHT_HOUR[driver]


def usage_by_type(aircraft: tuple[AircraftRow, ...]) -> dict[tuple[str, Driver], float]:
    """Return what the aircraft of each type use together in a year."""
    usage: dict[tuple[str, Driver], float] = {}
    for tail in aircraft:
        for driver in DRIVERS:
            usage[tail.type, driver] = usage.get((tail.type, driver), 0.0) + yearly_usage(tail, driver)
    return usage


def build_aircraft(rng: Generator, scale: Scale, places: tuple[PlaceRow, ...]) -> tuple[AircraftRow, ...]:
    """Return the fleet, region by region; registrations begin with Q, which no state uses."""
    here = defaultdict(list)
    for place in places:
        here[place.region].append(place)
    rows: list[AircraftRow] = []
    operators = _operator_names(rng)
    for table in regions_of(scale):
        count = table.aircraft[SCALE_INDEX[scale]]
        bases = _bases(rng, count, here[table.code])
        types = _types(rng, count, AIRCRAFT_TYPES[scale])
        local = [next(operators) for _ in range(-(-count // AIRCRAFT_PER_OPERATOR))]
        for i, (base, aircraft_type) in enumerate(zip(bases, types, strict=True)):
            rows.append(
                AircraftRow(
                    registration=f"{table.registration_prefix}-{i + 1:03d}",
                    type=aircraft_type,
                    serial=f"{aircraft_type[2:]}{len(rows) + 1:05d}",
                    operator=local[i % len(local)],
                    base=base,
                    flight_hours_per_year=round(table.flight_hours * rng.uniform(0.85, 1.15)),
                )
            )
    return tuple(rows)


def build_operators(aircraft: tuple[AircraftRow, ...], places: tuple[PlaceRow, ...]) -> tuple[OperatorRow, ...]:
    """Return who flies the fleet, in the order of their first aircraft."""
    country = {place.code: place.country for place in places}
    bases: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for tail in aircraft:
        bases[tail.operator][country[tail.base]] += 1
    return tuple(
        OperatorRow(f"OP-{at:03d}", name, counts.most_common(1)[0][0])
        for at, (name, counts) in enumerate(bases.items(), start=1)
    )


def _bases(rng: Generator, count: int, places: list[PlaceRow]) -> list[str]:
    weights = [rng.uniform(0.6, 1.4) * (1.0 if place.tier == "outlet" else HEAD_WEIGHT) for place in places]
    return [place.code for place, n in zip(places, apportion(count, weights), strict=True) for _ in range(n)]


def _types(rng: Generator, count: int, types: tuple[str, ...]) -> list[str]:
    counts = apportion(count, [TYPE_SHARE[name] for name in types])
    drawn = [name for name, n in zip(types, counts, strict=True) for _ in range(n)]
    return [drawn[i] for i in rng.permutation(count)]


def _operator_names(rng: Generator) -> Iterator[str]:
    names = [f"{first} {second}" for first in OPERATOR_FIRST for second in OPERATOR_SECOND]
    pairs = [f"{name} {last}" for last in OPERATOR_LAST for name in (names[i] for i in rng.permutation(len(names)))]
    return iter(pairs)
