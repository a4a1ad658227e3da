"""Tables of what own stock cost: an average for each part, and for each piece with a serial number its own."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified
from inventory.kernel.scope import OPEN, Rule, declare
from inventory.kernel.types import BigIdentity, Money, Quantity


@declare(OPEN, audited=False)
class PartCost(Base):
    """The moving average of a part, in the installation's currency per unit. There is none before a priced receipt."""

    __tablename__ = "part_cost"
    __table_args__ = (CheckConstraint("average >= 0", name="average"),)

    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    average: Mapped[Decimal] = mapped_column(Money)


@declare(Rule(lambda _table, _actor: false()), audited=False)
class CostChange(Base):
    """A priced receipt, or one taken back (`received` below zero), and what it made of the average. Never changed.

    It tells the quantities of the whole network, so only those who see that see it.
    """

    __tablename__ = "cost_change"
    __table_args__ = (Index("ix_cost_change_part_id_recorded_at", "part_id", "recorded_at"),)

    id: Mapped[int] = mapped_column(BigIdentity, primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"))
    move_id: Mapped[UUID] = mapped_column(unique=True)
    recorded_at: Mapped[datetime] = mapped_column(index=True)
    quantity_before: Mapped[Decimal] = mapped_column(Quantity)
    received: Mapped[Decimal] = mapped_column(Quantity)
    unit_cost: Mapped[Decimal] = mapped_column(Money)
    average_before: Mapped[Decimal] = mapped_column(Money)
    average: Mapped[Decimal] = mapped_column(Money)


@declare(OPEN, audited=False)
class AssetValue(Identified, Base):
    """What a piece with a serial number cost when it was acquired. The last one in force at an instant holds then.

    `ended_at` is when the receipt was taken back.
    """

    __tablename__ = "asset_value"
    __table_args__ = (CheckConstraint("cost >= 0", name="cost"),)

    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"), index=True)
    move_id: Mapped[UUID] = mapped_column(unique=True)
    acquired_at: Mapped[datetime]
    cost: Mapped[Decimal] = mapped_column(Money)
    ended_at: Mapped[datetime | None]
