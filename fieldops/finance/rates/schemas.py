"""Exchange rates as they come in and go out."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from fieldops.finance.rates.rules import digits, known, rounded
from inventory.kernel.fields import Currency, Day, Text
from inventory.kernel.texts import gettext as _


def _is_currency(code: str) -> str:
    if not known(code):
        raise ValueError(_("{code} is no currency of ISO 4217; correct it").format(code=code))
    return code


KnownCurrency = Annotated[Currency, AfterValidator(_is_currency)]
"""A code of ISO 4217 that there is."""


def require_units(currency: str, *amounts: Decimal) -> None:
    """Raise ValueError for an amount that has more decimal places than its currency."""
    for amount in amounts:
        if rounded(amount, currency) != amount:
            raise ValueError(
                _("{currency} has {digits} decimal places; round {amount}").format(
                    currency=currency, digits=digits(currency), amount=amount
                )
            )


class NewRate(BaseModel):
    """What one unit of a currency is worth in the reporting currency, from a day on; `source` says who published it."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"currency": "EUR", "valid_from": "2026-03-01", "rate": "1.0850", "source": "Monthly rates of finance"}
            ]
        },
    )

    currency: KnownCurrency
    valid_from: Day
    rate: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=9)]
    source: Text


class RateOut(NewRate):
    """An exchange rate, with the currency that it converts into."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "currency": "EUR",
                    "valid_from": "2026-03-01",
                    "rate": "1.085000000",
                    "source": "Monthly rates of finance",
                    "reporting": "USD",
                }
            ]
        }
    )

    reporting: str
