"""The best times of a plan that stands: hand-made cases, and all timings of drawn problems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from optimizer.dispatch import timing
from optimizer.dispatch.check import check, price
from optimizer.dispatch.jobs import Running, Seat
from optimizer.dispatch.model import ChangeCost, Precedence, Problem
from optimizer.dispatch.plan import Plan, Route, Stop, StopKind
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Band, Break, Window
from optimizer.dispatch.timing import retimed
from optimizer.dispatch.violations import Violation
from optimizer.run import Limit, Status
from tests.optimizer.dispatch import worlds
from tests.optimizer.dispatch.brute import Reader, best
from tests.optimizer.dispatch.brute_model import Model
from tests.optimizer.dispatch.brute_parts import Tour
from tests.optimizer.dispatch.drawn import problems
from tests.optimizer.dispatch.worlds import job, shift, technician, world

QUICK = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
PLENTY = Limit(iterations=10_000)
Case = tuple[Problem, float, float]
"""A problem, what its plan costs as early as can be, and what it costs at the best times."""


def night() -> Case:
    """Of the eight seconds out, six fall in the night if he leaves at once, five if he leaves a second later."""
    pay = replace(worlds.PAY, night_per_h=worlds.A_SECOND, nights=(Window(0, 6),))
    return world(people=[worlds.short(9, pay=pay)]), 18, 17


def told() -> Case:
    """The customer was told 20; he is there at 2."""
    return moved({}), 12 + 18, 12


def told_and_late() -> Case:
    """Each second nearer to what was told saves one, and costs two once the job ends after 10."""
    return moved({"due_s": 10, "lateness": (Band(0.0, 2 * worlds.A_SECOND),)}), 12 + 18, 12 + 14


def another_window() -> Case:
    """The second window opens at 21, a second after what was told."""
    return moved({"windows": (Window(0, 3), Window(21, 30))}), 12 + 18, 12 + 1


def breaks() -> Case:
    """Whoever leaves at 0 owes a break from 3 to 6; whoever leaves at 5 owes none."""
    return world(people=[technician("A", shift(breaks=(Break(3, 5, 3, paid=True),)))]), 14 + 4, 12


def waiting() -> Case:
    """He need not wait at the first job until the second one opens at 30."""
    return in_turn({}), 36 + 4, 12 + 4


def waiting_for_a_due_job() -> Case:
    """Out later is cheaper only until the first job ends at 10: each second later costs two, and saves one."""
    return in_turn({"due_s": 10, "lateness": (Band(0.0, 2 * worlds.A_SECOND),)}), 36 + 4, 32 + 4


def crew() -> Case:
    """Both wait for what was told, one of them 10 longer: seats at 20 and 30 instead of 2 and 12."""
    seats = (Seat("first"), Seat("second", after_min_s=10, after_max_s=10))
    return moved({"seats": seats, "running": Running(("A", "B"), 20)}), 34 + 18, 24


def crew_in_different_moods() -> Case:
    """What one saves in the night outweighs what the other was told: both begin at 10, eight after what was told."""
    pay = replace(worlds.PAY, night_per_h=3 * worlds.A_SECOND, nights=(Window(0, 8),))
    asks = job(seats=(Seat("first"), Seat("second")), running=Running(("A", "B"), 2))
    people = [technician("A"), technician("B", pay=pay)]
    return world(asks, people=people, change=ChangeCost(per_h=worlds.A_SECOND)), 24 + 24, 24 + 8


def precedence() -> Case:
    """The second job may begin five after the first ends at most, and was told 40: so the first begins at 31."""
    jobs = job(), job("J2", running=Running(("B",), 40))
    people = [technician("A"), technician("B")]
    ties, change = (Precedence("J1", "J2", 0, 5),), ChangeCost(per_h=worlds.A_SECOND)
    forbidden = replace(jobs[0], forbidden=frozenset("B")), replace(jobs[1], forbidden=frozenset("A"))
    return world(*forbidden, people=people, precedence=ties, change=change), 28 + 34, 24


def moved(asks: dict[str, Any]) -> Problem:
    """A job that the customer was told for 20; a second away from that costs one."""
    people = [technician(code) for code in "AB"[: len(asks.get("seats", "1"))]]
    return world(
        job(**{"running": Running(("A",), 20), **asks}), people=people, change=ChangeCost(per_h=worlds.A_SECOND)
    )


def in_turn(asks: dict[str, Any]) -> Problem:
    """Two jobs at one place, the second not before 30."""
    return world(job(**asks), job("J2", windows=(Window(30, 40),)))


CASES = [
    night,
    told,
    told_and_late,
    another_window,
    breaks,
    waiting,
    waiting_for_a_due_job,
    crew,
    crew_in_different_moods,
    precedence,
]


@pytest.mark.parametrize("case", CASES, ids=[case.__name__ for case in CASES])
def test_times_are_as_reckoned_by_hand(case: Callable[[], Case]) -> None:
    """From everything as early as it can to the best times; once more changes nothing."""
    problem, early, least = case()
    plan = as_early_as_can(problem)
    assert plan.objective == pytest.approx(early)
    found = retimed(problem, plan, limit=PLENTY)
    assert check(problem, found) == []
    assert found.objective == pytest.approx(least)
    assert retimed(problem, found, limit=PLENTY) == found


def test_many_tours_are_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each tour gains by itself; the whole plan is priced and checked once, not once a tour."""
    people = [technician(f"T{number}") for number in range(6)]
    jobs = [job(f"J{number}", running=Running((f"T{number}",), 20)) for number in range(6)]
    own = [
        replace(one, forbidden=frozenset({person.code for person in people} - {f"T{one.number[1]}"})) for one in jobs
    ]
    problem = world(*own, people=people, change=ChangeCost(per_h=worlds.A_SECOND))
    looks: list[Plan] = []

    def counting(asked: Problem, plan: Plan) -> list[Violation]:
        looks.append(plan)
        return check(asked, plan)

    monkeypatch.setattr(timing, "check", counting)
    found = retimed(problem, as_early_as_can(problem), limit=PLENTY)
    assert found.objective == pytest.approx(6 * 12)
    assert len(looks) == 1


