"""Domain events, written in the transaction that causes them and read by the bridge and other readers later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from inventory.kernel.base import Base
from inventory.kernel.types import BigIdentity


class OutboxEvent(Base):
    """One thing that happened; `key` makes the same effect impossible to write twice."""

    __tablename__ = "outbox_event"

    id: Mapped[int] = mapped_column(BigIdentity, primary_key=True)
    kind: Mapped[str] = mapped_column(String(64), index=True)
    key: Mapped[str] = mapped_column(String(128), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    happened_at: Mapped[datetime]


def emit(session: Session, kind: str, key: str, payload: dict[str, Any], happened_at: datetime) -> None:
    """Add an event to the caller's transaction."""
    session.add(OutboxEvent(kind=kind, key=key, payload=payload, happened_at=happened_at))
