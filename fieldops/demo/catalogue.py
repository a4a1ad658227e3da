"""The part catalogue: one part number of each family and aircraft type, then a long tail that hardly ever moves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.random import Generator

from fieldops.demo.families import FAMILIES, HAZARDOUS_MATERIALS, SYSTEMS, TAIL, Family, Range, TailClass
from fieldops.demo.fleet import DRIVERS, usage_by_type
from fieldops.demo.rounding import apportion, cents
from fieldops.demo.rows import AircraftRow, Driver, Essentiality, PartRow, Scale
from fieldops.demo.tables import AIRCRAFT_TYPES, MOVING_SHARE, PARTS, TYPE_COST

MIDDLE = (0.35, 0.65)
"""Part of a family's range from which its values are drawn, so that the totals stay near their known figures."""
TAIL_DRIVER_SHARE = (0.65, 0.15, 0.05, 0.15)
ESSENTIALITIES: tuple[Essentiality, ...] = ("NO_GO", "GO_IF", "GO")
TAIL_ESSENTIALITY_SHARE = (0.1, 0.2, 0.7)
TAIL_QUANTITIES = (1, 1, 2, 2, 4, 8, 16)
MANUFACTURERS = ("OI1A0", "O7TI2", "I0XO4", "OQ2I5", "IO9K3", "O4I8B", "IU6O1", "O3ZI7")
"""Codes with an O and an I in them, which real manufacturer codes avoid."""
MOVING_CLASSES = frozenset({"standard_part", "material"})
REPAIRED_CLASSES = frozenset({"rotable", "repairable"})


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All parts; the first `len(families)` are those of the families, part by part."""

    parts: tuple[PartRow, ...]
    families: tuple[Family, ...]


def build_catalogue(rng: Generator, scale: Scale, aircraft: tuple[AircraftRow, ...]) -> Catalogue:
    """Return the catalogue; the tail's wear is drawn as demands a year in the whole fleet."""
    types = AIRCRAFT_TYPES[scale]
    pairs = [(family, name) for name in types for family in FAMILIES]
    parts = [_family_part(rng, family, name, i) for i, (family, name) in enumerate(pairs)]
    tail_count = PARTS[scale] - len(parts)
    moving_count = max(0, round(MOVING_SHARE * PARTS[scale]) - len(parts))
    classes = [c for c, n in zip(TAIL, apportion(tail_count, [c.share for c in TAIL]), strict=True) for _ in range(n)]
    movers = [i for i in rng.permutation(tail_count) if classes[i].part_class in MOVING_CLASSES][:moving_count]
    per_year = np.minimum(rng.lognormal(np.log(0.12), 1.0, tail_count), 0.9)
    per_year[movers] = 1.2 + rng.lognormal(np.log(2.0), 0.8, len(movers))
    usage = usage_by_type(aircraft)
    for i, tail_class in enumerate(classes):
        parts.append(_tail_part(rng, tail_class, types, float(per_year[i]), usage, len(parts)))
    return Catalogue(tuple(parts), tuple(family for family, _ in pairs))


def _middle(rng: Generator, bounds: Range) -> float:
    low, high = bounds
    return low + (high - low) * rng.uniform(*MIDDLE)


def _middle_price(rng: Generator, bounds: Range, factor: float) -> Decimal:
    """Draw between the bounds on a logarithmic scale, times `factor`, to three digits."""
    low, high = bounds
    return _price(low * (high / low) ** rng.uniform(*MIDDLE) * factor)


def _price(value: float) -> Decimal:
    return cents(float(f"{value:.3g}"))


def _part_number(ata_chapter: str, serial: int) -> str:
    return f"TH{ata_chapter.replace('-', '')}-{serial + 1:05d}-1"


def _family_part(rng: Generator, family: Family, aircraft_type: str, serial: int) -> PartRow:
    factor = TYPE_COST[aircraft_type]
    days = round(_middle(rng, family.days))
    repair = None if family.repair is None else _middle_price(rng, family.repair, factor)
    return PartRow(
        part_number=_part_number(family.ata, serial),
        manufacturer_code=MANUFACTURERS[int(rng.integers(len(MANUFACTURERS)))],
        ata_chapter=family.ata,
        description=family.name,
        description_zh=family.name_zh,
        part_class=family.part_class,
        essentiality=family.essentiality,
        unit="EA",
        standard_cost=_middle_price(rng, family.cost, factor),
        repair_cost=repair,
        turn_around_days=None if repair is None else days,
        lead_time_days=days if repair is None else int(rng.integers(90, 240)),
        weight_kg=Decimal(f"{family.weight_kg * factor:.2f}"),
        usage_driver=family.driver,
        mean_usage_between_removals=Decimal(round(_middle(rng, family.usage))),
        quantity_per_aircraft=family.quantity,
        un_number=family.un_number,
        aircraft_types=(aircraft_type,),
    )


def _tail_part(
    rng: Generator,
    tail_class: TailClass,
    types: tuple[str, ...],
    per_year: float,
    usage: dict[tuple[str, Driver], float],
    serial: int,
) -> PartRow:
    chapter, system, system_zh = SYSTEMS[int(rng.integers(len(SYSTEMS)))]
    noun, noun_zh = tail_class.nouns[int(rng.integers(len(tail_class.nouns)))]
    ata_chapter = f"{chapter}-{10 + int(rng.integers(60)):02d}"
    fits = types if rng.random() < 0.25 else (types[int(rng.integers(len(types)))],)
    driver = DRIVERS[int(rng.choice(len(DRIVERS), p=TAIL_DRIVER_SHARE))]
    quantity = TAIL_QUANTITIES[int(rng.integers(len(TAIL_QUANTITIES)))]
    exposure = sum(usage[name, driver] for name in fits) * quantity
    cost = max(0.5, tail_class.cost_usd * float(rng.lognormal(0.0, tail_class.cost_sigma)))
    repaired = tail_class.part_class in REPAIRED_CLASSES
    hazardous = tail_class.part_class == "material" and rng.random() < 0.25
    return PartRow(
        part_number=_part_number(ata_chapter, serial),
        manufacturer_code=MANUFACTURERS[int(rng.integers(len(MANUFACTURERS)))],
        ata_chapter=ata_chapter,
        description=f"{noun}, {system}",
        description_zh=f"{system_zh}{noun_zh}",
        part_class=tail_class.part_class,
        essentiality=ESSENTIALITIES[int(rng.choice(len(ESSENTIALITIES), p=TAIL_ESSENTIALITY_SHARE))],
        unit="EA",
        standard_cost=_price(cost),
        repair_cost=_price(cost * rng.uniform(0.2, 0.4)) if repaired else None,
        turn_around_days=int(rng.integers(20, 61)) if repaired else None,
        lead_time_days=round(rng.uniform(*tail_class.lead_days)),
        weight_kg=Decimal(f"{max(0.01, 0.03 * cost**0.55 * rng.uniform(0.5, 2.0)):.2f}"),
        usage_driver=driver,
        mean_usage_between_removals=Decimal(f"{exposure / per_year:.0f}"),
        quantity_per_aircraft=quantity,
        un_number=HAZARDOUS_MATERIALS[int(rng.integers(len(HAZARDOUS_MATERIALS)))] if hazardous else None,
        aircraft_types=fits,
    )
