"""What waiting weighs, as it comes in and goes out."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from inventory.catalogue.models import Essentiality, MelCategory
from inventory.kernel.fields import Code, Text
from inventory.kernel.texts import gettext as _

Weight = Annotated[Decimal, Field(ge=0, le=1_000, max_digits=10, decimal_places=6)]
"""What a waiting piece weighs, relative to an aircraft on ground."""

_ROW: dict[str, Any] = {
    "essentiality": "GO_IF",
    "mel_category": "C",
    "interval_days": 10,
    "consequence": "1.000000",
    "least": "0.020000",
    "authority": "CAAC",
    "edition": "2025",
    "source": "MMEL preamble, repair intervals",
}


class NewWeight(BaseModel):
    """How long an aircraft flies without a part of an essentiality and MEL category, and what it costs afterwards.

    `consequence` is relative to an aircraft on ground, and no piece weighs less than `least`. Without `interval_days`
    it is as the part itself says (category A), and else has no end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_ROW]})

    essentiality: Essentiality
    mel_category: MelCategory | None = None
    interval_days: Annotated[int, Field(ge=0, le=3_650)] | None = None
    consequence: Weight
    least: Weight = Decimal(0)
    authority: Code
    edition: Code
    source: Text

    @model_validator(mode="after")
    def _only_go_if_has_categories(self) -> Self:
        if self.mel_category is not None and self.essentiality is not Essentiality.GO_IF:
            raise ValueError(_("only GO_IF parts have a MEL category"))
        return self


class WeightOut(BaseModel):
    """What waiting for a part of an essentiality and MEL category weighs."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_ROW]})

    essentiality: Essentiality
    mel_category: MelCategory | None
    interval_days: int | None
    consequence: Decimal
    least: Decimal
    authority: str
    edition: str
    source: str
