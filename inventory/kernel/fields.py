"""The field types that schemas share: codes, texts in any script, currencies, prices, quantities."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=48, pattern=r"^[^\s]+$")]
"""A code without blanks."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""A name or description in any script."""

Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
"""An ISO 4217 code."""

Price = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)]
"""An amount of money, not negative, exact to 10^-4."""

QuantityAboveZero = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)]
"""A quantity in the part's unit of measure, above zero."""

QuantityOrZero = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)]
"""A quantity in the part's unit of measure, zero allowed."""
