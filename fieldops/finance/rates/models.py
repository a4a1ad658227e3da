"""Tables of the exchange rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base
from inventory.kernel.scope import SHARED, declare
from inventory.kernel.types import Rate


@declare(SHARED)
class ExchangeRate(Base):
    """What one unit of a currency is worth in the reporting currency, from a day on until the next rate."""

    __tablename__ = "exchange_rate"
    __table_args__ = (CheckConstraint("rate > 0", name="rate"),)

    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Decimal] = mapped_column(Rate)
    source: Mapped[str] = mapped_column(String(200))
