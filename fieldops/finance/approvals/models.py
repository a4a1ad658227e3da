"""Tables of the approvals."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import OPEN, declare
from inventory.kernel.types import Money, text_enum
from inventory.network.scope import OF_REGION


class ApprovalState(StrEnum):
    """Where a request stands. `seconded` has one of two approvals; `withdrawn` needs none any more."""

    PENDING = "pending"
    SECONDED = "seconded"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OPEN_STATES = (ApprovalState.PENDING, ApprovalState.SECONDED)
"""The states in which a request waits for somebody."""


@declare(OF_REGION)
class Approval(Identified, Versioned, Base):
    """A document that waits for a named authority, with what it is to hold once approved (`asked`).

    `plan_id` is set for a document of a plan. `amount` is the money of the whole document in the reporting currency.
    """

    __tablename__ = "approval"
    __table_args__ = (
        Index("ix_approval_state_due_at", "state", "due_at"),
        Index("ix_approval_document", "document"),
    )

    number: Mapped[str] = mapped_column(String(24), unique=True)
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"), index=True)
    document_kind: Mapped[str] = mapped_column(String(32))
    document: Mapped[str] = mapped_column(String(64))
    plan_id: Mapped[UUID | None] = mapped_column(index=True)
    priority: Mapped[str] = mapped_column(String(16))
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    categories: Mapped[list[str]] = mapped_column(JSON)
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str | None] = mapped_column(String(400))
    approver_role: Mapped[str] = mapped_column(String(32))
    two_needed: Mapped[bool]
    state: Mapped[ApprovalState] = mapped_column(text_enum(ApprovalState))
    requested_by: Mapped[str] = mapped_column(String(64))
    requested_at: Mapped[datetime]
    due_at: Mapped[datetime]
    escalated: Mapped[int] = mapped_column(default=0)
    seconded_by: Mapped[str | None] = mapped_column(String(64))
    seconded_for: Mapped[str | None] = mapped_column(String(64))
    seconded_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_for: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(400))


@declare(OPEN)
class Substitution(Identified, Base):
    """For some days a substitute decides with the authority of a person; both are names of users."""

    __tablename__ = "substitution"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="period"),)

    person: Mapped[str] = mapped_column(String(64), index=True)
    substitute: Mapped[str] = mapped_column(String(64), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
