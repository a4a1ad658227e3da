"""Tables of the parts catalogue: part numbers, what replaces what, and what is built of what."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified, Versioned
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


class MelCategory(StrEnum):
    """How long the minimum equipment list lets an aircraft fly without the part; A says it part by part."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class UsageDriver(StrEnum):
    """What wears a part out: the unit of its mean usage between removals."""

    FLIGHT_HOURS = "flight_hours"
    CYCLES = "cycles"
    LANDINGS = "landings"
    APU_HOURS = "apu_hours"
    CALENDAR = "calendar"


class Tracking(StrEnum):
    """What tells one piece in stock from another: its serial number, its lot, or nothing."""

    SERIAL = "serial"
    LOT = "lot"
    NONE = "none"


class DgLimit(StrEnum):
    """Which aircraft may carry a part as dangerous goods."""

    NONE = "none"
    """Any: it is no dangerous good."""
    PASSENGER = "passenger"
    """Passenger and cargo aircraft."""
    CARGO = "cargo"
    """Cargo aircraft only."""
    FORBIDDEN = "forbidden"
    """None."""
    UNKNOWN = "unknown"
    """Nobody has said it yet, so none."""


class InterchangeKind(StrEnum):
    """In which direction two parts replace each other."""

    TWO_WAY = "two_way"
    """Each may replace the other."""
    ONE_WAY = "one_way"
    """The alternative may replace the part, not the other way round."""
    SUPERSEDES = "supersedes"
    """The alternative is the new number of the part, from a date on."""


@declare(SHARED)
class Part(Identified, Versioned, Base):
    """A part number of one manufacturer. Weight in kg; `mean_usage_between_removals` in its driver (calendar: days).

    `mel_interval_days` is that of MEL category A. Order, pack and package quantities are in the part's unit.
    """

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
    mel_category: Mapped[MelCategory | None] = mapped_column(text_enum(MelCategory))
    mel_interval_days: Mapped[int | None]
    tracking: Mapped[Tracking] = mapped_column(text_enum(Tracking))
    shelf_life_days: Mapped[int | None]
    unit: Mapped[str] = mapped_column(String(8))
    minimum_order_quantity: Mapped[Decimal | None] = mapped_column(Quantity)
    pack_quantity: Mapped[Decimal | None] = mapped_column(Quantity)
    currency: Mapped[str] = mapped_column(String(3))
    standard_cost: Mapped[Decimal] = mapped_column(Money)
    repair_cost: Mapped[Decimal | None] = mapped_column(Money)
    turn_around_days: Mapped[int | None]
    lead_time_days: Mapped[int]
    weight_kg: Mapped[Decimal] = mapped_column(Quantity)
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    usage_driver: Mapped[UsageDriver] = mapped_column(text_enum(UsageDriver))
    mean_usage_between_removals: Mapped[Decimal | None] = mapped_column(Quantity)
    dg_limit: Mapped[DgLimit] = mapped_column(text_enum(DgLimit))
    un_number: Mapped[str | None] = mapped_column(String(6))
    dg_class: Mapped[str | None] = mapped_column(String(4))
    packing_instruction: Mapped[str | None] = mapped_column(String(8))
    dg_quantity_per_package: Mapped[Decimal | None] = mapped_column(Quantity)
    hs_code: Mapped[str | None] = mapped_column(String(12))
    origin_country: Mapped[str | None] = mapped_column(String(2))
    export_classification: Mapped[str | None] = mapped_column(String(32))


@declare(SHARED)
class PartText(Base):
    """What a part is called in a language beside English and simplified Chinese, named by its BCP 47 tag."""

    __tablename__ = "part_text"

    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    description: Mapped[str] = mapped_column(String(200))


@declare(SHARED)
class InStoreAction(Base):
    """What must be done to a part on the shelf, such as a recharge, and how often."""

    __tablename__ = "in_store_action"
    __table_args__ = (CheckConstraint("every_days > 0", name="every"),)

    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    action: Mapped[str] = mapped_column(String(200), primary_key=True)
    every_days: Mapped[int]


@declare(SHARED)
class Interchange(Identified, Versioned, Base):
    """An alternative may replace a part, by a source: a revision of the parts catalogue or of a service bulletin.

    Both dates are included, an empty one is no limit. It holds on the aircraft of `effectivity`, which lists aircraft
    types with their first and last serial number (empty: all), that have all the `modifications`. Where it needs
    acceptance, it holds for the operators in `accepted_by`. `ship_set`: all of the aircraft's are replaced together.
    """

    __tablename__ = "interchange"
    __table_args__ = (
        UniqueConstraint("part_id", "alternative_id", "kind", "source"),
        CheckConstraint("part_id <> alternative_id", name="other"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
    )

    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"))
    alternative_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), index=True)
    kind: Mapped[InterchangeKind] = mapped_column(text_enum(InterchangeKind))
    source: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    effectivity: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    modifications: Mapped[list[str]] = mapped_column(JSON)
    ship_set: Mapped[bool]
    needs_acceptance: Mapped[bool]
    accepted_by: Mapped[list[str]] = mapped_column(JSON)


@declare(SHARED)
class PartComponent(Identified, Versioned, Base):
    """A next-higher assembly or a kit holds a quantity of a component, at a position where that matters."""

    __tablename__ = "part_component"
    __table_args__ = (
        UniqueConstraint("assembly_id", "component_id", "position"),
        CheckConstraint("assembly_id <> component_id", name="other"),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    assembly_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"))
    component_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), index=True)
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    position: Mapped[str] = mapped_column(String(48))
