"""What the control is asked and what it says."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fieldops.finance.budgets.models import Stage
from fieldops.finance.budgets.schemas import AmountAboveZero, Spender, Why
from fieldops.finance.categories import Category
from fieldops.finance.control.fields import Document, Item, Kind
from fieldops.finance.rates.schemas import KnownCurrency, require_units
from inventory.kernel.fields import Code, Day, Price
from inventory.kernel.priority import Priority
from inventory.kernel.texts import gettext as _

ITEMS_MAX = 200


class HoldItem(Spender):
    """What one item of a document costs; `recovery` is what payers give back of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: Item = ""
    category: Category
    amount: AmountAboveZero
    currency: KnownCurrency
    day: Day | None = None
    recovery: Price = Decimal(0)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        require_units(self.currency, self.amount, self.recovery)
        if self.recovery > self.amount:
            raise ValueError(_("more would come back than is spent; correct the recovery"))
        return self


class NewHold(BaseModel):
    """What a document is to hold of the budgets of a region: exactly these items, whatever it held before.

    `stage` reservation is a plan or a quote, commitment a released job or order. An AOG document may pass beyond its
    lines by `override`, which needs the right to it and a reason.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "document_kind": "order",
                    "document": "R-000017",
                    "region": "SEA",
                    "stage": "commitment",
                    "priority": "AOG",
                    "items": [
                        {"item": "freight", "category": "freight", "amount": "310.00", "currency": "USD"},
                        {"item": "duty", "category": "freight", "amount": "45.50", "currency": "USD"},
                    ],
                    "reason": "Brake for an aircraft on ground",
                }
            ]
        },
    )

    document_kind: Kind
    document: Document
    region: Code
    stage: Stage = Stage.COMMITMENT
    priority: Priority = Priority.ROUTINE
    items: Annotated[tuple[HoldItem, ...], Field(min_length=1, max_length=ITEMS_MAX)]
    reason: Why | None = None
    override: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        names = [(one.item, one.category) for one in self.items]
        if len(names) != len(set(names)):
            raise ValueError(_("two items of one category have the same name; give each its own"))
        if self.override and (self.priority is not Priority.AOG or self.reason is None):
            raise ValueError(_("an override is for AOG documents, and needs a reason"))
        return self


class LineVerdict(BaseModel):
    """What a document means for one line, in the currency of the line.

    `available` is what the line has without this document, `free` what of it needs nobody's leave.
    """

    line: UUID
    account: str
    currency: str
    outcome: str
    amount: Decimal
    available: Decimal
    free: Decimal
    shortfall: Decimal


class VerdictOut(BaseModel):
    """What the control says of a document: pass, warn, approve or block, and why, line by line.

    `approval` is the number of the request that waits for an approval, where there is one.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "outcome": "approve",
                    "held": False,
                    "total": "355.5000",
                    "currency": "USD",
                    "approver_role": "regional_manager",
                    "approval": "AR-000004",
                    "beyond_personal_limit": False,
                    "lines": [
                        {
                            "line": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a11",
                            "account": "SEA/freight",
                            "currency": "USD",
                            "outcome": "approve",
                            "amount": "355.5000",
                            "available": "10.0000",
                            "free": "10.0000",
                            "shortfall": "345.5000",
                        }
                    ],
                }
            ]
        }
    )

    outcome: str
    held: bool
    total: Decimal
    currency: str
    approver_role: str | None
    approval: str | None = None
    beyond_personal_limit: bool
    lines: list[LineVerdict]


class Release(BaseModel):
    """Give back what a document holds; `region` is needed where documents of several have the number."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"document_kind": "order", "document": "R-000017", "reason": "Cancelled"}]},
    )

    document_kind: Kind
    document: Document
    region: Code | None = None
    reason: Why


class EarmarkOut(BaseModel):
    """What an item of a document holds of a line still, and what was spent of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a21",
                    "line": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a11",
                    "region": "SEA",
                    "category": "freight",
                    "currency": "USD",
                    "stage": "commitment",
                    "document_kind": "order",
                    "document": "R-000017",
                    "item": "freight",
                    "plan": None,
                    "amount": "310.0000",
                    "consumed": "0.0000",
                    "recovery": "0.0000",
                    "held_by": "li.na",
                    "held_at": "2026-03-02T08:00:00Z",
                }
            ]
        }
    )

    id: UUID
    line: UUID
    region: str
    category: Category
    currency: str
    stage: Stage
    document_kind: str
    document: str
    item: str
    plan: UUID | None
    amount: Decimal
    consumed: Decimal
    recovery: Decimal
    held_by: str
    held_at: datetime


class HoldOut(BaseModel):
    """A document of a plan that waits for an approval."""

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
