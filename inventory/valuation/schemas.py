"""Values, costs and depreciation as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from inventory.catalogue.models import PartClass
from inventory.kernel.fields import Code, Currency, Instant
from inventory.kernel.texts import gettext as _
from inventory.valuation.models import DepreciationStart

LIFE_MONTHS_MAX = 1_200


class By(StrEnum):
    """What the value of the stock is added up by."""

    PLACE = "place"
    REGION = "region"
    PART_CLASS = "class"
    PART = "part"


class ValueLine(BaseModel):
    """The stock of one owner under one key, a code or number; others' has no value of ours.

    `quantity` adds up whatever units the parts have.
    """

    key: str
    owner: str
    quantity: Decimal
    value: Decimal | None


class StockValue(BaseModel):
    """What own stock is worth at an instant; `total` is that of all pages. `currency` is null before the first part."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "at": "2026-03-01T00:00:00Z",
                    "by": "place",
                    "currency": "USD",
                    "total": "1210.0000",
                    "items": [{"key": "VTE", "owner": "own", "quantity": "12.000000", "value": "1210.0000"}],
                    "next": None,
                }
            ]
        }
    )

    at: datetime
    by: By
    currency: str | None
    total: Decimal
    items: list[ValueLine]
    next: str | None = None


class CostOut(BaseModel):
    """What a unit of a part is worth now: its moving average, before a priced receipt its standard cost."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"part": "LAMP-1", "average": "6.4000", "standard_cost": "6.0000", "currency": "USD"}]
        }
    )

    part: str
    average: Decimal
    standard_cost: Decimal
    currency: str


class CostChangeOut(BaseModel):
    """A priced receipt, or one taken back, and what it made of the part's average."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 4,
                    "part": "LAMP-1",
                    "move_id": "01900000-0000-7000-8000-000000000001",
                    "recorded_at": "2026-03-01T00:00:00Z",
                    "quantity_before": "10.000000",
                    "received": "5.000000",
                    "unit_cost": "7.2000",
                    "average_before": "6.0000",
                    "average": "6.4000",
                }
            ]
        }
    )

    id: int
    part: str
    move_id: UUID
    recorded_at: datetime
    quantity_before: Decimal
    received: Decimal
    unit_cost: Decimal
    average_before: Decimal
    average: Decimal


class Policy(BaseModel):
    """How assets are written off: those of one part, or of a class where their part has no policy of its own."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "part": None,
                    "part_class": "rotable",
                    "life_months": 120,
                    "residual_share": "0.1",
                    "starts": "next_month",
                }
            ]
        },
    )

    part: Code | None = None
    part_class: PartClass | None = None
    life_months: Annotated[int, Field(ge=1, le=LIFE_MONTHS_MAX)]
    residual_share: Annotated[Decimal, Field(ge=0, le=1, decimal_places=6)] = Decimal(0)
    starts: DepreciationStart = DepreciationStart.ACQUISITION

    @model_validator(mode="after")
    def _has_one_subject(self) -> Self:
        if (self.part is None) == (self.part_class is None):
            raise ValueError(_("A policy is for a part or for a class; name one of the two"))
        return self


class NewAddition(BaseModel):
    """A cost to add to the value of a piece with a serial number, such as an overhaul; now where no date is given."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"part": "PUMP-1", "lot": "SN-1047", "amount": "3200", "currency": "USD", "document": "RO-000007"}
            ]
        },
    )

    part: Code
    lot: Code
    amount: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=4)]
    currency: Currency
    document: Code
    added_at: Instant | None = None
