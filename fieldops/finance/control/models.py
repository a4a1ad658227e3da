"""Tables of the availability control: its terms, what waits, what was let pass, and what was spent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.finance.budgets.models import OF_LINE
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import SHARED, declare
from inventory.kernel.types import Money, text_enum
from inventory.network.scope import OF_REGION

EVERY = ""
"""Stands for every category in the key of an approval limit."""


class OverrideKind(StrEnum):
    """Why a line is beyond its budget: a named authority, an AOG envelope, an approval, or a cost that was a fact."""

    NAMED = "named"
    ENVELOPE = "envelope"
    APPROVAL = "approval"
    OVERRUN = "overrun"


@declare(OF_LINE, audited=False)
class BudgetHold(Identified, Base):
    """A document of a plan that does not fit a line and waits for an approval."""

    __tablename__ = "budget_hold"
    __table_args__ = (UniqueConstraint("plan_id", "document", "line_id"),)

    plan_id: Mapped[UUID]
    line_id: Mapped[UUID] = mapped_column(ForeignKey("budget_line.id"), index=True)
    document: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    priority: Mapped[str] = mapped_column(String(16))
    rank: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(Money)
    available: Mapped[Decimal] = mapped_column(Money)
    shortfall: Mapped[Decimal] = mapped_column(Money)
    approver_role: Mapped[str] = mapped_column(String(32))


@declare(OF_LINE)
class BudgetOverride(Identified, Versioned, Base):
    """A document passed beyond its line, or at the cost of an envelope; reviewed the day after (`review_by`)."""

    __tablename__ = "budget_override"

    plan_id: Mapped[UUID | None]
    line_id: Mapped[UUID] = mapped_column(ForeignKey("budget_line.id"), index=True)
    kind: Mapped[OverrideKind] = mapped_column(text_enum(OverrideKind))
    document_kind: Mapped[str] = mapped_column(String(32))
    document: Mapped[str] = mapped_column(String(64))
    amount: Mapped[Decimal] = mapped_column(Money)
    by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(400))
    allowed_at: Mapped[datetime]
    review_by: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(String(64))
    reviewed_at: Mapped[datetime | None]
    finding: Mapped[str | None] = mapped_column(String(400))


@declare(SHARED)
class ApprovalLimit(Versioned, Base):
    """The largest amount that a role may approve in a category, blank for every; no limit where `amount` is empty."""

    __tablename__ = "approval_limit"

    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    category: Mapped[str] = mapped_column(String(32), primary_key=True, default=EVERY)
    amount: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))


@declare(SHARED)
class ControlTerms(Versioned, Base):
    """The terms of the control as one record: bands, personal limits, four eyes, escalation."""

    __tablename__ = "control_terms"

    id: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)


@declare(OF_REGION)
class StandingAuthority(Identified, Base):
    """A pre-funded envelope: AOG documents of a region that do not fit their line may take so much of another line."""

    __tablename__ = "standing_authority"
    __table_args__ = (CheckConstraint("document_max > 0", name="document_max"),)

    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"), index=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("budget_line.id"))
    document_max: Mapped[Decimal] = mapped_column(Money)
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    reason: Mapped[str] = mapped_column(String(400))
    granted_by: Mapped[str] = mapped_column(String(64))
    granted_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[datetime | None]


@declare(OF_REGION)
class ComplianceHold(Identified, Versioned, Base):
    """Trade compliance stops a document, whatever kind it is said to be of, until the hold is lifted.

    No approval, no override and no envelope lets it pass.
    """

    __tablename__ = "compliance_hold"
    __table_args__ = (
        Index(
            "uq_compliance_hold_open",
            "document",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"), index=True)
    document_kind: Mapped[str] = mapped_column(String(32))
    document: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(400))
    placed_by: Mapped[str] = mapped_column(String(64))
    placed_at: Mapped[datetime]
    lifted_by: Mapped[str | None] = mapped_column(String(64))
    lifted_at: Mapped[datetime | None]
    lifted_because: Mapped[str | None] = mapped_column(String(400))


@declare(OF_LINE, audited=False)
class BudgetActual(Identified, Base):
    """What was spent, from one source and posted once: hours, a part, a freight invoice.

    `consumed` is what it took of its commitment, `recovered` what payers owe of it. A reversal has negative amounts and
    a reason. `terms` is a digest of all that was told, so that the same source with other terms is recognised.
    """

    __tablename__ = "budget_actual"
    __table_args__ = (Index("ix_budget_actual_document", "document"),)

    source: Mapped[str] = mapped_column(String(96), unique=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("budget_line.id"), index=True)
    earmark_id: Mapped[UUID | None] = mapped_column(ForeignKey("earmark.id"))
    document_kind: Mapped[str] = mapped_column(String(32))
    document: Mapped[str] = mapped_column(String(64))
    item: Mapped[str] = mapped_column(String(64))
    day: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(Money)
    consumed: Mapped[Decimal] = mapped_column(Money)
    released: Mapped[Decimal] = mapped_column(Money)
    recovered: Mapped[Decimal] = mapped_column(Money)
    given: Mapped[Decimal] = mapped_column(Money)
    given_currency: Mapped[str] = mapped_column(String(3))
    reverses: Mapped[UUID | None] = mapped_column(ForeignKey("budget_actual.id"), unique=True)
    terms: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(String(400))
    posted_by: Mapped[str] = mapped_column(String(64))
    posted_at: Mapped[datetime]
