"""Tables of the spares network."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import SHARED, declare
from inventory.kernel.types import Money, Quantity, text_enum


class Tier(StrEnum):
    """What a place is in the network. The second group is virtual: a counterpart of ledger entries, without shelf."""

    CENTRAL = "central"
    REGIONAL = "regional"
    CENTRE = "centre"
    OUTLET = "outlet"
    KIT = "kit"

    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    REPAIR_SHOP = "repair_shop"
    IN_TRANSIT = "in_transit"
    SCRAP = "scrap"
    ADJUSTMENT = "adjustment"


VIRTUAL_TIERS = frozenset(
    {Tier.SUPPLIER, Tier.CUSTOMER, Tier.REPAIR_SHOP, Tier.IN_TRANSIT, Tier.SCRAP, Tier.ADJUSTMENT}
)
SITE_TIERS = (Tier.CENTRAL, Tier.REGIONAL, Tier.CENTRE, Tier.OUTLET)
"""The tiers that count as places of the network: neither kits nor virtual places."""


class DangerousGoods(StrEnum):
    """Which dangerous goods a lane takes: none, those for passenger aircraft, for cargo aircraft too, or all."""

    NONE = "none"
    PASSENGER = "passenger"
    CARGO = "cargo"
    ALL = "all"


class LegKind(StrEnum):
    """What happens in a leg of a lane."""

    PICK = "pick"
    EXPORT_CLEARANCE = "export_clearance"
    TRANSPORT = "transport"
    IMPORT_CLEARANCE = "import_clearance"
    DELIVERY = "delivery"


class LaneEnd(StrEnum):
    """The end of a lane whose time zone holds for the hours and the cut-off of a leg."""

    ORIGIN = "origin"
    DESTINATION = "destination"


@declare(SHARED)
class Region(Identified, Base):
    """The area of one logistics base."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(48), unique=True)
    name: Mapped[str] = mapped_column(String(200))


@declare(SHARED)
class Calendar(Identified, Base):
    """Opening hours in the time zone of whoever uses them: a place, or the end of a lane."""

    __tablename__ = "calendar"

    code: Mapped[str] = mapped_column(String(48), unique=True)
    name: Mapped[str] = mapped_column(String(200))


@declare(SHARED)
class CalendarHours(Base):
    """One interval of a weekday, 1 for Monday; in minutes after local midnight, 1440 for the end of the day."""

    __tablename__ = "calendar_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("0 <= opens_min AND opens_min < closes_min AND closes_min <= 1440", name="interval"),
    )

    calendar_id: Mapped[UUID] = mapped_column(ForeignKey("calendar.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    opens_min: Mapped[int] = mapped_column(primary_key=True)
    closes_min: Mapped[int]


@declare(SHARED)
class CalendarClosure(Base):
    """A day on which a calendar is closed whatever the weekday."""

    __tablename__ = "calendar_closure"

    calendar_id: Mapped[UUID] = mapped_column(ForeignKey("calendar.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


@declare(SHARED)
class Place(Identified, Versioned, Base):
    """A depot, service centre, outlet, kit or virtual place; `area` is the dispatch area that it belongs to.

    Its calendar tells when parts are picked and received there; without one that is always.
    """

    __tablename__ = "place"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
    )

    code: Mapped[str] = mapped_column(String(48), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_local: Mapped[str | None] = mapped_column(String(200))
    tier: Mapped[Tier] = mapped_column(text_enum(Tier))
    region_id: Mapped[UUID | None] = mapped_column(ForeignKey("region.id"), index=True)
    area: Mapped[str | None] = mapped_column(String(48), index=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    time_zone: Mapped[str | None] = mapped_column(String(64))
    country: Mapped[str | None] = mapped_column(String(2))
    calendar_id: Mapped[UUID | None] = mapped_column(ForeignKey("calendar.id"))


@declare(SHARED)
class Source(Base):
    """A place that another is replenished from; in the order of `sequence`, in place of its parent."""

    __tablename__ = "source"
    __table_args__ = (
        UniqueConstraint("place_id", "source_id"),
        CheckConstraint("place_id <> source_id", name="other"),
    )

    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))


@declare(SHARED)
class Lane(Identified, Base):
    """A way to move parts from one place to another by one mode, with its cost.

    `lead_s` is the median time from door to door: the sum of the medians of the legs, where it has any.
    """

    __tablename__ = "lane"
    __table_args__ = (
        UniqueConstraint("origin_id", "destination_id", "mode"),
        CheckConstraint("origin_id <> destination_id", name="ends_differ"),
        CheckConstraint("lead_s >= 0 AND cost_per_kg >= 0 AND cost_per_piece >= 0", name="not_negative"),
        CheckConstraint("max_weight_kg > 0", name="weight"),
    )

    origin_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    destination_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    mode: Mapped[str] = mapped_column(String(48))
    lead_s: Mapped[int]
    cost_per_kg: Mapped[Decimal] = mapped_column(Money)
    cost_per_piece: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    dg_allowed: Mapped[DangerousGoods] = mapped_column(text_enum(DangerousGoods), default=DangerousGoods.NONE)
    max_weight_kg: Mapped[Decimal | None] = mapped_column(Quantity)
    active: Mapped[bool] = mapped_column(default=True)


@declare(SHARED)
class LaneLeg(Base):
    """A stage of a lane, with the median and the 90th percentile of its duration in seconds of work.

    What is ready after `cut_off_min`, in minutes after local midnight at `zone`, starts on the next open day.
    """

    __tablename__ = "lane_leg"
    __table_args__ = (
        CheckConstraint("0 <= median_s AND median_s <= p90_s", name="duration"),
        CheckConstraint("cut_off_min BETWEEN 0 AND 1440", name="cut_off"),
    )

    lane_id: Mapped[UUID] = mapped_column(ForeignKey("lane.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[LegKind] = mapped_column(text_enum(LegKind))
    median_s: Mapped[int]
    p90_s: Mapped[int]
    calendar_id: Mapped[UUID | None] = mapped_column(ForeignKey("calendar.id"))
    cut_off_min: Mapped[int | None]
    zone: Mapped[LaneEnd] = mapped_column(text_enum(LaneEnd))
