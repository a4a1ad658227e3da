"""Budgets as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from fieldops.finance.budgets.models import EntryKind, TransferKind, VersionKind, VersionState
from fieldops.finance.categories import Category
from fieldops.finance.rates.schemas import KnownCurrency, require_units
from inventory.kernel.fields import Code, Day, Price, Text
from inventory.kernel.texts import gettext as _

Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
"""A reason that is kept."""

AmountAboveZero = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=4)]
"""An amount of money above zero, exact to 10^-4."""

_TOTAL: dict[str, Any] = {
    "currency": "USD",
    "total": "200000.00",
    "reserve": "20000.00",
    "distributed": "180000.00",
    "lines": 13,
}

_LINE: dict[str, Any] = {
    "region": "SEA",
    "category": "freight",
    "period_start": "2026-04-01",
    "period_end": "2026-07-01",
    "currency": "USD",
    "budget": "50000.00",
}


_LINE_NOW: dict[str, Any] = {
    **_LINE,
    "id": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a11",
    "parent": None,
    "frozen": False,
    "envelope": False,
    "committed": "1200.00",
    "actual": "300.00",
    "reserved": "4100.0000",
    "overridden": "0.0000",
    "available": "44400.0000",
    "recovery": "0.0000",
    "recovered": "0.0000",
}


class Spender(BaseModel):
    """What money is for, beyond region and category; empty is for all of them."""

    area: Code | None = None
    cost_centre: Code | None = None
    programme: Code | None = None
    person: Code | None = None


class NewBudgetLine(Spender):
    """A budget line to open, with what has been spent and committed against it; `period_end` is the day after.

    A line that lies within another of the same account names that as its `parent`.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{**_LINE, "committed": "1200.00", "actual": "300.00"}]},
    )

    region: Code
    category: Category
    period_start: Day
    period_end: Day
    currency: KnownCurrency
    budget: Price
    committed: Price = Decimal(0)
    actual: Price = Decimal(0)
    parent: UUID | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.period_end <= self.period_start:
            raise ValueError(_("the period ends before it begins; correct period_start or period_end"))
        require_units(self.currency, self.budget, self.committed, self.actual)
        if self.committed + self.actual > self.budget:
            raise ValueError(_("more is committed and spent than the budget holds; correct them or raise the budget"))
        return self


class BudgetLineOut(Spender):
    """A budget line with what is taken of it and what is left."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LINE_NOW]})

    id: UUID
    region: str
    category: Category
    period_start: date
    period_end: date
    currency: str
    budget: Decimal
    reserved: Decimal
    committed: Decimal
    actual: Decimal
    overridden: Decimal
    available: Decimal
    recovery: Decimal
    recovered: Decimal
    parent: UUID | None
    frozen: bool
    envelope: bool


class TotalOut(BaseModel):
    """The sum of a line and all below it in one currency: what it keeps itself, and what is distributed."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TOTAL]})

    currency: str
    total: Decimal
    reserve: Decimal
    distributed: Decimal
    lines: int


class BudgetLineDetail(BudgetLineOut):
    """A budget line with what lies below it, by currency."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_LINE_NOW, "totals": [_TOTAL]}]})

    totals: list[TotalOut]


class EntryOut(BaseModel):
    """One entry of the budget ledger."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 42,
                    "kind": "commitment",
                    "amount": "310.0000",
                    "document_kind": "order",
                    "document": "R-000017",
                    "day": "2026-03-02",
                    "actor": "li.na",
                    "entered_at": "2026-03-02T08:00:00Z",
                }
            ]
        }
    )

    id: int
    kind: EntryKind
    amount: Decimal
    document_kind: str
    document: str
    day: date
    actor: str
    entered_at: datetime


