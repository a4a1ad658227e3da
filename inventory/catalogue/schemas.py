"""Parts as they come in and go out."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from inventory.catalogue.models import DgLimit, Essentiality, MelCategory, PartClass, Tracking, UsageDriver
from inventory.catalogue.rules import Aircraft
from inventory.kernel.fields import Code, Currency, Price, QuantityAboveZero, QuantityOrZero, Text
from inventory.kernel.texts import gettext as _

Days = Annotated[int, Field(ge=0, le=36_500)]
"""A number of days, up to a century."""

DaysAboveZero = Annotated[int, Field(ge=1, le=36_500)]
"""A number of days, from one to a century."""

Millimetres = Annotated[int, Field(ge=1, le=100_000)]
"""A length, up to 100 m."""

Chapter = Annotated[str, Field(pattern=r"^\d{2}(-\d{2}){0,2}$")]
"""An ATA chapter, with section and subject where they are known."""

Language = Annotated[
    str, StringConstraints(max_length=16, pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$")
]
"""The BCP 47 tag of a language."""

Descriptions = Annotated[dict[Language, Text], Field(max_length=50)]
"""What a part is called, by language beside English (`description`) and simplified Chinese (`description_zh`)."""

UnNumber = Annotated[str, Field(pattern=r"^UN\d{4}$")]
DgClass = Annotated[str, StringConstraints(max_length=4, pattern=r"^[1-9](\.[1-6][A-HJ-LNS]?)?$")]
"""Class or division of a dangerous good, with the compatibility group of an explosive, such as 1.4S."""

PackingInstruction = Annotated[str, StringConstraints(max_length=8, pattern=r"^[0-9A-Z]+$")]
HsCode = Annotated[str, StringConstraints(max_length=12, pattern=r"^\d{6,12}$")]
"""A customs tariff number, six digits of the Harmonized System and those that countries add."""

Country = Annotated[str, StringConstraints(max_length=2, pattern="^[A-Z]{2}$")]
"""An ISO 3166 code of two letters."""

ExportClassification = Annotated[str, StringConstraints(max_length=32, pattern=r"^[0-9A-Za-z.-]+$")]
"""The number in an export control list, such as 9A991.d, or EAR99."""

_EXAMPLE: dict[str, Any] = {
    "part_number": "BATTERY-1",
    "manufacturer_code": "TEST0",
    "ata_chapter": "24-31-05",
    "description": "Main battery",
    "description_zh": "主电瓶",
    "descriptions": {"fr": "Batterie principale"},
    "part_class": "repairable",
    "essentiality": "GO_IF",
    "mel_category": "A",
    "mel_interval_days": 2,
    "tracking": "serial",
    "shelf_life_days": 1825,
    "in_store_actions": [{"action": "Recharge", "every_days": 90}],
    "unit": "EA",
    "minimum_order_quantity": "2.000000",
    "pack_quantity": "1.000000",
    "currency": "USD",
    "standard_cost": "9500.0000",
    "repair_cost": "1300.0000",
    "turn_around_days": 10,
    "lead_time_days": 60,
    "weight_kg": "36.000000",
    "length_mm": 420,
    "width_mm": 250,
    "height_mm": 270,
    "usage_driver": "flight_hours",
    "mean_usage_between_removals": "900.000000",
    "dg_limit": "passenger",
    "un_number": "UN2795",
    "dg_class": "8",
    "packing_instruction": "870",
    "dg_quantity_per_package": "1.000000",
    "hs_code": "850730",
    "origin_country": "FR",
    "export_classification": "9A991.d",
}


class StoreAction(BaseModel):
    """What must be done to a part on the shelf, and how often."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Text
    every_days: DaysAboveZero


