"""From a solution to what is kept of it: the lines, the figures by region, the money and the curves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inventory.planning.stock_plans.figure_schemas import (
    ALL,
    BenchesLoad,
    Count,
    CurveOut,
    CurvePoint,
    Figures,
    OrderingOut,
    RegionFigures,
    SpendingOut,
)
from inventory.planning.stock_plans.goal_schemas import FleetOut, FloorOut, WayOutOf
from inventory.planning.stock_plans.schemas import Document, MakeTargets
from inventory.planning.stock_plans.sharing import Share, shares
from inventory.planning.stock_plans.stated import Stated
from optimizer.stocking.evaluate import Evaluation
from optimizer.stocking.model import Budget
from optimizer.stocking.plan import Plan, Spending
from optimizer.stocking.tree import Tree

_MONEY = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Solution:
    """What the optimizer found, and by node of its tree what the present targets leave waiting (`now`)."""

    stated: Stated
    plan: Plan
    tree: Tree
    now: Evaluation
    fleets: tuple[FleetOut, ...]
    one_budget: bool
    deterministic: bool
    stopped_early: bool
    input_hash: str


def money(amount: float) -> Decimal:
    """Return an amount of the optimizer as money."""
    return Decimal(amount).quantize(_MONEY)


def document_of(solution: Solution, wanted: MakeTargets, currency: str) -> Document:
    """Return what is told of a plan beside its lines."""
    stated, plan = solution.stated, solution.plan
    spending = {_name(solution, budget): one for budget, one in plan.spending.items()}
    return Document(
        status=plan.status,
        method=plan.evaluation.method,
        deterministic=solution.deterministic,
        stopped_early=solution.stopped_early,
        objective=plan.objective,
        bound=plan.bound,
        gap=plan.gap,
        seconds=plan.seconds,
        assumed_days=wanted.assumed_days,
        keep_below=wanted.keep_below,
        ordering=OrderingOut(
            order_cost=wanted.order_cost,
            holding_share=wanted.holding_share,
            parts=len(stated.orderings),
            orders_a_year=sum(one.orders_a_year for one in stated.orderings),
            ordering_cost=money(sum(one.ordering_cost for one in stated.orderings)),
            holding_cost=money(sum(one.holding_cost for one in stated.orderings)),
        ),
        benches=[BenchesLoad(**asdict(one)) for one in stated.loads],
        goal=wanted.goal,
        fleets=list(solution.fleets),
        floors=[
            FloorOut(
                **asked.model_dump(),
                reached=one.value,
                met=one.met,
                multiplier=one.multiplier,
                costs=money(one.money),
            )
            for asked, one in zip(wanted.floors, plan.floors, strict=True)
        ],
        way_out=_way_out(solution),
        parts=stated.parts,
        lines=stated.lines,
        planned=stated.planned,
        notes=_counts(stated),
        spending=[
            SpendingOut(budget=name, available=money(one.budget), spent=money(one.spent), price=one.price)
            for name, one in spending.items()
        ],
        curves=[_curve(name, one, currency) for name, one in spending.items()],
        regions=_regions(solution),
    )


def _name(solution: Solution, budget: Budget) -> str:
    return ALL if solution.one_budget else budget.value


def _way_out(solution: Solution) -> list[WayOutOf]:
    way = solution.plan.way_out
    if way is None:
        return []
    return [WayOutOf(budget=_name(solution, budget), money=money(needed)) for budget, needed in way.money.items()]


def _curve(name: str, one: Spending, currency: str) -> CurveOut:
    return CurveOut(
        budget=name,
        currency=currency,
        points=[CurvePoint(spent=spent, weighted=weighted) for spent, weighted in one.points],
        chosen=CurvePoint(spent=one.spent, weighted=one.objective),
        bound=one.bound,
    )


def _counts(stated: Stated) -> list[Count]:
    notes: defaultdict[str, list[int]] = defaultdict(list)
    for note in stated.notes:
        notes[note.why].append(note.lines)
    return [Count(reason=why, notes=len(lines), lines=sum(lines)) for why, lines in sorted(notes.items())]


def _regions(solution: Solution) -> list[RegionFigures]:
    stated, evaluation = solution.stated, solution.plan.evaluation
    names = sorted({site.region for site, is_open in zip(stated.sites, stated.open, strict=True) if is_open})
    region = np.array([names.index(site.region) if site.region in names else -1 for site in stated.sites])
    of_node = np.where(stated.open[evaluation.place], region[evaluation.place], -1)
    return [
        RegionFigures(
            region=name,
            before=_figures(solution, solution.now, of_node == number),
            after=_figures(solution, evaluation, of_node == number),
        )
        for number, name in enumerate(names)
    ]


def _figures(solution: Solution, told: Evaluation, chosen: NDArray[np.bool_]) -> Figures:
    prices = np.array([float(item.price) for item in solution.stated.items])
    waiting, asked = told.own_backorders[chosen], solution.tree.own[chosen]
    return Figures(
        pieces=int(told.stock[chosen].sum()),
        value=money(float(told.stock[chosen] @ prices[told.part[chosen]])),
        waiting=float(waiting.sum()),
        weighted=float(waiting @ solution.tree.weight[chosen]),
        fill=float(asked @ told.fill[chosen] / asked.sum()) if asked.sum() > 0 else None,
    )


def line_rows(solution: Solution) -> Iterator[dict[str, Any]]:
    """Yield the lines of the places that are planned where something is held, or is to be.

    Of parts that stand in for each other, the one that is planned has the figures of all.
    """
    stated, plan, now, tree = solution.stated, solution.plan, solution.now, solution.tree
    after = plan.evaluation
    shared = shares(stated, tree, now.stock, after.stock)
    prices = {one.item.id: one.item.price for one in stated.sharing}
    yield from (_shared_row(solution, one, prices[one.part]) for one in shared)
    own_before, own_after = now.stock.copy(), after.stock.copy()
    for one in shared:
        own_before[one.node] -= one.before
        own_after[one.node] -= one.after
    kept = stated.open[after.place] & ((after.stock > 0) | (now.stock > 0))
    columns = (
        after.part,
        after.place,
        own_before,
        own_after,
        tree.weight,
        tree.rate,
        now.own_backorders,
        after.own_backorders,
        now.fill,
        after.fill,
        plan.saves,
    )
    names = ("weight", "per_day", "waits_before", "waits_after", "fill_before", "fill_after", "worth")
    for part, place, was, is_now, *figures in zip(*(column[kept].tolist() for column in columns), strict=True):
        item = stated.items[part]
        yield {
            "part_id": item.id,
            "place_id": stated.sites[place].id,
            "before": Decimal(was),
            "after": Decimal(is_now),
            "price": item.price,
            **dict(zip(names, figures, strict=True)),
        }


def _shared_row(solution: Solution, one: Share, price: Decimal) -> dict[str, Any]:
    """Return the line of a part that is planned with another; nobody asks for it but as for that."""
    return {
        "part_id": one.part,
        "place_id": solution.stated.sites[int(solution.tree.place[one.node])].id,
        "before": Decimal(one.before),
        "after": Decimal(one.after),
        "price": price,
        "weight": float(solution.tree.weight[one.node]),
        "fill_before": float(solution.now.fill[one.node]),
        "fill_after": float(solution.plan.evaluation.fill[one.node]),
        **dict.fromkeys(("per_day", "waits_before", "waits_after", "worth"), 0.0),
    }
