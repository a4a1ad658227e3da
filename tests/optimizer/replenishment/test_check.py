"""The checker accepts a true plan and names what is wrong with a false one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from optimizer.replenishment.check import Violation, check
from optimizer.replenishment.model import Kind, Supply
from optimizer.replenishment.solve import solve
from optimizer.run import Limit, Status
from tests.optimizer.replenishment.worlds import AIR, DAY_S, EVERYTHING, HOUR_S, NBO, VTE, XIY, job, target, world

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.replenishment.model import Plan

# A transfer for J-far, a purchase and a kept piece for central's target, two pieces used in place, three needs unmet.
PROBLEM = world(
    supplies=(Supply(0, XIY, 2), Supply(0, NBO, 2, 30 * HOUR_S)),
    job_needs=(
        job("J-far", due_s=0),
        job("J-near", NBO, quantity_each=2, lateness_cost_per_h=7.0),
        job("J-poor", unmet_penalty=1.0),
        job("J-home", XIY, unmet_penalty=0.0),
    ),
    target_needs=(target(XIY, quantity_each=2, unmet_penalty=2_000.0), target(unmet_penalty=1.0)),
)
PLAN = solve(PROBLEM, limit=EVERYTHING)
SENT = next(i for i, order in enumerate(PLAN.orders) if order.kind is Kind.TRANSFER)
BOUGHT = 1 - SENT
USED = next(i for i, line in enumerate(PLAN.local) if line.job)
KEPT = 1 - USED


def test_the_story_has_every_kind_of_line() -> None:
    assert (len(PLAN.orders), len(PLAN.local), len(PLAN.unmet)) == (2, 2, 3)
    assert PLAN.orders[SENT].lateness_cost == 80.0
    assert PLAN.local[USED].lateness_cost == 2 * 6 * 7.0
    assert check(PROBLEM, PLAN) == []


def with_line(lines: tuple[Any, ...], index: int, changes: dict[str, Any]) -> tuple[Any, ...]:
    return (*lines[:index], replace(lines[index], **changes), *lines[index + 1 :])


def order(index: int, **changes: Any) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, orders=with_line(plan.orders, index, changes))


def local(index: int, **changes: Any) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, local=with_line(plan.local, index, changes))


def unmet(**changes: Any) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, unmet=with_line(plan.unmet, 0, changes))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (order(SENT, quantity_each=3), "supply"),
        (order(SENT, quantity_each=2), "balance"),
        (order(SENT, quantity_each=0), "quantity"),
        (order(SENT, origin=VTE), "route"),
        (order(SENT, origin=VTE), "supply"),
        (order(SENT, origin=None), "route"),
        (order(SENT, mode="teleport"), "route"),
        (order(SENT, mode="sea"), "route"),
        (order(SENT, arrives_s=AIR.lead_s - 1), "route"),
        (order(SENT, departs_s=-AIR.lead_s, arrives_s=0), "supply"),
        (order(SENT, arrives_s=8 * DAY_S), "latest"),
        (order(SENT, serves_job="J-9"), "need"),
        (order(SENT, part=4), "need"),
        (order(SENT, destination=NBO), "need"),
        (order(SENT, freight_cost=69.0), "price"),
        (order(SENT, lateness_cost=0.0), "price"),
        (order(SENT, purchase_cost=1_000.0), "price"),
        (order(BOUGHT, purchase_cost=999.0), "price"),
        (order(BOUGHT, arrives_s=DAY_S), "route"),
        (order(BOUGHT, departs_s=DAY_S), "route"),
        (order(BOUGHT, origin=NBO), "route"),
        (order(BOUGHT, quantity_each=2), "balance"),
        (order(BOUGHT, destination=VTE), "route"),
        (order(BOUGHT, serves_job="J-home"), "route"),
        (order(BOUGHT, mode="air"), "route"),
        (local(USED, quantity_each=3), "supply"),
        (local(USED, quantity_each=1), "balance"),
        (local(USED, quantity_each=-2), "quantity"),
        (local(USED, job=None), "need"),
        (local(USED, available_s=0), "supply"),
        (local(USED, available_s=0), "price"),
        (local(USED, available_s=8 * DAY_S), "latest"),
        (local(KEPT, quantity_each=2), "balance"),
        (unmet(quantity_each=2), "balance"),
        (unmet(quantity_each=0), "quantity"),
        (unmet(job="J-9"), "need"),
        (lambda plan: replace(plan, unmet=()), "balance"),
        (lambda plan: replace(plan, orders=plan.orders[:1]), "balance"),
        (lambda plan: replace(plan, orders=plan.orders[:1]), "total"),
        (lambda plan: replace(plan, bound=plan.objective - 1), "proof"),
        (lambda plan: replace(plan, bound=None, gap=None), "proof"),
        (lambda plan: replace(plan, status=Status.FEASIBLE), "proof"),
    ],
)
def test_a_spoilt_plan_is_caught(spoil: Callable[[Plan], Plan], code: str) -> None:
    assert code in {violation.code for violation in check(PROBLEM, spoil(PLAN))}


@pytest.mark.parametrize("term", ["freight", "purchase", "lateness", "unmet"])
def test_a_wrong_sum_is_caught(term: str) -> None:
    spoilt = replace(PLAN, cost_by_term={**PLAN.cost_by_term, term: PLAN.cost_by_term[term] + 0.01})
    assert check(PROBLEM, spoilt) == [Violation("total", term), Violation("total", "objective")]


def test_a_wrong_objective_is_caught() -> None:
    spoilt = replace(PLAN, objective=PLAN.objective - 0.01, bound=PLAN.objective - 0.01)
    assert check(PROBLEM, spoilt) == [Violation("total", "objective")]


def test_a_violation_says_where() -> None:
    (violation,) = check(PROBLEM, order(SENT, mode="sea", freight_cost=70.0)(PLAN))[:1]
    assert violation.where == f"order {SENT}"


def test_an_unfinished_plan_is_accepted_as_such() -> None:
    seal = replace(PROBLEM.parts[0], number="SEAL")
    two_parts = replace(PROBLEM, parts=(*PROBLEM.parts, seal), job_needs=(*PROBLEM.job_needs, job("J-5", part=1)))
    assert check(two_parts, solve(two_parts, limit=Limit(iterations=1))) == []
