"""Why a planned job is with whom it is: terms and runner-ups, by hand and against the price of the other plan."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings

from optimizer.dispatch.check import check, price
from optimizer.dispatch.choices import Choices
from optimizer.dispatch.jobs import Pin, PinKind, Running, Seat
from optimizer.dispatch.model import ChangeCost, Problem
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Validity, Window
from optimizer.run import Limit, Status
from tests.optimizer.dispatch import worlds
from tests.optimizer.dispatch.brute import best
from tests.optimizer.dispatch.drawn import problems
from tests.optimizer.dispatch.worlds import FAR, STORE, job, near_and_far, shift, technician, world

LIMIT = Limit(iterations=100)


def terms(problem: Problem, number: str) -> dict[str, float]:
    """What a job adds to each term of the plan, but for zeros."""
    told = Choices(problem, solve(problem, limit=LIMIT, seed=1)).of(number).terms
    return {term: money for term, money in told.items() if abs(money) > 1e-9}


def test_a_job_alone_on_its_tour_adds_all_of_the_tour() -> None:
    """Two there, four of work, two back; a second late."""
    assert terms(worlds.lateness()[0], "J1") == pytest.approx({"labour": 8, "travel": 4, "lateness": 1})


def test_a_job_on_the_way_adds_its_work_only() -> None:
    """J1 at NEAR is on the way to J2 at FAR: four of work. J2 adds six of way besides."""
    problem = world(job("J1"), job("J2", FAR))
    assert terms(problem, "J1") == pytest.approx({"labour": 4})
    assert terms(problem, "J2") == pytest.approx({"labour": 10, "travel": 6})


def test_runner_ups_are_told_best_first_with_what_they_cost_more() -> None:
    """C at STORE is one from NEAR, A at HOME two, B at FAR three: each unit of it costs four in all."""
    people = [*near_and_far(), technician("C", shift(place=STORE)), technician("D", shift(0, 5))]
    problem = world(people=people)
    told = Choices(problem, solve(problem, limit=LIMIT, seed=1)).of("J1")
    assert told.technicians == ("C",)
    assert [one.technician for one in told.runner_ups] == ["A", "B"]
    assert [one.extra_cost for one in told.runner_ups] == pytest.approx([4, 8])
    (late,) = told.refused
    assert (late.code, late.values) == ("travel_too_long", {"people": 1})
    assert late.misses_by == pytest.approx(3 / 60)
    assert [one.technician for one in Choices(problem, solve(problem, limit=LIMIT)).of("J1", most=1).runner_ups] == [
        "A"
    ]


def test_each_seat_of_a_crew_has_runner_ups() -> None:
    """A and C do it together; B could replace either, dearer by what he is further away."""
    people = [*near_and_far(), technician("C", shift(place=STORE))]
    problem = world(job(seats=(Seat("first"), Seat("second"))), people=people)
    told = Choices(problem, solve(problem, limit=LIMIT, seed=1)).of("J1")
    assert sorted(told.technicians) == ["A", "C"]
    assert {one.technician for one in told.runner_ups} == {"B"}
    extra = {told.technicians[one.seat]: one.extra_cost for one in told.runner_ups}
    assert extra == pytest.approx({"A": 4, "C": 8})


def test_everybody_else_is_told_the_cheapest_first_and_then_why_not() -> None:
    """A and B as above; D is late, E lacks what is asked, F may not."""
    held = {"q": (Validity(0, 100),)}
    others = (technician("D", shift(0, 5)), technician("F"), technician("C", shift(place=STORE)))
    people = [replace(one, qualifications=held) for one in (*near_and_far(), *others)] + [technician("E")]
    asked = job(seats=(Seat(qualifications=frozenset("q")),), forbidden=frozenset("F"))
    problem = world(asked, people=people)
    a, b, *rest = Choices(problem, solve(problem, limit=LIMIT, seed=1)).others("J1")
    assert [(one.technician, one.reasons) for one in (a, b)] == [("A", ()), ("B", ())]
    assert [one.extra_cost for one in (a, b)] == pytest.approx([4, 8])
    assert [(one.technician, one.extra_cost, [why.code for why in one.reasons]) for one in rest] == [
        ("D", None, ["travel_too_long"]),
        ("E", None, ["no_qualified_technician"]),
        ("F", None, ["not_permitted"]),
    ]
    assert rest[0].reasons[0].misses_by == pytest.approx(3 / 60)
    assert rest[1].reasons[0].values == {"qualifications": "q"}


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(problems())
def test_one_by_one_the_same_is_told_as_by_class(problem: Problem) -> None:
    """Who could have a seat is a runner-up for as much; the others are those counted in the classes of reasons."""
    plan = solve(problem, limit=Limit(iterations=40), seed=1)
    choices = Choices(problem, plan)
    for one in problem.jobs:
        if one.number in {left.job for left in plan.left_out}:
            continue
        told, classes = choices.of(one.number, most=99), Counter[str]()
        alone = [choices.others(one.number, seat) for seat in range(len(one.seats))]
        for seat, others in enumerate(alone):
            fit = {other.technician: other.extra_cost for other in others if other.extra_cost is not None}
            same = {other.technician: other.extra_cost for other in told.runner_ups if other.seat == seat}
            assert fit == pytest.approx(same)
            classes.update(why.code for other in others for why in other.reasons)
        counted = Counter[str]()
        for why in told.refused:
            counted[why.code] += int(why.values["people"])
        crew = len(one.seats) * len(set(told.technicians))
        assert classes <= counted
        assert (counted - classes).total() <= crew


def test_a_pinned_job_has_no_runner_up_and_one_left_out_no_choice() -> None:
    """Nobody but the one who is named may do it; what nobody does cannot be explained as a choice."""
    problem, _ = worlds.pinned()
    assert Choices(problem, solve(problem, limit=LIMIT)).of("J1").runner_ups == ()
    problem, _ = worlds.windows()
    with pytest.raises(ValueError, match="job J1 is not planned"):
        Choices(problem, solve(problem, limit=LIMIT)).of("J1")


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(problems())
def test_the_terms_of_drawn_jobs_add_up_and_asking_changes_nothing(problem: Problem) -> None:
    """Asked twice, and for all jobs in between, the same is told; nobody of the crew is his own runner-up."""
    assume(best(problem) is not None)
    plan = solve(problem, limit=Limit(iterations=40), seed=1)
    choices = Choices(problem, plan)
    planned = [one.number for one in problem.jobs if one.number not in {left.job for left in plan.left_out}]
    first = [choices.of(number) for number in planned]
    for told, again in zip(first, [choices.of(number) for number in planned], strict=True):
        assert [one.technician for one in told.runner_ups] == [one.technician for one in again.runner_ups]
        assert told.terms == pytest.approx(again.terms, abs=1e-6)
        assert not {one.technician for one in told.runner_ups} & set(told.technicians)
    assert choices.terms == pytest.approx(price(problem, plan), abs=1e-6)


def test_a_job_at_the_time_that_was_told_costs_no_change_of_plan() -> None:
    """He is there at 2 and begins at 20, as the customer was told: nothing of that is a change."""
    told = job("J1", running=Running(("A",), 20.0), load=0.5)
    problem = world(told, job("J2", FAR), people=[technician("A")], change=ChangeCost(per_h=worlds.A_SECOND))
    plan = solve(problem, limit=LIMIT, seed=1)
    assert plan.cost_by_term["plan_change"] == pytest.approx(0.0)
    assert Choices(problem, plan).of("J1").terms["plan_change"] == pytest.approx(0.0)


def test_what_a_job_costs_is_what_the_best_plan_without_it_saves() -> None:
    """Where leaving it out is the only other way, the terms sum to the difference of both optima, best timed."""
    night = replace(worlds.PAY, night_per_h=worlds.A_SECOND, nights=(Window(0, 6),))
    problem = world(job("J1"), job("J2", FAR, windows=(Window(40, 60),)), people=[technician("A", pay=night)])
    plan = solve(problem, limit=LIMIT, seed=1)
    without = solve(replace(problem, jobs=problem.jobs[1:]), limit=LIMIT, seed=1)
    assert sum(Choices(problem, plan).of("J1").terms.values()) == pytest.approx(plan.objective - without.objective)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(problems())
def test_a_runner_up_is_no_better_than_the_proven_best_with_him(problem: Problem) -> None:
    """With the job pinned to the runner-up, brute force finds a plan no dearer than the plan with the told extra."""
    assume(best(problem) is not None)
    plan = solve(problem, limit=Limit(iterations=40), seed=1)
    assert check(problem, plan) == []
    assume(plan.status is not Status.INFEASIBLE)
    choices = Choices(problem, plan)
    left = {one.job for one in plan.left_out}
    for one in problem.jobs:
        if one.number in left or one.pin is not None or len(one.seats) > 1:
            continue
        for other in choices.of(one.number).runner_ups:
            pinned = replace(one, pin=Pin(PinKind.ASSIGNED, (other.technician,)))
            proven = best(replace(problem, jobs=tuple(pinned if job is one else job for job in problem.jobs)))
            assert proven is not None
            assert proven.objective <= plan.objective + other.extra_cost + 1e-4


def test_the_extra_cost_is_the_difference_of_the_prices_of_both_plans() -> None:
    """Where the other plan is the best with the job pinned to the runner-up, the difference is exact."""
    problem = world(job("J1"), job("J2", STORE), people=near_and_far())
    plan = solve(problem, limit=LIMIT, seed=1)
    told = Choices(problem, plan).of("J2")
    (other,) = told.runner_ups
    pins = {"J1": told.technicians, "J2": (other.technician,)}
    jobs = tuple(replace(one, pin=Pin(PinKind.ASSIGNED, pins[one.number])) for one in problem.jobs)
    pinned = best(replace(problem, jobs=jobs))
    assert pinned is not None
    difference = sum(price(problem, pinned).values()) - sum(price(problem, plan).values())
    assert other.extra_cost == pytest.approx(difference)


def test_a_plan_with_a_job_that_the_problem_has_not_is_refused() -> None:
    whole = world(job("J1"), job("J2"))
    plan = solve(whole, limit=LIMIT, seed=1)

    with pytest.raises(ValueError, match="has J2, unknown to this problem"):
        Choices(replace(whole, jobs=whole.jobs[:1]), plan)
