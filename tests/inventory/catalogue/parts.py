"""Parts for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from inventory.catalogue.models import DgLimit, Essentiality, MelCategory, PartClass, Tracking, UsageDriver
from inventory.catalogue.schemas import NewPart, StoreAction
from inventory.catalogue.service import add_parts
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing

DETAILS: dict[str, Any] = {
    "descriptions": {"fr": "Batterie", "zh-Hant": "電瓶"},
    "essentiality": Essentiality.GO_IF,
    "mel_category": MelCategory.A,
    "mel_interval_days": 2,
    "tracking": Tracking.SERIAL,
    "shelf_life_days": 1825,
    "in_store_actions": (
        StoreAction(action="Capacity test", every_days=365),
        StoreAction(action="Recharge", every_days=90),
    ),
    "minimum_order_quantity": Decimal(4),
    "pack_quantity": Decimal(2),
    "length_mm": 420,
    "width_mm": 250,
    "height_mm": 270,
    "dg_limit": DgLimit.PASSENGER,
    "un_number": "UN2795",
    "dg_class": "8",
    "packing_instruction": "870",
    "dg_quantity_per_package": Decimal("1.5"),
    "hs_code": "850730",
    "origin_country": "FR",
    "export_classification": "9A991.d",
}
"""Everything that may be said of a part beside what must be."""


def part(number: str, **changes: Any) -> NewPart:
    """A part number with the facts that plans need."""
    usual: dict[str, Any] = {
        "part_number": number,
        "manufacturer_code": "TEST0",
        "ata_chapter": "32-41-10",
        "description": "Main wheel brake",
        "description_zh": "主轮刹车",
        "part_class": PartClass.ROTABLE,
        "essentiality": Essentiality.NO_GO,
        "currency": "USD",
        "standard_cost": Decimal("18000.1234"),
        "repair_cost": Decimal("7500.5"),
        "turn_around_days": 30,
        "lead_time_days": 90,
        "weight_kg": Decimal("28.500001"),
        "usage_driver": UsageDriver.LANDINGS,
        "mean_usage_between_removals": Decimal(1500),
    }
    return NewPart(**usual | changes)


def have_parts(engine: Engine, *numbers: str) -> None:
    """Add parts of these numbers."""
    with writing(engine, SYSTEM) as session:
        add_parts(session, SYSTEM, [part(number) for number in numbers])
