"""Expenses as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fieldops.finance.budgets.schemas import AmountAboveZero, Spender, Why
from fieldops.finance.categories import Category
from fieldops.finance.control.fields import Document, Item, Kind, Source
from fieldops.finance.rates.schemas import KnownCurrency, require_units
from inventory.kernel.fields import Code, Day, Price
from inventory.kernel.texts import gettext as _


class NewActual(Spender):
    """An expense that happened. It takes its commitment's money, found by document and item, then that of the line.

    `final` gives back what the commitment has left. `region` and `category` tell the line where nothing is committed.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "source": "freight/INV-2217/1",
                    "document_kind": "order",
                    "document": "R-000017",
                    "item": "freight",
                    "region": "SEA",
                    "category": "freight",
                    "day": "2026-03-04",
                    "amount": "298.40",
                    "currency": "USD",
                    "final": True,
                }
            ]
        },
    )

    source: Source
    document_kind: Kind
    document: Document
    item: Item = ""
    region: Code
    category: Category
    day: Day
    amount: AmountAboveZero
    currency: KnownCurrency
    recovered: Price = Decimal(0)
    final: bool = False

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        require_units(self.currency, self.amount, self.recovered)
        if self.recovered > self.amount:
            raise ValueError(_("more would come back than is spent; correct what is recovered"))
        return self


class AccruedItem(BaseModel):
    """What a document commits for an item; `amount`, in the currency of its line, is all of it unless it is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document_kind: Kind
    document: Document
    item: Item = ""
    amount: AmountAboveZero | None = None


class NewAccrual(BaseModel):
    """What was done or delivered by a day, and not invoiced yet; it is taken back on `reverse_on`, a later day."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "day": "2026-03-31",
                    "reverse_on": "2026-04-01",
                    "items": [{"document_kind": "order", "document": "R-000017", "item": "freight"}],
                }
            ]
        },
    )

    day: Day
    reverse_on: Day
    items: Annotated[tuple[AccruedItem, ...], Field(min_length=1, max_length=1_000)]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.reverse_on <= self.day:
            raise ValueError(_("an accrual is taken back after its day; correct reverse_on"))
        names = {(one.document_kind, one.document, one.item) for one in self.items}
        if len(names) < len(self.items):
            raise ValueError(_("an item is there twice; name it once"))
        return self


class Reversal(BaseModel):
    """Take an expense back with a reversing entry on a day."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"source": "freight/INV-2217/1", "day": "2026-03-05", "reason": "Credit note"}]
        },
    )

    source: Source
    day: Day
    reason: Why


class ActualOut(BaseModel):
    """An expense as it was posted: in the currency in which it was given, and in that of its line."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a31",
                    "source": "freight/INV-2217/1",
                    "line": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a11",
                    "region": "SEA",
                    "category": "freight",
                    "document_kind": "order",
                    "document": "R-000017",
                    "item": "freight",
                    "day": "2026-03-04",
                    "amount": "298.4000",
                    "currency": "USD",
                    "given": "298.4000",
                    "given_currency": "USD",
                    "consumed": "298.4000",
                    "released": "11.6000",
                    "recovered": "0.0000",
                    "reverses": None,
                    "reason": None,
                    "posted_by": "li.na",
                    "posted_at": "2026-03-04T08:00:00Z",
                }
            ]
        }
    )

    id: UUID
    source: str
    line: UUID
    region: str
    category: Category
    document_kind: str
    document: str
    item: str
    day: date
    amount: Decimal
    currency: str
    given: Decimal
    given_currency: str
    consumed: Decimal
    released: Decimal
    recovered: Decimal
    reverses: UUID | None
    reason: str | None
    posted_by: str
    posted_at: datetime
