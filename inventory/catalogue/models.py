"""Table of the parts catalogue."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified
from inventory.kernel.scope import SHARED, declare
from inventory.kernel.types import Money, Quantity, text_enum


class PartClass(StrEnum):
    """How a part is consumed and restored."""

    ROTABLE = "rotable"
    REPAIRABLE = "repairable"
    EXPENDABLE = "expendable"
    MATERIAL = "material"
    STANDARD_PART = "standard_part"
    TOOL = "tool"


class Essentiality(StrEnum):
    """Whether the aircraft may fly without the part: never, under conditions (MEL), or always."""

    NO_GO = "NO_GO"
    GO_IF = "GO_IF"
    GO = "GO"


class UsageDriver(StrEnum):
    """What wears a part out: the unit of its mean usage between removals."""

    FLIGHT_HOURS = "flight_hours"
    LANDINGS = "landings"
    APU_HOURS = "apu_hours"
    CALENDAR = "calendar"


@declare(SHARED)
class Part(Identified, Base):
    """A part number of one manufacturer. Weight in kg; `mean_usage_between_removals` in its driver (calendar: days)."""

    __tablename__ = "part"
    __table_args__ = (
        UniqueConstraint("part_number", "manufacturer_code"),
        CheckConstraint("standard_cost >= 0 AND repair_cost >= 0", name="cost"),
        CheckConstraint("weight_kg >= 0", name="weight"),
        CheckConstraint("lead_time_days >= 0 AND turn_around_days >= 0", name="days"),
    )

    part_number: Mapped[str] = mapped_column(String(48), index=True)
    manufacturer_code: Mapped[str] = mapped_column(String(5))
    ata_chapter: Mapped[str] = mapped_column(String(8), index=True)
    description: Mapped[str] = mapped_column(String(200))
    description_zh: Mapped[str | None] = mapped_column(String(200))
    part_class: Mapped[PartClass] = mapped_column(text_enum(PartClass))
    essentiality: Mapped[Essentiality] = mapped_column(text_enum(Essentiality))
    unit: Mapped[str] = mapped_column(String(8))
    currency: Mapped[str] = mapped_column(String(3))
    standard_cost: Mapped[Decimal] = mapped_column(Money)
    repair_cost: Mapped[Decimal | None] = mapped_column(Money)
    turn_around_days: Mapped[int | None]
    lead_time_days: Mapped[int]
    weight_kg: Mapped[Decimal] = mapped_column(Quantity)
    usage_driver: Mapped[UsageDriver] = mapped_column(text_enum(UsageDriver))
    mean_usage_between_removals: Mapped[Decimal | None] = mapped_column(Quantity)
    un_number: Mapped[str | None] = mapped_column(String(6))
