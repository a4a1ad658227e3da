"""A single move: it breaks what the checker says, and costs the difference of the prices of both plans."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from optimizer.dispatch.check import check, price
from optimizer.dispatch.jobs import Pin, PinKind
from optimizer.dispatch.live.moves import Move
from optimizer.dispatch.model import Problem
from optimizer.dispatch.technicians import Validity, Window
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
