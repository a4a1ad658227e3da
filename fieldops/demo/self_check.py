"""Known figures of a turboprop fleet, computed from the rows: outside 40 % of them the world is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from fieldops.demo.families import ENGINE_CHAPTER, UNIT_CLASSES, WHEEL_CHAPTER
from fieldops.demo.fleet import usage_by_type
from fieldops.demo.rows import AircraftRow, PartRow, StockRow, UtilisationRow


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What the world amounts to; a removal is one of a rotable, repairable or expendable unit."""

    removals_per_1000_fh: float
    repairable_removals_per_1000_fh: float
    component_cost_per_fh_usd: float
    engine_cost_per_fh_usd: float
    slow_part_share: float
    stock_value_usd: float
    flown_share: float


EXPECTED = SelfCheck(
    removals_per_1000_fh=70.0,
    repairable_removals_per_1000_fh=14.0,
    component_cost_per_fh_usd=250.0,
    engine_cost_per_fh_usd=165.0,
    slow_part_share=0.85,
    stock_value_usd=float("nan"),
    flown_share=1.0,
)
"""The known figures; stock value depends on the scale. Repairable removals leave out the wheels.

`flown_share` is what was flown in the year before, of what the fleet flies in a year."""


def check_world(
    parts: tuple[PartRow, ...],
    aircraft: tuple[AircraftRow, ...],
    stock: tuple[StockRow, ...],
    flown: tuple[UtilisationRow, ...],
) -> SelfCheck:
    """Return the figures of a world. A removed repairable costs its repair, anything else a new one."""
    usage = usage_by_type(aircraft)
    flight_hours = sum(tail.flight_hours_per_year for tail in aircraft)
    removals = repairable = component_cost = engine_cost = 0.0
    slow = 0
    for part in parts:
        exposure = sum(usage.get((name, part.usage_driver), 0.0) for name in part.aircraft_types)
        per_year = exposure * part.quantity_per_aircraft / float(part.mean_usage_between_removals)
        slow += per_year < 1.0
        cost = per_year * float(part.standard_cost if part.repair_cost is None else part.repair_cost)
        if part.ata_chapter == ENGINE_CHAPTER:
            engine_cost += cost
        else:
            component_cost += cost
        if part.part_class in UNIT_CLASSES:
            removals += per_year
        if part.repair_cost is not None and part.ata_chapter != WHEEL_CHAPTER:
            repairable += per_year
    price = {part.part_number: float(part.standard_cost) for part in parts}
    return SelfCheck(
        removals_per_1000_fh=removals / flight_hours * 1000,
        repairable_removals_per_1000_fh=repairable / flight_hours * 1000,
        component_cost_per_fh_usd=component_cost / flight_hours,
        engine_cost_per_fh_usd=engine_cost / flight_hours,
        slow_part_share=slow / len(parts),
        stock_value_usd=sum(price[row.part_number] * row.quantity for row in stock),
        flown_share=sum(float(row.flight_hours) for row in flown) / flight_hours,
    )
