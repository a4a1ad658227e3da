"""What parts, their ways and their promises cost: freight, purchase, repair, exchange, loan, training, penalty."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fieldops.finance.categories import Category
from fieldops.finance.costing.labour import Factor
from fieldops.finance.costing.model import CostItem, ItemKind, item
from fieldops.finance.rates.schemas import KnownCurrency
from inventory.kernel.fields import Price, QuantityAboveZero, Text
from inventory.kernel.priority import Priority
from inventory.kernel.texts import gettext as _

ONE = Decimal(1)
Weight = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=3)]
"""A weight in kg, or a volume in cubic decimetres."""
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)]
"""A part in percent."""
Probability = Annotated[Decimal, Field(ge=0, le=1, decimal_places=6)]
"""A probability."""
Hours = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=2)]
"""Hours."""


class LaneTariff(BaseModel):
    """What a lane charges: by chargeable weight, at least a minimum, times the factor of the priority, plus fees.

    The chargeable weight is the weight, or the volume in dm3 × 1000 ÷ `cm3_per_kg` where that is more (IATA: 6000).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: KnownCurrency
    per_kg: Price
    minimum: Price = Decimal(0)
    fixed: Price = Decimal(0)
    cm3_per_kg: Annotated[int, Field(ge=1, le=100_000)] = 6_000
    priority_factors: dict[Priority, Factor] = Field(default_factory=dict)
    dangerous_goods_fee: Price = Decimal(0)
    source: Text


class Customs(BaseModel):
    """Duty on the value with freight and insurance (CIF) or without (FOB), and a tax on value and duty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Price
    currency: KnownCurrency
    insurance: Price = Decimal(0)
    basis: Literal["cif", "fob"] = "cif"
    duty_percent: Percent = Decimal(0)
    tax_percent: Percent = Decimal(0)


class FreightCost(BaseModel):
    """A shipment on a lane; without customs nothing is cleared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["freight"]
    tariff: LaneTariff
    weight_kg: Weight
    volume_dm3: Weight = Decimal(0)
    priority: Priority = Priority.ROUTINE
    dangerous_goods: bool = False
    customs: Customs | None = None

    @model_validator(mode="after")
    def _has_one_currency(self) -> Self:
        if self.customs is not None and self.customs.currency != self.tariff.currency:
            raise ValueError(_("the customs value is in another currency than the freight; convert it first"))
        return self


def freight_items(asked: FreightCost) -> list[CostItem]:
    """Return what a shipment costs; an AOG shipment is charged to the expedite budget.

    Freight is chargeable weight × rate, at least the minimum; what the priority adds is an item of its own. Duty is on
    the customs value, with freight and insurance where the basis is CIF; the import tax is on value and duty.
    """
    tariff, currency = asked.tariff, asked.tariff.currency
    category = Category.EXPEDITE if asked.priority is Priority.AOG else Category.FREIGHT
    chargeable = max(asked.weight_kg, asked.volume_dm3 * 1_000 / tariff.cm3_per_kg)
    basic = item(ItemKind.FREIGHT, category, chargeable, "kg", tariff.per_kg, currency)
    if basic.amount < tariff.minimum:
        basic = item(ItemKind.FREIGHT, category, ONE, _("minimum"), tariff.minimum, currency)
    items = [basic] if basic.amount else []
    if tariff.fixed:
        items.append(item(ItemKind.FREIGHT, category, ONE, _("shipment"), tariff.fixed, currency))
    factor = tariff.priority_factors.get(asked.priority, ONE)
    if factor > 1 and basic.amount:
        told = f"{basic.amount} {currency} x {factor - 1}"
        surcharge = basic.amount * (factor - 1)
        items.append(item(ItemKind.PRIORITY_SURCHARGE, category, ONE, asked.priority, surcharge, currency, basis=told))
    if asked.dangerous_goods and tariff.dangerous_goods_fee:
        items.append(item(ItemKind.DANGEROUS_GOODS, category, ONE, _("shipment"), tariff.dangerous_goods_fee, currency))
    if asked.customs is not None:
        items += _customs(asked.customs, sum((one.amount for one in items), Decimal(0)), category)
    return items


