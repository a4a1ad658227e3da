"""Stock targets as they come in."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from inventory.kernel.fields import Code, QuantityOrZero


class NewTarget(BaseModel):
    """How much of a part a place shall hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Code
    place: Code
    quantity: QuantityOrZero
