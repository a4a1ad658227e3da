"""Parts as they come in and go out."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from inventory.catalogue.models import Essentiality, PartClass, UsageDriver
from inventory.kernel.fields import Code, Currency, Price, QuantityAboveZero, QuantityOrZero, Text

Days = Annotated[int, Field(ge=0, le=36_500)]
"""A number of days, up to a century."""


class NewPart(BaseModel):
    """A part number to add. Weight in kg; `mean_usage_between_removals` in its driver (calendar: days)."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "part_number": "PUMP-1",
                    "manufacturer_code": "TEST0",
                    "ata_chapter": "29-11-03",
                    "description": "Hydraulic pump",
                    "description_zh": "液压泵",
                    "part_class": "repairable",
                    "essentiality": "NO_GO",
                    "unit": "EA",
                    "currency": "USD",
                    "standard_cost": "9500.0000",
                    "repair_cost": "3100.0000",
                    "turn_around_days": 35,
                    "lead_time_days": 60,
                    "weight_kg": "12.000000",
                    "usage_driver": "flight_hours",
                    "mean_usage_between_removals": "6000.000000",
                    "un_number": None,
                }
            ]
        },
    )

    part_number: Code
    manufacturer_code: Annotated[str, Field(pattern="^[A-Z0-9]{5}$")]
    ata_chapter: Annotated[str, Field(pattern=r"^\d{2}(-\d{2}){0,2}$")]
    description: Text
    description_zh: Text | None = None
    part_class: PartClass
    essentiality: Essentiality
    unit: Annotated[str, Field(min_length=1, max_length=8)] = "EA"
    currency: Currency
    standard_cost: Price
    repair_cost: Price | None = None
    turn_around_days: Days | None = None
    lead_time_days: Days
    weight_kg: QuantityOrZero
    usage_driver: UsageDriver
    mean_usage_between_removals: QuantityAboveZero | None = None
    un_number: Annotated[str, Field(pattern=r"^UN\d{4}$")] | None = None


class PartOut(NewPart):
    """A part number."""
