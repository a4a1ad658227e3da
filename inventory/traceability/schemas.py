"""Serial and lot numbers as they come in and go out."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from inventory.kernel.fields import Code, Day
from inventory.kernel.texts import gettext as _
from inventory.traceability.models import LotKind


class NewLot(BaseModel):
    """A serial or lot number to know before it is received."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"part": "PUMP-1", "number": "SN-1047", "kind": "serial", "made_on": "2024-05-17"}]
        },
    )

    part: Code
    number: Code
    kind: LotKind
    made_on: Day | None = None
    expires_on: Day | None = None

    @model_validator(mode="after")
    def _expires_after_it_is_made(self) -> Self:
        if self.made_on and self.expires_on and self.expires_on < self.made_on:
            raise ValueError(_("{number} expires before it was made; correct the dates").format(number=self.number))
        return self


class LotOut(BaseModel):
    """A serial or lot number; `place` is where a serial number is, null before it was received and for a lot."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "part": "PUMP-1",
                    "number": "SN-1047",
                    "kind": "serial",
                    "made_on": "2024-05-17",
                    "expires_on": None,
                    "place": "VTE",
                }
            ]
        }
    )

    part: str
    number: str
    kind: LotKind
    made_on: date | None
    expires_on: date | None
    place: str | None
