"""What happens on a day: what stands then, what is left to plan, and what the plan made anew does otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from optimizer.dispatch.check import check, price
from optimizer.dispatch.jobs import Job, PartNeed, Pin, PinKind, Seat
from optimizer.dispatch.live.day import HERE, HOME, VISIT
from optimizer.dispatch.live.events import (
    Event,
    JobCancelled,
    JobExtended,
    NewJob,
    NobodyMet,
    PartUnserviceable,
    TechnicianIll,
    TravelDelayed,
    happened,
)
from optimizer.dispatch.live.replanning import difference, replan
from optimizer.dispatch.live.running import RunningPlan
from optimizer.dispatch.model import ChangeCost, Depot, Problem
from optimizer.dispatch.plan import Plan, StopKind
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Validity, Window
from optimizer.run import Limit, Status
from tests.optimizer.dispatch.drawn import problems
from tests.optimizer.dispatch.worlds import FAR, NEAR, STORE, job, near_and_far, shift, technician, world

DRAWN = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
LIMIT = Limit(iterations=60)


def line(*more: Job, **changes: Any) -> tuple[Problem, Plan]:
    """A does J1 at NEAR from 2 to 6, then J2 at FAR from 9 to 13, and is back at 18. B is at FAR and free."""
    only_a = Seat(permitted={"A": (Validity(0, 100),)})
    people = [technician("A"), technician("B", shift(place=FAR))]
    jobs = (job("J1", seats=(only_a,), windows=(Window(0, 2),)), job("J2", FAR, seats=(only_a,)), *more)
    problem = world(*jobs, people=people, **changes)
    return problem, solve(problem, limit=LIMIT, seed=1)


def pins(problem: Problem) -> dict[str, Pin | None]:
    return {one.number: one.pin for one in problem.jobs}


def job_of(problem: Problem, number: str) -> Job:
    return next(one for one in problem.jobs if one.number == number)


def starts(plan: Plan) -> dict[str, tuple[str, float]]:
    return {
        stop.name: (route.technician, stop.start_s)
        for route in plan.routes
        for stop in route.stops
        if stop.kind is StopKind.JOB
    }


def told(problem: Problem, plan: Plan, now_s: float, *events: Event, freeze_s: float = 0.0) -> tuple[Problem, Plan]:
    """What is left, made anew: sound, and with all that had begun where it was."""
    left, running = happened(problem, plan, now_s, events, freeze_s=freeze_s)
    anew = replan(left, running, limit=LIMIT, seed=1)
    assert check(left, anew.plan) == []
    assert anew.difference == difference(running, anew.plan)
    return left, anew.plan


def test_without_an_event_what_has_begun_is_pinned_and_the_plan_goes_on() -> None:
    problem, plan = line()
    assert starts(plan) == {"J1": ("A", 2.0), "J2": ("A", 9.0)}
    left, running = happened(problem, plan, 4.0)
    assert pins(left) == {"J1": Pin(PinKind.STARTED, ("A",), 2.0), "J2": None}
    assert (left.now_s, job_of(left, "J2").release_s) == (4.0, 4.0)
    assert check(left, running) == []
    left, running = happened(problem, plan, 7.0)
    assert pins(left) == {"J1": Pin(PinKind.DONE, ("A",), 2.0), "J2": Pin(PinKind.STARTED, ("A",), 9.0)}
    assert check(left, running) == []
    assert job_of(left, "J2").running is not None


def test_what_begins_soon_is_frozen_with_what_stands_before_it() -> None:
    problem, plan = line()
    left, _ = happened(problem, plan, 0.0, freeze_s=5.0)
    assert pins(left) == {"J1": Pin(PinKind.STARTED, ("A",), 2.0), "J2": None}  # he leaves at 0
    problem, plan = line(job("J3", FAR, windows=(Window(20, 30),)))
    left, running = happened(problem, plan, 0.0, freeze_s=9.5)
    assert pins(left)["J2"] == Pin(PinKind.SEQUENCED, ("A",), 9.0)
    assert pins(left)["J3"] is None
    assert check(left, running) == []


def test_a_job_that_takes_longer_pushes_the_next() -> None:
    problem, plan = line()
    _, anew = told(problem, plan, 4.0, JobExtended("J1", 3.0))
    assert starts(anew) == {"J1": ("A", 2.0), "J2": ("A", 12.0)}
    assert next(stop.end_s for route in anew.routes for stop in route.stops if stop.name == "J1") == 9.0


def test_a_delay_on_the_way_begins_the_next_job_later() -> None:
    problem, plan = line()
    _, anew = told(problem, plan, 7.0, TravelDelayed("A", 2.0))
    assert starts(anew)["J2"] == ("A", 11.0)
    with pytest.raises(ValueError, match="A is at job J1"):
        happened(problem, plan, 3.0, [TravelDelayed("A", 2.0)])
    _, anew = told(problem, plan, 0.0, TravelDelayed("B", 2.0), NewJob(job("J3", FAR, seats=_only("B"))))
    assert starts(anew)["J3"] == ("B", 2.0)


def _only(code: str) -> tuple[Seat, ...]:
    return (Seat(permitted={code: (Validity(0, 100),)}),)


def test_nobody_met_is_done_again_or_given_back() -> None:
    problem, plan = line()
    again = replace(problem, jobs=tuple(replace(one, windows=(Window(0),)) for one in problem.jobs))
    left, anew = told(again, plan, 3.0, NobodyMet("J1"))
    (vain,) = (date for date in left.technicians[0].appointments if date.name != HERE)
    assert (vain.name, vain.place, vain.start_s, vain.duration_s) == ("J1 in vain", NEAR, 2.0, 1.0)
    assert starts(anew)["J1"][1] >= 3.0
    left, anew = told(problem, plan, 3.0, NobodyMet("J1", again=False))
    assert [one.number for one in left.jobs] == ["J2"]
    assert starts(anew) == {"J2": ("A", 6.0)}
    with pytest.raises(ValueError, match="J2 has not begun"):
        happened(problem, plan, 3.0, [NobodyMet("J2")])


def test_the_parts_of_a_visit_in_vain_are_in_the_kit_again() -> None:
    person = technician("A", parts={"p": 1.0})
    problem = world(job("J1", parts=(PartNeed(("p",)),)), people=[person])
    plan = solve(problem, limit=LIMIT, seed=1)
    assert happened(problem, plan, 3.0)[0].technicians[0].parts == {"p": 0.0}
    _, anew = told(problem, plan, 3.0)
    assert happened(problem, anew, 4.0)[0].technicians[0].parts == {"p": 0.0}  # a plan tells no parts of what has begun
    left, anew = told(problem, plan, 3.0, NobodyMet("J1"))
    assert left.technicians[0].parts == {"p": 1.0}
    assert starts(anew)["J1"] == ("A", 3.0)


def test_who_has_gone_home_is_sent_again_from_there() -> None:
    """A is back at 8; at 10 he can be at NEAR at 12 at the earliest, and is paid for until then only if he goes."""
    problem = world(job("J1"))
    plan = solve(problem, limit=LIMIT, seed=1)
    left, running = happened(problem, plan, 10.0, [NewJob(job("J2"))])
    assert [(date.name, date.place, date.start_s) for date in left.technicians[0].appointments] == [(HOME, 0, 8.0)]
    assert running.cost_by_term["labour"] == 8
    _, anew = told(problem, plan, 10.0, NewJob(job("J2")))
    assert starts(anew)["J2"] == ("A", 12.0)


def test_who_has_gone_home_stays_there_until_he_is_sent() -> None:
    """A is home at 8, and J2 was promised for 30: at 20 he is three from STORE, no longer one as he was at J1."""
    problem = world(job("J1", windows=(Window(0, 2),)))
    plan = solve(problem, limit=LIMIT, seed=1)
    left, sent = told(problem, plan, 10.0, NewJob(job("J2", windows=(Window(30, 32),))))
    assert starts(sent)["J2"] == ("A", 30.0)
    later, running = happened(left, sent, 20.0, [NewJob(job("J3", STORE))])
    assert check(later, running) == []
    assert [(one.name, one.place, one.start_s) for one in later.technicians[0].appointments] == [(HOME, 0, 8.0)]
    anew = replan(later, running, limit=LIMIT, seed=1).plan
    from_home_s = float(problem.travel["road"].seconds[0, STORE])
    assert starts(anew)["J3"][1] >= 20.0 + from_home_s
    back, _ = told(later, anew, 25.0, JobCancelled("J2"))
    assert (HOME, 0, 8.0) in {(one.name, one.place, one.start_s) for one in back.technicians[0].appointments}


def test_who_has_gone_home_is_not_at_a_depot_before_he_was_sent() -> None:
    problem = world(job("J1", windows=(Window(0, 2),)), depots=(Depot("D", NEAR, {"p": 1.0}),))
    plan = solve(problem, limit=LIMIT, seed=1)
    left, anew = told(problem, plan, 30.0, NewJob(job("J2", FAR, parts=(PartNeed(("p",)),))))
    (visit,) = (stop for route in anew.routes for stop in route.stops if stop.kind is StopKind.DEPOT)
    assert visit.start_s >= 30.0
    assert left.depots[0].window.from_s == 30.0


def test_a_job_may_be_called_as_the_place_where_somebody_is() -> None:
    problem = world(job(HERE))
    left, running = happened(problem, solve(problem, limit=LIMIT, seed=1), 0.0)
    assert starts(running) == {HERE: ("A", 2.0)}
    assert check(left, running) == []


def test_the_work_of_who_falls_ill_goes_to_others_or_is_left_out() -> None:
    problem, plan = line(job("J3", FAR, seats=(Seat(permitted=dict.fromkeys("AB", (Validity(0, 100),))),)))
    given = {number: who for number, (who, _) in starts(plan).items()}
    left, anew = told(problem, plan, 4.0, TechnicianIll("A", 4.0))
    assert {one.job for one in anew.left_out} == {"J1", "J2"}
    assert starts(anew)["J3"][0] == "B"
    assert left.technicians[0].shifts[0].end_s == pytest.approx(6.0)  # two from NEAR
    assert given["J1"] == "A"


def test_a_part_that_cannot_be_used_comes_later_or_never() -> None:
    person = technician("A", parts={"p": 1.0})
    problem = world(job("J1", parts=(PartNeed(("p",)),), windows=(Window(5, 90),)), people=[person])
    plan = solve(problem, limit=LIMIT, seed=1)
    left, anew = told(problem, plan, 0.0, PartUnserviceable("J1", "p", 20.0))
    assert left.technicians[0].parts == {"p": 0.0}
    assert starts(anew)["J1"] == ("A", 20.0)
    _, anew = told(problem, plan, 0.0, PartUnserviceable("J1", "p"))
    assert [one.job for one in anew.left_out] == ["J1"]
    with pytest.raises(ValueError, match="needs no part r"):
        happened(problem, plan, 0.0, [PartUnserviceable("J1", "r")])


def test_a_new_job_is_fitted_in_and_a_cancelled_one_makes_room() -> None:
    problem, plan = line()
    _, anew = told(problem, plan, 4.0, NewJob(job("J3", STORE)))
    assert starts(anew)["J3"][0] in "AB"
    left, anew = told(problem, plan, 4.0, JobCancelled("J1"))
    assert [one.number for one in left.jobs] == ["J2"]
    assert starts(anew) == {"J2": ("A", 7.0)}


def test_who_is_away_goes_on_when_on_duty_again() -> None:
    """At night nobody is on duty: from NEAR, where the day ended, A goes on at 50."""
    person = technician("A", shift(0, 20), shift(50, 80), away=True)
    jobs = job("J1", windows=(Window(0, 5),)), job("J2", FAR, windows=(Window(55, 60),))
    problem = world(*jobs, people=[person])
    plan = solve(problem, limit=LIMIT, seed=1)
    left, running = happened(problem, plan, 30.0)
    assert (HERE, 50.0) in {(date.name, date.start_s) for date in left.technicians[0].appointments}
    assert check(left, running) == []
    assert RunningPlan(left, running).recommend(job("J3", NEAR, windows=(Window(50, 54),))).options


def test_who_is_away_may_have_left_days_before() -> None:
    """The way takes five, four of them in the first shift: at 30 A has left for FAR, though J1 begins at 51 only."""
    person = technician("A", shift(0, 4), shift(50, 80), away=True)
    problem = world(job("J1", FAR), people=[person])
    plan = solve(problem, limit=LIMIT, seed=1)
    left, running = happened(problem, plan, 30.0)
    assert job_of(left, "J1").pin == Pin(PinKind.STARTED, ("A",), 51.0)
    assert check(left, running) == []
    assert RunningPlan(left, running).plan is not None


def test_who_has_left_for_the_store_goes_nowhere_else_before() -> None:
    """On the way to STORE since 12: a second of work at NEAR, possible from 13 on, would make him late."""
    depot = Depot("D", STORE, {"p": 1.0}, window=Window(15, 15))
    asked = job("J1", FAR, parts=(PartNeed(("p",)),), windows=(Window(20, 30),))
    problem = world(asked, depots=(depot,), people=[technician("A", shift(11))])
    plan = solve(problem, limit=LIMIT, seed=1)
    assert [(stop.name, stop.start_s) for route in plan.routes for stop in route.stops] == [("D", 15.0), ("J1", 20.0)]
    new = job("J2", NEAR, 1, windows=(Window(0, 14),))
    left, running = happened(problem, plan, 13.0, [NewJob(new)])
    assert (HERE, 12.0) in {(date.name, date.start_s) for date in left.technicians[0].appointments}
    assert check(left, running) == []
    anew = solve(left, limit=LIMIT, start=running, seed=1)
    assert {one.job for one in anew.left_out} == {"J2"}


def test_what_was_fetched_is_in_the_kit_and_no_longer_in_the_store() -> None:
    depot = Depot("D", NEAR, {"p": 1.0, "r": 1.0}, frozenset("t"))
    asked = job("J1", FAR, parts=(PartNeed(("p",)),), tools=frozenset("t"), windows=(Window(20, 30),))
    problem = world(asked, people=[technician("A")], depots=(depot,))
    plan = solve(problem, limit=LIMIT, seed=1)
    at = next(stop.start_s for stop in plan.routes[0].stops if stop.kind is StopKind.DEPOT)
    left, running = happened(problem, plan, at - 0.5)
    assert left.depots[0].stock == {"p": 0.0, "r": 1.0}
    assert (left.technicians[0].parts, left.technicians[0].tools) == ({"p": 1.0}, frozenset("t"))
    assert [date.name for date in left.technicians[0].appointments] == [VISIT, HERE]
    assert check(left, running) == []
    later, _ = happened(left, running, 27.0)
    assert later.technicians[0].parts == {"p": 0.0}


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (JobExtended("J1", 5.0), "J1 is finished"),
        (NobodyMet("J1"), "J1 is finished"),
        (JobCancelled("J1"), "J1 is finished"),
        (PartUnserviceable("J1", "p"), "J1 is finished"),
        (JobExtended("J9", 5.0), "J9 is not in this problem"),
        (JobCancelled("J9"), "J9 is not in this problem"),
        (TechnicianIll("Z", 5.0), "technician Z is not"),
        (TravelDelayed("Z", 5.0), "technician Z is not"),
        (TravelDelayed("B", 0.0), "a delay must be above 0"),
        (JobExtended("J2", -1.0), "a delay must be above 0"),
        (NewJob(job("J1")), "J1 is in the problem already"),
        (NewJob(job("J9", pin=Pin(PinKind.DONE, ("A",), 1.0))), "a new job has not begun"),
    ],
)
def test_an_event_that_cannot_be_is_refused_by_name(event: Event, text: str) -> None:
    problem, plan = line()
    with pytest.raises(ValueError, match=text):
        happened(problem, plan, 8.0, [event])


def test_a_plan_of_another_problem_is_refused_by_name() -> None:
    problem, plan = line()
    with pytest.raises(ValueError, match="has job J2"):
        happened(replace(problem, jobs=problem.jobs[:1]), plan, 0.0)
    with pytest.raises(ValueError, match="has technician A"):
        happened(replace(problem, technicians=problem.technicians[1:]), plan, 0.0)


def test_a_change_that_saves_less_than_it_costs_is_not_made() -> None:
    """B would do J1 for four more than A saves; a change of technician costs five."""
    people = near_and_far()
    problem = world(job("J1", windows=(Window(9),)), people=people, change=ChangeCost(technician=5.0))
    plan = solve(replace(problem, technicians=tuple(people[1:])), limit=LIMIT, seed=1)
    left, running = happened(problem, plan, 0.0)
    (one,) = left.jobs
    assert one.running is not None
    assert one.running.technicians == ("B",)
    stable = replan(left, running, limit=LIMIT, seed=1)
    assert stable.difference.changes == ()
    assert set(stable.difference.terms.values()) == {0.0}
    free = replan(replace(left, change=ChangeCost()), running, limit=LIMIT, seed=1)
    (change,) = free.difference.changes
    assert (change.job, change.technicians_before, change.technicians) == ("J1", ("B",), ("A",))
    assert change.moved_s == pytest.approx(0)
    assert free.difference.terms["travel"] == pytest.approx(-2)


def test_a_lock_that_cannot_be_kept_is_named_with_the_cheapest_way_out() -> None:
    """J1 is locked to A, who has time for one of two mandatory jobs; B costs 8 + 8 more."""
    people = [technician("A", shift(0, 9)), technician("B", shift(place=FAR))]
    locked = job("J1", pin=Pin(PinKind.ASSIGNED, ("A",)))
    other = job("J2", pin=Pin(PinKind.ASSIGNED, ("A",)), unserved_cost=2000.0)
    problem = world(locked, other, people=people)
    anew = replan(problem, solve(problem, limit=LIMIT, seed=1), limit=LIMIT, seed=1)
    assert anew.plan.status is Status.INFEASIBLE
    (conflict,) = anew.conflicts
    assert (conflict.job, conflict.technicians, conflict.leaving) == ("J1", ("A",), 1000.0)
    assert [why.code for why in conflict.reasons] == ["technicians_busy"]
    assert conflict.way_out is not None
    assert [place.technician for place in conflict.way_out.places] == ["B"]
    assert conflict.way_out.extra_cost == pytest.approx(16 - 1000)


@DRAWN
@given(problems(), st.integers(0, 40), st.sampled_from((0.0, 5.0)))
def test_what_is_left_of_a_sound_plan_can_be_planned(problem: Problem, now_s: int, freeze_s: float) -> None:
    """Nothing has happened: what has begun keeps technicians and starts, and the plan made anew is sound."""
    plan = solve(problem, limit=LIMIT, seed=1)
    assume(plan.status is not Status.INFEASIBLE)
    left, running = happened(problem, plan, float(now_s), freeze_s=freeze_s)
    assert running.cost_by_term == pytest.approx(price(left, running))
    anew = replan(left, running, limit=Limit(iterations=20), seed=1).plan
    assert check(left, anew) == []
    assert replan(left, running, limit=Limit(iterations=20), seed=1).plan.routes == anew.routes
    new = job("new", 0, 1)
    for held in (RunningPlan(left, anew), RunningPlan(left, running)) if not check(left, running) else ():
        for option in held.recommend(new, displaced_max=1).options:
            assert check(option.problem, option.plan) == []
    was, now = starts(running), starts(anew)
    if not anew.missed:
        for one in left.jobs:
            if one.pin is not None and one.pin.kind in (PinKind.STARTED, PinKind.DONE) and one.number in now:
                assert now[one.number][0] == was[one.number][0]


@DRAWN
@given(problems(), st.integers(0, 20), st.integers(0, 20))
def test_who_has_gone_home_was_there_at_any_later_time(problem: Problem, now_s: int, after_s: int) -> None:
    plan = solve(problem, limit=LIMIT, seed=1)
    assume(plan.status is not Status.INFEASIBLE)
    left, running = happened(problem, plan, float(now_s))
    anew = replan(left, running, limit=Limit(iterations=20), seed=1).plan
    assume(not anew.missed)
    later, _ = happened(left, anew, float(now_s + after_s))
    for before, person in zip(left.technicians, later.technicians, strict=True):
        assert {one for one in before.appointments if one.name == HOME} <= set(person.appointments)


def test_a_difference_tells_who_when_and_what_is_left_out() -> None:
    problem, plan = line()
    other = solve(replace(problem, technicians=problem.technicians[1:]), limit=LIMIT, seed=1)
    told_ = difference(plan, other)
    assert [(one.job, one.technicians_before, one.technicians, one.start_s) for one in told_.changes] == [
        ("J1", ("A",), (), None),
        ("J2", ("A",), (), None),
    ]
    assert told_.changes[0].moved_s is None
    assert told_.terms["unserved"] == 2000
    assert difference(plan, plan).changes == ()
