"""Verify and re-price a replenishment plan; shares the problem's definition with the solver and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import fsum, isclose
from typing import TYPE_CHECKING

from optimizer.replenishment.model import Kind
from optimizer.run import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.replenishment.model import Local, Need, Order, Plan, Problem, Unmet

PRICE_ERROR = 0.5e-4
"""Half a step: what a price per piece may differ from its unrounded value."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that the plan breaks (a stable code), and the line or total that breaks it."""

    code: str
    where: str


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """Return every violation; an empty list says that the plan is feasible and rightly priced.

    Codes: `need` (a line serves nothing that is needed), `quantity` (not a positive number of pieces), `route` (no such
    route, purchase or arrival), `latest` (it arrives when it is useless), `price` (a line's cost is wrong), `supply`
    (more is drawn than a supply holds), `balance` (served and unmet pieces are not what is needed), `total` (a sum of
    costs is wrong), `proof` (status, bound and gap do not fit). That no plan is cheaper is not checked. Linear time.
    """
    every: list[Need] = [*problem.job_needs, *problem.target_needs]
    needs = {(need.part, need.place, need.job): need for need in every}
    return [*_lines(problem, plan, needs), *_supplies(problem, plan), *_balance(plan, needs), *_totals(plan, needs)]


Key = tuple[int, int, str | None]


def _lines(problem: Problem, plan: Plan, needs: dict[Key, Need]) -> Iterator[Violation]:
    for i, order in enumerate(plan.orders):
        need = needs.get((order.part, order.destination, order.serves_job))
        codes = ["need"] if need is None else _order_faults(problem, order, need)
        yield from (Violation(code, f"order {i}") for code in codes)
    for i, line in enumerate(plan.local):
        need = needs.get((line.part, line.place, line.job))
        codes = ["need"] if need is None else _local_faults(line, need)
        yield from (Violation(code, f"local {i}") for code in codes)
    for i, short in enumerate(plan.unmet):
        if (short.part, short.place, short.job) not in needs:
            yield Violation("need", f"unmet {i}")
        if short.quantity_each < 1:
            yield Violation("quantity", f"unmet {i}")


def _order_faults(problem: Problem, order: Order, need: Need) -> list[str]:
    possible, freight, purchase = (_bought if order.kind is Kind.PURCHASE else _sent)(problem, order)
    pieces = order.quantity_each
    priced = (
        _agrees(order.freight_cost, pieces, freight)
        and _agrees(order.purchase_cost, pieces, purchase)
        and _agrees(order.lateness_cost, pieces, _lateness(need, order.arrives_s))
    )
    rules = {"quantity": pieces >= 1, "route": possible, "latest": order.arrives_s <= need.latest_s, "price": priced}
    return [code for code, kept in rules.items() if not kept]


def _bought(problem: Problem, order: Order) -> tuple[bool, float, float]:
    """Return whether the purchase is possible, its freight and its price per piece."""
    part = problem.parts[order.part]
    to_central_target = order.destination == problem.central and order.serves_job is None
    in_time = (order.departs_s, order.arrives_s) == (0, part.purchase_lead_s)
    return to_central_target and in_time and (order.origin, order.mode) == (None, None), 0.0, part.unit_cost


def _sent(problem: Problem, order: Order) -> tuple[bool, float, float]:
    """Return whether the transfer is possible, its freight and its price per piece."""
    if order.origin is None:
        return False, 0.0, 0.0
    for route in problem.routes.get((order.origin, order.destination), ()):
        if route.mode == order.mode and order.departs_s + route.lead_s == order.arrives_s:
            return True, route.cost_per_piece + problem.parts[order.part].weight_kg * route.cost_per_kg, 0.0
    return False, 0.0, 0.0


def _local_faults(line: Local, need: Need) -> list[str]:
    priced = _agrees(line.lateness_cost, line.quantity_each, _lateness(need, line.available_s))
    rules = {"quantity": line.quantity_each >= 1, "latest": line.available_s <= need.latest_s, "price": priced}
    return [code for code, kept in rules.items() if not kept]


def _lateness(need: Need, arrives_s: int) -> float:
    return max(0, arrives_s - need.due_s) / 3600 * need.lateness_cost_per_h


def _agrees(amount: float, pieces: int, price: float) -> bool:
    return isclose(amount, pieces * price, rel_tol=1e-9, abs_tol=1e-9 + abs(pieces) * PRICE_ERROR)


def _supplies(problem: Problem, plan: Plan) -> Iterator[Violation]:
    left = Counter(
        {(held.part, held.place, held.available_s, held.job): held.quantity_each for held in problem.supplies}
    )
    for order in plan.orders:
        if order.origin is not None:
            of = order.serves_job if order.kept else None
            left[order.part, order.origin, order.departs_s, of] -= order.quantity_each
    for line in plan.local:
        left[line.part, line.place, line.available_s, line.job if line.kept else None] -= line.quantity_each
    for (part, place, available_s, _of), pieces in left.items():
        if pieces < 0:
            yield Violation("supply", f"part {part} at place {place} from {available_s} s: {-pieces} too many")


def _balance(plan: Plan, needs: dict[Key, Need]) -> Iterator[Violation]:
    covered: Counter[Key] = Counter()
    for order in plan.orders:
        covered[order.part, order.destination, order.serves_job] += order.quantity_each
    others: list[Local | Unmet] = [*plan.local, *plan.unmet]
    for line in others:
        covered[line.part, line.place, line.job] += line.quantity_each
    for key, need in needs.items():
        if covered[key] != need.quantity_each:
            where = f"part {need.part} at place {need.place} for {need.job or 'its target'}"
            yield Violation("balance", f"{where}: {covered[key]} instead of {need.quantity_each}")


def _totals(plan: Plan, needs: dict[Key, Need]) -> Iterator[Violation]:
    penalties = [
        (short.quantity_each, needs[key].unmet_penalty)
        for short in plan.unmet
        if (key := (short.part, short.place, short.job)) in needs
    ]
    sums = {
        "freight": fsum(order.freight_cost for order in plan.orders),
        "purchase": fsum(order.purchase_cost for order in plan.orders),
        "lateness": fsum(
            [*(order.lateness_cost for order in plan.orders), *(line.lateness_cost for line in plan.local)]
        ),
        "unmet": fsum(pieces * penalty for pieces, penalty in penalties),
    }
    slack = 1e-6 + PRICE_ERROR * sum(pieces for pieces, _ in penalties)
    for term, amount in sums.items():
        if not isclose(plan.cost_by_term[term], amount, rel_tol=1e-9, abs_tol=slack if term == "unmet" else 1e-6):
            yield Violation("total", term)
    if not isclose(plan.objective, fsum(plan.cost_by_term.values()), rel_tol=1e-9, abs_tol=1e-6):
        yield Violation("total", "objective")
    proven = (plan.bound, plan.gap) == (plan.objective, 0.0)
    unproven = plan.bound is None and plan.gap is None
    if not (proven if plan.status is Status.OPTIMAL else unproven):
        yield Violation("proof", plan.status)