def _customs(customs: Customs, freight: Decimal, category: Category) -> list[CostItem]:
    value = customs.value + (freight + customs.insurance if customs.basis == "cif" else 0)
    items = []
    duty = item(
        ItemKind.DUTY,
        category,
        customs.duty_percent,
        "%",
        value / 100,
        customs.currency,
        basis=f"{customs.duty_percent}% x {value} {customs.currency} ({customs.basis.upper()})",
    )
    taxed = value + duty.amount
    tax = item(
        ItemKind.IMPORT_TAX,
        category,
        customs.tax_percent,
        "%",
        taxed / 100,
        customs.currency,
        basis=f"{customs.tax_percent}% x {taxed} {customs.currency}",
    )
    items += [one for one in (duty, tax) if one.amount]
    return items


class PriceBreak(BaseModel):
    """The price of a piece from a quantity on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_quantity: QuantityAboveZero
    price: Price


class PurchaseCost(BaseModel):
    """A purchase at the price of its break; below the minimum order that is paid. A capital part is an asset."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["purchase"]
    quantity: QuantityAboveZero
    breaks: Annotated[tuple[PriceBreak, ...], Field(min_length=1, max_length=50)]
    currency: KnownCurrency
    minimum_order: Price = Decimal(0)
    capital: bool = False

    @model_validator(mode="after")
    def _covers(self) -> Self:
        if all(one.from_quantity > self.quantity for one in self.breaks):
            raise ValueError(_("no price holds for that quantity; add a price from it or from less"))
        return self


def purchase_items(asked: PurchaseCost) -> list[CostItem]:
    """Return what a purchase costs."""
    price = max(
        (one for one in asked.breaks if one.from_quantity <= asked.quantity), key=lambda one: one.from_quantity
    ).price
    category = Category.CAPITAL if asked.capital else Category.PARTS
    bought = item(ItemKind.PURCHASE, category, asked.quantity, _("each"), price, asked.currency)
    if bought.amount < asked.minimum_order:
        bought = item(ItemKind.PURCHASE, category, ONE, _("minimum order"), asked.minimum_order, asked.currency)
    return [bought]


class RepairCost(BaseModel):
    """A repair: the shop's fee, the part of units that need none (no fault found) at the fee of their test.

    With a probability of 0 the unit is known to be faulty; with 1 it was tested and returned.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["repair"]
    currency: KnownCurrency
    fee: Price
    test_fee: Price = Decimal(0)
    no_fault_probability: Probability = Decimal(0)
    beyond_repair_probability: Probability = Decimal(0)
    replacement_value: Price = Decimal(0)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.no_fault_probability + self.beyond_repair_probability > 1:
            raise ValueError(_("the probabilities are more than 1 together; correct one of them"))
        return self


def repair_items(asked: RepairCost) -> list[CostItem]:
    """Return the expected cost of a repair: fee, test and replacement, each by its probability."""
    repaired = 1 - asked.no_fault_probability - asked.beyond_repair_probability
    told = (
        (ItemKind.REPAIR, repaired, asked.fee),
        (ItemKind.TEST_FEE, asked.no_fault_probability, asked.test_fee),
        (ItemKind.BEYOND_REPAIR_RISK, asked.beyond_repair_probability, asked.replacement_value),
    )
    return [
        item(kind, Category.PARTS, probability, _("each"), price, asked.currency)
        for kind, probability, price in told
        if probability and price
    ]


class ExchangeCost(BaseModel):
    """An exchange: a flat fee, or a fee plus the repair of the core at cost.

    Should the core be beyond economic repair, we pay the difference between a unit's value and what the core fetches.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["exchange"]
    currency: KnownCurrency
    fee: Price
    repair_at_cost: Price = Decimal(0)
    beyond_repair_probability: Probability = Decimal(0)
    replacement_value: Price = Decimal(0)
    core_value: Price = Decimal(0)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.core_value > self.replacement_value > 0:
            raise ValueError(_("a core is worth no more than a unit; correct one of the values"))
        return self


