"""The picture of the money: budget, what is taken, what is left and where it goes, by any dimension."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.budgets.rules import run_rate
from fieldops.finance.categories import Category, nature_of
from fieldops.finance.rates.queries import load_rates
from fieldops.finance.rates.rules import rounded
from inventory.network.models import Region


class Dimension(StrEnum):
    """What sums are told by."""

    REGION = "region"
    AREA = "area"
    COST_CENTRE = "cost_centre"
    CATEGORY = "category"
    NATURE = "nature"
    PROGRAMME = "programme"
    PERSON = "person"
    PERIOD = "period"


class OverviewRow(BaseModel):
    """The sums of all lines that share the values of `by`, in one currency.

    `forecast` is what is spent by the end of the periods when it goes on as until now, at least what is spent and
    committed already. `net` is what stays with us of what is spent and committed.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "by": {"region": "SEA", "category": "freight"},
                    "currency": "USD",
                    "lines": 4,
                    "budget": "200000.00",
                    "reserved": "4100.00",
                    "committed": "1200.00",
                    "actual": "30300.00",
                    "overridden": "0.00",
                    "available": "164400.00",
                    "recovery": "0.00",
                    "recovered": "2000.00",
                    "net": "29500.00",
                    "forecast": "121200.00",
                }
            ]
        }
    )

    by: dict[str, str | None]
    currency: str
    lines: int
    budget: Decimal
    reserved: Decimal
    committed: Decimal
    actual: Decimal
    overridden: Decimal
    available: Decimal
    recovery: Decimal
    recovered: Decimal
    net: Decimal
    forecast: Decimal


_AMOUNTS = ("budget", "reserved", "committed", "actual", "overridden", "recovery", "recovered")
_COLUMNS: Mapping[Dimension, Any] = {
    Dimension.REGION: Region.code,
    Dimension.AREA: BudgetLine.area,
    Dimension.COST_CENTRE: BudgetLine.cost_centre,
    Dimension.CATEGORY: BudgetLine.category,
    Dimension.NATURE: BudgetLine.category,
    Dimension.PROGRAMME: BudgetLine.programme,
    Dimension.PERSON: BudgetLine.person,
    Dimension.PERIOD: BudgetLine.period_start,
}


def overview(
    session: Session,
    today: date,
    *,
    by: Sequence[Dimension],
    start: date | None = None,
    end: date | None = None,
    regions: Collection[str] = (),
    category: Category | None = None,
    into: str | None = None,
) -> list[OverviewRow]:
    """Return the sums of the lines whose period meets `start` to `end`, by the dimensions in their order.

    The sums of each currency are exact; `into` converts them by the rates of today, rounded once for each period, and
    raises Invalid where a currency has no rate.
    """
    columns = [_COLUMNS[one] for one in by]
    spans = (BudgetLine.currency, BudgetLine.period_start, BudgetLine.period_end)
    sums = [func.sum(getattr(BudgetLine, name)) for name in _AMOUNTS]
    query = (
        select(*columns, *spans, func.count(), *sums)
        .join(Region, Region.id == BudgetLine.region_id)
        .group_by(*dict.fromkeys([*columns, *spans]))
    )
    if start is not None:
        query = query.where(BudgetLine.period_end > start)
    if end is not None:
        query = query.where(BudgetLine.period_start < end)
    if regions:
        query = query.where(Region.code.in_(regions))
    if category is not None:
        query = query.where(BudgetLine.category == category)
    rates = load_rates(session) if into is not None else None
    found: dict[tuple[tuple[str | None, ...], str], dict[str, Decimal]] = {}
    counts: dict[tuple[tuple[str | None, ...], str], int] = {}
    for row in session.execute(query):
        values, (currency, first, after, count, *amounts) = row[: len(by)], row[len(by) :]
        told = dict(zip(_AMOUNTS, amounts, strict=True))
        rate = rounded(run_rate(told["actual"], first, after, today), currency)
        told["forecast"] = max(rate, told["actual"] + told["committed"])
        if rates is not None and into is not None:
            told = {name: rates.convert(amount, currency, into, today) for name, amount in told.items()}
            currency = into
        key = (tuple(_told(one, value) for one, value in zip(by, values, strict=True)), currency)
        kept = found.setdefault(key, dict.fromkeys((*_AMOUNTS, "forecast"), Decimal(0)))
        for name, amount in told.items():
            kept[name] += amount
        counts[key] = counts.get(key, 0) + count
    return [
        OverviewRow(
            by=dict(zip((one.value for one in by), key[0], strict=True)),
            currency=key[1],
            lines=counts[key],
            available=kept["budget"] - kept["reserved"] - kept["committed"] - kept["actual"],
            net=kept["committed"] + kept["actual"] - kept["recovery"] - kept["recovered"],
            **kept,
        )
        for key, kept in sorted(found.items(), key=lambda one: (tuple(value or "" for value in one[0][0]), one[0][1]))
    ]


def _told(dimension: Dimension, value: Any) -> str | None:
    if value is None:
        return None
    if dimension is Dimension.NATURE:
        return nature_of(value)
    return value.isoformat() if dimension is Dimension.PERIOD else str(value)