def test_what_the_checker_refuses_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """New times of one tour that break a rule are left; those of the others are taken."""
    people = [technician("T0"), technician("T1"), technician("T2")]
    jobs = [job(f"J{number}", running=Running((f"T{number}",), 20)) for number in range(3)]
    own = [
        replace(one, forbidden=frozenset({person.code for person in people} - {f"T{one.number[1]}"})) for one in jobs
    ]
    problem = world(*own, people=people, change=ChangeCost(per_h=worlds.A_SECOND))

    def refusing(asked: Problem, plan: Plan) -> list[Violation]:
        moved = any(stop.name == "J1" and stop.start_s > 10 for route in plan.routes for stop in route.stops)
        return [Violation("window", "J1")] if moved else check(asked, plan)

    monkeypatch.setattr(timing, "check", refusing)
    found = retimed(problem, as_early_as_can(problem), limit=PLENTY)
    starts = {stop.name: stop.start_s for route in found.routes for stop in route.stops}
    assert starts == {"J0": 20, "J1": 2, "J2": 20}


def as_early_as_can(problem: Problem) -> Plan:
    """Return the plan in which all leave at 0, have their break first and begin as soon as they can."""
    travel = problem.travel["road"].seconds
    legs = {
        person.code: [
            (one, seat)
            for one in problem.jobs
            for seat in range(len(one.seats))
            if person.code not in one.forbidden and (len(one.seats) == 1 or "AB"[seat] == person.code)
        ]
        for person in problem.technicians
    }
    routes, ended_s = [], 0.0
    for person in problem.technicians:
        free_s, place, stops = 0.0, worlds.HOME, list[Stop]()
        for pause in person.shifts[0].breaks:
            stops.append(
                Stop(StopKind.BREAK, "", place, 0.0, pause.earliest_s, free_s := pause.earliest_s + 3, 0.0, 0.0)
            )
        for one, seat in legs[person.code]:
            way = float(travel[place, one.place])
            after = ended_s if any(tie.after == one.number for tie in problem.precedence) else 0.0
            start_s = max(free_s + way, one.windows[0].from_s, after)
            start_s = 2.0 + one.seats[seat].after_min_s if seat else start_s
            stops.append(
                Stop(
                    StopKind.JOB, one.number, one.place, free_s + way, start_s, start_s + one.duration_s, way, way, seat
                )
            )
            free_s, place = start_s + one.duration_s, one.place
        ended_s, way = free_s, float(travel[place, worlds.HOME])
        routes.append(Route(person.code, 0, 0.0, free_s + way, tuple(stops), way, way))
    plan = Plan(Status.FEASIBLE, 0.0, None, None, 0.0, tuple(routes), ())
    terms = price(problem, plan)
    plan = replace(plan, objective=sum(terms.values()), cost_by_term=terms)
    assert check(problem, plan) == []
    return plan


@QUICK
@given(problems(), st.integers(0, 99))
def test_no_timing_of_the_same_tours_is_cheaper(problem: Problem, seed: int) -> None:
    """Sound, never dearer, and as cheap as the best of all timings; under a budget it may stop short of that."""
    assume(best(problem) is not None)
    plan = solve(problem, limit=Limit(iterations=3), seed=seed)
    found = retimed(problem, plan, limit=PLENTY)
    assert check(problem, found) == []
    assert found.objective <= plan.objective
    least = cheapest_timing(problem, plan)
    assert found.objective >= least - 1e-6
    if not problem.budgets:
        assert found.objective == pytest.approx(least)


def cheapest_timing(problem: Problem, plan: Plan) -> float:
    """Return the least cost of the plan's tours at any times in whole seconds, by the model of all plans."""
    model = Model(problem)
    routes = {(route.technician, route.shift): route for route in plan.routes}
    for tour in model.tours:
        route = routes.get((tour.person.code, tour.number))
        model.model.add(tour.used == (route is not None))
        if route is not None:
            _keep(model, tour, route)
    model.model.minimize(sum(model.cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model.model) == cp_model.OPTIMAL
    return Reader(model, solver).plan().objective


def _keep(model: Model, tour: Tour, route: Any) -> None:
    """Keep stops, order, flights and where parts come from."""
    stops = [stop for stop in route.stops if stop.kind is not StopKind.BREAK]
    order = {(stop.kind, stop.name, stop.seat): place for place, stop in enumerate(stops)}
    kept = []
    for node in tour.nodes:
        place = order.get((node.kind, node.name, node.seat))
        if node.kind is not StopKind.BREAK:
            model.model.add(node.used == (place is not None))
        if place is not None:
            kept.append((place, node))
    kept.sort(key=lambda one: one[0])
    for (_, before), (_, after) in pairwise(kept):
        model.model.add(before.at < after.at)
    taken = [*(stop.flight for stop in route.stops), route.return_flight]
    for number in range(len(model.problem.flights)):
        model.model.add(sum(leg.used for leg in tour.legs if leg.flight == number) == taken.count(number))
    for stop in stops:
        for index, used in enumerate(stop.parts):
            for flag, option in model.choices[stop.name, index]:
                if (option.part, option.source) == (used.part, used.source):
                    model.model.add(flag == 1)
