"""Items of cost, who pays for them, and estimates beside actuals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from fieldops.finance.categories import Category
from fieldops.finance.rates.rules import EXACT, digits, rounded
from inventory.kernel.errors import Invalid
from inventory.kernel.texts import gettext as _

_HUNDRED = Decimal(100)


class Payer(StrEnum):
    """Who pays for an item in the end."""

    CONTRACT = "contract"
    WARRANTY_OURS = "warranty_ours"
    WARRANTY_SUPPLIER = "warranty_supplier"
    CUSTOMER = "customer"
    GOODWILL = "goodwill"
    OWN = "own"


RECOVERED = frozenset({Payer.CONTRACT, Payer.WARRANTY_SUPPLIER, Payer.CUSTOMER})
"""Whose share comes back to us; the rest is our net cost."""


class ItemKind(StrEnum):
    """What an item of cost is."""

    REGULAR_LABOUR = "regular_labour"
    OVERTIME_LABOUR = "overtime_labour"
    REST_DAY_LABOUR = "rest_day_labour"
    HOLIDAY_LABOUR = "holiday_labour"
    NIGHT_PREMIUM = "night_premium"
    CALL_OUT = "call_out"
    TRAVEL_TIME = "travel_time"
    ROAD_TRAVEL = "road_travel"
    FARE = "fare"
    HOTEL = "hotel"
    ALLOWANCE = "allowance"
    FREIGHT = "freight"
    PRIORITY_SURCHARGE = "priority_surcharge"
    DANGEROUS_GOODS = "dangerous_goods"
    DUTY = "duty"
    IMPORT_TAX = "import_tax"
    PURCHASE = "purchase"
    REPAIR = "repair"
    TEST_FEE = "test_fee"
    EXCHANGE_FEE = "exchange_fee"
    BEYOND_REPAIR_RISK = "beyond_repair_risk"
    LOAN_FEE = "loan_fee"
    LOAN_USE = "loan_use"
    LOAN_SALE = "loan_sale"
    TRAINING_SEAT = "training_seat"
    PENALTY = "penalty"


@dataclass(frozen=True, slots=True)
class CostItem:
    """One item: `quantity` of a `unit` at a price gives the `amount`, rounded once to the currency's digits.

    `basis` tells how, such as "3.5 h x 40.00 USD x 1.5"; `quantity` and `unit_price` are told to 4 decimal places.
    """

    kind: ItemKind
    category: Category
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal
    currency: str
    basis: str


def item(
    kind: ItemKind,
    category: Category,
    quantity: Decimal,
    unit: str,
    price: Decimal,
    currency: str,
    *,
    factor: Decimal = Decimal(1),
    per: int = 1,
    basis: str | None = None,
) -> CostItem:
    """Return an item of `quantity` ÷ `per` units at a price times a factor; `per` keeps seconds exact as hours."""
    units = quantity / per
    told = f"{_plain(units)} {unit} x {_plain(price)} {currency}"
    return CostItem(
        kind,
        category,
        _four(units),
        unit,
        _four(price * factor),
        rounded(EXACT.divide(_exactly(quantity, price, factor), Decimal(per)), currency),
        currency,
        basis or (told if factor == 1 else f"{told} x {_plain(factor)}"),
    )


def _exactly(*factors: Decimal) -> Decimal:
    product = Decimal(1)
    for one in factors:
        product = EXACT.multiply(product, one)
    return product


def _four(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.0001"))


def _plain(number: Decimal) -> str:
    return f"{_four(number).normalize():f}"


@dataclass(frozen=True, slots=True)
class Share:
    """The part of an item that somebody pays, in percent."""

    payer: Payer
    percent: Decimal


OWN_COST = (Share(Payer.OWN, _HUNDRED),)
"""Nobody else pays."""


@dataclass(frozen=True, slots=True)
class Split:
    """An amount by who pays: `recovery` comes back, `net` stays; both together are `gross`, to the last unit."""

    gross: Decimal
    recovery: Decimal
    net: Decimal
    parts: Mapping[Payer, Decimal]


def split(amount: Decimal, shares: Sequence[Share], currency: str) -> Split:
    """Divide an amount, rounded to its currency, among payers by largest remainder, so that nothing is lost.

    Raises Invalid where shares do not add up to 100, one is not above zero, or a payer is named twice.
    """
    if (
        sum((share.percent for share in shares), Decimal(0)) != _HUNDRED
        or any(share.percent <= 0 for share in shares)
        or len({share.payer for share in shares}) != len(shares)
    ):
        raise Invalid(
            _("The shares of who pays are {shares}; each payer has one above zero, and together they are 100").format(
                shares=", ".join(f"{share.payer} {_plain(share.percent)}" for share in shares) or _("none")
            ),
            code="split_wrong",
            field="shares",
        )
    gross = rounded(amount, currency)
    unit = Decimal(1).scaleb(-digits(currency))
    sign = -1 if gross < 0 else 1
    exact = {share.payer: abs(gross) * share.percent / _HUNDRED for share in shares}
    parts = {payer: value.quantize(unit, ROUND_FLOOR) for payer, value in exact.items()}
    left = int((abs(gross) - sum(parts.values(), Decimal(0))) / unit)
    for payer in sorted(parts, key=lambda one: parts[one] - exact[one])[:left]:
        parts[payer] += unit
    told = {payer: sign * value for payer, value in parts.items()}
    recovery = sum((value for payer, value in told.items() if payer in RECOVERED), Decimal(0))
    return Split(gross, recovery, gross - recovery, told)


@dataclass(frozen=True, slots=True)
class Compared:
    """What was estimated for a kind of item and what it cost; a positive variance is more than was estimated."""

    kind: ItemKind
    category: Category
    currency: str
    estimated: Decimal
    actual: Decimal

    @property
    def variance(self) -> Decimal:
        """How much more it cost."""
        return self.actual - self.estimated


def compare(estimate: Iterable[CostItem], actual: Iterable[CostItem]) -> list[Compared]:
    """Put what was estimated beside what it cost, kind by kind, in the order of the kinds."""
    sums: defaultdict[tuple[ItemKind, Category, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for side, items in enumerate((estimate, actual)):
        for one in items:
            sums[one.kind, one.category, one.currency][side] += one.amount
    order = list(ItemKind)
    return [
        Compared(kind, category, currency, *both)
        for (kind, category, currency), both in sorted(sums.items(), key=lambda one: (order.index(one[0][0]), one[0]))
    ]
