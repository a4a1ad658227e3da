"""What an asset is worth at an instant, and how quantities and prices are multiplied without a rounding in between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from inventory.kernel.types import Money, Quantity
from inventory.valuation.models import DepreciationStart

_CENT = Decimal(1).scaleb(-Money.digits)
_UNIT: int = 10**Quantity.digits
MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount that was spent on an asset, and when."""

    at: datetime
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Depreciation:
    """Straight-line over a life in months, down to a share of the cost."""

    life_months: int
    residual_share: Decimal
    starts: DepreciationStart


def book_value(costs: Iterable[Cost], depreciation: Depreciation | None, instant: datetime) -> Decimal:
    """Return what is left of the costs that arose until an instant, each written off month by month from its own date.

    It is never above the costs, nor below the residual; without a policy they keep their value.
    """
    return sum((_left(cost, depreciation, instant) for cost in costs if cost.at <= instant), Decimal(0))


def _left(cost: Cost, depreciation: Depreciation | None, instant: datetime) -> Decimal:
    if depreciation is None:
        return cost.amount
    start = _next_month(cost.at) if depreciation.starts is DepreciationStart.NEXT_MONTH else cost.at
    months = min(max(whole_months(start, instant), 0), depreciation.life_months)
    written_off = cost.amount * (1 - depreciation.residual_share) * months / depreciation.life_months
    return cost.amount - written_off.quantize(_CENT, ROUND_HALF_EVEN)


def whole_months(start: datetime, end: datetime) -> int:
    """Return how many whole calendar months lie between two instants, in UTC; below zero where the end is before."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    months = (end.year - start.year) * MONTHS_A_YEAR + end.month - start.month
    return months - ((end.day, end.time()) < (start.day, start.time()))


def _next_month(instant: datetime) -> datetime:
    instant = instant.astimezone(UTC)
    year, month = divmod(instant.year * MONTHS_A_YEAR + instant.month, MONTHS_A_YEAR)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def amount(quantity: int, price: int) -> int:
    """Return a whole number of the smallest units of quantity, at one of money each, in those of money, half up."""
    return (quantity * price + _UNIT // 2) // _UNIT