class Freeze(BaseModel):
    """Freeze a line, so that it takes nothing new, or free it again, and say why."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"frozen": True, "reason": "Spending stop until the forecast is in"}]},
    )

    frozen: bool
    reason: Why


class NewTransfer(BaseModel):
    """Move money from one line to another; with only `to_line` it is a supplement, with only `from_line` a return.

    `amount` is in the currency of the line that gives, of a supplement in that of the line that gets it.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "from_line": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a11",
                    "to_line": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a12",
                    "amount": "1500.00",
                    "reason": "Two AOG shipments in March",
                }
            ]
        },
    )

    from_line: UUID | None = None
    to_line: UUID | None = None
    amount: AmountAboveZero
    reason: Why

    @model_validator(mode="after")
    def _has_ends(self) -> Self:
        if self.from_line is None and self.to_line is None:
            raise ValueError(_("name the line that gives, the line that gets, or both"))
        if self.from_line == self.to_line:
            raise ValueError(_("a line gives nothing to itself; name another to_line"))
        return self


class TransferOut(BaseModel):
    """A document that changed budgets."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": "BT-000003",
                    "kind": "transfer",
                    "region": "SEA",
                    "from_line": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a11",
                    "to_line": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a12",
                    "amount": "1500.0000",
                    "received": "1500.0000",
                    "reason": "Two AOG shipments in March",
                    "made_by": "li.na",
                    "made_at": "2026-03-02T08:00:00Z",
                }
            ]
        }
    )

    number: str
    kind: TransferKind
    region: str
    from_line: UUID | None
    to_line: UUID | None
    amount: Decimal
    received: Decimal
    reason: str
    made_by: str
    made_at: datetime


class NewCarryOver(BaseModel):
    """Carry over what the lines of a region commit still at the end of a period, with `remainder` also what is left.

    `period_end` is the day after the period that ends: the first day of the lines that take it over.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"region": "SEA", "period_end": "2027-01-01", "remainder": False, "reason": "Year end 2026"}]
        },
    )

    region: Code
    period_end: Day
    remainder: bool = False
    reason: Why


class CarriedOut(BaseModel):
    """What goes from a line to the one that follows it; a preview has no `document`, and tells what is in the way."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "document": "BT-000004",
                    "account": "SEA/freight",
                    "from_line": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a11",
                    "to_line": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a12",
                    "currency": "USD",
                    "commitments": 2,
                    "committed": "1200.0000",
                    "remainder": "0",
                    "problem": None,
                }
            ]
        }
    )

    document: str | None
    account: str
    from_line: UUID
    to_line: UUID | None
    currency: str
    commitments: int
    committed: Decimal
    remainder: Decimal
    problem: str | None


class NewCostCentre(BaseModel):
    """A cost centre of a region; `manager` is the name of a user."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"code": "CC-4100", "name": "Line maintenance", "region": "SEA"}]},
    )

    code: Code
    name: Text
    region: Code
    manager: Code | None = None


class CostCentreOut(NewCostCentre):
    """A cost centre as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"code": "CC-4100", "name": "Line maintenance", "region": "SEA", "manager": None, "closed": False}
            ]
        }
    )

    closed: bool


class NewVersion(BaseModel):
    """A set of budgets to be approved, or a forecast to compare with; `revises` names the version that it replaces."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"name": "Budget 2026", "kind": "budget", "lines": [_LINE]}]},
    )

    name: Text
    kind: VersionKind = VersionKind.BUDGET
    revises: Code | None = None
    lines: Annotated[tuple[NewBudgetLine, ...], Field(min_length=1, max_length=1_000)]


class VersionDecision(BaseModel):
    """Approve a version or withdraw it, and say why."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"approved": True, "reason": "Board of 12 December"}]},
    )

    approved: bool
    reason: Why


class VersionOut(BaseModel):
    """A version of the budgets."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": "BV-000001",
                    "name": "Budget 2026",
                    "kind": "budget",
                    "state": "approved",
                    "revises": None,
                    "made_by": "li.na",
                    "made_at": "2025-12-01T08:00:00Z",
                    "decided_by": "chen.wei",
                    "decided_at": "2025-12-12T08:00:00Z",
                    "reason": "Board of 12 December",
                    "version": 2,
                }
            ]
        }
    )

    number: str
    name: str
    kind: VersionKind
    state: VersionState
    revises: str | None
    made_by: str
    made_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    version: int


class VersionLineOut(Spender):
    """What a version says of one line, and what the line's budget is now; empty where it is not open."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_LINE, "id": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a15", "now": "48000.0000"}]}
    )

    id: UUID
    region: str
    category: Category
    period_start: date
    period_end: date
    currency: str
    budget: Decimal
    now: Decimal | None