class NewPart(BaseModel):
    """A part number to add. Weight in kg; `mean_usage_between_removals` in its driver (calendar: days).

    Order, pack and package quantities are in the part's unit. What is left out is not known, but: `tracking` is serial
    for rotable and repairable parts and none for others; `dg_limit` is unknown (not by air) with a UN number, none
    (no dangerous good) without. MEL category A needs its interval.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, from_attributes=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    part_number: Code
    manufacturer_code: Annotated[str, Field(pattern="^[A-Z0-9]{5}$")]
    ata_chapter: Chapter
    description: Text
    description_zh: Text | None = None
    descriptions: Descriptions = {}
    part_class: PartClass
    essentiality: Essentiality
    mel_category: MelCategory | None = None
    mel_interval_days: DaysAboveZero | None = None
    tracking: Tracking | None = None
    shelf_life_days: DaysAboveZero | None = None
    in_store_actions: Annotated[tuple[StoreAction, ...], Field(max_length=50)] = ()
    unit: Annotated[str, Field(min_length=1, max_length=8)] = "EA"
    minimum_order_quantity: QuantityAboveZero | None = None
    pack_quantity: QuantityAboveZero | None = None
    currency: Currency
    standard_cost: Price
    repair_cost: Price | None = None
    turn_around_days: Days | None = None
    lead_time_days: Days
    weight_kg: QuantityOrZero
    length_mm: Millimetres | None = None
    width_mm: Millimetres | None = None
    height_mm: Millimetres | None = None
    usage_driver: UsageDriver
    mean_usage_between_removals: QuantityAboveZero | None = None
    dg_limit: DgLimit | None = None
    un_number: UnNumber | None = None
    dg_class: DgClass | None = None
    packing_instruction: PackingInstruction | None = None
    dg_quantity_per_package: QuantityAboveZero | None = None
    hs_code: HsCode | None = None
    origin_country: Country | None = None
    export_classification: ExportClassification | None = None


class PartOut(NewPart):
    """A part number; `version` is its ETag."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE | {"version": 1}]})

    version: int
    tracking: Tracking
    dg_limit: DgLimit


class PartChange(BaseModel):
    """What to change of a part; what is left out stays, and null empties what may be empty.

    Number, manufacturer, unit, currency and tracking stay: stock and documents are kept by them.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"standard_cost": "9900.0000", "descriptions": {"fr": "Batterie principale"}}]},
    )

    ata_chapter: Chapter | None = None
    description: Text | None = None
    description_zh: Text | None = None
    descriptions: Descriptions | None = None
    part_class: PartClass | None = None
    essentiality: Essentiality | None = None
    mel_category: MelCategory | None = None
    mel_interval_days: DaysAboveZero | None = None
    shelf_life_days: DaysAboveZero | None = None
    in_store_actions: Annotated[tuple[StoreAction, ...], Field(max_length=50)] | None = None
    minimum_order_quantity: QuantityAboveZero | None = None
    pack_quantity: QuantityAboveZero | None = None
    standard_cost: Price | None = None
    repair_cost: Price | None = None
    turn_around_days: Days | None = None
    lead_time_days: Days | None = None
    weight_kg: QuantityOrZero | None = None
    length_mm: Millimetres | None = None
    width_mm: Millimetres | None = None
    height_mm: Millimetres | None = None
    usage_driver: UsageDriver | None = None
    mean_usage_between_removals: QuantityAboveZero | None = None
    dg_limit: DgLimit | None = None
    un_number: UnNumber | None = None
    dg_class: DgClass | None = None
    packing_instruction: PackingInstruction | None = None
    dg_quantity_per_package: QuantityAboveZero | None = None
    hs_code: HsCode | None = None
    origin_country: Country | None = None
    export_classification: ExportClassification | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(_("name at least one field to change"))
        empty = sorted(name for name in self.model_fields_set & _NEVER_EMPTY if getattr(self, name) is None)
        if empty:
            raise ValueError(_("{field} cannot be empty; leave it out to keep it").format(field=empty[0]))
        return self


_NEVER_EMPTY = {name for name, field in PartOut.model_fields.items() if field.is_required()} | {
    "descriptions",
    "in_store_actions",
}


class ForAircraft(BaseModel):
    """The aircraft that a part is for: its maker's type and serial number, who registered and who operates it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Code
    serial: Code | None = None
    registry_authority: Code | None = None
    operator: Code | None = None
    modifications: Annotated[tuple[Code, ...], Field(max_length=50)] = ()

    def value(self) -> Aircraft:
        """Return the aircraft as the rules know it."""
        return Aircraft(self.type, self.serial, self.registry_authority, self.operator, frozenset(self.modifications))
