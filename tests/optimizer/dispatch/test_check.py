"""The checker passes sound plans, and names the rule that a plan breaks; each money term has a worked number."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from optimizer.dispatch.check import check, price
from optimizer.dispatch.jobs import PartNeed, Pin, PinKind, Removed, Seat
from optimizer.dispatch.model import Depot, Problem
from optimizer.dispatch.plan import TERMS, LeftOut, Missed, Outcome, Plan, Route, Stop, StopKind, Taken
from optimizer.dispatch.technicians import Band, Break, Shift, Validity, Window
from optimizer.run import Status
from tests.optimizer.dispatch import worlds
from tests.optimizer.dispatch.brute import best
from tests.optimizer.dispatch.drawn import problems
from tests.optimizer.dispatch.worlds import A_SECOND, FAR, HOME, NEAR, PAY, STORE, Pair, job, shift, technician, world


def optimum(problem: Problem) -> Plan:
    """Return the cheapest plan, which is sound."""
    plan = best(problem)
    assert plan is not None
    assert check(problem, plan) == []
    return plan


def priced(problem: Problem, plan: Plan) -> Plan:
    """Return a plan with what it costs, and with no claim."""
    terms = price(problem, plan)
    fails = any(one.mandatory and one.number in {out.job for out in plan.left_out} for one in problem.jobs)
    return replace(
        plan,
        status=Status.INFEASIBLE if fails else Status.FEASIBLE,
        objective=math.fsum(terms.values()),
        bound=None,
        gap=None,
        cost_by_term=terms,
    )


def codes(problem: Problem, plan: Plan) -> set[str]:
    """Return the codes of what is wrong."""
    return {one.code for one in check(problem, plan)}


def with_stop(plan: Plan, position: int = 0, **changes: Any) -> Plan:
    """Return a plan of one route with a stop changed."""
    (route,) = plan.routes
    stops = list(route.stops)
    stops[position] = replace(stops[position], **changes)
    return replace(plan, routes=(replace(route, stops=tuple(stops)),))


def with_route(plan: Plan, **changes: Any) -> Plan:
    """Return a plan of one route with that changed."""
    (route,) = plan.routes
    return replace(plan, routes=(replace(route, **changes),))


@pytest.mark.parametrize("pair", worlds.DECIDING, ids=lambda pair: pair.__name__)
def test_each_rule_alone_decides(pair: Callable[[], Pair]) -> None:
    told = tuple(optimum(problem).objective for problem in pair())

    assert told == pytest.approx(worlds.DECIDING[pair])


BROKEN = {
    worlds.windows: "window",
    worlds.release: "release",
    worlds.overtime_limit: "shift",
    worlds.rest: "shift",
    worlds.breaks: "break",
    worlds.capacity: "load",
    worlds.kit: "kit",
    worlds.depot_stock: "stock",
    worlds.depot_window: "depot",
    worlds.tools: "tool",
    worlds.delivery: "parts",
    worlds.shared_tools: "shared_tool",
    worlds.crew: "seats",
    worlds.crew_at_once: "seat_gap",
    worlds.crew_in_turn: "seat_gap",
    worlds.precedence: "precedence",
    worlds.precedence_at_once: "precedence",
    worlds.same: "together",
    worlds.different: "together",
    worlds.pinned: "pin",
    worlds.sequenced: "pin",
    worlds.started: "pin",
    worlds.changes_max: "changes",
    worlds.budget: "budget",
    worlds.forbidden: "forbidden",
    worlds.flights: "flight",
    worlds.proficiency: "duration",
    worlds.appointment: "appointment",
    worlds.qualification: "qualification",
    worlds.permission: "permission",
}


@pytest.mark.parametrize("pair", BROKEN, ids=lambda pair: pair.__name__)
def test_the_best_plan_without_a_rule_breaks_it(pair: Callable[[], Pair]) -> None:
    problem, without = pair()

    assert codes(problem, priced(problem, optimum(without))) == {BROKEN[pair]}


@pytest.mark.parametrize(
    ("pair", "term", "money"),
    [
        (worlds.windows, "unserved", 1000),
        (worlds.lateness, "lateness", 1),
        (worlds.lateness, "labour", 8),
        (worlds.lateness, "travel", 4),
        (worlds.worst_lateness, "worst_lateness", 1),
        (worlds.overtime, "overtime", 2),
        (worlds.nights, "night", 5),
        (worlds.call_out, "call_out", 50),
        (worlds.fairness, "fairness", 8),
        (worlds.alternates, "alternates", 7),
        (worlds.plan_change, "plan_change", 3),
        (worlds.plan_moved, "plan_change", 2),
        (worlds.preferred, "preference", 3),
        (worlds.flights, "unserved", 1000),
    ],
)
def test_each_term_has_its_price(pair: Callable[[], Pair], term: str, money: float) -> None:
    problem, _ = pair()

    assert price(problem, optimum(problem))[term] == pytest.approx(money)


@pytest.mark.parametrize(
    ("changes", "term", "money"),
    [
        ({"outsourcing_cost": 10}, "outsourcing", 10),
        ({"deferral_cost": 10}, "deferral", 10),
        ({"deferral_cost": 10, "outsourcing_cost": 10}, "deferral", 10),
        ({"unserved_cost": 10, "deferral_cost": 10}, "unserved", 10),
        ({"removed": Removed(HOME, 5)}, "return_freight", -5),
    ],
)
def test_what_a_job_costs_or_saves(changes: dict[str, Any], term: str, money: float) -> None:
    problem = world(job(**changes))

    assert price(problem, optimum(problem))[term] == money


def test_bands_add_up() -> None:
    """Five late: one a second from the start, one more after three."""
    problem = world(job(due_s=1, lateness=(Band(0, A_SECOND), Band(3, A_SECOND))))

    assert price(problem, optimum(problem))["lateness"] == pytest.approx(5 + 2)


@pytest.mark.parametrize(("paid", "labour"), [(True, 13), (False, 8)])
def test_only_a_paid_break_is_paid(paid: bool, labour: float) -> None:
    problem = world(job(windows=(Window(2),)), people=[technician("A", shift(0, 14, breaks=(Break(2, 6, 5, paid),)))])
    stops = (
        Stop(StopKind.BREAK, "", NEAR, 2, 2, 7, 2, 2),
        Stop(StopKind.JOB, "J1", NEAR, 7, 7, 11, 0, 0),
    )
    plan = priced(problem, Plan(Status.FEASIBLE, 0, None, None, 0, (Route("A", 0, 0, 13, stops, 2, 2),), ()))

    assert check(problem, plan) == []
    assert plan.cost_by_term["labour"] == pytest.approx(labour)


def out() -> tuple[Problem, Plan]:
    """Five there, three of work, a night, one more of work, five back: fourteen on duty."""
    problem = worlds.away()
    stops = (Stop(StopKind.JOB, "J1", FAR, 5, 5, 21, 5, 5),)
    return problem, priced(problem, Plan(Status.FEASIBLE, 0, None, None, 0, (Route("A", 0, 0, 26, stops, 5, 5),), ()))


def test_who_stays_away_is_paid_for_the_time_on_duty() -> None:
    problem, plan = out()

    assert check(problem, plan) == []
    assert plan.objective == pytest.approx(14 + 10)


@pytest.mark.parametrize(
    ("stop", "route", "code"),
    [
        ({"start_s": 10.0}, {}, "duty"),
        ({"end_s": 20.0}, {"returns_s": 25.0}, "duty"),
        ({"end_s": 22.0}, {"returns_s": 27.0}, "duty"),
        ({"arrives_s": 4.0}, {}, "travel"),
        ({}, {"returns_s": 25.0}, "travel"),
        ({}, {"returns_s": 29.0}, "shift"),
    ],
)
def test_work_and_travel_away_take_time_on_duty(stop: dict[str, Any], route: dict[str, Any], code: str) -> None:
    problem, plan = out()

    assert code in codes(problem, priced(problem, with_route(with_stop(plan, **stop), **route)))


def test_only_what_may_pause_goes_on_in_the_next_shift() -> None:
    problem, plan = out()
    whole = replace(problem, jobs=tuple(replace(one, pausable=False) for one in problem.jobs))

    assert codes(whole, plan) == {"duration", "duty"}


SOUND = world(job())


@pytest.mark.parametrize(
    ("breaks", "expected"),
    [
        (lambda plan: with_route(plan, technician="nobody"), {"unknown"}),
        (lambda plan: with_route(plan, shift=1), {"unknown"}),
        (lambda plan: with_stop(plan, name="J9"), {"unknown"}),
        (lambda plan: with_stop(plan, seat=1), {"unknown"}),
        (lambda plan: with_stop(plan, place=9), {"unknown"}),
        (lambda plan: with_stop(plan, flight=0), {"unknown"}),
        (lambda plan: with_stop(plan, kind=StopKind.DEPOT), {"unknown"}),
        (lambda plan: with_stop(plan, start_s=math.nan), {"number"}),
        (lambda plan: replace(plan, objective=math.inf), {"number"}),
        (lambda plan: with_stop(plan, arrives_s=plan.routes[0].stops[0].arrives_s - 1), {"travel"}),
        (lambda plan: with_stop(plan, travel_s=3.0), {"travel"}),
        (lambda plan: with_stop(plan, travel_cost=3.0), {"price"}),
        (lambda plan: with_route(plan, return_s=3.0), {"travel"}),
        (lambda plan: with_route(plan, return_cost=3.0), {"price"}),
        (lambda plan: with_stop(plan, end_s=plan.routes[0].stops[0].end_s + 1), {"duration", "travel"}),
        (lambda plan: with_stop(plan, parts=(Taken("p", 1, "kit"),)), {"parts", "kit"}),
        (lambda plan: replace(plan, routes=plan.routes * 2), {"route", "twice"}),
        (lambda plan: replace(plan, routes=()), {"missing"}),
        (lambda plan: replace(plan, left_out=(LeftOut("J1", Outcome.UNSERVED, 1000),)), {"twice"}),
        (lambda plan: replace(plan, left_out=(LeftOut("J9", Outcome.UNSERVED, 1000),)), {"unknown"}),
    ],
)
def test_a_broken_plan_is_refused(breaks: Callable[[Plan], Plan], expected: set[str]) -> None:
    broken = breaks(optimum(SOUND))
    if not expected & {"unknown", "number"}:
        broken = priced(SOUND, broken)

    assert codes(SOUND, broken) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"objective": 13.0, "bound": 13.0}, {"total"}),
        ({"cost_by_term": {}}, {"total"}),
        ({"cost_by_term": {**dict.fromkeys(TERMS, 0.0), "labour": 8, "travel": 4, "tips": 0}}, {"total"}),
        ({"bound": None}, {"proof"}),
        ({"gap": None}, {"proof"}),
        ({"bound": 11.0}, {"proof"}),
        ({"bound": 14.0, "status": Status.FEASIBLE}, {"proof"}),
        ({"bound": 11.0, "status": Status.FEASIBLE}, set()),
        ({"status": Status.INFEASIBLE}, {"status"}),
        ({"status": Status.TIMEOUT_NO_PLAN}, {"status"}),
    ],
)
def test_totals_status_and_bound_are_checked(changes: dict[str, Any], expected: set[str]) -> None:
    assert codes(SOUND, replace(optimum(SOUND), **changes)) == expected


def test_a_plan_that_leaves_out_a_mandatory_job_says_so() -> None:
    problem = world(job(mandatory=True, windows=(Window(200),)))
    plan = optimum(problem)

    assert plan.status is Status.INFEASIBLE
    assert codes(problem, replace(plan, status=Status.FEASIBLE)) == {"status"}


def test_a_job_left_out_has_its_cheapest_outcome() -> None:
    problem = world(job(outsourcing_cost=10))
    dear = (LeftOut("J1", Outcome.UNSERVED, 1000),)

    assert codes(problem, replace(optimum(problem), left_out=dear)) == {"outcome", "price"}


def test_work_begins_after_arrival_at_its_place() -> None:
    plan = optimum(SOUND)
    (stop,) = plan.routes[0].stops
    early = with_route(with_stop(plan, start_s=stop.start_s - 1, end_s=stop.end_s - 1), returns_s=stop.end_s + 1)
    elsewhere = with_stop(plan, place=STORE)

    assert codes(SOUND, priced(SOUND, early)) == {"arrival"}
    assert "place" in codes(SOUND, priced(SOUND, elsewhere))


def test_nobody_leaves_before_the_shift() -> None:
    early, problem = (world(people=[technician("A", shift(start_s, 30))]) for start_s in (0, 10))
    before = priced(problem, with_route(optimum(early), departs_s=0.0))
    stop = before.routes[0].stops[0]
    before = priced(problem, with_stop(before, arrives_s=2.0, start_s=stop.start_s))

    assert codes(problem, before) == {"shift"}


def test_one_person_takes_one_seat() -> None:
    two = world(job(seats=(Seat(), Seat("second", after_min_s=4, after_max_s=4))), people=[technician()])
    stops = (Stop(StopKind.JOB, "J1", NEAR, 2, 2, 6, 2, 2), Stop(StopKind.JOB, "J1", NEAR, 6, 6, 10, 0, 0, seat=1))
    plan = Plan(Status.FEASIBLE, 0, None, None, 0, (Route("A", 0, 0, 12, stops, 2, 2),), ())

    assert codes(two, priced(two, plan)) == {"crew"}


def test_parts_and_tools_come_from_a_depot_that_was_visited_before() -> None:
    problem = world(
        job(parts=(PartNeed(("p",)),), tools=frozenset("t")),
        depots=(Depot("D", NEAR, {"p": 1}, frozenset("t")),),
    )
    plan = optimum(problem)
    (route,) = plan.routes
    depot, work = route.stops
    later = (
        replace(work, arrives_s=depot.arrives_s, travel_s=2.0, travel_cost=2.0, start_s=work.start_s),
        replace(depot, arrives_s=work.end_s, start_s=work.end_s, end_s=work.end_s, travel_s=0.0, travel_cost=0.0),
    )

    assert codes(problem, priced(problem, with_route(plan, stops=later))) == {"parts", "tool"}
    twice = (depot, replace(depot, arrives_s=depot.end_s, travel_s=0.0, travel_cost=0.0), work)
    assert codes(problem, priced(problem, with_route(plan, stops=twice))) == {"depot"}


@pytest.mark.parametrize(
    ("need", "taken"),
    [
        (PartNeed(("p",)), Taken("q", 1, "kit")),
        (PartNeed(("p",), 2), Taken("p", 1, "kit")),
        (PartNeed(("p",), carried=False), Taken("p", 1, "kit")),
        (PartNeed(("p",)), Taken("p", 1, "delivered")),
        (PartNeed(("p", "q"), ready_s=0), Taken("q", 1, "delivered")),
        (PartNeed(("p",)), Taken("p", 1, "D")),
    ],
)
def test_a_part_is_what_is_needed_from_where_it_can_be(need: PartNeed, taken: Taken) -> None:
    problem = world(job(parts=(need,)), people=[technician(parts={"p": 5, "q": 5})], depots=(Depot("D", HOME),))
    plan = with_stop(optimum(world(job(), people=problem.technicians)), parts=(taken,))

    assert "parts" in codes(problem, priced(problem, plan))


def test_a_break_that_is_not_due_is_not_taken() -> None:
    plan = optimum(SOUND)
    (route,) = plan.routes
    rest = Stop(StopKind.BREAK, "", HOME, route.departs_s, route.departs_s, route.departs_s, 0, 0)

    assert codes(SOUND, priced(SOUND, with_route(plan, stops=(rest, *route.stops)))) == {"break"}


def test_an_appointment_outside_the_shifts_binds_nobody() -> None:
    date = worlds.appointment()[0].technicians[0].appointments[0]
    problem = world(people=[technician("A", shift(0, 5), shift(8, 30), appointments=(date,))])

    assert optimum(problem).objective == 12


@pytest.mark.parametrize(
    "missed", [(Missed("nobody", "x", 0.0),), (Missed("A", "x", 5.0),), (Missed("A", "school", 6.0),)]
)
def test_a_missed_appointment_is_one_that_there_is(missed: tuple[Missed, ...]) -> None:
    problem = worlds.appointment()[0]
    plan = replace(priced(problem, optimum(problem)), missed=missed, status=Status.INFEASIBLE)

    assert [one.code for one in check(problem, plan)] == ["appointment"]


def test_an_appointment_is_kept_or_missed_and_the_checker_says_which_is_wrong() -> None:
    problem = worlds.appointment()[0]
    plan = optimum(problem)
    both = replace(plan, missed=(Missed("A", "school", 5.0),), status=Status.INFEASIBLE)
    neither = priced(problem, replace(plan, routes=()))

    assert [one.where for one in check(problem, both)] == ["A school is told as missed: kept, or no such"]
    assert [one.where for one in check(problem, neither) if one.code == "appointment"] == ["A school is missing"]


def test_what_has_begun_is_not_asked_who_may_do_it() -> None:
    barred: dict[str, Any] = {
        "seats": (Seat(qualifications=frozenset("q")),),
        "forbidden": frozenset("A"),
        "release_s": 50,
    }
    problem = world(job(**barred, windows=(Window(60, 70),), pin=Pin(PinKind.DONE, ("A",), 10)))

    assert optimum(problem).objective == 12


def test_validities_that_meet_hold_together() -> None:
    held = {"q": (Validity(4, 20), Validity(0, 4))}
    seats = (Seat(qualifications=frozenset("q")),)

    assert optimum(world(job(seats=seats), people=[technician("A", Shift(0, 8, HOME, HOME), qualifications=held)]))


def test_the_price_of_time_is_that_of_the_technician() -> None:
    dear = world(people=[technician(pay=replace(PAY, per_h=2 * A_SECOND))])

    assert price(dear, optimum(dear))["labour"] == pytest.approx(16)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems())
def test_the_plans_of_brute_force_are_sound(problem: Problem) -> None:
    plan = best(problem)
    assume(plan is not None)
    assert plan is not None

    assert check(problem, plan) == []
    assert plan.objective == pytest.approx(math.fsum(price(problem, plan).values()))
