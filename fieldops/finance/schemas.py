"""Budgets as they come in and go out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from fieldops.finance.models import Category
from inventory.kernel.fields import Code, Currency, Day, Price
from inventory.kernel.texts import gettext as _


class NewBudgetLine(BaseModel):
    """A budget line to open, with what has been spent and committed against it; `period_end` is the day after."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "region": "SEA",
                    "category": "freight",
                    "period_start": "2026-04-01",
                    "period_end": "2026-07-01",
                    "currency": "USD",
                    "budget": "50000.00",
                    "committed": "1200.00",
                    "actual": "300.00",
                }
            ]
        },
    )

    region: Code
    category: Category
    period_start: Day
    period_end: Day
    currency: Currency
    budget: Price
    committed: Price = Decimal(0)
    actual: Price = Decimal(0)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.period_end <= self.period_start:
            raise ValueError(_("the period ends before it begins; correct period_start or period_end"))
        if self.committed + self.actual > self.budget:
            raise ValueError(_("more is committed and spent than the budget holds; raise the budget"))
        return self


Role = Annotated[str, StringConstraints(pattern="^[a-z][a-z_]{0,31}$")]
"""A role's code, such as regional_manager."""


class ApprovalLimits(BaseModel):
    """The largest amount that each role may approve; null is no limit."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "currency": "USD",
                    "limits": {"regional_manager": "20000.00", "finance": "100000.00", "administrator": None},
                }
            ]
        },
    )

    currency: Currency
    limits: Annotated[dict[Role, Price | None], Field(min_length=1)]


class BudgetLineOut(BaseModel):
    """A budget line with what is taken of it and what is left."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "region": "SEA",
                    "category": "freight",
                    "period_start": "2026-04-01",
                    "period_end": "2026-07-01",
                    "currency": "USD",
                    "budget": "50000.00",
                    "committed": "1200.00",
                    "actual": "300.00",
                    "reserved": "4100.0000",
                    "overridden": "0.0000",
                    "available": "44400.0000",
                }
            ]
        }
    )

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


class HoldOut(BaseModel):
    """A document that waits for an approval."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan": "P-000001",
                    "document": "T-000017",
                    "kind": "transfer",
                    "region": "SEA",
                    "category": "freight",
                    "currency": "USD",
                    "amount": "310.0000",
                    "available": "10.0000",
                    "shortfall": "300.0000",
                    "priority": "CRITICAL",
                    "approver_role": "regional_manager",
                }
            ]
        }
    )

    plan: str
    document: str
    kind: str
    region: str
    category: Category
    currency: str
    amount: Decimal
    available: Decimal
    shortfall: Decimal
    priority: str
    approver_role: str
