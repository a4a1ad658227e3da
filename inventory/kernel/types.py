"""Column types that mean the same on SQLite and PostgreSQL: aware UTC time, exact amounts and rates, text enums."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer
from sqlalchemy.types import TypeDecorator

BigIdentity = BigInteger().with_variant(Integer, "sqlite")
"""Integer key of append-only rows; SQLite counts up only on its INTEGER type."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC. Refuses a naive datetime with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Scaled(TypeDecorator[Decimal]):
    """A Decimal kept as a whole number of 10^-digits, so that SUM and CHECK are exact on both databases.

    Refuses a float (TypeError), digits beyond the scale, numbers beyond 63 bits, infinity and NaN (ValueError).
    """

    impl = BigInteger
    cache_ok = True
    digits: int

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if isinstance(value, float):
            raise TypeError(f"{value!r} is binary floating point; give a Decimal")
        exact = Decimal(value)
        if not exact.is_finite():
            raise ValueError(f"{value} is not a number that can be kept")
        # in integers: Decimal's own arithmetic rounds beyond 28 digits without a word
        numerator, denominator = exact.as_integer_ratio()
        scaled: int = numerator * 10**self.digits
        whole, rest = divmod(scaled, denominator)
        if rest:
            raise ValueError(f"{value} has more than {self.digits} decimal places; round it first")
        if abs(whole) >= 2**63:
            raise ValueError(f"{value} is too large")
        return whole

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        # SUM over BIGINT comes back as Decimal on PostgreSQL and as int on SQLite
        return None if value is None else Decimal(value).scaleb(-self.digits)


class Money(_Scaled):
    """An amount in the currency of the column beside it, exact to 10^-4."""

    cache_ok = True
    digits = 4


class Quantity(_Scaled):
    """A quantity in the part's unit of measure, exact to 10^-6."""

    cache_ok = True
    digits = 6


class Rate(_Scaled):
    """The worth of one unit of a currency in another, exact to 10^-9."""

    cache_ok = True
    digits = 9


def text_enum(kind: type[StrEnum]) -> Enum:
    """Column type that stores a StrEnum's values as text and refuses any other text."""
    return Enum(
        kind,
        native_enum=False,
        length=32,
        validate_strings=True,
        values_callable=lambda e: [member.value for member in e],
    )
