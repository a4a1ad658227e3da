"""The field types that schemas share: codes, texts in any script, currencies, prices, quantities."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from inventory.kernel.texts import gettext as _

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)
"""Days beyond these are typing errors; arithmetic on them would leave the calendar."""


def _within_reach(instant: datetime) -> datetime:
    # compared by year first: near the ends of the calendar the change to UTC itself fails
    if not FIRST_DAY.year < instant.year < LAST_DAY.year:
        raise ValueError(
            _("{instant} is out of reach; give an instant between {first} and {last}").format(
                instant=instant.isoformat(), first=FIRST_DAY.year + 1, last=LAST_DAY.year - 1
            )
        )
    return instant.astimezone(UTC)


Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=48, pattern=r"^[^\s\x00-\x1f\x7f]+$")
]
"""A code without blanks."""

Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
"""A name or description in any script, on one line."""

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
"""A date that plans can reckon with."""

Instant = Annotated[AwareDatetime, AfterValidator(_within_reach)]
"""An instant with its offset, kept in UTC."""

Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
"""An ISO 4217 code."""

Price = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)]
"""An amount of money, not negative, exact to 10^-4."""

QuantityAboveZero = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)]
"""A quantity in the part's unit of measure, above zero."""

QuantityOrZero = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)]
"""A quantity in the part's unit of measure, zero allowed."""
