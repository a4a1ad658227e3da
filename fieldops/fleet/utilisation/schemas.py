"""Utilisation as it comes in and goes out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from inventory.kernel.fields import Code, Day, QuantityOrZero
from inventory.kernel.texts import gettext as _

HOURS_MAX = 31 * 24
"""More hours no month has for one aircraft."""

_ROW: dict[str, Any] = {
    "aircraft_type": "TH60",
    "tail": "QS-001",
    "place": "VTE",
    "month": "2026-02-01",
    "flight_hours": "92.500000",
    "cycles": "101.000000",
    "landings": "103.000000",
    "apu_hours": "31.000000",
}


class NewUtilisation(BaseModel):
    """What one aircraft, or without `tail` all of a type, were used at a place in a month, named by its first day.

    Where the whole type is told, its aircraft told beside it are parts of that, and not added.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_ROW]})

    aircraft_type: Code
    tail: Code | None = None
    place: Code
    month: Day
    flight_hours: QuantityOrZero
    cycles: QuantityOrZero = Decimal(0)
    landings: QuantityOrZero = Decimal(0)
    apu_hours: QuantityOrZero = Decimal(0)

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.month.day != 1:
            raise ValueError(
                _("a month is named by its first day, such as {first}").format(first=self.month.replace(day=1))
            )
        if self.tail is not None and max(self.flight_hours, self.apu_hours) > HOURS_MAX:
            raise ValueError(_("one aircraft has at most {hours} hours in a month").format(hours=HOURS_MAX))
        return self


class UtilisationOut(BaseModel):
    """What one aircraft, or without `tail` all of a type, were used at a place in a month."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ROW]})

    aircraft_type: str
    tail: str | None
    place: str
    month: date
    flight_hours: Decimal
    cycles: Decimal
    landings: Decimal
    apu_hours: Decimal
