"""How many pieces of each part to take for a sum of money: the multiple-choice knapsack problem.

Units in the order of what each saves for its money give the least that could wait if pieces could be divided: a bound.
What does not divide is then searched among the parts that are nearest to the last price, or among all where there are
few: states that no other beats in both money and what waits, each cut off by the bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

STATES = 4_000
"""How many states are kept; beyond it those that lose least."""
CORE = 48
"""How many parts are searched, where there are more."""
NEAR = 2
"""How many pieces more or fewer are tried of each, where not all are."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A part: what waits with its first number of pieces and one more each, and what each of these costs.

    `low` is what no stock falls below, with its cost, where that is not known to be the values.
    """

    values: Floats
    costs: Floats
    low: tuple[Floats, Floats] | None = None

    def doubt(self, price: float) -> float:
        """Return by how much less may wait than is told, the cost at this price included."""
        if self.low is None:
            return 0.0
        told = float((self.values + price * np.append(0.0, np.cumsum(self.costs))).min())
        waiting, paid = self.low
        return max(0.0, told - float((waiting + price * paid).min()))


@dataclass(frozen=True, slots=True)
class Taken:
    """How many pieces of each part, beyond the first number; `price` is what the last money saves by unit of it.

    `bound` is the least that could wait.
    """

    pieces: Ints
    spent: float
    price: float
    bound: float
    paid: Floats  # along all units, in their order
    waiting: Floats


def relaxed(offers: Sequence[Offer], money: float, floor: float) -> Taken:
    """Return what whole units buy in the order of what they save for their cost, while there is money for the next.

    `values` must be convex, and end where a unit saves less than `floor` for its cost. O(units, sorted).
    """
    part = np.repeat(np.arange(len(offers)), [offer.costs.size for offer in offers])
    costs = np.concatenate([offer.costs for offer in offers])
    gains = np.concatenate([np.minimum.accumulate(-np.diff(offer.values)) for offer in offers])
    ratios = np.divide(gains, costs, out=np.full(gains.size, np.inf), where=costs > 0)
    order = np.argsort(-ratios, kind="stable")
    paid = np.concatenate([[0.0], np.cumsum(costs[order])])
    waiting = sum(float(offer.values[0]) for offer in offers) - np.concatenate([[0.0], np.cumsum(gains[order])])
    count = int(np.searchsorted(paid, money * (1 + 1e-12), side="right")) - 1
    pieces = np.bincount(part[order[:count]], minlength=len(offers))
    price = float(ratios[order[count]]) if count < order.size else floor
    left = money - float(paid[count]) if money < np.inf else 0.0
    bound = float(waiting[count]) - price * left - sum(offer.doubt(price) for offer in offers)
    return Taken(pieces, float(paid[count]), price, bound, paid, waiting)


def filled(offers: Sequence[Offer], pieces: Ints, money: float) -> Ints:
    """Return pieces with further ones for what money is left: time and again the one that saves most for its cost."""
    pieces = pieces.copy()
    left = money - sum(float(offer.costs[:number].sum()) for offer, number in zip(offers, pieces, strict=True))
    cost, ratio = np.full(len(offers), np.inf), np.zeros(len(offers))

    def look(part: int) -> None:
        offer, number = offers[part], int(pieces[part])
        cost[part] = np.inf
        if number < offer.costs.size and offer.costs[number] > 0:
            cost[part] = offer.costs[number]
            ratio[part] = (offer.values[number] - offer.values[number + 1]) / cost[part]

    for part in range(len(offers)):
        look(part)
    while (cost <= left).any():
        best = int(np.where(cost <= left, ratio, -1.0).argmax())
        left -= cost[best]
        pieces[best] += 1
        look(best)
    return pieces


def searched(
    offers: Sequence[Offer], taken: Taken, money: float, attained: Callable[[int, int], float], *, whole: bool
) -> tuple[Ints, bool]:
    """Return pieces that leave less waiting than those taken, for no more money; whether nothing better is possible.

    `attained` tells what waits with so many pieces of a part, which may be more than the convex `values`. `whole` has
    every number of pieces of every part tried; else those near what is taken, of the parts near the price.
    """
    left, price = money - taken.spent, taken.price
    pieces = taken.pieces.copy()
    if price <= 0:
        return pieces, whole
    core = _core(offers, taken, price)[: None if whole else CORE]
    choices = [_choices(offers[part], part, int(pieces[part]), price, attained, whole=whole) for part in core]
    stay = [float(penalty[number == pieces[part]][0]) for part, (number, _, penalty) in zip(core, choices, strict=True)]
    best, found, complete = sum(stay) + price * left, None, whole
    costs, penalties = np.zeros(1), np.zeros(1)
    trail: list[tuple[Ints, Ints]] = []
    for stage, (number, cost, penalty) in enumerate(choices):
        rest = sum(stay[stage + 1 :])
        costs, penalties = (costs[:, None] + cost).ravel(), (penalties[:, None] + penalty).ravel()
        kept = np.flatnonzero(penalties < best)
        kept = kept[np.lexsort((penalties[kept] - price * costs[kept], costs[kept]))]
        value = penalties[kept] - price * costs[kept]
        ahead = np.concatenate([[np.inf], np.minimum.accumulate(value)[:-1]]) if kept.size else value
        kept = kept[value < ahead]
        if kept.size > STATES:
            complete = False
            kept = np.sort(kept[np.argpartition(penalties[kept], STATES)[:STATES]])
        trail.append((kept // number.size, number[kept % number.size]))
        costs, penalties = costs[kept], penalties[kept]
        ends = np.where(costs <= left * (1 + 1e-12), penalties + price * (left - costs) + rest, np.inf)
        if ends.size and ends.min() < best:
            best, found = float(ends.min()), (stage, int(ends.argmin()))
    if found is not None:
        stage, state = found
        for index in range(stage, -1, -1):
            pieces[core[index]] = trail[index][1][state]
            state = int(trail[index][0][state])
    return pieces, complete


def _core(offers: Sequence[Offer], taken: Taken, price: float) -> list[int]:
    """Return the parts by how little their next or last unit misses the price, the nearest first."""

    def misses(part: int) -> float:
        offer, number = offers[part], int(taken.pieces[part])
        reduced = offer.values[max(0, number - 1) : number + 2] - offer.values[number]
        paid = offer.costs[max(0, number - 1) : number + 1]
        after = reduced[-1] + price * paid[-1] if number < offer.costs.size else np.inf
        before = reduced[0] - price * paid[0] if number else np.inf
        return float(min(after, before))

    return sorted(range(len(offers)), key=misses)


def _choices(
    offer: Offer, part: int, now: int, price: float, attained: Callable[[int, int], float], *, whole: bool
) -> tuple[Ints, Floats, Floats]:
    """Return numbers of pieces, what each costs more than now, and what it loses against the bound."""
    first, last = (0, offer.costs.size) if whole else (max(0, now - NEAR), min(offer.costs.size, now + NEAR))
    number = np.arange(first, last + 1)
    paid = np.concatenate([[0.0], np.cumsum(offer.costs)])
    cost = paid[number] - paid[now]
    value = np.array([attained(part, int(one)) for one in number])
    return number, cost, value - offer.values[now] + price * cost
