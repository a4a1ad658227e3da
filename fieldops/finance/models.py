"""Tables of the budget ledger."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import SHARED, Keys, declare, within
from inventory.kernel.types import BigIdentity, Money, text_enum
from inventory.network.scope import OF_REGION, regions_seen, regions_within


class Category(StrEnum):
    """What the money is for."""

    LABOUR = "labour"
    TRAVEL = "travel"
    FREIGHT = "freight"
    EXPEDITE = "expedite"
    PARTS = "parts"
    TRAINING = "training"
    CAPITAL = "capital"


class EntryKind(StrEnum):
    """What an entry of the budget ledger adds to. A negative amount takes it back."""

    BUDGET = "budget"
    RESERVATION = "reservation"
    COMMITMENT = "commitment"
    OVERRIDE = "override"
    ACTUAL = "actual"


@declare(OF_REGION, audited=False)
class BudgetLine(Identified, Base):
    """The money of one region for one category in one period (`period_end` is the first day after it).

    The amounts are the projection of the entries. What is taken stays within the budget, plus what a named
    authority has allowed beyond it (`overridden`).
    """

    __tablename__ = "budget_line"
    __table_args__ = (
        UniqueConstraint("region_id", "category", "period_start"),
        CheckConstraint("period_start < period_end", name="period"),
        CheckConstraint("reserved + committed + actual <= budget + overridden", name="within_budget"),
        CheckConstraint("budget >= 0 AND reserved >= 0 AND committed >= 0 AND overridden >= 0", name="not_negative"),
    )

    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"))
    category: Mapped[Category] = mapped_column(text_enum(Category))
    period_start: Mapped[date]
    period_end: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    budget: Mapped[Decimal] = mapped_column(Money)
    reserved: Mapped[Decimal] = mapped_column(Money)
    committed: Mapped[Decimal] = mapped_column(Money)
    actual: Mapped[Decimal] = mapped_column(Money)
    overridden: Mapped[Decimal] = mapped_column(Money)

    @property
    def available(self) -> Decimal:
        """What may still be taken; negative only as far as an override allowed it."""
        return self.budget - self.reserved - self.committed - self.actual


def _lines(regions: Keys) -> Keys:
    lines = BudgetLine.__table__.c
    return lambda scope: select(lines.id).where(lines.region_id.in_(regions(scope)))


_OF_LINE = within("line_id", _lines(regions_within), reading=_lines(regions_seen))


@declare(_OF_LINE, audited=False)
class BudgetEntry(Base):
    """One immutable entry of the budget ledger, with the document that caused it."""

    __tablename__ = "budget_entry"

    id: Mapped[int] = mapped_column(BigIdentity, primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("budget_line.id"), index=True)
    kind: Mapped[EntryKind] = mapped_column(text_enum(EntryKind))
    amount: Mapped[Decimal] = mapped_column(Money)
    document: Mapped[str] = mapped_column(String(64))
    plan_id: Mapped[UUID | None] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64))
    entered_at: Mapped[datetime]


@declare(_OF_LINE, audited=False)
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


@declare(_OF_LINE)
class BudgetOverride(Identified, Base):
    """A named authority let an AOG document pass beyond a line."""

    __tablename__ = "budget_override"

    plan_id: Mapped[UUID]
    line_id: Mapped[UUID] = mapped_column(ForeignKey("budget_line.id"), index=True)
    document: Mapped[str] = mapped_column(String(64))
    amount: Mapped[Decimal] = mapped_column(Money)
    by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(400))
    allowed_at: Mapped[datetime]


@declare(SHARED)
class ApprovalLimit(Versioned, Base):
    """The largest amount that a role may approve; no limit where `amount` is empty."""

    __tablename__ = "approval_limit"

    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    amount: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
