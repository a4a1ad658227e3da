"""Tables of the budgets and their ledger."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.finance.categories import Category
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import SHARED, Keys, declare, within
from inventory.kernel.types import BigIdentity, Money, text_enum
from inventory.network.scope import OF_REGION, regions_seen, regions_within


class EntryKind(StrEnum):
    """What an entry of the budget ledger adds to. A negative amount takes it back: a release, a reversal.

    `override` is what is taken beyond the budget, by somebody's leave. `recovery` is what payers are expected to give
    back of what is committed, `recovered` what they owe for what was spent; neither adds to what is available.
    """

    BUDGET = "budget"
    RESERVATION = "reservation"
    COMMITMENT = "commitment"
    OVERRIDE = "override"
    ACTUAL = "actual"
    RECOVERY = "recovery"
    RECOVERED = "recovered"


class Stage(StrEnum):
    """How firmly a document holds money: a plan reserves it, a released job or order commits it."""

    RESERVATION = "reservation"
    COMMITMENT = "commitment"


class VersionKind(StrEnum):
    """What a version of the budgets is for: to be approved, or to compare with."""

    BUDGET = "budget"
    FORECAST = "forecast"


class VersionState(StrEnum):
    """Where a version of the budgets stands. A superseded one is kept as it was approved."""

    DRAFT = "draft"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class TransferKind(StrEnum):
    """What a document does to the budgets: move money between lines, add some, give some back, carry some over."""

    TRANSFER = "transfer"
    SUPPLEMENT = "supplement"
    RETURN = "return"
    CARRY_OVER = "carry_over"


@declare(OF_REGION)
class CostCentre(Identified, Versioned, Base):
    """Who answers for cost in a region; a closed one takes no new budget."""

    __tablename__ = "cost_centre"

    code: Mapped[str] = mapped_column(String(48), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"), index=True)
    manager: Mapped[str | None] = mapped_column(String(64))
    closed: Mapped[bool] = mapped_column(default=False)


@declare(OF_REGION, audited=False)
class BudgetLine(Identified, Base):
    """The money of one account in one period (`period_end` is the first day after it).

    `account` names what the line is for: region, area, cost centre, category, programme and person, blank where it is
    for all of them. Money is on one line only: what a line has below it (`parent_id`) is not part of its
    `budget`, which is what it keeps in reserve itself. The amounts are the projection of the entries. What is taken
    stays within the budget, plus exactly what somebody allowed beyond it (`overridden`). A frozen line takes nothing;
    an `envelope` pays for nothing but AOG documents by a standing authority.
    """

    __tablename__ = "budget_line"
    __table_args__ = (
        UniqueConstraint("account", "period_start", "period_end"),
        CheckConstraint("period_start < period_end", name="period"),
        CheckConstraint("reserved + committed + actual <= budget + overridden", name="within_budget"),
        CheckConstraint("budget >= 0 AND reserved >= 0 AND committed >= 0 AND overridden >= 0", name="not_negative"),
        Index("ix_budget_line_region_id_category", "region_id", "category"),
    )

    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"))
    account: Mapped[str] = mapped_column(String(400))
    area: Mapped[str | None] = mapped_column(String(48))
    cost_centre: Mapped[str | None] = mapped_column(ForeignKey("cost_centre.code"))
    category: Mapped[Category] = mapped_column(text_enum(Category))
    programme: Mapped[str | None] = mapped_column(String(48))
    person: Mapped[str | None] = mapped_column(String(64))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("budget_line.id"), index=True)
    period_start: Mapped[date]
    period_end: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    frozen: Mapped[bool] = mapped_column(default=False)
    envelope: Mapped[bool] = mapped_column(default=False)
    budget: Mapped[Decimal] = mapped_column(Money)
    reserved: Mapped[Decimal] = mapped_column(Money)
    committed: Mapped[Decimal] = mapped_column(Money)
    actual: Mapped[Decimal] = mapped_column(Money)
    overridden: Mapped[Decimal] = mapped_column(Money)
    recovery: Mapped[Decimal] = mapped_column(Money)
    recovered: Mapped[Decimal] = mapped_column(Money)

    @property
    def taken(self) -> Decimal:
        """What is reserved, committed and spent."""
        return self.reserved + self.committed + self.actual

    @property
    def available(self) -> Decimal:
        """What may still be taken; negative only as far as somebody allowed it."""
        return self.budget - self.taken


def _lines(regions: Keys) -> Keys:
    lines = BudgetLine.__table__.c
    return lambda scope: select(lines.id).where(lines.region_id.in_(regions(scope)))


OF_LINE = within("line_id", _lines(regions_within), reading=_lines(regions_seen))
"""The rule of rows that belong to one budget line."""


@declare(OF_LINE, audited=False)
class BudgetEntry(Base):
    """One immutable entry of the budget ledger, with the document that caused it and the day that it counts for."""

    __tablename__ = "budget_entry"
    __table_args__ = (
        Index("ix_budget_entry_line_id_id", "line_id", "id"),
        Index("ix_budget_entry_document", "document"),
    )

    id: Mapped[int] = mapped_column(BigIdentity, primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("budget_line.id"))
    kind: Mapped[EntryKind] = mapped_column(text_enum(EntryKind))
    amount: Mapped[Decimal] = mapped_column(Money)
    document_kind: Mapped[str] = mapped_column(String(32))
    document: Mapped[str] = mapped_column(String(64))
    day: Mapped[date]
    plan_id: Mapped[UUID | None] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64))
    entered_at: Mapped[datetime]


@declare(OF_LINE, audited=False)
class Earmark(Identified, Base):
    """What one item of a document holds of a line: `amount` still, `consumed` by what was spent.

    What a plan reserves is held by the plan (`holder`, its key); otherwise the document holds it itself. `recovery` is
    what payers are expected to give back of the amount, `recovered` what they owe of what was consumed. `moved` went to
    the line of a later period, where it `came`. A `closed` one was released. A line's reservations and commitments are
    the sums of these.
    """

    __tablename__ = "earmark"
    __table_args__ = (
        UniqueConstraint("document", "document_kind", "item", "line_id", "stage", "holder"),
        CheckConstraint("amount >= 0 AND consumed >= 0 AND recovery >= 0 AND moved >= 0 AND came >= 0", name="amounts"),
    )

    line_id: Mapped[UUID] = mapped_column(ForeignKey("budget_line.id"), index=True)
    stage: Mapped[Stage] = mapped_column(text_enum(Stage))
    document_kind: Mapped[str] = mapped_column(String(32))
    document: Mapped[str] = mapped_column(String(64))
    item: Mapped[str] = mapped_column(String(64))
    holder: Mapped[str] = mapped_column(String(36), index=True)
    amount: Mapped[Decimal] = mapped_column(Money)
    consumed: Mapped[Decimal] = mapped_column(Money)
    recovery: Mapped[Decimal] = mapped_column(Money)
    recovered: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    moved: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    came: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    closed: Mapped[bool] = mapped_column(default=False)
    held_by: Mapped[str] = mapped_column(String(64))
    held_at: Mapped[datetime]


@declare(OF_REGION)
class BudgetTransfer(Identified, Base):
    """A document that changes budgets, with its reason: money comes in without `from_line_id`, goes without the other.

    `amount` is in the currency of the line that gives, `received` in that of the line that gets it.
    """

    __tablename__ = "budget_transfer"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("from_line_id IS NOT NULL OR to_line_id IS NOT NULL", name="ends"),
    )

    number: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[TransferKind] = mapped_column(text_enum(TransferKind))
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"), index=True)
    from_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("budget_line.id"))
    to_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("budget_line.id"))
    amount: Mapped[Decimal] = mapped_column(Money)
    received: Mapped[Decimal] = mapped_column(Money)
    reason: Mapped[str] = mapped_column(String(400))
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


@declare(SHARED)
class BudgetVersion(Identified, Versioned, Base):
    """A whole set of budgets as somebody proposes it; approved, it sets the budget of each line that it names."""

    __tablename__ = "budget_version"

    number: Mapped[str] = mapped_column(String(24), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[VersionKind] = mapped_column(text_enum(VersionKind))
    state: Mapped[VersionState] = mapped_column(text_enum(VersionState))
    revises: Mapped[str | None] = mapped_column(ForeignKey("budget_version.number"))
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(400))


@declare(OF_REGION, audited=False)
class BudgetVersionLine(Identified, Base):
    """The budget of one line in a version, and what it `was` when that was proposed; `line` holds the line's terms."""

    __tablename__ = "budget_version_line"
    __table_args__ = (
        UniqueConstraint("version_id", "account", "period_start", "period_end", name="uq_budget_version_line_line"),
    )

    version_id: Mapped[UUID] = mapped_column(ForeignKey("budget_version.id"))
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"))
    account: Mapped[str] = mapped_column(String(400))
    period_start: Mapped[date]
    period_end: Mapped[date]
    line: Mapped[dict[str, Any]] = mapped_column(JSON)
    currency: Mapped[str] = mapped_column(String(3))
    budget: Mapped[Decimal] = mapped_column(Money)
    was: Mapped[Decimal | None] = mapped_column(Money)
