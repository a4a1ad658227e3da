"""What is to be costed, and what it costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from fieldops.finance.categories import Category
from fieldops.finance.costing import labour, supply
from fieldops.finance.costing.model import OWN_COST, CostItem, ItemKind, Payer, Share, compare, split

Spending = Annotated[
    labour.DispatchCost
    | supply.FreightCost
    | supply.PurchaseCost
    | supply.RepairCost
    | supply.ExchangeCost
    | supply.LoanCost
    | supply.TrainingCost
    | supply.PenaltyCost,
    Field(discriminator="kind"),
]
"""Whatever can spend."""

_COSTING: Mapping[str, Callable[[Any], list[CostItem]]] = {
    "dispatch": labour.dispatch_items,
    "freight": supply.freight_items,
    "purchase": supply.purchase_items,
    "repair": supply.repair_items,
    "exchange": supply.exchange_items,
    "loan": supply.loan_items,
    "training": supply.training_items,
    "penalty": supply.penalty_items,
}


def items_of(spending: Spending) -> list[CostItem]:
    """Return what something costs, item by item; of planned figures the estimate, of real ones the actual cost."""
    return _COSTING[spending.kind](spending)


class ShareIn(BaseModel):
    """The part of an item that somebody pays, in percent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    payer: Payer
    percent: Annotated[Decimal, Field(gt=0, le=100, decimal_places=4)]


Shares = Annotated[tuple[ShareIn, ...], Field(min_length=1, max_length=len(Payer))]
"""Who pays; together 100."""

_EXAMPLE: dict[str, Any] = {
    "kind": "exchange",
    "currency": "USD",
    "fee": "3000",
    "repair_at_cost": "9000",
    "beyond_repair_probability": "0.04",
    "replacement_value": "60000",
    "core_value": "8000",
}


class NewEstimate(BaseModel):
    """What is to be costed, and who pays: of every item, or of some kinds of items otherwise."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "spending": _EXAMPLE,
                    "shares": [
                        {"payer": "warranty_supplier", "percent": "60"},
                        {"payer": "goodwill", "percent": "40"},
                    ],
                }
            ]
        },
    )

    spending: Spending
    shares: Shares = (ShareIn(payer=Payer.OWN, percent=Decimal(100)),)
    shares_by_item: dict[ItemKind, Shares] = Field(default_factory=dict)


class PaidOut(BaseModel):
    """What a payer pays."""

    payer: Payer
    amount: Decimal


class ItemOut(BaseModel):
    """One item, its basis, who pays it: `item`, `category`, `amount`, `currency`, `recovery` make a commitment."""

    item: ItemKind
    category: Category
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal
    currency: str
    basis: str
    recovery: Decimal
    net: Decimal
    paid_by: list[PaidOut]


class TotalOut(BaseModel):
    """Gross, what comes back and what stays, in one currency."""

    currency: str
    gross: Decimal
    recovery: Decimal
    net: Decimal


class EstimateOut(BaseModel):
    """What something costs: its items, and the totals of each currency."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "item": "exchange_fee",
                            "category": "parts",
                            "quantity": "1.0000",
                            "unit": "each",
                            "unit_price": "3000.0000",
                            "amount": "3000.00",
                            "currency": "USD",
                            "basis": "1 each x 3000 USD",
                            "recovery": "1800.00",
                            "net": "1200.00",
                            "paid_by": [
                                {"payer": "warranty_supplier", "amount": "1800.00"},
                                {"payer": "goodwill", "amount": "1200.00"},
                            ],
                        }
                    ],
                    "totals": [{"currency": "USD", "gross": "3000.00", "recovery": "1800.00", "net": "1200.00"}],
                }
            ]
        }
    )

    items: list[ItemOut]
    totals: list[TotalOut]


def estimate(asked: NewEstimate) -> EstimateOut:
    """Return what something costs and who pays, line by line; raises Invalid where the shares do not add up."""
    items = []
    sums: defaultdict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0), Decimal(0)])
    for one in items_of(asked.spending):
        told = asked.shares_by_item.get(one.kind, asked.shares)
        divided = split(one.amount, [Share(share.payer, share.percent) for share in told] or OWN_COST, one.currency)
        items.append(
            ItemOut(
                item=one.kind,
                category=one.category,
                quantity=one.quantity,
                unit=one.unit,
                unit_price=one.unit_price,
                amount=divided.gross,
                currency=one.currency,
                basis=one.basis,
                recovery=divided.recovery,
                net=divided.net,
                paid_by=[PaidOut(payer=payer, amount=amount) for payer, amount in divided.parts.items()],
            )
        )
        for number, amount in enumerate((divided.gross, divided.recovery, divided.net)):
            sums[one.currency][number] += amount
    return EstimateOut(
        items=items,
        totals=[
            TotalOut(currency=currency, gross=gross, recovery=recovery, net=net)
            for currency, (gross, recovery, net) in sorted(sums.items())
        ],
    )


class NewComparison(BaseModel):
    """What was planned and what really happened, both costed by the same function."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"planned": _EXAMPLE, "actual": {**_EXAMPLE, "fee": "3200"}}]},
    )

    planned: Spending
    actual: Spending


class ComparedOut(BaseModel):
    """What a kind of item was estimated to cost and what it cost; a positive variance is more than estimated."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "item": "exchange_fee",
                    "category": "parts",
                    "currency": "USD",
                    "estimated": "3000.00",
                    "actual": "3200.00",
                    "variance": "200.00",
                }
            ]
        }
    )

    item: ItemKind
    category: Category
    currency: str
    estimated: Decimal
    actual: Decimal
    variance: Decimal


def comparison(asked: NewComparison) -> list[ComparedOut]:
    """Return estimate and actual cost side by side, kind of item by kind."""
    return [
        ComparedOut(
            item=one.kind,
            category=one.category,
            currency=one.currency,
            estimated=one.estimated,
            actual=one.actual,
            variance=one.variance,
        )
        for one in compare(items_of(asked.planned), items_of(asked.actual))
    ]
