"""Tables of the spares network."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified
from inventory.kernel.scope import SHARED, declare
from inventory.kernel.types import Money, text_enum


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


@declare(SHARED)
class Region(Identified, Base):
    """The area of one logistics base."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(48), unique=True)
    name: Mapped[str] = mapped_column(String(200))


@declare(SHARED)
class Place(Identified, Base):
    """A depot, service centre, outlet, kit or virtual place; `area` is the dispatch area that it belongs to."""

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


@declare(SHARED)
class Lane(Identified, Base):
    """A way to move parts from one place to another by one mode, with its door-to-door lead time and cost."""

    __tablename__ = "lane"
    __table_args__ = (
        UniqueConstraint("origin_id", "destination_id", "mode"),
        CheckConstraint("origin_id <> destination_id", name="ends_differ"),
        CheckConstraint("lead_s >= 0 AND cost_per_kg >= 0 AND cost_per_piece >= 0", name="not_negative"),
    )

    origin_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    destination_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    mode: Mapped[str] = mapped_column(String(48))
    lead_s: Mapped[int]
    cost_per_kg: Mapped[Decimal] = mapped_column(Money)
    cost_per_piece: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
