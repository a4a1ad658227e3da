"""Money of several currencies: how it is rounded, and what it is worth in another currency on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from babel.numbers import get_currency_precision, is_currency

from inventory.kernel.errors import Invalid
from inventory.kernel.texts import gettext as _

EXACT = Context(prec=60)
"""Wide enough that a product of an amount and a rate is exact before it is rounded once."""


@lru_cache(maxsize=512)
def digits(currency: str) -> int:
    """Return how many decimal places a currency has (ISO 4217; 2 for most, 0 for JPY, 3 for KWD)."""
    return get_currency_precision(currency)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return an amount rounded half up to the digits of its currency."""
    return amount.quantize(Decimal(1).scaleb(-digits(currency)), ROUND_HALF_UP, EXACT)


def require_whole_units(amount: Decimal, currency: str) -> None:
    """Raise Invalid for an amount that has more decimal places than its currency."""
    if rounded(amount, currency) != amount:
        raise Invalid(
            _("{currency} has {digits} decimal places; round {amount}").format(
                currency=currency, digits=digits(currency), amount=amount
            ),
            code="too_many_digits",
            field="amount",
        )


def known(currency: str) -> bool:
    """Tell whether a code is a currency of ISO 4217."""
    return is_currency(currency)


@dataclass(frozen=True, slots=True)
class Rates:
    """Dated rates to one reporting currency: by currency (first day, worth of one unit), sorted by day.

    A rate holds from its first day until the next one begins.
    """

    reporting: str
    dated: Mapping[str, Sequence[tuple[date, Decimal]]]

    def rate(self, currency: str, day: date) -> Decimal:
        """Return what one unit is worth in the reporting currency on a day; raises Invalid where no rate holds yet."""
        if currency == self.reporting:
            return Decimal(1)
        found = [worth for first, worth in self.dated.get(currency, ()) if first <= day]
        if not found:
            raise Invalid(
                _(
                    "{currency} has no rate to {reporting} on {day}; add one that is valid from that day or before"
                ).format(currency=currency, reporting=self.reporting, day=day),
                code="no_rate",
                field="currency",
            )
        return found[-1]

    def convert(self, amount: Decimal, currency: str, into: str, day: date) -> Decimal:
        """Return an amount in another currency, rounded once to its digits; raises Invalid without a rate."""
        if currency == into:
            return rounded(amount, into)
        worth = EXACT.multiply(amount, self.rate(currency, day))
        return rounded(EXACT.divide(worth, self.rate(into, day)), into)
