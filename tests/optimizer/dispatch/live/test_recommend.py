"""Places for new jobs on a running plan: the price told is the price paid, and the best is the best there is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from optimizer.dispatch.check import check, price
from optimizer.dispatch.jobs import Job, Pin, PinKind, Seat
from optimizer.dispatch.kernel.attempts import undo
from optimizer.dispatch.live.answers import Option
from optimizer.dispatch.live.running import RunningPlan
from optimizer.dispatch.model import Precedence, Problem
from optimizer.dispatch.plan import StopKind
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Validity, Window
from optimizer.run import Limit
from tests.optimizer.dispatch.brute import best
from tests.optimizer.dispatch.drawn import problems, wide_problems
from tests.optimizer.dispatch.live.test_extended import split
from tests.optimizer.dispatch.worlds import FAR, NEAR, STORE, job, near_and_far, shift, technician, world

DRAWN = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
LIMIT = Limit(iterations=40)


def planned(problem: Problem) -> RunningPlan:
    return RunningPlan(problem, solve(problem, limit=LIMIT, seed=1))


def running(problem: Problem, number: int) -> tuple[RunningPlan, list[Job]]:
    """A running plan without the last jobs, and these as new ones, none of them begun."""
    less, whole = split(problem, min(number, len(problem.jobs) - 1))
    plan = solve(less, limit=LIMIT, seed=1)
    try:
        held = RunningPlan(less, plan)
    except ValueError:  # a plan whose best times the engine's own times do not keep
        assume(False)
    new = [
        one if one.pin is None or one.pin.kind is PinKind.ASSIGNED else replace(one, pin=None)
        for one in whole.jobs[len(less.jobs) :]
    ]
    return held, new


def honest(held: RunningPlan, option: Option) -> None:
    """The told terms are the difference of the prices of both plans, and the plan is sound."""
    before, after = price(held.problem, held.plan), price(option.problem, option.plan)
    assert option.terms == pytest.approx({term: after[term] - before[term] for term in after}, abs=1e-6)
    assert option.extra_cost == pytest.approx(math.fsum(after.values()) - math.fsum(before.values()), abs=1e-6)
    assert check(option.problem, option.plan) == []


@DRAWN
@given(problems() | wide_problems(), st.integers(1, 2), st.integers(0, 2))
def test_the_price_told_is_the_price_after_it_is_taken(problem: Problem, number: int, displaced: int) -> None:
    assume(len(problem.jobs) > 1)
    held, new = running(problem, number)
    told = held.recommend(*new, displaced_max=displaced)
    again = held.recommend(*new, displaced_max=displaced)
    assert told == again
    asked = {one.number for one in new}
    for option in told.options:
        honest(held, option)
        assert {place.job for place in option.places} == asked
        assert len(option.displaced) <= displaced
        pinned = {one.number for one in held.problem.jobs if one.pin is not None}
        assert not pinned & {one.job for one in option.displaced}
    costs = [option.extra_cost for option in told.options]
    assert costs == sorted(costs)
    if told.options:
        before = price(held.problem, held.plan)
        plan = held.take(told.options[-1])
        assert plan is held.plan
        after = price(held.problem, held.plan)
        assert math.fsum(after.values()) - math.fsum(before.values()) == pytest.approx(costs[-1], abs=1e-6)
        with pytest.raises(ValueError, match="ask again"):
            held.take(told.options[-1])
        assert held.plan.cost_by_term == pytest.approx(after, abs=1e-6)


@DRAWN
@given(problems(jobs_max=4))
def test_no_option_is_better_than_the_proven_best(problem: Problem) -> None:
    """Brute force over everything finds no plan that costs more than the plan with the best option."""
    assume(len(problem.jobs) > 1)
    assume(best(problem) is not None)
    held, new = running(problem, 1)
    told = held.recommend(*new, displaced_max=1)
    for option in told.options:
        proven = best(option.problem)
        assert proven is not None
        mandatory = {one.number for one in option.problem.jobs if one.mandatory or one.pin is not None}
        out = [sum(left.job in mandatory for left in plan.left_out) for plan in (proven, option.plan)]
        if out[0] == out[1]:
            assert proven.objective <= option.plan.objective + 1e-4


def test_with_one_displaced_the_best_is_what_all_pairs_of_moves_give() -> None:
    """A is full with J1, which B could do as well; only A may do the new one."""
    only_a = Seat(permitted={"A": (Validity(0, 100),)})
    people = [technician("A", shift(0, 9)), technician("B", shift(0, 12, place=FAR))]
    problem = world(job("J1"), people=people)
    held = planned(problem)
    new = job("J2", seats=(only_a,))
    assert held.recommend(new).options == ()
    (option,) = held.recommend(new, displaced_max=1).options
    honest(held, option)
    (gone,) = option.displaced
    assert (gone.job, gone.technicians_before, gone.technicians) == ("J1", ("A",), ("B",))
    assert option.extra_cost == pytest.approx(16)  # B: three there, four, three back, and six of way
    place = option.places[0]
    assert (place.technician, place.start_s, place.after, place.before) == ("A", 2.0, None, None)


def test_two_short_jobs_go_for_a_long_one() -> None:
    """A has time for both or for the new one, and nobody but him may do that; B has time for one of them."""
    only_a = Seat(permitted={"A": (Validity(0, 100),)})
    people = [technician("A", shift(0, 12)), technician("B", shift(0, 8))]
    held = planned(world(job("J1"), job("J2"), people=people[:1]))
    held = RunningPlan(replace(held.problem, technicians=tuple(people)), held.plan)
    new = job("J3", duration_s=8, seats=(only_a,), unserved_cost=9000.0)
    assert held.recommend(new, displaced_max=1).options == ()
    (option,) = held.recommend(new, displaced_max=2).options
    honest(held, option)
    assert sorted((one.job, one.technicians) for one in option.displaced) == [("J1", ("B",)), ("J2", ())]
    assert [one.left_out.cost for one in option.displaced if one.left_out is not None] == [1000.0]


def test_appointments_tell_the_price_of_each_or_why_nobody_can() -> None:
    """J1 keeps A until 6 at NEAR; B at FAR is free. Nobody is on duty at 200."""
    held = planned(world(job("J1", windows=(Window(2, 2),)), people=near_and_far()))
    slots = [Window(0, 4), Window(6, 8), Window(200, 210)]
    told = held.appointments(job("J2", windows=(Window(500),)), slots)
    assert [slot.window for slot in told] == slots
    assert [place.technician for slot in told[:2] for place in slot.places] == ["B", "A"]
    assert [place.job for slot in told[:2] for place in slot.places] == ["J2", "J2"]
    assert [slot.extra_cost for slot in told] == [pytest.approx(16), pytest.approx(4), None]
    (why,) = told[2].reasons
    assert why.code == "outside_shifts"


@DRAWN
@given(problems(), st.lists(st.integers(0, 40), min_size=1, max_size=3))
def test_an_appointment_costs_what_a_job_with_that_window_does(problem: Problem, opens: list[int]) -> None:
    assume(len(problem.jobs) > 1)
    held, (new,) = running(problem, 1)
    windows = [Window(since, since + 5) for since in opens]
    for slot in held.appointments(new, windows):
        told = held.recommend(replace(new, windows=(slot.window,)), most=1)
        if slot.option is not None:
            honest(held, slot.option)
            assert {place.job for place in slot.places} == {new.number}
            assert slot.extra_cost == pytest.approx(told.options[0].extra_cost, abs=1e-6)
            (first, *_) = (place for place in slot.places if place.seat == 0)
            assert slot.window.from_s - 1e-6 <= first.start_s <= slot.window.until_s + 1e-6
        else:
            assert told.options == ()
            assert slot.reasons


@pytest.mark.parametrize("kind", [PinKind.ASSIGNED, PinKind.SEQUENCED, PinKind.STARTED])
def test_what_is_pinned_is_not_displaced(kind: PinKind) -> None:
    only_a = Seat(permitted={"A": (Validity(0, 100),)})
    people = [technician("A", shift(0, 9)), technician("B", shift(0, 12, place=FAR))]
    pinned = job("J1", pin=Pin(kind, ("A",), 2.0))
    held = planned(world(pinned, people=people))
    assert held.recommend(job("J2", seats=(only_a,)), displaced_max=2).options == ()


def test_those_who_cannot_are_told_why() -> None:
    held_ = {"q": (Validity(0, 100),)}
    people = [
        technician("A", qualifications=held_),
        technician("B"),
        technician("C", shift(0, 5), qualifications=held_),
    ]
    held = planned(world(job("J1", FAR), people=people))
    told = held.recommend(job("J2", seats=(Seat(qualifications=frozenset("q")),)))
    assert [place.technician for option in told.options for place in option.places] == ["A"]
    assert {(one.technician, one.reason.code) for one in told.refused} == {
        ("B", "no_qualified_technician"),
        ("C", "travel_too_long"),
    }
    assert told.leaving == 1000


def test_a_group_is_placed_as_a_whole_or_not_at_all() -> None:
    people = [technician("A", shift(0, 13))]
    held = planned(world(job("J1"), people=people))
    tie = [Precedence("J2", "J3")]
    told = held.recommend(job("J3", duration_s=2), job("J2", duration_s=2), precedence=tie)
    (option,) = told.options
    honest(held, option)
    starts = {place.job: place.start_s for place in option.places}
    assert starts["J2"] < starts["J3"]
    assert held.recommend(job("J2"), job("J3")).options == ()


def test_a_crew_is_told_seat_by_seat() -> None:
    held = planned(world(job("J1"), people=near_and_far()))
    (first, *_) = held.recommend(job("J2", STORE, seats=(Seat("first"), Seat("second")))).options
    honest(held, first)
    assert sorted(place.technician for place in first.places) == ["A", "B"]
    assert [place.seat for place in first.places] == [0, 1]


def test_a_job_left_out_is_asked_for_again_and_others_are_refused() -> None:
    people = [technician("A", shift(0, 9)), technician("B", shift(0, 12, place=FAR))]
    out = job("J2", NEAR, windows=(Window(0, 3),), seats=(Seat(permitted={"A": (Validity(0, 100),)}),))
    held = planned(world(job("J1", windows=(Window(0, 3),), unserved_cost=2000), out, people=people[:1]))
    held = RunningPlan(replace(held.problem, technicians=tuple(people)), held.plan)
    assert [one.job for one in held.plan.left_out] == ["J2"]
    (option,) = held.recommend(out, displaced_max=1).options
    honest(held, option)
    assert [one.job for one in option.displaced] == ["J1"]
    with pytest.raises(ValueError, match="J1 is in the problem already"):
        held.recommend(held.problem.jobs[0])
    with pytest.raises(ValueError, match="job J9 is given twice"):
        held.recommend(job("J9"), job("J9"))
    with pytest.raises(ValueError, match="only new jobs can be tied"):
        held.recommend(out, job("J9"), precedence=[Precedence("J2", "J9")])
    with pytest.raises(ValueError, match="has not begun"):
        held.recommend(job("J9", pin=Pin(PinKind.STARTED, ("A",), 3.0)))
    with pytest.raises(ValueError, match="at least one option"):
        held.recommend(job("J9"), most=0)
    with pytest.raises(ValueError, match="at most 2"):
        held.recommend(job("J9"), displaced_max=3)


def test_asking_leaves_the_plan_as_it_is() -> None:
    held = planned(world(job("J1"), job("J2", FAR), people=near_and_far()))
    before = held.held.view.stops.copy()
    held.recommend(job("J3"), displaced_max=2)
    undo(held.held.data, held.held.state)
    np.testing.assert_array_equal(held.held.view.stops, before)
    assert any(stop.kind is StopKind.JOB for route in held.plan.routes for stop in route.stops)
