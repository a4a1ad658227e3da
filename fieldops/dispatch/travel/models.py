"""The table of the ways that a table service told, so that it is asked for each of them once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base
from inventory.kernel.scope import OPEN, declare


@declare(OPEN, audited=False)
class TravelTime(Base):
    """A way by road from a point to another, as a service told it; without seconds and metres where there is none.

    Points are latitude and longitude in degrees with five digits, `service` is a hash of its address.
    """

    __tablename__ = "travel_time"
    __table_args__ = (
        CheckConstraint("seconds >= 0 AND metres >= 0", name="not_negative"),
        CheckConstraint("(seconds IS NULL) = (metres IS NULL)", name="both"),
    )

    service: Mapped[str] = mapped_column(String(16), primary_key=True)
    origin: Mapped[str] = mapped_column(String(24), primary_key=True)
    destination: Mapped[str] = mapped_column(String(24), primary_key=True)
    seconds: Mapped[int | None]
    metres: Mapped[int | None]
    asked_at: Mapped[datetime]
