"""Stock targets as they come in and go out."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from inventory.kernel.fields import Code, QuantityOrZero


class NewTarget(BaseModel):
    """How much of a part a place shall hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Code
    place: Code
    quantity: QuantityOrZero


class TargetOut(BaseModel):
    """How much of a part a place shall hold."""

    part: str
    place: str
    quantity: Decimal
