"""What ops ask of technicians, everybody at once in arrays, against the same reckoned one by one."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings

from optimizer.dispatch.building.demands import Demands, able, windows_of
from optimizer.dispatch.building.ops import BEGUN, Op, length_of, near_factor, ops_of
from optimizer.dispatch.building.people import Tour, tours_of
from optimizer.dispatch.building.spans import Span, allowed_starts, intersect
from optimizer.dispatch.building.state import built
from optimizer.dispatch.check import check
from optimizer.dispatch.components import components
from optimizer.dispatch.explain import explained
from optimizer.dispatch.jobs import Job, Seat
from optimizer.dispatch.model import Problem
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Technician, Validity, Window
from optimizer.run import Limit
from tests.optimizer.dispatch.drawn import problems
from tests.optimizer.dispatch.worlds import FAR, HOME, job, shift, technician, world

DRAWN = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@DRAWN
@given(problem=problems())
def test_everybody_at_once_is_everybody_one_by_one(problem: Problem) -> None:
    """Start, length and extra cost of each pair of a tour and an op are those that the rules give for the two."""
    tours, ops = tours_of(problem), ops_of(problem)
    demands = Demands(problem, tours, ops)
    for tour, row in zip(tours, demands.tour_row, strict=True):
        for index, op in enumerate(ops):
            spans, several = _starts(problem, tour, op)
            told = (demands.low[row, index], demands.high[row, index])
            assert told == ((spans[0][0], spans[-1][1]) if spans else (0.0, -1.0)), (tour, op)
            gaps = [(gap.from_s, gap.until_s) for gap in demands.gaps[row] if gap.op == index]
            assert gaps == ([(one[1], two[0]) for one, two in pairwise(spans)] if several else [])
            person = problem.technicians[tour.person]
            assert demands.length[row, index] == length_of(problem, op, person)
            assert math.isclose(demands.extra[row, index], _extra(problem, tour, op), abs_tol=1e-9)


@DRAWN
@given(problem=problems())
def test_parts_have_all_who_could_do_a_job(problem: Problem) -> None:
    """Whoever has a tour that the search may give a job is among those who could reach it."""
    one, who = built(problem), able(problem)
    for index, op in enumerate(one.ops):
        if op.appointment is None and problem.jobs[op.job].pin is None:
            own = one.data.op_tours[one.data.op_tours_at[index] : one.data.op_tours_at[index + 1]]
            assert {one.tours[tour].person for tour in own.tolist()} <= set(who[op.job])


def test_who_is_too_far_does_not_hold_parts_together() -> None:
    """Two people who may do either of two jobs, but are back in time from the nearer one only, are planned apart."""
    at_home, far_off = job("J1", HOME), job("J2", FAR)
    problem = world(at_home, far_off, people=[technician("A", shift(0, 12)), technician("B", shift(0, 12, FAR))])
    assert able(problem) == [[0], [1]]
    assert len(components(problem, able(problem))) == 2


def test_one_who_may_in_two_pieces_of_time_has_a_gap_between_them() -> None:
    """Permitted from 0 to 10 and from 30 to 60, four seconds long: begun until 6, or from 30 on."""
    seat = Seat(permitted={"A": (Validity(0, 10), Validity(30, 60))})
    problem = world(
        job(seats=(seat,), duration_s=4, windows=(Window(0, 100),)),
        people=[technician("A", shift(0, 20), shift(30, 60))],
    )
    demands = Demands(problem, tours_of(problem), ops_of(problem))
    assert demands.tour_row == [0, 0]
    assert (demands.low[0, 0], demands.high[0, 0], demands.gaps) == (0, 56, [[(0, 6, 30)]])


def test_both_pieces_of_time_are_used_within_one_shift() -> None:
    """B is permitted until 10 and again from 20 on, when X needs all the time: B goes before X."""
    seat = Seat(permitted={"A": (Validity(0, 10), Validity(20, 60))})
    problem = world(job("X", duration_s=38, windows=(Window(20, 21),), load=0.5), job("B", seats=(seat,), load=0.5))
    plan = solve(problem, limit=Limit(iterations=200))
    assert (plan.objective, check(problem, plan)) == (60, [])


def test_a_shift_between_two_pieces_of_time_is_told_as_such() -> None:
    """Permitted until 10 and from 30 on; who arrives at 14 is eight seconds too late to begin."""
    seat = Seat(permitted={"A": (Validity(0, 10), Validity(30, 60))})
    problem = world(job(seats=(seat,)), people=[technician("A", shift(12, 20))])
    (out,) = explained(problem, solve(problem, limit=Limit(iterations=20))).left_out
    assert [reason.code for reason in out.reasons] == ["qualification_expired"]
    assert out.reasons[0].misses_by == pytest.approx(8 / 86_400)


def _starts(problem: Problem, tour: Tour, op: Op) -> tuple[list[Span], bool]:
    """Return when an op may begin, and whether that is in pieces because of the technician."""
    person = problem.technicians[tour.person]
    starts = _allowed(problem, op, person, tour.person)
    return intersect(windows_of(problem, op), starts), len(starts) > 1


def _allowed(problem: Problem, op: Op, person: Technician, who: int) -> list[Span]:
    anytime = [(-math.inf, math.inf)]
    if op.appointment is not None:
        return anytime if op.person == who else []
    asked: Job = problem.jobs[op.job]
    if asked.pin is not None:
        if asked.pin.technicians[op.seat] != person.code:
            return []
        if asked.pin.kind in BEGUN:
            return anytime
    return allowed_starts(asked.seats[op.seat], asked, person, length_of(problem, op, person))


def _extra(problem: Problem, tour: Tour, op: Op) -> float:
    if op.appointment is not None:
        return 0.0
    asked, person, cost = problem.jobs[op.job], problem.technicians[tour.person], 0.0
    if asked.preferred and person.code not in asked.preferred:
        cost += asked.unpreferred_cost
    if asked.running is not None and asked.running.technicians[op.seat] != person.code:
        cost += near_factor(problem.change, asked.running, problem.now_s) * problem.change.technician
    if op.seat == 0 and asked.removed is not None and tour.to_place == asked.removed.place:
        cost -= asked.removed.saving
    return cost
