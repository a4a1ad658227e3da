"""What a target plan amounts to, beside its lines: figures by region, money, curves, orders and benches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

ALL = "all"
"""The budget that pays everything."""

FIGURES_EXAMPLE: dict[str, Any] = {
    "pieces": 118,
    "value": "1240000.0000",
    "waiting": 3.2,
    "weighted": 1.1,
    "fill": 0.93,
}


class Figures(BaseModel):
    """What targets amount to: pieces, their value, mean pieces waited for (and weighted), share served at once."""

    model_config = ConfigDict(json_schema_extra={"examples": [FIGURES_EXAMPLE]})

    pieces: int
    value: Decimal
    waiting: float
    weighted: float
    fill: float | None


class RegionFigures(BaseModel):
    """What the targets of a region amount to, before and after."""

    region: str
    before: Figures
    after: Figures


class SpendingOut(BaseModel):
    """How a budget is used: `all`, `capital` or `operating`; `price` is the waiting that its last money saves.

    `overrides` is what targets that somebody decided otherwise cost more than those planned.
    """

    budget: str
    available: Decimal
    spent: Decimal
    price: float
    overrides: Decimal = Decimal(0)


class CurvePoint(BaseModel):
    """The least weighted waiting that a sum of money can leave."""

    spent: float
    weighted: float


class CurveOut(BaseModel):
    """The efficient curve of each budget: money for pieces beyond those owned, against weighted waiting.

    `chosen` is where the plan stands, `bound` what no plan for that money goes below.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "budget": "all",
                    "currency": "USD",
                    "points": [{"spent": 0.0, "weighted": 4.1}, {"spent": 18000.0, "weighted": 2.9}],
                    "chosen": {"spent": 18000.0, "weighted": 2.9},
                    "bound": 2.9,
                }
            ]
        }
    )

    budget: str
    currency: str
    points: list[CurvePoint]
    chosen: CurvePoint
    bound: float


class Curves(BaseModel):
    """The efficient curves of a plan."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"curves": []}]})

    curves: list[CurveOut]


class Count(BaseModel):
    """How many notes of a reason there are, and how many lines they concern."""

    reason: str
    notes: int
    lines: int


class OrderingOut(BaseModel):
    """What a year's orders of used-up parts cost, and the stock between them, beside the budgets.

    The terms are those that the plan was asked for with.
    """

    order_cost: Decimal = Decimal(0)
    holding_share: Decimal = Decimal("0.2")
    parts: int = 0
    orders_a_year: float = 0.0
    ordering_cost: Decimal = Decimal(0)
    holding_cost: Decimal = Decimal(0)


class BenchesLoad(BaseModel):
    """How busy the benches of a place for an ATA chapter (empty: all others) are, and the days a piece waits for one.

    No days where there are too few: then the plan does not know how long pieces wait, and takes it that they do not.
    """

    place: str
    region: str
    chapter: str
    benches: int
    utilisation: float
    wait_days: float | None
