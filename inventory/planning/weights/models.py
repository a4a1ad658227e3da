"""The table of what waiting weighs."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.catalogue.models import Essentiality
from inventory.kernel.base import Base
from inventory.kernel.scope import SHARED, declare
from inventory.kernel.types import Quantity, text_enum

NO_CATEGORY = ""
"""Stands where no MEL category is told; a NULL could not be part of the key."""


@declare(SHARED)
class StockingWeight(Base):
    """How long an aircraft flies without a part of an essentiality and MEL category, and what it costs afterwards.

    `consequence` is relative to an aircraft on ground. `interval_days` None is what the part itself says (category A),
    and without that no end. No piece weighs less than `least`.
    """

    __tablename__ = "stocking_weight"
    __table_args__ = (
        CheckConstraint("interval_days >= 0", name="interval"),
        CheckConstraint("consequence >= 0 AND least >= 0", name="never_negative"),
    )

    essentiality: Mapped[Essentiality] = mapped_column(text_enum(Essentiality), primary_key=True)
    mel_category: Mapped[str] = mapped_column(String(1), primary_key=True)
    interval_days: Mapped[int | None]
    consequence: Mapped[Decimal] = mapped_column(Quantity)
    least: Mapped[Decimal] = mapped_column(Quantity)
    authority: Mapped[str] = mapped_column(String(48))
    edition: Mapped[str] = mapped_column(String(48))
    source: Mapped[str] = mapped_column(String(200))
