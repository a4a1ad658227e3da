"""The checker of a day names every rule that a plan breaks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimizer.replenishment.daily.check import check
from optimizer.replenishment.daily.model import UNKNOWN_GOODS, Limit, Move, Part, Plan, Problem, Unit
from tests.optimizer.replenishment.daily.worlds import (
    FORWARD,
    LANES,
    LATERAL,
    ROUTES,
    SUB,
    VTE,
    H,
    job,
    lane,
    planned,
    stock,
    target,
    world,
)

TERMS = ("freight", "lanes", "price", "lateness", "churn", "excess", "unmet")


def codes(problem: Problem, plan: Plan) -> list[str]:
    """What the checker says."""
    return [one.code for one in check(problem, plan)]


@pytest.fixture
def right() -> tuple[Problem, Plan]:
    """One pump that goes to an aircraft by the lateral lane, and one that is left over."""
    problem = world(stock(SUB, each=2), job())
    return problem, planned(problem)


def with_move(plan: Plan, **changes: Any) -> Plan:
    """The plan with its move changed."""
    return replace(plan, moves=(replace(plan.moves[0], **changes),))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"each": 0}, {"quantity", "price", "supply", "need"}),
        ({"each": 2}, {"price", "need", "supply"}),
        ({"lanes": (FORWARD,)}, {"route", "time", "price"}),
        ({"lanes": ()}, {"route", "time", "price"}),
        ({"departs_s": 1}, {"time"}),
        ({"arrives_s": 7 * H}, {"time"}),
        ({"freight": 9.0}, {"price", "total"}),
        ({"price": 9.0}, {"price", "total"}),
        ({"lateness": 9.0}, {"price", "total"}),
        ({"released": True}, {"released", "total"}),
        ({"need": 7}, {"index"}),
    ],
)
def test_a_wrong_move_is_named(right: tuple[Problem, Plan], changes: dict[str, Any], named: set[str]) -> None:
    problem, plan = right

    assert named <= set(codes(problem, with_move(plan, **changes)))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"supplies": (stock(SUB, each=2, hold="customs"),)}, "hold"),
        ({"supplies": (stock(SUB, each=2, serviceable=False),)}, "unserviceable"),
        ({"supplies": (stock(SUB, each=2, owner="LAO"),)}, "owner"),
        ({"supplies": (stock(SUB, each=2, expires_s=3 * H),)}, "expired"),
        ({"supplies": (stock(SUB, each=2, available_s=H),)}, "time"),
        ({"supplies": (stock(VTE, each=2),)}, "route"),
        ({"parts": (Part("PUMP", 10.0, UNKNOWN_GOODS - {LANES[LATERAL].mode}),)}, "goods"),
        ({"lanes": lane(LATERAL, closed="embargo")}, "closed"),
        ({"lanes": lane(LATERAL, capacity_kg=9.0)}, "lane"),
        ({"lanes": lane(LATERAL, cut_offs_s=(H,))}, "time"),
        ({"lanes": lane(LATERAL, fixed_cost=9.0)}, "total"),
        ({"lanes": lane(LATERAL, limits=(0,)), "limits": (Limit("a", Unit.KG, 9.0),)}, "limit"),
        ({"lanes": lane(LATERAL, limits=(0,)), "limits": (Limit("a", Unit.MONEY, 9.0),)}, "limit"),
        ({"lanes": lane(LATERAL, limits=(0,)), "limits": (Limit("a", Unit.PIECES, 0.0),)}, "limit"),
        ({"needs": (job(latest_s=7 * H, due_s=0),)}, "late"),
        ({"needs": (job(part=1),)}, "part"),
        ({"needs": (job(each=2),)}, "kit"),
        ({"needs": (job(), target())}, "need"),
        ({"routes": ROUTES[:LATERAL]}, "route"),
    ],
)
def test_a_rule_that_the_plan_does_not_keep_is_named(
    right: tuple[Problem, Plan], changes: dict[str, Any], named: str
) -> None:
    problem, plan = right

    assert named in codes(replace(problem, **changes), plan)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"left": {}}, ["supply"]),
        ({"objective": 11.0}, ["total"]),
        ({"bound": 99.0}, ["proof"]),
        (
            {"cost_by_term": dict.fromkeys(("freight", "lanes", "price", "lateness", "churn", "excess", "unmet"), 0.0)},
            ["total"],
        ),
    ],
)
def test_a_wrong_sum_is_named(right: tuple[Problem, Plan], changes: dict[str, Any], named: list[str]) -> None:
    problem, plan = right

    assert codes(problem, replace(plan, **changes)) == named


def test_a_lot_that_should_have_gone_first_is_named() -> None:
    problem = world(stock(SUB, expires_s=900 * H), stock(SUB, expires_s=300 * H), job())
    plan = planned(problem)
    (move,) = plan.moves
    assert move.supply == 1

    wrong = replace(plan, moves=(replace(move, supply=0),), left={1: 1})

    assert codes(problem, wrong) == ["lots"]


def test_a_released_move_that_is_missing_is_named() -> None:
    move: Move = planned(world(stock(SUB), job())).moves[0]
    problem = world(stock(SUB), job(), released=(move,))
    plan = planned(problem)

    missing = replace(plan, moves=(), left={0: 1})

    assert "released" in codes(problem, missing)
