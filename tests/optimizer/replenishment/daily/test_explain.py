"""Why a need is unmet and how it could be met; why a move draws on its supply and not on another."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from optimizer.replenishment.daily.explain import explain_move
from optimizer.replenishment.daily.model import Limit, Plan, Problem, Unit, Urgency
from optimizer.replenishment.daily.solve import solve
from optimizer.run import Reason
from tests.optimizer.replenishment.daily.cores import EVERYTHING
from tests.optimizer.replenishment.daily.worlds import (
    EXPEDITE,
    FORWARD,
    NBO,
    SUB,
    VTE,
    XIY,
    H,
    days,
    job,
    lane,
    planned,
    stock,
    target,
    world,
)


def only(plan: Plan) -> Reason:
    """The one reason of the one unmet need."""
    ((reason,),) = [unmet.reasons for unmet in plan.unmet]
    return reason


def test_nobody_has_a_piece() -> None:
    plan = planned(world(stock(part=1), job()))

    assert only(plan) == Reason("no_stock", 1)
    assert plan.unmet[0].way_out is None


def test_a_part_without_a_lane_is_named_with_its_place() -> None:
    plan = planned(world(stock(NBO), job(), routes=((FORWARD,),)))

    assert only(plan) == Reason("no_lane", None, {"place": "NBO"})


def test_a_hold_can_be_lifted_at_the_price_of_the_move() -> None:
    plan = planned(world(stock(SUB, hold="receiving"), job()))

    assert only(plan).values == {"place": "SUB", "price": 10.0, "hold": "receiving", "arrives_s": 8 * H}
    assert plan.unmet[0].way_out == only(plan)


def test_too_late_tells_by_how_much() -> None:
    reason = only(planned(world(stock(SUB), job(due_s=0, latest_s=7 * H))))

    assert (reason.code, reason.misses_by, reason.values["arrives_s"]) == ("too_late", 60.0, 8 * H)


def test_what_costs_more_than_it_avoids_is_left() -> None:
    reason = only(planned(world(stock(NBO), target(VTE, penalty=25.0))))

    assert (reason.code, reason.misses_by, reason.values["price"]) == ("uneconomic", 5.0, 30.0)


def test_scarce_pieces_go_to_those_who_lose_more() -> None:
    plan = planned(world(stock(VTE), job(), job("J-2", urgency=Urgency.CRITICAL, penalty=300.0)))
    reason = only(plan)

    assert (reason.code, reason.misses_by, reason.values["holder"]) == ("scarce", 2000.0, "J-1")
    assert reason.values["price"] == 2.0 + 2000.0


@pytest.mark.parametrize(
    ("limit", "misses_by"),
    [
        (Limit("expedites", Unit.MONEY, 30.0), 10.0),
        (Limit("truck", Unit.KG, 4.0), 6.0),
        (Limit("x", Unit.PIECES, 0), 1.0),
    ],
)
def test_a_full_limit_tells_how_much_more_is_needed(limit: Limit, misses_by: float) -> None:
    plan = planned(world(stock(XIY), job(), limits=(limit, Limit("handling", Unit.PIECES, 9)), routes=((EXPEDITE,),)))

    assert (only(plan).code, only(plan).misses_by, only(plan).values["limit"]) == ("full", misses_by, limit.name)


def test_a_full_lane_is_named_by_its_ends() -> None:
    plan = planned(world(stock(XIY), job(), lanes=lane(EXPEDITE, capacity_kg=4.0), routes=((EXPEDITE,),)))

    assert (only(plan).code, only(plan).misses_by, only(plan).values["limit"]) == ("full", 6.0, "XIY-PKZ")


def test_a_lane_that_would_cost_more_than_it_saves_is_named() -> None:
    plan = planned(world(stock(VTE), target(), lanes=lane(FORWARD, fixed_cost=70.0), routes=((FORWARD,),)))

    assert (only(plan).code, only(plan).misses_by, only(plan).values["lane"]) == ("lane_cost", 12.0, "VTE-PKZ")
    assert only(plan).values["price"] == 72.0


def test_the_cheapest_way_out_is_told() -> None:
    plan = planned(world(stock(SUB, hold="customs"), stock(NBO), target(penalty=25.0)))

    (unmet,) = plan.unmet
    assert [reason.code for reason in unmet.reasons] == ["hold", "uneconomic"]
    assert unmet.way_out is not None
    assert unmet.way_out.code == "hold"


def test_a_move_tells_what_it_serves_and_the_next_best() -> None:
    problem = world(stock(SUB), stock(XIY), stock(VTE, hold="customs"), job())
    plan = planned(problem)

    told = explain_move(problem, plan, 0)

    assert (told.need, told.cost, told.penalty_avoided) == (problem.needs[0], 10.0, 2000.0)
    by_code = {reason.code: reason for reason in told.others}
    assert set(by_code) == {"next_best", "hold"}
    # the truck by way of VTE costs 17 and is late by two hours
    assert by_code["next_best"].misses_by == pytest.approx(17 + 2 * 10 - 10)


def test_a_move_tells_who_has_the_other_piece() -> None:
    problem = world(stock(VTE), stock(SUB), job(), job("J-2"))
    plan = planned(problem)

    by_code = {reason.code: reason for reason in explain_move(problem, plan, 0).others}

    # its own piece could go by way of LPQ for 2.5 as well
    assert by_code["next_best"].misses_by == pytest.approx(0.5)
    assert by_code["scarce"].values["holder"] == "J-2"


def test_a_need_that_has_all_there_is_lacks_stock() -> None:
    plan = planned(world(stock(VTE), target(each=2)))

    assert only(plan) == Reason("no_stock", 1)


@given(days())
@settings(max_examples=100)
def test_every_unmet_need_has_a_reason_and_every_move_an_explanation(problem: Problem) -> None:
    plan = solve(problem, limit=EVERYTHING)

    assert all(unmet.reasons for unmet in plan.unmet)
    for unmet in plan.unmet:
        assert unmet.way_out is None or unmet.way_out in unmet.reasons
    for index, move in enumerate(plan.moves):
        if not move.released:
            assert explain_move(problem, plan, index).cost == pytest.approx(move.freight + move.price + move.lateness)
