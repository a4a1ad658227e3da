"""The moves of a day: every hard rule, what goes first, what stands, and what is bad and named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from optimizer.replenishment.daily.check import check
from optimizer.replenishment.daily.model import (
    UNKNOWN_GOODS,
    From,
    Kind,
    Lane,
    Limit,
    Mode,
    Part,
    Problem,
    Unit,
    Urgency,
)
from optimizer.replenishment.daily.solve import solve
from optimizer.run import Limit as Work
from optimizer.run import Status
from tests.optimizer.replenishment.daily.cores import EVERYTHING
from tests.optimizer.replenishment.daily.worlds import (
    BACK,
    EXPEDITE,
    FORWARD,
    FROM_LPQ,
    LANES,
    LATERAL,
    LPQ,
    NBO,
    PKZ,
    ROUTES,
    SUB,
    TO_LPQ,
    TRUCK,
    VTE,
    XIY,
    H,
    days,
    job,
    lane,
    planned,
    stock,
    target,
    told,
    world,
)


@given(days())
@settings(max_examples=150)
def test_every_plan_keeps_every_rule_and_counts_every_piece(problem: Problem) -> None:
    plan = solve(problem, limit=EVERYTHING)

    assert check(problem, plan) == []
    assert plan.status is Status.OPTIMAL
    assert plan.objective == pytest.approx(plan.bound, abs=1e-3)


@given(days())
@settings(max_examples=30)
def test_the_same_problem_gives_the_same_plan(problem: Problem) -> None:
    first, second = (solve(problem, limit=Work(iterations=5)) for _ in range(2))

    assert replace(first, seconds=0.0) == replace(second, seconds=0.0)


def test_an_aircraft_on_ground_gets_the_piece_that_costs_least_in_all() -> None:
    plan = planned(world(stock(XIY), stock(SUB), job(due_s=6 * H)))

    # by expedite 6 h late at 40, by lateral 2 h late at 10
    assert told(plan) == [(1, 0, 1, "lateral")]
    assert plan.objective == pytest.approx(10 + 2 * 10)


@pytest.mark.parametrize(
    ("origin", "destination", "kind"),
    [
        (XIY, VTE, Kind.REPLENISH),
        (VTE, PKZ, Kind.FORWARD),
        (LPQ, PKZ, Kind.FORWARD),
        (XIY, PKZ, Kind.EXPEDITE),
        (SUB, PKZ, Kind.LATERAL),
        (NBO, VTE, Kind.OFFER),
        (PKZ, VTE, Kind.RETURN),
        (PKZ, PKZ, Kind.STAY),
    ],
)
def test_moves_are_told_by_what_they_do(origin: int, destination: int, kind: Kind) -> None:
    plan = planned(world(stock(origin), target(destination)))

    assert [move.kind for move in plan.moves] == [kind]


def test_pieces_go_by_way_of_a_centre_where_that_is_cheaper() -> None:
    plan = planned(world(stock(VTE), target(PKZ), lanes=lane(FORWARD, cost_per_piece=9.0)))

    assert [move.lanes for move in plan.moves] == [(TO_LPQ, FROM_LPQ)]
    assert (plan.moves[0].arrives_s, plan.objective) == (6 * H, 2.5)


def test_a_region_that_lends_is_asked_and_credited_what_it_lacks_then() -> None:
    plan = planned(world(stock(NBO), target(NBO, penalty=80.0), job(late_cost_per_h=0.0)))

    (move,) = plan.moves
    assert (move.kind, move.grant, move.credit) == (Kind.OFFER, "EAF", 80.0)
    assert plan.cost_by_term["unmet"] == 80.0


def test_a_region_keeps_what_is_worth_more_to_it() -> None:
    plan = planned(world(stock(NBO), target(NBO, penalty=80.0), target(PKZ, penalty=100.0)))

    assert told(plan) == [(0, 0, 1, "stay")]


BARRED: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("hold", {"hold": "quarantine"}, {}, {}),
    ("unserviceable", {"serviceable": False}, {}, {}),
    ("owner", {"owner": "LAO"}, {}, {}),
    ("expired", {"expires_s": 20 * H}, {}, {}),
    ("goods", {}, {}, {"parts": (Part("BATTERY", 10.0, UNKNOWN_GOODS),)}),
    ("closed", {}, {}, {"lanes": lane(EXPEDITE, closed="sanctions")}),
    ("cut_off", {"available_s": 9 * H}, {}, {"lanes": lane(EXPEDITE, cut_offs_s=(2 * H, 8 * H))}),
    ("too_late", {}, {"due_s": 0, "latest_s": 11 * H}, {}),
]


@pytest.mark.parametrize(("code", "of_stock", "of_job", "of_world"), BARRED)
def test_no_urgency_lifts_a_rule(
    code: str, of_stock: dict[str, Any], of_job: dict[str, Any], of_world: dict[str, Any]
) -> None:
    """One supply, one way: by the expedite lane."""
    plan = planned(world(stock(XIY, **of_stock), job(**of_job), routes=((EXPEDITE,),), **of_world))

    assert plan.moves == ()
    assert [reason.code for reason in plan.unmet[0].reasons] == [code]


def test_what_the_owner_lends_may_be_used() -> None:
    plan = planned(world(stock(XIY, owner="LAO"), job(owners=frozenset({"LAO"}))))

    assert len(plan.moves) == 1


def test_by_hand_only_where_it_is_allowed() -> None:
    hand = (*LANES, Lane(XIY, PKZ, Mode.HAND, {"flight": 5 * H}))
    barred = planned(world(stock(), job(), lanes=hand, routes=((len(LANES),),)))
    allowed = planned(
        world(stock(), job(), lanes=hand, routes=((len(LANES),),), parts=(Part("ECU", 1.0, frozenset(Mode)),))
    )

    assert [reason.code for reason in barred.unmet[0].reasons] == ["goods"]
    assert allowed.unmet == ()


def test_pieces_wait_for_the_next_cut_off() -> None:
    plan = planned(
        world(stock(available_s=3 * H), job(), lanes=lane(EXPEDITE, cut_offs_s=(2 * H, 8 * H)), routes=((EXPEDITE,),))
    )

    assert (plan.moves[0].departs_s, plan.moves[0].arrives_s) == (8 * H, 20 * H)


@pytest.mark.parametrize(
    "changes",
    [
        {"limits": (Limit("expedites", Unit.MONEY, 79.0), Limit("handling", Unit.PIECES, 9.0))},
        {"limits": (Limit("expedites", Unit.MONEY, 999.0), Limit("handling", Unit.PIECES, 1.0))},
        {"limits": (Limit("expedites", Unit.KG, 19.0), Limit("handling", Unit.PIECES, 9.0))},
        {"lanes": lane(EXPEDITE, capacity_kg=19.0)},
    ],
)
def test_what_is_shared_goes_to_the_most_urgent(changes: dict[str, Any]) -> None:
    needs = (job("J-2", urgency=Urgency.CRITICAL, penalty=300.0), job())
    plan = planned(world(stock(each=2), *needs, routes=((EXPEDITE,),), **changes))

    assert told(plan) == [(0, 1, 1, "expedite")]
    assert plan.unmet[0].reasons[0].code == "full"
    assert plan.unmet[0].way_out is not None


def test_a_lane_that_costs_too_much_for_a_refill_does_not_run() -> None:
    dear = lane(FORWARD, fixed_cost=70.0)
    refill = planned(world(stock(VTE), target(), lanes=dear, routes=((FORWARD,),)))
    both = planned(world(stock(VTE, each=2), target(), job(), lanes=dear, routes=((FORWARD,),)))

    assert (refill.moves, refill.objective) == ((), 60.0)
    assert [reason.code for reason in refill.unmet[0].reasons] == ["lane_cost"]
    assert (len(both.moves), both.cost_by_term["lanes"]) == (2, 70.0)


def test_a_kit_goes_whole_or_not_at_all() -> None:
    pump, wheel = job(), job(part=1)
    lacking = planned(world(stock(), pump, wheel))
    allowed = planned(world(stock(), replace(pump, partial=True), replace(wheel, partial=True)))

    assert lacking.moves == ()
    assert {reason.code for unmet in lacking.unmet for reason in unmet.reasons} == {"kit", "no_stock"}
    assert told(allowed) == [(0, 0, 1, "expedite")]


def test_what_expires_first_goes_first_and_what_stays_is_the_later_lot() -> None:
    later, sooner = stock(SUB, lot="B", expires_s=900 * H), stock(SUB, lot="A", expires_s=300 * H)
    plan = planned(world(later, sooner, job(), target(SUB)))

    assert told(plan) == [(0, 1, 1, "stay"), (1, 0, 1, "lateral")]


def test_targets_of_the_same_worth_share_what_there_is() -> None:
    lanes = lane(TO_LPQ, cost_per_piece=2.0)
    for first, second in ((LPQ, PKZ), (PKZ, LPQ)):
        plan = planned(world(stock(VTE, each=4), target(first, each=4), target(second, each=3), lanes=lanes))

        assert told(plan) == [(0, 0, 2, "forward"), (0, 1, 2, "forward")]


def test_released_moves_stand_and_their_lane_runs_anyway() -> None:
    dear = lane(FORWARD, fixed_cost=70.0, capacity_kg=25.0)
    problem = world(stock(VTE, each=4), job(), target(each=3), lanes=dear, routes=((FORWARD,),))
    (move, *_) = planned(world(stock(VTE), job(), lanes=dear, routes=((FORWARD,),))).moves
    plan = planned(replace(problem, released=(move,)))

    assert [(one.each, one.released) for one in plan.moves] == [(1, True), (1, False)]
    assert plan.cost_by_term["lanes"] == 0.0
    assert plan.objective == pytest.approx(2.0 + 2 * 60.0)


def test_a_plan_changes_only_for_more_than_the_price_of_changes() -> None:
    before = planned(world(stock(SUB), stock(VTE), target(), lanes=lane(LATERAL, cost_per_piece=1.0)))
    now = world(stock(SUB), stock(VTE), target())

    assert told(planned(replace(now, planned=before.moves, churn_cost=9.0))) == told(before)
    changed = planned(replace(now, planned=before.moves, churn_cost=7.0))
    assert told(changed) == [(1, 0, 1, "forward")]
    assert changed.cost_by_term["churn"] == 7.0


def test_proposals_come_by_what_they_avoid() -> None:
    repair = stock(VTE, source=From.REPAIR, serviceable=False, unit_cost=20.0, available_s=9 * H)
    purchase = stock(XIY, source=From.PURCHASE, unit_cost=500.0, each=3)
    plan = planned(world(repair, purchase, target(VTE), job()))

    assert [(one.supply, one.each, one.cost) for one in plan.proposals] == [(0, 1, 20.0)]
    assert plan.proposals[0].worth > 1900
    assert [unmet.need for unmet in plan.unmet] == [0]
    assert plan.unmet[0].reasons[0].code in ("scarce", "uneconomic")


def test_more_than_anybody_wants_is_disposed_of() -> None:
    excess = Urgency.EXCESS
    plan = planned(world(stock(PKZ, each=5), target(PKZ), target(PKZ, urgency=excess, each=3, penalty=4.0)))

    assert told(plan) == [(0, 0, 1, "stay"), (0, 1, 3, "dispose")]
    assert (plan.left, plan.unmet, plan.objective) == ({0: 1}, (), -12.0)


def test_excess_returns_where_it_is_worth_more_than_its_freight() -> None:
    plan = planned(world(stock(PKZ, each=2), target(PKZ), target(VTE, penalty=3.0)))

    assert told(plan) == [(0, 0, 1, "stay"), (0, 1, 1, "return")]


BELOW = (Limit("expedites", Unit.MONEY, 99.0), Limit("handling", Unit.PIECES, -1.0))


@pytest.mark.parametrize(
    ("line", "code", "changes"),
    [
        ("need 1", "past", {"needs": (job(), job("J-2", due_s=-9, latest_s=-1))}),
        ("need 1", "money", {"needs": (job(), target(penalty=-1.0))}),
        ("need 1", "quantity", {"needs": (job(), target(each=-1))}),
        ("need 1", "index", {"needs": (job(), target(99))}),
        ("need 1", "time", {"needs": (job(), target(due_s=9, latest_s=1))}),
        ("supply 1", "money", {"supplies": (stock(), stock(unit_cost=-5.0))}),
        ("supply 1", "time", {"supplies": (stock(), stock(available_s=-5))}),
        ("lane 3", "money", {"lanes": lane(LATERAL, cost_per_piece=-1.0)}),
        ("lane 3", "capacity", {"lanes": lane(LATERAL, capacity_kg=-1.0)}),
        ("lane 3", "time", {"lanes": lane(LATERAL, legs={"transport": -1})}),
        ("route 11", "route", {"routes": (*ROUTES, (TRUCK, BACK))}),
        (
            "limit 1",
            "capacity",
            {
                "limits": (Limit("a", Unit.MONEY, 99.0), Limit("b", Unit.KG, -1.0)),
                "routes": ((LATERAL,),),
                "supplies": (stock(SUB),),
            },
        ),
        ("part 1", "weight", {"parts": (Part("PUMP", 10.0), Part("WHEEL", float("nan")))}),
    ],
)
def test_what_makes_no_sense_is_named_and_the_rest_is_planned(line: str, code: str, changes: dict[str, Any]) -> None:
    problem = world(stock(), job())

    plan = planned(replace(problem, **changes))

    assert (code, line) in [(one.code, one.where) for one in plan.faults]
    assert [(move.need, move.each) for move in plan.moves] == [(0, 1)]


def test_a_released_move_of_more_than_there_is_is_named() -> None:
    (move,) = planned(world(stock(), job())).moves

    plan = planned(world(stock(), job(), released=(replace(move, each=2),)))

    assert [(one.code, one.where) for one in plan.faults] == [("quantity", "released 0")]
    assert told(plan) == [(0, 0, 1, "expedite")]


def test_an_empty_day_has_an_empty_plan() -> None:
    plan = planned(world())

    assert (plan.status, plan.objective, plan.moves, plan.unmet) == (Status.OPTIMAL, 0.0, (), ())
