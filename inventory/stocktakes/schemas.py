"""Stocktakes and their lines as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from inventory.kernel.fields import Code, Instant, QuantityOrZero
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import OWN
from inventory.ledger.schemas import Owner
from inventory.stocktakes.models import StocktakeState
from inventory.traceability.condition import Condition, Hold

PARTS_MAX = 5_000
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class NewStocktake(BaseModel):
    """What to count at a place: everything, the parts listed, or those of an ATA chapter.

    In a blind one nobody is told what is expected until it is submitted.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"place": "VTE", "chapter": "33", "blind": True}]}
    )

    place: Code
    parts: Annotated[list[Code], Field(min_length=1, max_length=PARTS_MAX)] | None = None
    chapter: Annotated[str, StringConstraints(max_length=8, pattern=r"^\d{2}(-\d{2}){0,2}$")] | None = None
    blind: bool = False

    @model_validator(mode="after")
    def _has_one_scope(self) -> Self:
        if self.parts is not None and self.chapter is not None:
            raise ValueError(_("Count the parts that you list or those of a chapter; leave one of the two out"))
        return self


class Count(BaseModel):
    """What somebody counted in one cell. `counted_at` is now where it is left out; counting again replaces it."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"part": "LAMP-1", "condition": "serviceable", "quantity": "4"}]},
    )

    part: Code
    condition: Condition = Condition.SERVICEABLE
    hold: Hold = Hold.NONE
    owner: Owner = OWN
    lot: Code | None = None
    quantity: QuantityOrZero
    counted_at: Instant | None = None


class Rejection(BaseModel):
    """Why a stocktake is sent back, and which lines are counted again: those that differ where none are named."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "look behind the second shelf"}]}
    )

    reason: Reason
    lines: Annotated[list[UUID], Field(min_length=1, max_length=PARTS_MAX)] | None = None


class Cancellation(BaseModel):
    """Why a stocktake is given up."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "opened for the wrong place"}]}
    )

    reason: Reason


class StocktakeOut(BaseModel):
    """A stocktake and what it came to. `gross` adds up the values of its variances without their signs, `net` with.

    What would tell the expected quantities is null while a blind one is counted.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": "ST-000001",
                    "place": "VTE",
                    "parts": None,
                    "chapter": "33",
                    "blind": True,
                    "state": "to_approve",
                    "counters": ["keeper"],
                    "opened_by": "keeper",
                    "opened_at": "2026-03-01T08:00:00Z",
                    "counted_at": "2026-03-01T09:00:00Z",
                    "submitted_by": "keeper",
                    "submitted_at": "2026-03-01T09:10:00Z",
                    "decided_by": None,
                    "decided_at": None,
                    "reason": None,
                    "lines": 40,
                    "counted": 40,
                    "differing": 2,
                    "accuracy_percent": "95.00",
                    "gross": "31.2000",
                    "net": "-18.8000",
                    "currency": "USD",
                }
            ]
        }
    )

    number: str
    place: str
    parts: list[str] | None
    chapter: str | None
    blind: bool
    state: StocktakeState
    counters: list[str]
    opened_by: str
    opened_at: datetime
    counted_at: datetime | None
    submitted_by: str | None
    submitted_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    lines: int
    counted: int
    differing: int | None
    accuracy_percent: Decimal | None
    gross: Decimal | None
    net: Decimal | None
    currency: str | None


class LineOut(BaseModel):
    """A line of a stocktake. `book_place` is where the ledger has a piece with a serial number, if the reader sees it.

    `variance` is counted less book, null before the count.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-000000000001",
                    "part": "LAMP-1",
                    "condition": "serviceable",
                    "hold": "none",
                    "owner": "own",
                    "lot": None,
                    "book": "5.000000",
                    "counted": "4.000000",
                    "counted_at": "2026-03-01T09:00:00Z",
                    "counted_by": "keeper",
                    "variance": "-1.000000",
                    "value": "-6.4000",
                    "recount": False,
                    "book_place": None,
                }
            ]
        }
    )

    id: UUID
    part: str
    condition: Condition
    hold: Hold
    owner: str
    lot: str | None
    book: Decimal | None
    counted: Decimal | None
    counted_at: datetime | None
    counted_by: str | None
    variance: Decimal | None
    value: Decimal | None
    recount: bool
    book_place: str | None
