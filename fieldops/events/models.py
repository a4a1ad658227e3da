"""Tables of what events and mails become outside."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Select, String, Text, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.actor import Scope
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import PRIVATE, Rule, declare, within
from inventory.kernel.types import text_enum


class DeliveryState(StrEnum):
    """`dead` was given up, and waits for a person to retry it."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


class Attempted:
    """Mixin of what is sent outside, at least once: when it is due, and how the attempts went."""

    state: Mapped[DeliveryState] = mapped_column(text_enum(DeliveryState), default=DeliveryState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    next_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(400))


def _regions(scope: Scope) -> list[str]:
    return sorted(scope.regions or ())


@declare(within("region", _regions), secret={"secret"})
class Webhook(Identified, Versioned, Base):
    """Where events are posted to: those after number `since` that its owner heard (`acting`, as it was) of `region`.

    `region` NETWORK_ONLY is all regions. `kinds` are beginnings of kinds, empty for every kind.
    """

    __tablename__ = "webhook"

    url: Mapped[str] = mapped_column(String(2_000))
    kinds: Mapped[list[str]] = mapped_column(JSON)
    region: Mapped[str] = mapped_column(String(48), index=True)
    enabled: Mapped[bool]
    secret: Mapped[str] = mapped_column(String(64))
    owner: Mapped[str] = mapped_column(String(64))
    acting: Mapped[dict[str, Any]] = mapped_column(JSON)
    since: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


def _webhooks(scope: Scope) -> Select[Any]:
    table = Webhook.__table__.c
    return select(table.id).where(table.region.in_(_regions(scope)))


@declare(within("webhook_id", _webhooks), audited=False)
class WebhookDelivery(Identified, Attempted, Base):
    """The delivery of one event to one webhook; without a number it is a test."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (UniqueConstraint("webhook_id", "number"), Index(None, "state", "next_at"))

    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    number: Mapped[int | None] = mapped_column(BigInteger)
    last_status: Mapped[int | None]


@declare(PRIVATE, audited=False)
class EventReader(Base):
    """How far a reader of all events has come, such as the one that fills the webhooks' queues."""

    __tablename__ = "event_reader"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


@declare(Rule(visible=lambda _table, _actor: false()), audited=False)
class MailOutbox(Identified, Attempted, Base):
    """A mail to be sent, written in the transaction that causes it; `key` makes the same mail impossible twice."""

    __tablename__ = "mail_outbox"
    __table_args__ = (Index(None, "state", "next_at"),)

    key: Mapped[str] = mapped_column(String(128), unique=True)
    to: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
