"""Why jobs are left out of small plans: each reason and by how much it misses, reckoned by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings

from optimizer.dispatch.check import check
from optimizer.dispatch.explain import explained
from optimizer.dispatch.jobs import Job, PartNeed, Seat
from optimizer.dispatch.model import Precedence, Problem
from optimizer.dispatch.plan import Plan
from optimizer.dispatch.pricing import cheapest_outcome
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Validity, Window
from optimizer.run import Limit, Reason, Status
from tests.optimizer.dispatch import worlds
from tests.optimizer.dispatch.brute import best
from tests.optimizer.dispatch.drawn import problems
from tests.optimizer.dispatch.worlds import FAR, job, shift, short, technician, world

MINUTE_S = 60
DAY_S = 86_400

ONE = {"people": 1}
HELD = {"q": (Validity(0, 100),)}
ASKS = (Seat(qualifications=frozenset("q")),)

EXPECTED: dict[Callable[[], worlds.Pair], list[Reason]] = {
    worlds.windows: [Reason("travel_too_long", 1 / MINUTE_S, ONE)],
    worlds.release: [Reason("travel_too_long", 1 / MINUTE_S, ONE)],
    worlds.overtime_limit: [Reason("travel_too_long", 1 / MINUTE_S, ONE)],
    worlds.flights: [Reason("travel_too_long", 6 / MINUTE_S, ONE)],
    # away from 0 to 8, and a break of 5 begins by 4: back at 14 at best
    worlds.breaks: [Reason("travel_too_long", 3 / MINUTE_S, ONE)],
    worlds.depot_window: [Reason("travel_too_long", None, ONE)],
    worlds.rest: [Reason("rest_too_short", 1 / MINUTE_S, ONE)],
    worlds.delivery: [Reason("parts_late", 1 / MINUTE_S, ONE)],
    worlds.qualification: [Reason("qualification_expired", 1 / DAY_S, ONE)],
    worlds.permission: [Reason("qualification_expired", 1 / DAY_S, ONE)],
    worlds.kit: [Reason("parts_unavailable", 1, ONE)],
    worlds.depot_stock: [Reason("parts_taken", 1, ONE)],
    worlds.tools: [Reason("tools_missing", None, ONE)],
    worlds.capacity: [Reason("over_capacity", 1, ONE)],
    # the other of the two comes back at 12 with both jobs, and his shift ends at 9
    worlds.shared_tools: [Reason("shared_tool_taken", None, ONE), Reason("technicians_busy", 3 / MINUTE_S, ONE)],
    worlds.same: [Reason("wrong_company", None, ONE), Reason("technicians_busy", 3 / MINUTE_S, ONE)],
    worlds.different: [Reason("wrong_company", None, ONE)],
    # begun at 16, ten after the other's end, it is back at 22 instead of 14
    worlds.precedence: [Reason("technicians_busy", 8 / MINUTE_S, ONE)],
    worlds.precedence_at_once: [Reason("linked_jobs", None, ONE)],
    worlds.appointment: [Reason("technicians_busy", 3 / MINUTE_S, ONE)],
    worlds.budget: [Reason("over_budget", 1, ONE)],
    worlds.crew: [Reason("no_crew")],
    worlds.crew_at_once: [Reason("no_crew")],
    worlds.crew_in_turn: [Reason("outside_shifts", 2 / MINUTE_S, {"seat": "second", "people": 2})],
}


def told(problem: Problem) -> dict[str, list[Reason]]:
    """The reasons of all jobs that the engine leaves out."""
    plan = explained(problem, solve(problem, limit=Limit(iterations=100), seed=1))
    return {one.job: list(one.reasons) for one in plan.left_out}


def same(found: list[Reason], expected: list[Reason]) -> None:
    """Compare reasons, amounts as far as they are exact."""
    assert [(one.code, one.values) for one in found] == [(one.code, one.values) for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.misses_by == (None if other.misses_by is None else pytest.approx(other.misses_by))


@pytest.mark.parametrize("pair", EXPECTED, ids=[pair.__name__ for pair in EXPECTED])
def test_each_rule_is_named_with_what_it_misses(pair: Callable[[], worlds.Pair]) -> None:
    """The one job that a rule keeps out tells that rule."""
    (reasons,) = told(pair()[0]).values()
    same(reasons, EXPECTED[pair])


def test_technicians_are_told_by_class() -> None:
    """Two lack it, one may not, one is off duty, one is late by a second, and one fits but costs more."""
    people = [
        technician("A"),
        technician("B", qualifications={"other": (Validity(0, 100),)}),
        technician("C", qualifications=HELD),
        technician("D", shift(50, 100), qualifications=HELD),
        short(7, qualifications=HELD),
        technician("F", qualifications=HELD),
    ]
    people[4] = replace(people[4], code="E")
    asked = job(seats=ASKS, forbidden=frozenset("C"), windows=(Window(0, 20),), unserved_cost=5)
    expected = [
        Reason("no_qualified_technician", None, {"people": 2, "qualifications": "q"}),
        Reason("not_permitted", None, ONE),
        Reason("outside_shifts", 4 / MINUTE_S, ONE),
        Reason("travel_too_long", 1 / MINUTE_S, ONE),
        Reason("costs_more_than_penalty", 7, ONE),
    ]
    same(told(world(asked, people=people))["J1"], expected)


def test_who_is_in_another_part_of_the_problem_is_counted_too() -> None:
    """B has nothing in common with J1 but to lack what it asks for."""
    people = [technician("A", shift(0, 5), qualifications=HELD), technician("B", qualifications={"r": HELD["q"]})]
    other = job("J2", FAR, seats=(Seat(qualifications=frozenset("r")),))
    expected = [
        Reason("no_qualified_technician", None, {"people": 1, "qualifications": "q"}),
        Reason("travel_too_long", 3 / MINUTE_S, ONE),
    ]
    same(told(world(job(seats=ASKS), other, people=people))["J1"], expected)


def test_the_shifts_of_one_who_stays_out_are_looked_at_one_by_one() -> None:
    """Eight seconds on duty, twelve off, eight again: ten at a stretch there are not, though there are sixteen."""
    problem = worlds.away()
    asked = replace(problem.jobs[0], duration_s=10, pausable=False)
    expected = [Reason("outside_shifts", 2 / MINUTE_S, ONE)]
    same(told(replace(problem, jobs=(asked,)))["J1"], expected)


def test_a_job_that_waits_for_one_that_is_left_out_says_so() -> None:
    """J2 fits, but not without J1."""
    jobs = job("J1", windows=(Window(0, 1),)), job("J2")
    assert told(world(*jobs, precedence=(Precedence("J1", "J2"),)))["J2"] == [Reason("waits_for", None, {"job": "J1"})]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (job(release_s=60, windows=(Window(0, 30),)), Reason("released_late", 0.5)),
        (job(parts=(PartNeed(("p",), 3),)), Reason("parts_unavailable", 3, ONE)),
        (job(seats=(Seat(permitted={}),)), Reason("not_permitted", None, ONE)),
        (job(duration_s=160), Reason("outside_shifts", 1, ONE)),
        (job(duration_s=0, windows=(Window(130, 140),)), Reason("outside_shifts", 0.5, ONE)),
        (job(duration_s=0, windows=(Window(99, 99), Window(130, 140))), Reason("travel_too_long", 1 / MINUTE_S, ONE)),
    ],
)
def test_what_nobody_can_ever_do(asked: Job, expected: Reason) -> None:
    """Released after its window, of a part that nobody has, permitted to nobody, longer or later than any shift."""
    same(told(world(asked))["J1"], [expected])


def test_nobody_there() -> None:
    """Without technicians there is one reason."""
    assert told(replace(world(), technicians=())) == {"J1": [Reason("no_technician")]}


def test_a_crew_that_is_possible_is_told_with_its_price() -> None:
    """Two come from HOME and stay for four: 24 in all, 19 more than to leave it."""
    people = [technician(code) for code in "AB"]
    problem = world(job(seats=(Seat("first"), Seat("second")), unserved_cost=5), people=people)
    same(told(problem)["J1"], [Reason("costs_more_than_penalty", 19)])


def test_a_search_that_ended_too_soon_says_what_it_left() -> None:
    """A plan that leaves out what it could do for 12 tells that it saves 988."""
    problem = world()
    empty = replace(solve(problem, limit=Limit(iterations=1)), routes=())
    out = solve(worlds.windows()[0], limit=Limit(iterations=1)).left_out
    (left,) = explained(problem, replace(empty, left_out=out)).left_out
    same(list(left.reasons), [Reason("search_ended", 988, ONE)])


def test_a_plan_that_does_not_fit_is_refused() -> None:
    """Routes of technicians who are late there already."""
    plan = solve(world(), limit=Limit(iterations=1))
    problem = world(job(), job("J2"), people=[technician("A", shift(0, 6))])
    out = solve(worlds.precedence()[0], limit=Limit(iterations=50)).left_out
    with pytest.raises(ValueError, match="technician A in shift 0 does not fit"):
        explained(problem, replace(plan, left_out=out))


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(problems())
def test_every_job_that_is_left_out_of_a_drawn_plan_has_a_reason(problem: Problem) -> None:
    """Nothing else of the plan changes; nobody is counted twice; a job that could be done is told at its price."""
    assume(best(problem) is not None)
    plan = solve(problem, limit=Limit(iterations=40), seed=1)
    found = explained(problem, plan)
    assert replace(found, left_out=plan.left_out) == plan
    assert check(problem, found) == []
    jobs = {one.number: one for one in problem.jobs}
    for one in found.left_out:
        assert one.reasons
        _counted(problem, jobs[one.job], one.reasons)
        _priced(problem, jobs, plan, one.job, one.reasons)


def _counted(problem: Problem, asked: Job, reasons: tuple[Reason, ...]) -> None:
    for seat in asked.seats:
        people = [one.values.get("people", 0) for one in reasons if one.values.get("seat", seat.code) == seat.code]
        assert sum(map(int, people)) <= len(problem.technicians)
        if len(asked.seats) == 1 and asked.pin is None and any(people):
            assert sum(map(int, people)) == len(problem.technicians)


def _priced(problem: Problem, jobs: Mapping[str, Job], plan: Plan, number: str, reasons: tuple[Reason, ...]) -> None:
    """Check a price against brute force: who does the job must pay no less than the best plan that does it."""
    extra = [one.misses_by for one in reasons if one.code == "costs_more_than_penalty"]
    if not extra or extra[0] is None or plan.status is Status.INFEASIBLE:
        return
    must = replace(jobs[number], unserved_cost=1e6, deferral_cost=None, outsourcing_cost=None)
    proven = best(replace(problem, jobs=tuple(must if one.number == number else one for one in problem.jobs)))
    assert proven is not None
    assert proven.objective <= plan.objective + extra[0] + 1e-4
    assert extra[0] >= -1e-6
    assert cheapest_outcome(jobs[number])[1] >= 0
