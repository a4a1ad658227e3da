"""A single move: it breaks what the checker says, and costs the difference of the prices of both plans."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from optimizer.dispatch.check import check, price
from optimizer.dispatch.jobs import PartNeed, Pin, PinKind, Seat
from optimizer.dispatch.live.answers import Verdict
from optimizer.dispatch.live.moves import Move
from optimizer.dispatch.live.running import RunningPlan
from optimizer.dispatch.model import Depot, Problem
from optimizer.dispatch.technicians import Break, Validity, Window
from tests.optimizer.dispatch.drawn import problems, wide_problems
from tests.optimizer.dispatch.live.test_recommend import planned, running
from tests.optimizer.dispatch.worlds import FAR, STORE, job, near_and_far, shift, technician, world

DRAWN = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@DRAWN
@given(problems() | wide_problems(), st.data())
def test_a_verdict_is_what_the_checker_says_and_what_both_prices_differ_by(
    problem: Problem, data: st.DataObject
) -> None:
    assume(len(problem.jobs) > 1)
    held, new = running(problem, 1)
    one = data.draw(st.sampled_from([*held.problem.jobs, *new]))
    codes = [person.code for person in problem.technicians]
    crew = tuple(data.draw(st.sampled_from(codes)) for _ in one.seats)
    start_s = data.draw(st.none() | st.integers(0, 40))
    move = Move(one if one in new else one.number, crew, start_s, lock=data.draw(st.booleans()))
    told = held.judge(move)
    assert told == held.judge(move)
    option = told.option
    found = check(option.problem, option.plan)
    assert [(why.code, why.misses_by, why.values["where"]) for why in told.broken] == [
        (wrong.code, wrong.by, wrong.where) for wrong in found
    ]
    if {"unknown", "number"} & {wrong.code for wrong in found}:
        return
    before, after = price(held.problem, held.plan), price(option.problem, option.plan)
    assert option.terms == pytest.approx({term: after[term] - before[term] for term in after}, abs=1e-6)
    if not told.broken:
        assert held.take(option) is held.plan
        assert held.problem.jobs == option.problem.jobs
        assert check(held.problem, held.plan) == []


def test_a_move_to_one_who_is_late_says_by_how_much() -> None:
    """B at FAR is three away: back at 10 of 9."""
    people = [technician("A"), technician("B", shift(0, 9, place=FAR))]
    held = planned(world(job("J1"), people=people))
    told = held.judge(Move("J1", ("B",)))
    (late,) = told.broken
    assert late.code == "shift"
    assert late.misses_by == pytest.approx(1)
    assert told.option.extra_cost == pytest.approx(4)
    assert [(place.technician, place.start_s) for place in told.option.places] == [("B", 3.0)]
    assert held.plan.routes[0].technician == "A"


def test_a_move_in_time_pushes_what_comes_later() -> None:
    """J2 at NEAR is done from 2 to 6 and J1 from 6 on; J3 at 4 comes between them."""
    held = planned(world(job("J1", windows=(Window(6, 20),)), job("J2"), people=[technician("A")]))
    told = held.judge(Move(job("J3"), ("A",), 6.0, "J2"))
    assert told.broken == ()
    assert [(place.after, place.before, place.start_s) for place in told.option.places] == [("J2", "J1", 6.0)]
    assert [(one.job, one.start_before_s, one.start_s) for one in told.option.moved] == [("J1", 6.0, 10.0)]


def test_who_is_out_longer_takes_the_break_that_falls_due() -> None:
    """J1 at NEAR from 2 to 6 is over before the break, J2 from 20 to 24 not; between them there is time for it."""
    lunch = Break(10, 16, 3)
    held = planned(world(job("J1", windows=(Window(2, 2),)), people=[technician("A", shift(breaks=(lunch,)))]))
    told = held.judge(Move(job("J2", windows=(Window(20, 20),)), ("A",), 20.0))
    assert told.broken == ()
    (route,) = told.option.plan.routes
    assert [(stop.name, stop.start_s, stop.end_s) for stop in route.stops] == [
        ("J1", 2.0, 6.0),
        ("", 10.0, 13.0),
        ("J2", 20.0, 24.0),
    ]
    held.take(told.option)
    assert held.plan is told.option.plan


def test_a_break_that_is_no_longer_due_is_not_taken() -> None:
    """B takes J2 over: A is back at 8, before the break."""
    people = [technician("A", shift(breaks=(Break(10, 16, 3),))), technician("B", shift(place=FAR))]
    only_a = Seat(permitted={"A": (Validity(0, 100),)})
    jobs = job("J1", windows=(Window(2, 2),), seats=(only_a,)), job("J2", windows=(Window(20, 20),), seats=(only_a,))
    problem = world(*jobs, people=people)
    free = replace(problem, jobs=(problem.jobs[0], job("J2", windows=(Window(20, 20),))))
    held = RunningPlan(free, planned(problem).plan)
    told = held.judge(Move("J2", ("B",), 20.0))
    assert told.broken == ()
    assert {route.technician: len(route.stops) for route in told.option.plan.routes} == {"A": 1, "B": 1}


def test_where_a_break_leaves_no_time_it_is_told() -> None:
    """The break is over at 6 at the earliest, or it begins when the work is done at 6, which is too late."""
    people = [technician("A", shift(breaks=(Break(3, 5, 3),)))]
    held = planned(world(job("J1", windows=(Window(50, 60),)), people=people))
    told = held.judge(Move(job("J2", windows=(Window(2, 2),)), ("A",), 2.0))
    assert told_codes(told) <= {"break", "window"}


def test_who_lacks_a_part_or_a_tool_fetches_it_at_a_depot() -> None:
    """STORE is on the way from NEAR to FAR; A has done J1 when he passes, and is there again for nothing else."""
    depot = Depot("D", STORE, {"p": 1.0}, frozenset("t"))
    asked = job("J2", FAR, parts=(PartNeed(("p",)),))
    held = planned(world(job("J1"), depots=(depot,)))
    for new in (asked, job("J2", FAR, tools=frozenset("t"))):
        told = held.judge(Move(new, ("A",), 9.0))
        assert told.broken == ()
        (route,) = told.option.plan.routes
        assert [(stop.name, stop.start_s) for stop in route.stops] == [("J1", 2.0), ("D", 7.0), ("J2", 9.0)]
    for new in (job("J2", FAR, parts=(PartNeed(("p",), 2.0),)), job("J2", FAR, tools=frozenset("u"))):
        assert told_codes(held.judge(Move(new, ("A",), 9.0))) <= {"kit", "tool"}
        assert len(held.judge(Move(new, ("A",), 9.0)).option.plan.routes[0].stops) == 2
    held.take(held.judge(Move(asked, ("A",), 9.0)).option)
    assert held.problem.jobs[-1] == asked


def told_codes(told: Verdict) -> set[str]:
    assert told.broken
    return {why.code for why in told.broken}


def test_who_lacks_what_is_asked_or_is_locked_out_is_told() -> None:
    held_ = {"q": (Validity(0, 100),)}
    people = [technician("A", qualifications=held_), technician("B", shift(place=STORE))]
    asked = job("J1", pin=Pin(PinKind.ASSIGNED, ("A",)))
    held = planned(world(asked, people=people))
    assert [why.code for why in held.judge(Move("J1", ("B",))).broken] == ["pin"]
    assert held.judge(Move("J1", ("B",), lock=True)).broken == ()


def test_a_locked_job_is_not_displaced_any_more() -> None:
    held = planned(world(job("J1"), people=near_and_far()))
    held.take(held.judge(Move("J1", ("B",), lock=True)).option)
    (locked,) = held.problem.jobs
    assert locked.pin == Pin(PinKind.ASSIGNED, ("B",))
    for option in held.recommend(job("J2"), displaced_max=1).options:
        assert option.displaced == ()


def test_what_is_not_there_is_refused_by_name() -> None:
    held = planned(world(job("J1"), people=near_and_far()))
    for move, text in (
        (Move("J9", ("A",)), "job J9 is not in this problem"),
        (Move("J1", ("Z",)), "technician Z is not"),
        (Move("J1", ("A", "B")), "has 1 seats"),
        (Move("J1", ("B",), after="J7"), "no stop J7"),
    ):
        with pytest.raises(ValueError, match=text):
            held.judge(move)
