"""Tables of what is known of the removals of a part, beside the mean usage between them that the part itself tells."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base
from inventory.kernel.scope import SHARED, declare
from inventory.kernel.types import Quantity, text_enum
from inventory.network.models import Tier


@declare(SHARED)
class PartReliability(Base):
    """What becomes of removed pieces of a part: shares of all removals, and where repairs are done.

    `repair_tier` None is a shop outside the network, or the central depot. `bench_days` is how long a repair takes a
    bench, None the whole turn-around.
    """

    __tablename__ = "part_reliability"
    __table_args__ = (
        CheckConstraint("no_fault_found_share BETWEEN 0 AND 1000000", name="no_fault_found"),
        CheckConstraint("condemned_share BETWEEN 0 AND 1000000", name="condemned"),
        CheckConstraint("bench_days > 0", name="bench_days"),
    )

    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    no_fault_found_share: Mapped[Decimal] = mapped_column(Quantity)
    condemned_share: Mapped[Decimal] = mapped_column(Quantity)
    repair_tier: Mapped[Tier | None] = mapped_column(text_enum(Tier))
    bench_days: Mapped[Decimal | None] = mapped_column(Quantity)
    source: Mapped[str] = mapped_column(String(200))


@declare(SHARED)
class PartFit(Base):
    """How many pieces of a part one aircraft of a type has."""

    __tablename__ = "part_fit"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    aircraft_type: Mapped[str] = mapped_column(String(48), primary_key=True)
    quantity: Mapped[int]


@declare(SHARED)
class RepairNeed(Base):
    """A part that a share of the repairs of a unit need, such as a module or a seal of it."""

    __tablename__ = "repair_need"
    __table_args__ = (
        CheckConstraint("unit_id <> part_id", name="other"),
        CheckConstraint("share > 0 AND share <= 1000000", name="share"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    share: Mapped[Decimal] = mapped_column(Quantity)