def exchange_items(asked: ExchangeCost) -> list[CostItem]:
    """Return the expected cost of an exchange: fee, repair of an economical core, risk of one that is not.

    Expected cost = fee + (1 - p) × repair + p × (replacement - core), p the probability of beyond economic repair.
    """
    risk = asked.beyond_repair_probability
    told = (
        (ItemKind.EXCHANGE_FEE, ONE, asked.fee),
        (ItemKind.REPAIR, 1 - risk, asked.repair_at_cost),
        (ItemKind.BEYOND_REPAIR_RISK, risk, max(asked.replacement_value - asked.core_value, Decimal(0))),
    )
    return [
        item(kind, Category.PARTS, quantity, _("each"), price, asked.currency)
        for kind, quantity, price in told
        if quantity and price
    ]


class LoanCost(BaseModel):
    """A loan: a fee a day and a flight hour; beyond the most days it becomes a sale at its price."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["loan"]
    currency: KnownCurrency
    per_day: Price
    days: Annotated[int, Field(ge=0, le=3_660)]
    days_max: Annotated[int, Field(ge=1, le=3_660)]
    per_flight_hour: Price = Decimal(0)
    flight_hours: Hours = Decimal(0)
    sale_price: Price = Decimal(0)


def loan_items(asked: LoanCost) -> list[CostItem]:
    """Return what a loan costs, and its sale where it lasts too long."""
    days = Decimal(min(asked.days, asked.days_max))
    told = [
        (ItemKind.LOAN_FEE, days, _("day"), asked.per_day),
        (ItemKind.LOAN_USE, asked.flight_hours, "FH", asked.per_flight_hour),
    ]
    if asked.days > asked.days_max:
        told.append((ItemKind.LOAN_SALE, ONE, _("each"), asked.sale_price))
    return [
        item(kind, Category.PARTS, quantity, unit, price, asked.currency)
        for kind, quantity, unit, price in told
        if quantity and price
    ]


class TrainingCost(BaseModel):
    """Seats of a course, and the travel and allowance of those who sit on them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["training"]
    currency: KnownCurrency
    seats: Annotated[int, Field(ge=1, le=10_000)]
    per_seat: Price
    travel_per_seat: Price = Decimal(0)
    days: Annotated[int, Field(ge=0, le=366)] = 0
    allowance_per_day: Price = Decimal(0)


def training_items(asked: TrainingCost) -> list[CostItem]:
    """Return what seats of a course cost; all of it is charged to the training budget."""
    seats = Decimal(asked.seats)
    told = (
        (ItemKind.TRAINING_SEAT, seats, _("seat"), asked.per_seat),
        (ItemKind.FARE, seats, _("seat"), asked.travel_per_seat),
        (ItemKind.ALLOWANCE, seats * asked.days, _("day"), asked.allowance_per_day),
    )
    return [
        item(kind, Category.TRAINING, quantity, unit, price, asked.currency)
        for kind, quantity, unit, price in told
        if quantity and price
    ]


class PenaltyStep(BaseModel):
    """What an hour late costs from some hours late on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_h: Hours
    per_h: Price


class PenaltyCost(BaseModel):
    """A penalty for being late: nothing within the grace, then by steps, never more than the cap."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["penalty"]
    currency: KnownCurrency
    hours_late: Hours
    grace_h: Hours = Decimal(0)
    steps: Annotated[tuple[PenaltyStep, ...], Field(min_length=1, max_length=50)]
    cap: Price | None = None


def penalty_items(asked: PenaltyCost) -> list[CostItem]:
    """Return the penalty of hours late: each hour beyond the grace at the rate of its step; charged to expedite."""
    steps = sorted(asked.steps, key=lambda one: one.from_h)
    items = []
    left = asked.cap
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        start = max(step.from_h, asked.grace_h)
        end = asked.hours_late if following is None else min(asked.hours_late, following.from_h)
        if end <= start or not step.per_h:
            continue
        one = item(ItemKind.PENALTY, Category.EXPEDITE, end - start, "h", step.per_h, asked.currency)
        if left is not None and one.amount > left:
            one = item(ItemKind.PENALTY, Category.EXPEDITE, ONE, _("cap"), left, asked.currency)
        if left is not None:
            left -= one.amount
        if one.amount:
            items.append(one)
    return items
