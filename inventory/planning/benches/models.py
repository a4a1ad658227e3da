"""The table of repair benches."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base
from inventory.kernel.scope import declare
from inventory.network.scope import OF_PLACE

EVERY_CHAPTER = ""
"""Stands for all ATA chapters that the place has no benches of their own for."""


@declare(OF_PLACE)
class RepairBench(Base):
    """How many pieces of an ATA chapter (its first two digits) a place can repair at a time; without a row, any."""

    __tablename__ = "repair_bench"
    __table_args__ = (CheckConstraint("benches > 0", name="benches"),)

    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True)
    chapter: Mapped[str] = mapped_column(String(2), primary_key=True)
    benches: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
