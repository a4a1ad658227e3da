"""Reasons are true, for stories with one cause each and for random problems."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings

from optimizer.replenishment.explain import explain_order
from optimizer.replenishment.model import Class, Kind, Supply
from optimizer.replenishment.solve import solve
from tests.optimizer.replenishment.worlds import (
    AIR,
    DAY_S,
    EVERYTHING,
    HOUR_S,
    NBO,
    ROUTES,
    SEA,
    VTE,
    XIY,
    arrivals,
    job,
    price,
    target,
    tiny_problems,
    world,
)

if TYPE_CHECKING:
    from optimizer.replenishment.model import Need, Plan, Problem
    from optimizer.run import Reason


def reasons_of(problem: Problem) -> dict[str | None, tuple[Reason, ...]]:
    return {line.job: line.reasons for line in solve(problem, limit=EVERYTHING).unmet}


def test_no_stock_counts_the_pieces_and_says_when_bought_ones_would_come() -> None:
    (reason,) = reasons_of(world(job_needs=(job(quantity_each=2),)))["J-1"]
    assert (reason.code, reason.misses_by) == ("no_stock", 2)
    assert reason.values == {"pieces": 2, "bought_arrives_s": 20 * DAY_S + AIR.lead_s}


def test_no_stock_is_silent_on_buying_what_cannot_be_bought() -> None:
    pump = replace(world().parts[0], purchase_lead_s=None)
    (reason,) = reasons_of(world(parts=(pump,), job_needs=(job(),)))["J-1"]
    assert reason.values == {"pieces": 1}


def test_no_stock_when_the_need_already_gets_all_there_is() -> None:
    (reason,) = reasons_of(world(supplies=(Supply(0, XIY, 1),), job_needs=(job(quantity_each=3),)))["J-1"]
    assert (reason.code, reason.misses_by) == ("no_stock", 2)


def test_no_stock_although_central_buys_for_itself() -> None:
    problem = world(job_needs=(job(),), target_needs=(target(XIY, unmet_penalty=2_000.0),))
    assert [reason.code for reason in reasons_of(problem)["J-1"]] == ["no_stock"]


def test_too_late_by_minutes_of_the_earliest_arrival() -> None:
    impatient = job(due_s=0, latest_s=7 * HOUR_S)
    problem = world(supplies=(Supply(0, XIY, 1), Supply(0, NBO, 1)), job_needs=(impatient,))
    (reason,) = reasons_of(problem)["J-1"]
    assert (reason.code, reason.misses_by) == ("too_late", 60)
    assert (reason.values["place"], reason.values["arrives_s"], reason.values["bought"]) == ("XIY", 8 * HOUR_S, 0)


def test_too_late_to_buy() -> None:
    (reason,) = reasons_of(world(target_needs=(target(XIY, latest_s=19 * DAY_S),)))[None]
    assert (reason.code, reason.misses_by, reason.values["bought"]) == ("too_late", 24 * 60, 1)


def test_no_route_names_the_place_that_holds_most() -> None:
    problem = world(routes={}, supplies=(Supply(0, XIY, 1), Supply(0, NBO, 4)), job_needs=(job(),))
    (reason,) = reasons_of(problem)["J-1"]
    assert (reason.code, reason.misses_by, reason.values) == ("no_route", None, {"place": "NBO", "pieces": 4})


def test_uneconomic_by_the_money_that_is_missing() -> None:
    problem = world(supplies=(Supply(0, XIY, 1),), job_needs=(job(unmet_penalty=60.0),))
    (reason,) = reasons_of(problem)["J-1"]
    assert (reason.code, reason.misses_by) == ("uneconomic", 10.0)
    assert reason.values == {"place": "XIY", "bought": 0, "arrives_s": 8 * HOUR_S, "price": 70.0, "penalty": 60.0}


def test_scarce_names_three_who_got_the_pieces_and_sums_up_the_rest() -> None:
    others = tuple(job(f"J-{i}", quantity_each=pieces) for i, pieces in enumerate((1, 4, 2, 1, 1)))
    poor = job("poor", priority=Class.ROUTINE, unmet_penalty=500.0)
    own = target(XIY, quantity_each=3, unmet_penalty=1e5)
    problem = world(supplies=(Supply(0, XIY, 12),), job_needs=(poor, *others), target_needs=(own,))
    (reason,) = reasons_of(problem)["poor"]
    assert (reason.code, reason.misses_by) == ("scarce", 1)
    assert reason.values == {
        "pieces": 12,
        "job_1": "J-1",
        "each_1": 4,
        "target_2": "XIY",
        "each_2": 3,
        "job_3": "J-2",
        "each_3": 2,
        "each_other": 3,
    }


def test_scarce_does_not_count_what_the_need_itself_gets() -> None:
    rival, idle = job("rival", unmet_penalty=9_000.0), job("idle", NBO, unmet_penalty=1.0)
    problem = world(supplies=(Supply(0, XIY, 2),), job_needs=(job(quantity_each=2), rival, idle))
    (reason,) = reasons_of(problem)["J-1"]
    assert (reason.code, reason.misses_by) == ("scarce", 1)
    assert reason.values == {"pieces": 1, "job_1": "rival", "each_1": 1}


def test_several_sources_may_fail_for_several_reasons() -> None:
    rival = job("rival", unmet_penalty=9_000.0, latest_s=HOUR_S * 24)
    problem = world(supplies=(Supply(0, XIY, 1), Supply(0, NBO, 1)), job_needs=(rival, job(latest_s=DAY_S)))
    assert [reason.code for reason in reasons_of(problem)["J-1"]] == ["scarce", "too_late"]


def uses(plan: Plan, supply: Supply) -> dict[tuple[int, str | None], int]:
    """Pieces of the supply by (place, job) of the need that they serve."""
    source = (supply.part, supply.place, supply.available_s)
    found = {
        (line.place, line.job): line.quantity_each
        for line in plan.local
        if (line.part, line.place, line.available_s) == source and supply.job == (line.job if line.kept else None)
    }
    return found | {
        (order.destination, order.serves_job): order.quantity_each
        for order in plan.orders
        if (order.part, order.origin, order.departs_s) == source
        and supply.job == (order.serves_job if order.kept else None)
    }


def true_reasons(problem: Problem, plan: Plan, need: Need, short: int) -> dict[str, float | None]:
    """Codes and `misses_by` that hold for an unmet need, found from the lines of the plan alone."""
    every: list[Need] = [*problem.job_needs, *problem.target_needs]
    needs = {(other.place, other.job): other for other in every if other.part == need.part}
    part = problem.parts[need.part]
    prices: list[float] = []
    misses_s: list[int] = []
    cut_off = False
    if need.job is None and need.place == problem.central and part.purchase_lead_s is not None:
        in_time = part.purchase_lead_s <= need.latest_s
        prices += [part.unit_cost] if in_time else []
        misses_s += [] if in_time else [part.purchase_lead_s - need.latest_s]
    for supply in problem.supplies:
        used = uses(plan, supply)
        if supply.part != need.part or supply.job not in (None, need.job):
            continue
        if used.get((need.place, need.job)) == supply.quantity_each:
            continue
        each, ways = price(problem, supply, need), arrivals(problem, supply, need)
        if each is not None:
            prices.append(each)
        elif ways:
            misses_s.append(min(arrives_s for arrives_s, _ in ways) - need.latest_s)
        else:
            cut_off = True
        if each is not None and each < need.unmet_penalty:
            assert sum(used.values()) == supply.quantity_each
            for other in (needs[key] for key in used if key != (need.place, need.job)):
                assert other.unmet_penalty - (price(problem, supply, other) or 0.0) >= need.unmet_penalty - each
    dear = [each - need.unmet_penalty for each in prices if each >= need.unmet_penalty]
    found: dict[str, float | None] = {"scarce": short} if len(dear) < len(prices) else {}
    found |= {"uneconomic": min(dear)} if dear else {}
    found |= {"too_late": min(misses_s) / 60} if misses_s else {}
    return found or ({"no_route": None} if cut_off else {"no_stock": short})


@settings(max_examples=1000, deadline=None)
@given(tiny_problems())
def test_reasons_are_true_and_none_is_left_out(problem: Problem) -> None:
    plan = solve(problem, limit=EVERYTHING)
    every: list[Need] = [*problem.job_needs, *problem.target_needs]
    needs = {(need.part, need.place, need.job): need for need in every}
    for line in plan.unmet:
        told = {reason.code: reason.misses_by for reason in line.reasons}
        need = needs[line.part, line.place, line.job]
        assert told == true_reasons(problem, plan, need, line.quantity_each)


def test_an_order_is_explained_by_its_need_and_the_next_best_source() -> None:
    problem = world(supplies=(Supply(0, XIY, 1), Supply(0, NBO, 1)), job_needs=(job(),))
    told = explain_order(problem, solve(problem, limit=EVERYTHING), 0)
    assert told.need == problem.job_needs[0]
    assert (told.cost, told.penalty_avoided) == (70.0, 5_000.0)
    (reason,) = told.others
    assert (reason.code, reason.misses_by) == ("next_best", 270.0 + 360.0 - 70.0)
    assert reason.values == {"place": "NBO", "bought": 0, "arrives_s": 60 * HOUR_S, "price": 630.0}


def test_the_next_best_source_is_the_cheapest_free_one() -> None:
    problem = world(
        routes={**ROUTES, (NBO, VTE): (SEA, AIR)},
        supplies=(Supply(0, XIY, 1), Supply(0, XIY, 1, 2 * DAY_S), Supply(0, NBO, 1, DAY_S)),
        job_needs=(job(),),
    )
    told = explain_order(problem, solve(problem, limit=EVERYTHING), 0)
    assert [(reason.code, reason.values["place"], reason.misses_by) for reason in told.others] == [
        ("next_best", "NBO", 8 * 10.0)
    ]


def test_an_order_s_other_sources_may_be_taken_late_or_dear() -> None:
    problem = world(
        places=("XIY", "VTE", "NBO", "LPB"),
        routes={**ROUTES, (3, VTE): (replace(AIR, lead_s=9 * DAY_S),)},
        supplies=(Supply(0, XIY, 1), Supply(0, NBO, 1), Supply(0, 3, 1)),
        job_needs=(job(unmet_penalty=600.0), job("J-2", NBO)),
    )
    told = explain_order(problem, solve(problem, limit=EVERYTHING), 0)
    assert [reason.code for reason in told.others] == ["uneconomic", "too_late"]
    richer = replace(problem, job_needs=(job(), job("J-2", NBO)))
    told = explain_order(richer, solve(richer, limit=EVERYTHING), 0)
    assert [(reason.code, reason.values.get("job_1")) for reason in told.others] == [
        ("taken", "J-2"),
        ("too_late", None),
    ]


def test_an_order_from_the_only_source_has_no_other_even_if_more_lies_there() -> None:
    problem = world(supplies=(Supply(0, XIY, 2),), job_needs=(job(),))
    told = explain_order(problem, solve(problem, limit=EVERYTHING), 0)
    assert [reason.code for reason in told.others] == ["no_other"]


def test_a_purchase_is_explained() -> None:
    wanted = target(XIY, quantity_each=2, unmet_penalty=1_200.0)
    problem = world(routes={(VTE, XIY): (AIR,)}, supplies=(Supply(0, VTE, 1),), target_needs=(wanted, target(VTE)))
    plan = solve(problem, limit=EVERYTHING)
    bought = next(i for i, order in enumerate(plan.orders) if order.kind is Kind.PURCHASE)
    told = explain_order(problem, plan, bought)
    assert (told.need, told.cost, told.penalty_avoided) == (wanted, 1_000.0, 1_200.0)


@settings(max_examples=150, deadline=None)
@given(tiny_problems())
def test_no_free_source_is_cheaper_than_the_one_ordered_from(problem: Problem) -> None:
    plan = solve(problem, limit=EVERYTHING)
    for index, order in enumerate(plan.orders):
        told = explain_order(problem, plan, index)
        assert told.others
        assert (told.need.place, told.need.job) == (order.destination, order.serves_job)
        assert told.cost <= told.penalty_avoided
        assert all((reason.misses_by or 0) >= 0 for reason in told.others if reason.code == "next_best")
