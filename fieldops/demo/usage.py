"""What the fleet was used in the year before, and what is known of the removals of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from numpy.random import Generator

from fieldops.demo.catalogue import Catalogue
from fieldops.demo.rows import AircraftRow, ReliabilityRow, Tier, UtilisationRow
from fieldops.demo.tables import USAGE_PER_FLIGHT_HOUR

MONTHS = 12
SPREAD = 0.2
"""How far a month may lie from the mean of its year."""
CYCLES_PER_LANDING = 0.97
"""Some landings are touch-and-go: the engine makes no cycle of its own."""

AVIONICS = frozenset({"23", "31", "34"})
AVIONICS_NO_FAULT, OTHER_NO_FAULT = (0.25, 0.40), (0.03, 0.12)
CONDEMNED = (0.02, 0.08)
REGIONAL_SHOPS = frozenset({"24-33", "32-41"})
"""Chapters whose repairs a regional shop does: batteries and wheels."""
SOURCE = "estimate of the demonstration"


def build_utilisation(rng: Generator, start: date, aircraft: tuple[AircraftRow, ...]) -> tuple[UtilisationRow, ...]:
    """Return what each aircraft was used at its base in each of the months before the first day."""
    months = list(_months_before(start))
    rows = []
    for tail in aircraft:
        weights = 1.0 + rng.uniform(-SPREAD, SPREAD, MONTHS)
        hours = tail.flight_hours_per_year * weights / weights.sum()
        for month, flown in zip(months, hours.tolist(), strict=True):
            landings = round(flown * USAGE_PER_FLIGHT_HOUR["landings"])
            rows.append(
                UtilisationRow(
                    aircraft_type=tail.type,
                    tail=tail.registration,
                    place=tail.base,
                    month=month,
                    flight_hours=Decimal(f"{flown:.1f}"),
                    cycles=Decimal(round(landings * CYCLES_PER_LANDING)),
                    landings=Decimal(landings),
                    apu_hours=Decimal(f"{flown * USAGE_PER_FLIGHT_HOUR['apu_hours']:.1f}"),
                )
            )
    return tuple(rows)


def build_reliability(rng: Generator, catalogue: Catalogue) -> tuple[ReliabilityRow, ...]:
    """Return what is known of the removals of each part that wears."""
    rows = []
    for part in catalogue.parts:
        chapter = part.ata_chapter
        repaired = part.repair_cost is not None
        no_fault = AVIONICS_NO_FAULT if chapter[:2] in AVIONICS else OTHER_NO_FAULT
        share, condemned = rng.uniform(*no_fault), rng.uniform(*CONDEMNED)
        shop: Tier = "regional" if chapter in REGIONAL_SHOPS else "central"
        rows.append(
            ReliabilityRow(
                part=part.part_number,
                fits=tuple((name, part.quantity_per_aircraft) for name in part.aircraft_types),
                no_fault_found_share=Decimal(f"{share if repaired else 0:.2f}"),
                condemned_share=Decimal(f"{condemned if repaired else 0:.2f}"),
                repair_tier=shop if repaired else None,
                source=SOURCE,
            )
        )
    return tuple(rows)


def _months_before(start: date) -> Iterator[date]:
    first = start.year * 12 + start.month - 1
    for month in range(first - MONTHS, first):
        yield date(month // 12, month % 12 + 1, 1)
