"""Why a need stays unmet, and why an order draws on its source and not on another.

Codes, with the unit of `misses_by` and the values; `place` is the source's (central for a purchase, `bought` = 1):

- `no_stock` (pieces): no place holds or awaits a further piece. `bought_arrives_s` is when pieces ordered now would
  be there; absent where they cannot be bought or brought. The model buys for central's target only.
- `no_route` (None): `pieces` lie at `place` (and perhaps elsewhere), but nothing goes from there to here.
- `too_late` (minutes): of the pieces that miss latest_s, the earliest arrive at `arrives_s`.
- `uneconomic` (money per piece): of the pieces that cost no less than doing without (`penalty`), the cheapest have
  this `price`.
- `scarce` (pieces): `pieces` could be here in time and are worth their price, but all go to needs that would lose no
  less without them: `each_1` to `job_1` or to the target at `target_1`, and so on to 3, the rest `each_other`.
- `taken` (None): the same, said of another source than an order's, without a word on who would lose more.
- `next_best` (money per piece): free pieces cost this much more than the order's: `price`, `arrives_s`.
- `no_other` (None): no other source has pieces beyond those that the order's need already gets.
- `not_planned` (None): the solve ended before this part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from optimizer.replenishment.model import Local, Need, Order, Plan, Problem
from optimizer.replenishment.offers import (
    STEPS_PER_UNIT,
    Case,
    Offer,
    Source,
    cases,
    cheapest,
    may_serve,
    offers,
    steps,
)
from optimizer.run import Reason

Taken = Mapping[tuple[int, int], int]
"""Pieces by (index of the source, index of the need) within a case."""

HOLDERS_NAMED = 3


@dataclass(frozen=True, slots=True)
class OrderExplanation:
    """What an order serves, what it costs, the penalty it avoids, and what speaks against the other sources."""

    need: Need
    cost: float
    penalty_avoided: float
    others: tuple[Reason, ...]


def why_unmet(problem: Problem, case: Case, taken: Taken, j: int) -> tuple[Reason, ...]:
    """Return why a cheapest flow leaves pieces of need `j` of the case unmet."""
    need = case.needs[j]
    pieces = need.quantity_each - sum(taken.get((i, j), 0) for i in range(len(case.sources)))
    ranked = _rank(problem, case, taken, j)
    reasons = _obstacles(problem, need, ranked)
    if ranked.worthwhile:
        reasons.insert(0, Reason("scarce", pieces, _holders(problem, case, taken, ranked.worthwhile, j)))
    return tuple(reasons) or (_no_stock(problem, need, pieces),)


def explain_order(problem: Problem, plan: Plan, index: int) -> OrderExplanation:
    """Explain `plan.orders[index]` of a plan that solve returned.

    Reads the whole problem and plan once. Raises IndexError on an unknown index.
    """
    order = plan.orders[index]
    case = next(case for case in cases(problem) if case.part == order.part)
    taken = _taken(case, plan)
    source, j = _ends(case, order)
    need = case.needs[j]
    ranked = _rank(problem, case, taken, j, besides=source)
    cost = order.freight_cost + order.purchase_cost + order.lateness_cost
    free: list[_Choice] = []
    busy: list[_Choice] = []
    for choice in ranked.worthwhile:
        used = sum(taken.get((choice.number, k), 0) for k in range(len(case.needs)))
        (free if used < choice.source.quantity_each else busy).append(choice)
    reasons = _obstacles(problem, need, ranked)
    if busy:
        reasons.insert(0, Reason("taken", None, _holders(problem, case, taken, busy, j)))
    if free:
        best = min(free, key=lambda choice: choice.offer)
        misses_by = (best.offer.price - steps(cost / order.quantity_each)) / STEPS_PER_UNIT
        reasons.insert(0, Reason("next_best", misses_by, _offer_values(problem, best)))
    others = tuple(reasons) or (Reason("no_other"),)
    return OrderExplanation(need, cost, order.quantity_each * need.unmet_penalty, others)


class _Choice(NamedTuple):
    """A source with its best offer to a need: the cheapest in time, else the earliest."""

    number: int
    source: Source
    offer: Offer


@dataclass(frozen=True, slots=True)
class _Ranked:
    """The sources that hold pieces beyond those which the need already gets, by what they could do for it."""

    worthwhile: list[_Choice] = field(default_factory=list)
    dear: list[_Choice] = field(default_factory=list)
    late: list[_Choice] = field(default_factory=list)
    cut_off: list[Source] = field(default_factory=list)


def _rank(problem: Problem, case: Case, taken: Taken, j: int, besides: int | None = None) -> _Ranked:
    need, ranked = case.needs[j], _Ranked()
    for i, source in enumerate(case.sources):
        if i == besides or not may_serve(source, need) or taken.get((i, j), 0) == source.quantity_each:
            continue
        if offer := cheapest(problem, source, need):
            worthwhile = offer.price < steps(need.unmet_penalty)
            (ranked.worthwhile if worthwhile else ranked.dear).append(_Choice(i, source, offer))
        elif ways := offers(problem, source, need):
            ranked.late.append(_Choice(i, source, min(ways, key=lambda way: way.arrives_s)))
        else:
            ranked.cut_off.append(source)
    return ranked


def _obstacles(problem: Problem, need: Need, ranked: _Ranked) -> list[Reason]:
    """Return what speaks against the sources that are not worthwhile."""
    reasons = []
    if ranked.dear:
        choice = min(ranked.dear, key=lambda choice: choice.offer)
        misses_by = (choice.offer.price - steps(need.unmet_penalty)) / STEPS_PER_UNIT
        values = _offer_values(problem, choice) | {"penalty": need.unmet_penalty}
        reasons.append(Reason("uneconomic", misses_by, values))
    if ranked.late:
        choice = min(ranked.late, key=lambda choice: choice.offer.arrives_s)
        late_s = choice.offer.arrives_s - need.latest_s
        reasons.append(Reason("too_late", late_s / 60, _offer_values(problem, choice)))
    if ranked.cut_off and not (reasons or ranked.worthwhile):
        most = max(ranked.cut_off, key=lambda source: source.quantity_each)
        values = {"place": problem.places[most.place], "pieces": most.quantity_each}
        reasons.append(Reason("no_route", None, values))
    return reasons


def _no_stock(problem: Problem, need: Need, pieces: int) -> Reason:
    part = problem.parts[need.part]
    values: dict[str, str | int | float] = {"pieces": pieces}
    if part.purchase_lead_s is not None:
        bought = Source(False, problem.central, part.purchase_lead_s, pieces)
        if ways := offers(problem, bought, need):
            values["bought_arrives_s"] = min(way.arrives_s for way in ways)
    return Reason("no_stock", pieces, values)


def _offer_values(problem: Problem, choice: _Choice) -> dict[str, str | int | float]:
    return {
        "place": problem.places[choice.source.place],
        "bought": int(choice.source.bought),
        "arrives_s": choice.offer.arrives_s,
        "price": choice.offer.price / STEPS_PER_UNIT,
    }


def _holders(
    problem: Problem, case: Case, taken: Taken, choices: list[_Choice], j: int
) -> dict[str, str | int | float]:
    """Return which needs other than `j` get the pieces of these sources: the greatest by name, the rest as a sum."""
    held = Counter[int]()
    for choice in choices:
        for k in range(len(case.needs)):
            if k != j and (pieces := taken.get((choice.number, k))):
                held[k] += pieces
    named = held.most_common(HOLDERS_NAMED)
    values: dict[str, str | int | float] = {"pieces": held.total()}
    for rank, (k, pieces) in enumerate(named, start=1):
        need = case.needs[k]
        if need.job is None:
            values[f"target_{rank}"] = problem.places[need.place]
        else:
            values[f"job_{rank}"] = need.job
        values[f"each_{rank}"] = pieces
    rest = held.total() - sum(pieces for _, pieces in named)
    return values | ({"each_other": rest} if rest else {})


def _taken(case: Case, plan: Plan) -> Taken:
    lines: Iterator[Order | Local] = chain(plan.orders, plan.local)
    return {_ends(case, line): line.quantity_each for line in lines if line.part == case.part}


def _ends(case: Case, line: Order | Local) -> tuple[int, int]:
    """Return the indices of the source and the need of a plan's line."""
    if isinstance(line, Local):
        place, at_s, destination, job = line.place, line.available_s, line.place, line.job
    elif line.origin is None:
        place, at_s, destination, job = line.destination, line.arrives_s, line.destination, line.serves_job
    else:
        place, at_s, destination, job = line.origin, line.departs_s, line.destination, line.serves_job
    bought = not isinstance(line, Local) and line.origin is None
    sources = [(held.bought, held.place, held.available_s, held.job) for held in case.sources]
    needs = [(need.place, need.job) for need in case.needs]
    return sources.index((bought, place, at_s, job if line.kept else None)), needs.index((destination, job))
