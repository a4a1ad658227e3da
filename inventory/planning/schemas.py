"""Stock targets as they come in and go out."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from inventory.kernel.fields import Code, QuantityOrZero


class NewTarget(BaseModel):
    """How much of a part a place shall hold."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"part": "LAMP-1", "place": "VTE", "quantity": "6"}]},
    )

    part: Code
    place: Code
    quantity: QuantityOrZero


class TargetOut(BaseModel):
    """How much of a part a place shall hold."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"part": "LAMP-1", "place": "VTE", "quantity": "6.000000"}]}
    )

    part: str
    place: str
    quantity: Decimal
