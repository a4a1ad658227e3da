"""Tables of how assets lose their value, and of what was added to it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.catalogue.models import PartClass
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import SHARED, declare
from inventory.kernel.types import Money, Quantity, text_enum


class DepreciationStart(StrEnum):
    """From when a cost is written off."""

    ACQUISITION = "acquisition"
    """The instant at which it arose."""
    NEXT_MONTH = "next_month"
    """The first day of the month after it, in UTC."""


@declare(SHARED)
class DepreciationPolicy(Identified, Versioned, Base):
    """How the assets of a part, or else of a class of parts, are written off: straight-line, down to a residual."""

    __tablename__ = "depreciation_policy"
    __table_args__ = (
        CheckConstraint("(part_id IS NULL) <> (part_class IS NULL)", name="subject"),
        CheckConstraint("life_months > 0", name="life"),
        CheckConstraint("residual_share BETWEEN 0 AND 1000000", name="residual"),
    )

    part_id: Mapped[UUID | None] = mapped_column(ForeignKey("part.id"), unique=True)
    part_class: Mapped[PartClass | None] = mapped_column(text_enum(PartClass), unique=True)
    life_months: Mapped[int]
    residual_share: Mapped[Decimal] = mapped_column(Quantity)
    starts: Mapped[DepreciationStart] = mapped_column(text_enum(DepreciationStart))


@declare(SHARED)
class AssetAddition(Identified, Base):
    """A cost that was added to an asset, such as an overhaul; it is written off by itself from its own date."""

    __tablename__ = "asset_addition"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"), index=True)
    added_at: Mapped[datetime]
    amount: Mapped[Decimal] = mapped_column(Money)
    document: Mapped[str] = mapped_column(String(64))
    added_by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
