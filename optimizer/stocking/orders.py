"""What ordering costs: the economic order quantity at the root, in whole packs, and the money of a year's orders."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from optimizer.stocking.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.stocking.model import Scenario

YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order of a part costs, whatever it is for, and how many pieces it may be for.

    `holding_rate` is the share of its price that a piece in stock costs a year. Raises ValueError for bad numbers.
    """

    order_cost: float
    holding_rate: float
    minimum: int = 1
    pack: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.order_cost < math.inf:
            raise ValueError(f"terms: the order cost must be 0 or more and finite, not {self.order_cost}")
        if not 0 < self.holding_rate < math.inf:
            raise ValueError(f"terms: the holding rate must be more than 0 and finite, not {self.holding_rate}")
        if self.minimum < 1 or self.pack < 1:
            raise ValueError(f"terms: minimum and pack must be 1 or more, not {self.minimum} and {self.pack}")


@dataclass(frozen=True, slots=True)
class Ordering:
    """How a part is ordered: pieces at a time; by year the orders, their cost, and that of the stock between them."""

    part: str
    quantity: int
    orders_a_year: float
    ordering_cost: float
    holding_cost: float


def ordered(scenario: Scenario, terms: Mapping[str, Terms]) -> tuple[Scenario, tuple[Ordering, ...]]:
    """Return a scenario in which parts are ordered in the quantity that costs least, and the money of that.

    Orders and the stock between them cost D K / Q + (Q - 1) / 2 h c a year for a yearly demand D, order cost K and
    holding rate h of the price c (F. W. Harris 1913): convex in Q, so that the best whole number of packs is one of the
    two beside the root of 2 D K / (h c), or the minimum. D is what the root buys. Raises ValueError for a part that is
    not there.
    """
    numbers = {part.number: index for index, part in enumerate(scenario.parts)}
    for number in terms:
        if number not in numbers:
            raise ValueError(f"terms of part {number}: there is no such part; leave it out")
    tree = tree_of(scenario)
    parts, told = list(scenario.parts), []
    for number, one in terms.items():
        index = numbers[number]
        part = parts[index]
        asked = float(tree.rate[tree.at[index]])
        bought = YEAR * asked if part.repair is None else YEAR * _asked(scenario, index) * part.repair.condemned_share
        ordering = _best(number, bought, part.price, one)
        parts[index] = replace(part, order_quantity=ordering.quantity)
        told.append(ordering)
    return replace(scenario, parts=tuple(parts)), tuple(told)


def _asked(scenario: Scenario, part: int) -> float:
    return float(scenario.lines.rate_per_day[scenario.lines.part == part].sum())


def _best(number: str, yearly: float, price: float, terms: Terms) -> Ordering:
    piece = terms.holding_rate * price
    least = math.ceil(terms.minimum / terms.pack)
    packs = math.sqrt(2.0 * yearly * terms.order_cost / piece) / terms.pack

    def told(count: int) -> Ordering:
        quantity = max(count, least) * terms.pack
        orders = yearly / quantity
        return Ordering(number, quantity, orders, orders * terms.order_cost, (quantity - 1) / 2 * piece)

    return min(
        (told(max(1, math.floor(packs))), told(math.ceil(packs))), key=lambda one: one.ordering_cost + one.holding_cost
    )
