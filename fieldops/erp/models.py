"""Table of deliveries to the ERP."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base
from inventory.kernel.scope import PRIVATE, declare
from inventory.kernel.types import text_enum


class DeliveryState(StrEnum):
    """`unknown` is a call that may not have reached its end, and is sent again; `dead` was refused for good."""

    SENDING = "sending"
    UNKNOWN = "unknown"
    DONE = "done"
    DEAD = "dead"


@declare(PRIVATE, audited=False)
class ErpDelivery(Base):
    """The delivery of one cost posting of one outbox event; a posting without a row here is pending."""

    __tablename__ = "erp_delivery"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("outbox_event.id"), index=True)
    state: Mapped[DeliveryState] = mapped_column(text_enum(DeliveryState), index=True)
    remote_id: Mapped[int | None]
    attempts: Mapped[int]
    last_error: Mapped[str | None] = mapped_column(String(400))
    changed_at: Mapped[datetime]
