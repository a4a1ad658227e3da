from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import count, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from optimizer.replenishment.check import check
from optimizer.replenishment.model import Class, Kind, Problem, Route, Supply
from optimizer.replenishment.solve import REPORT_EVERY, solve
from optimizer.run import Limit, Progress, Status
from tests.optimizer.replenishment.worlds import (
    AIR,
    DAY_S,
    EVERYTHING,
    HOUR_S,
    NBO,
    VTE,
    XIY,
    job,
    price,
    target,
    tiny_problems,
    world,
)

if TYPE_CHECKING:
    from optimizer.replenishment.model import Need, Plan


def shares(pieces: int, room: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Every way to give at most `pieces` to needs that take at most `room` each."""
    return [way for way in product(*(range(most + 1) for most in room)) if sum(way) <= pieces]


def least_cost(problem: Problem) -> float:
    """The cost of the cheapest plan, by trying every one."""
    needs: list[Need] = [*problem.job_needs, *problem.target_needs]

    def gap_cost(need: Need, missing: int) -> float:
        part = problem.parts[need.part]
        to_buy = need.job is None and need.place == problem.central and part.purchase_lead_s is not None
        if to_buy and (part.purchase_lead_s or 0) <= need.latest_s:
            return min(
                bought * part.unit_cost + (missing - bought) * need.unmet_penalty for bought in range(missing + 1)
            )
        return missing * need.unmet_penalty

    @cache
    def rest(at: int, missing: tuple[int, ...]) -> float:
        if at == len(problem.supplies):
            return sum(gap_cost(need, short) for need, short in zip(needs, missing, strict=True))
        supply = problem.supplies[at]
        prices = [price(problem, supply, need) if need.part == supply.part else None for need in needs]
        room = tuple(0 if each is None else short for each, short in zip(prices, missing, strict=True))
        return min(
            sum(pieces * (each or 0.0) for pieces, each in zip(way, prices, strict=True))
            + rest(at + 1, tuple(short - pieces for short, pieces in zip(missing, way, strict=True)))
            for way in shares(supply.quantity_each, room)
        )

    return rest(0, tuple(need.quantity_each for need in needs))


def served(plan: Plan) -> dict[str | None, int]:
    """Pieces by job; None for targets."""
    lines = [(order.serves_job, order.quantity_each) for order in plan.orders]
    lines += [(line.job, line.quantity_each) for line in plan.local]
    return {job: sum(pieces for other, pieces in lines if other == job) for job, _ in lines}


@settings(max_examples=1500, deadline=None)
@given(tiny_problems())
def test_no_plan_is_cheaper_and_the_checker_agrees(problem: Problem) -> None:
    plan = solve(problem, limit=EVERYTHING)
    assert plan.objective == pytest.approx(least_cost(problem), abs=1e-9)
    assert check(problem, plan) == []
    assert (plan.status, plan.bound, plan.gap) == (Status.OPTIMAL, plan.objective, 0.0)


def test_the_last_piece_goes_to_the_aircraft_on_ground() -> None:
    routine = job("routine", priority=Class.ROUTINE, unmet_penalty=500.0)
    aog = job("aog", place=NBO, priority=Class.AOG, unmet_penalty=50_000.0)
    plan = solve(world(supplies=(Supply(0, XIY, 1),), job_needs=(routine, aog)), limit=EVERYTHING)
    assert served(plan) == {"aog": 1}
    assert [line.job for line in plan.unmet] == ["routine"]


def test_what_is_kept_for_a_job_serves_that_job_alone() -> None:
    aog = job("J-aog", priority=Class.AOG, unmet_penalty=9_000.0)
    problem = world(supplies=(Supply(0, VTE, 1, job="J-1"),), job_needs=(job(), aog), target_needs=(target(),))
    plan = solve(problem, limit=EVERYTHING)
    assert (served(plan), check(problem, plan)) == ({"J-1": 1}, [])
    stolen = replace(plan, local=(replace(plan.local[0], job="J-aog"),))
    assert {one.code for one in check(problem, stolen)} >= {"supply"}


def test_central_serves_before_a_dearer_lateral() -> None:
    plan = solve(world(supplies=(Supply(0, NBO, 1), Supply(0, XIY, 1)), job_needs=(job(),)), limit=EVERYTHING)
    (order,) = plan.orders
    assert (order.origin, order.destination, order.mode) == (XIY, VTE, "air")
    assert (order.departs_s, order.arrives_s) == (0, 8 * HOUR_S)
    assert plan.objective == order.freight_cost == 20.0 + 10 * 5.0


def test_a_lateral_serves_what_central_cannot() -> None:
    plan = solve(world(supplies=(Supply(0, NBO, 1),), job_needs=(job(),)), limit=EVERYTHING)
    (order,) = plan.orders
    assert order.origin == NBO
    assert order.lateness_cost == (60 - 24) * 10.0
    assert plan.cost_by_term == {"freight": 270.0, "purchase": 0.0, "lateness": 360.0, "unmet": 0.0}


@pytest.mark.parametrize(("penalty", "mode"), [(10.0, "sea"), (500.0, "air")])
def test_speed_is_paid_for_when_lateness_costs_more(penalty: float, mode: str) -> None:
    patient = job(latest_s=30 * DAY_S, lateness_cost_per_h=penalty / 100)
    plan = solve(world(supplies=(Supply(0, XIY, 1),), job_needs=(patient,)), limit=EVERYTHING)
    assert [order.mode for order in plan.orders] == [mode]


def test_a_cheap_mode_that_comes_too_late_is_not_used() -> None:
    free_of_lateness = job(lateness_cost_per_h=0.0)
    plan = solve(world(supplies=(Supply(0, XIY, 1),), job_needs=(free_of_lateness,)), limit=EVERYTHING)
    assert [order.mode for order in plan.orders] == ["air"]


@pytest.mark.parametrize(("penalty", "receiver"), [(300.0, "J-1"), (6_000.0, None)])
def test_a_place_gives_its_own_stock_only_to_a_need_that_loses_more(penalty: float, receiver: str | None) -> None:
    own = target(NBO, unmet_penalty=penalty)
    plan = solve(world(supplies=(Supply(0, NBO, 1),), job_needs=(job(),), target_needs=(own,)), limit=EVERYTHING)
    assert served(plan) == {receiver: 1}


def test_stock_in_place_serves_its_job_and_central_refills_the_target() -> None:
    problem = world(supplies=(Supply(0, VTE, 1), Supply(0, XIY, 1)), job_needs=(job(),), target_needs=(target(),))
    plan = solve(problem, limit=EVERYTHING)
    assert [(line.place, line.job) for line in plan.local] == [(VTE, "J-1")]
    assert [(order.origin, order.mode, order.serves_job) for order in plan.orders] == [(XIY, "sea", None)]


@pytest.mark.parametrize(
    ("penalty", "latest_s", "bought"), [(1_500.0, 20 * DAY_S, 2), (900.0, 20 * DAY_S, 0), (1_500.0, 20 * DAY_S - 1, 0)]
)
def test_central_buys_what_is_worth_it_and_comes_in_time(penalty: float, latest_s: int, bought: int) -> None:
    wanted = target(XIY, quantity_each=3, unmet_penalty=penalty, latest_s=latest_s)
    plan = solve(world(supplies=(Supply(0, XIY, 1),), target_needs=(wanted,)), limit=EVERYTHING)
    assert sum(order.quantity_each for order in plan.orders if order.kind is Kind.PURCHASE) == bought
    assert plan.cost_by_term["purchase"] == bought * 1_000.0
    assert sum(line.quantity_each for line in plan.unmet) == 2 - bought


def test_only_central_buys() -> None:
    plan = solve(world(target_needs=(target(VTE, unmet_penalty=1e6),)), limit=EVERYTHING)
    assert plan.orders == ()


def test_stock_due_in_leaves_when_it_is_there() -> None:
    plan = solve(world(supplies=(Supply(0, XIY, 1, DAY_S),), job_needs=(job(),)), limit=EVERYTHING)
    assert [(order.departs_s, order.arrives_s) for order in plan.orders] == [(DAY_S, DAY_S + AIR.lead_s)]


def test_a_price_below_a_cent_counts() -> None:
    rivet = replace(world().parts[0], number="RIVET", weight_kg=0.0)
    routes = {(XIY, VTE): (Route("truck", HOUR_S, cost_per_piece=0.0003, cost_per_kg=0.0),)}
    many = target(quantity_each=1_000_000, unmet_penalty=0.01)
    problem = world(parts=(rivet,), routes=routes, supplies=(Supply(0, XIY, 2_000_000),), target_needs=(many,))
    assert solve(problem, limit=EVERYTHING).objective == 300.0


def test_the_greatest_numbers_stay_exact() -> None:
    grand = 10**9
    routes = {(XIY, VTE): (Route("air", HOUR_S, cost_per_piece=1e9 - 0.5, cost_per_kg=1e9),)}
    weightless = replace(world().parts[0], weight_kg=0.0)
    wanted = job(quantity_each=grand, unmet_penalty=1e9, lateness_cost_per_h=0.0)
    problem = world(parts=(weightless,), routes=routes, supplies=(Supply(0, XIY, grand - 1),), job_needs=(wanted,))
    plan = solve(problem, limit=EVERYTHING)
    assert [line.quantity_each for line in plan.unmet] == [1]
    assert plan.objective == (grand - 1) * (1e9 - 0.5) + 1e9


def test_a_price_beyond_all_bounds_is_not_paid() -> None:
    anvil = replace(world().parts[0], weight_kg=1e9)
    routes = {(XIY, VTE): (Route("air", HOUR_S, cost_per_piece=0.0, cost_per_kg=1e9),)}
    problem = world(parts=(anvil,), routes=routes, supplies=(Supply(0, XIY, 1),), job_needs=(job(),))
    assert solve(problem, limit=EVERYTHING).objective == 5_000.0


@pytest.mark.parametrize(("penalty", "orders"), [(70.0, 0), (70.0001, 1)])
def test_a_need_is_served_where_that_costs_less_than_its_penalty(penalty: float, orders: int) -> None:
    problem = world(supplies=(Supply(0, XIY, 1),), job_needs=(job(unmet_penalty=penalty),))
    assert len(solve(problem, limit=EVERYTHING).orders) == orders


def test_nothing_wanted_is_an_optimal_plan() -> None:
    plan = solve(world(supplies=(Supply(0, XIY, 4),)), limit=EVERYTHING)
    assert (plan.status, plan.objective, plan.orders, plan.unmet) == (Status.OPTIMAL, 0.0, (), ())


def many_parts(number: int) -> Problem:
    """So many pumps at central, each wanted by one job; the last by an AOG job, the first by a target too."""
    jobs = tuple(job(f"J-{i}", part=i, priority=Class.AOG if i == number - 1 else Class.ROUTINE) for i in range(number))
    parts = tuple(replace(world().parts[0], number=f"PUMP-{i}") for i in range(number))
    supplies = tuple(Supply(i, XIY, 1) for i in range(number))
    return world(parts=parts, supplies=supplies, job_needs=jobs, target_needs=(target(XIY),))


def test_an_early_end_plans_the_most_urgent_parts_and_says_what_is_left() -> None:
    problem = many_parts(5)
    plan = solve(problem, limit=Limit(iterations=2))
    assert [order.serves_job for order in plan.orders] == ["J-4", "J-0"]
    assert {reason.code for line in plan.unmet for reason in line.reasons if line.part not in (0, 4)} == {"not_planned"}
    assert (plan.status, plan.bound, plan.gap) == (Status.FEASIBLE, None, None)
    assert check(problem, plan) == []


def test_the_limit_is_not_early_when_it_is_just_enough() -> None:
    assert solve(many_parts(5), limit=Limit(iterations=5)).status is Status.OPTIMAL


def test_should_stop_ends_the_solve() -> None:
    calls = count()
    plan = solve(many_parts(5), limit=EVERYTHING, should_stop=lambda: next(calls) == 3)
    assert (len(plan.orders), plan.status) == (3, Status.FEASIBLE)


def test_a_spent_time_limit_ends_the_solve() -> None:
    plan = solve(many_parts(5), limit=Limit(seconds=1e-9))
    assert (plan.orders, plan.status, len(plan.unmet)) == ((), Status.FEASIBLE, 6)


def test_refills_come_last() -> None:
    problem = many_parts(3)
    pump = replace(problem.parts[0], number="REFILL")
    refill = replace(
        problem,
        parts=(*problem.parts, pump),
        supplies=(*problem.supplies, Supply(3, XIY, 1)),
        job_needs=tuple(replace(need, priority=Class.ROUTINE) for need in problem.job_needs),
        target_needs=(target(part=3),),
    )
    moved = {order.part for order in solve(refill, limit=Limit(iterations=3)).orders}
    assert moved == {0, 1, 2}


@settings(max_examples=40, deadline=None)
@given(tiny_problems())
def test_the_same_problem_gives_the_same_plan_whatever_the_seed(problem: Problem) -> None:
    first, second = (solve(problem, limit=EVERYTHING, seed=seed) for seed in (0, 7))
    assert replace(first, seconds=0.0) == replace(second, seconds=0.0)


def test_progress_falls_to_the_plan_s_cost() -> None:
    reports: list[Progress] = []
    plan = solve(many_parts(REPORT_EVERY + 1), limit=EVERYTHING, on_progress=reports.append)
    assert [report.iteration for report in reports] == [REPORT_EVERY, REPORT_EVERY + 1]
    assert reports[0].objective > reports[1].objective == plan.objective == reports[1].bound


def test_a_place_without_route_supplies_nothing() -> None:
    routes = {(VTE, XIY): (AIR,), (XIY, NBO): (AIR,)}
    plan = solve(world(routes=routes, supplies=(Supply(0, XIY, 1),), job_needs=(job(),)), limit=EVERYTHING)
    assert plan.orders == ()
