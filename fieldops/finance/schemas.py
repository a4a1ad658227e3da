"""Budgets as they come in and go out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from fieldops.finance.models import Category
from inventory.kernel.fields import Code, Currency, Day, Price
from inventory.kernel.texts import gettext as _


class NewBudgetLine(BaseModel):
    """A budget line to open, with what has been spent and committed against it; `period_end` is the day after."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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


class BudgetLineOut(BaseModel):
    """A budget line with what is taken of it and what is left."""

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
