"""What cannot be, as somebody would enter it: a refusal or a plan that names it, and everything else planned."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer.dispatch.check import check
from optimizer.dispatch.choices import Choices
from optimizer.dispatch.curve import cost_curve
from optimizer.dispatch.jobs import Job, PartNeed, Pin, PinKind, Running, Seat
from optimizer.dispatch.model import ChangeCost, Depot, Precedence, Problem, Together, Travel
from optimizer.dispatch.plan import Plan
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Appointment, Technician, Validity, Window
from optimizer.run import Limit, Status
from tests.optimizer.dispatch.worlds import FAR, HOME, NEAR, STORE, job, shift, short, technician, world

L = Limit(iterations=50)


def planned(problem: Problem) -> Plan:
    """Return a plan that the checker passes."""
    plan = solve(problem, limit=L)
    assert check(problem, plan) == []
    return plan


def done(plan: Plan) -> set[str]:
    """Return what is done: jobs and appointments."""
    return {stop.name for route in plan.routes for stop in route.stops}


def dates(*told: tuple[str, int, float, float]) -> Technician:
    """A technician with appointments: name, place, start, duration."""
    return technician("A", appointments=tuple(Appointment(*one) for one in told))


@pytest.mark.parametrize(
    ("person", "missed", "code", "misses_s"),
    [
        (dates(("first", NEAR, 20, 10), ("second", NEAR, 25, 10)), "second", "overlaps", 5),
        (dates(("first", NEAR, 20, 10), ("second", FAR, 31, 5)), "second", "unreachable", 2),
        (dates(("first", FAR, 3, 5)), "first", "outside_shift", 2),
        (dates(("first", FAR, 90, 8)), "first", "outside_shift", 3),
        (dates(("first", HOME, 95, 10)), "first", "outside_shift", 5),
        (technician("A", shift(10), appointments=(Appointment("first", HOME, 8, 4),)), "first", "outside_shift", 2),
    ],
)
def test_an_appointment_that_contradicts_another_or_the_shift_is_missed(
    person: Technician, missed: str, code: str, misses_s: float
) -> None:
    plan = planned(world(job(), people=[person]))

    assert plan.status is Status.INFEASIBLE
    assert [(one.technician, one.appointment) for one in plan.missed] == [("A", missed)]
    (reason,) = plan.missed[0].reasons
    assert reason.code == code
    assert reason.misses_by == pytest.approx(misses_s / 60)
    assert done(plan) == {"J1", *({"first"} - {missed})}


def test_an_appointment_in_overtime_is_kept_and_no_job_lies_on_it() -> None:
    person = technician("A", shift(0, 100, overtime_s=60), appointments=(Appointment("dentist", HOME, 95, 10),))
    plan = planned(world(job(windows=(Window(92, 98),)), job("J2"), people=[person]))

    assert plan.missed == ()
    assert done(plan) == {"dentist", "J2"}


@pytest.mark.parametrize("start_s", [0, 4, 30, 34])
def test_an_appointment_outside_all_shifts_binds_nobody(start_s: float) -> None:
    """It may end when a shift begins, and begin when the overtime ends."""
    person = technician("A", shift(10, 20, overtime_s=10), appointments=(Appointment("own", HOME, start_s, 6),))
    plan = planned(world(job(), people=[person]))

    assert (plan.missed, done(plan)) == ((), {"J1"})


@pytest.mark.parametrize("start_s", [7, 9])
def test_who_is_away_has_no_overtime_for_an_appointment(start_s: float) -> None:
    shifts = tuple(shift(at_s, at_s + 8, overtime_s=9) for at_s in (0, 20))
    person = technician("A", *shifts, away=True, appointments=(Appointment("own", HOME, start_s, 4),))
    plan = planned(world(job(), people=[person]))

    assert [one.appointment for one in plan.missed] == (["own"] if start_s < 8 else [])
    assert done(plan) == {"J1"}


def test_an_appointment_that_lies_on_a_job_that_has_begun_is_missed() -> None:
    """What happened happened: the job stays, and is named as what stands in the way."""
    begun = job("begun", pin=Pin(PinKind.STARTED, ("A",), 20.0))
    plan = planned(world(job(), begun, people=[dates(("first", NEAR, 22, 10))]))

    assert plan.status is Status.INFEASIBLE
    (missed,) = plan.missed
    assert [(one.code, one.values["other"]) for one in missed.reasons] == [("overlaps", "begun")]
    assert done(plan) == {"J1", "begun"}


@pytest.mark.parametrize(
    ("pins", "lost", "code"),
    [
        ((Pin(PinKind.STARTED, ("A",), 10.0), Pin(PinKind.STARTED, ("A",), 12.0)), "P1", "overlaps"),
        ((Pin(PinKind.STARTED, ("A",), 1.0),), "P0", "outside_shift"),
        ((Pin(PinKind.DONE, ("A",), 97.0),), "P0", "outside_shift"),
    ],
)
def test_what_has_begun_in_contradiction_is_left_out_and_says_why(pins: Sequence[Pin], lost: str, code: str) -> None:
    jobs = [job(f"P{number}", pin=pin) for number, pin in enumerate(pins)]
    plan = planned(world(job(), *jobs))

    assert plan.status is Status.INFEASIBLE
    assert [one.job for one in plan.left_out] == [lost]
    assert [one.code for one in plan.left_out[0].reasons] == [code]
    assert "J1" in done(plan)


def test_what_is_sequenced_but_fits_nowhere_leaves_the_others_planned() -> None:
    pin = Pin(PinKind.SEQUENCED, ("A",), 10.0)
    plan = planned(world(job(), job("P", pin=pin, windows=(Window(200),))))

    assert plan.status is Status.INFEASIBLE
    assert done(plan) == {"J1"}
    assert plan.left_out[0].job == "P"


UNDOABLE: dict[str, Job] = {
    "nobody may": job("bad", forbidden=frozenset("A")),
    "nobody is qualified": job("bad", seats=(Seat(qualifications=frozenset("q")),)),
    "a seat without candidates": job("bad", seats=(Seat(), Seat("second", permitted={}))),
    "more seats than people": job("bad", seats=(Seat(), Seat("second"))),
    "longer than any shift": job("bad", duration_s=1000),
    "a window behind all shifts": job("bad", windows=(Window(500, 600),)),
    "a window before it can be reached": job("bad", FAR, windows=(Window(0, 1),)),
    "released after its windows": job("bad", windows=(Window(0, 5),), release_s=50),
}


@pytest.mark.parametrize("bad", UNDOABLE.values(), ids=UNDOABLE)
@pytest.mark.parametrize("mandatory", [False, True])
def test_a_job_that_nobody_can_do_is_left_out_and_the_others_are_planned(bad: Job, mandatory: bool) -> None:
    plan = planned(world(job(), replace(bad, mandatory=mandatory)))

    assert done(plan) == {"J1"}
    assert [one.job for one in plan.left_out] == ["bad"]
    assert plan.status in ([Status.INFEASIBLE] if mandatory else [Status.FEASIBLE, Status.OPTIMAL])


def test_a_window_shorter_than_its_service_binds_the_start_alone() -> None:
    """Four seconds of work may begin within one, and go on beyond it."""
    plan = planned(world(job(windows=(Window(10, 11),))))

    assert done(plan) == {"J1"}


def test_nobody_and_nothing_are_plans_as_well() -> None:
    nobody = replace(world(job()), technicians=())
    nothing = replace(world(job()), jobs=())
    empty = replace(nobody, jobs=())

    assert [one.job for one in planned(nobody).left_out] == ["J1"]
    assert planned(nothing).routes == ()
    assert planned(empty).objective == 0
    assert [one.job for one in planned(world(job(), people=[replace(technician(), shifts=())])).left_out] == ["J1"]
    assert planned(replace(nobody, jobs=(job(mandatory=True),))).status is Status.INFEASIBLE


def _way(seconds: float) -> dict[str, Travel]:
    matrix = np.zeros((4, 4))
    matrix[HOME, STORE] = seconds
    return {"road": Travel(matrix, np.zeros((4, 4)))}


@pytest.mark.parametrize(
    ("build", "names"),
    [
        (lambda: world(job(place=9)), ["J1", "9"]),
        (lambda: world(job(place=-1)), ["J1", "-1"]),
        (lambda: world(people=[technician("A", shift(place=9))]), ["technician A", "9"]),
        (lambda: replace(world(), travel=_way(-1.0)), ["HOME to STORE", "-1.0"]),
        (lambda: replace(world(), travel=_way(math.nan)), ["HOME to STORE", "nan"]),
        (lambda: replace(world(), travel=_way(math.inf)), ["HOME to STORE", "inf"]),
        (lambda: job(duration_s=math.nan), ["J1", "duration_s", "nan"]),
        (lambda: job(release_s=-1), ["J1", "release_s", "-1"]),
        (lambda: job(unserved_cost=math.nan), ["J1", "unserved_cost"]),
        (lambda: job(due_s=math.nan), ["J1", "due_s"]),
        (lambda: job(windows=()), ["J1", "window"]),
        (lambda: job(seats=()), ["J1", "seat"]),
        (lambda: job(due_s=-math.inf), ["J1", "due_s"]),
        (lambda: job(running=Running(("A",), math.nan)), ["J1", "running plan", "nan"]),
        (lambda: job(running=Running(("A",), math.inf)), ["J1", "running plan", "inf"]),
        (lambda: job(pin=Pin(PinKind.STARTED, ("A",), math.nan)), ["J1", "pin", "start_s", "nan"]),
        (lambda: job(pin=Pin(PinKind.SEQUENCED, ("A",), -1.0)), ["J1", "pin", "start_s", "-1"]),
        (lambda: job(pin=Pin(PinKind.DONE, ("A",), math.inf)), ["J1", "pin", "start_s", "inf"]),
        (lambda: job(pin=Pin(PinKind.DONE, ("A",))), ["J1", "pin", "start"]),
        (
            lambda: job(seats=(Seat(), Seat("second")), pin=Pin(PinKind.ASSIGNED, ("A", "A"))),
            ["J1", "pin", "technician A", "twice"],
        ),
        (lambda: Window(math.inf, math.inf), ["window", "inf"]),
        (lambda: Seat("second", after_min_s=math.inf, after_max_s=math.inf), ["second", "inf"]),
        (lambda: Together("J1", "J1", False), ["J1", "itself"]),
        (lambda: PartNeed(("p",), 0), ["part p", "quantity"]),
        (lambda: PartNeed("pq"), ["pq", "tuple"]),  # type: ignore[arg-type]
        (lambda: Depot("kit", STORE), ["'kit'"]),
        (lambda: Depot("delivered", STORE), ["'delivered'"]),
        (lambda: Depot("D", STORE, {"p": math.nan}), ["depot D", "p", "nan"]),
        (lambda: ChangeCost(changes_max=-1), ["changes_max", "-1"]),
        (lambda: world(job(place=1.5)), ["J1", "1.5"]),  # type: ignore[arg-type]
        (lambda: world(job(place=True)), ["J1", "True"]),
        (lambda: world(job(place="NEAR")), ["J1", "'NEAR'"]),  # type: ignore[arg-type]
        (lambda: replace(world(), travel={}, technicians=()), ["travel times"]),
        (lambda: world(shared_tools={"t": math.nan}), ["shared tools", "t", "nan"]),
        (lambda: world(shared_tools={"t": -1}), ["shared tools", "t", "-1"]),
        (lambda: world(shared_tools={"t": 1.5}), ["shared tools", "t", "1.5"]),
        (lambda: world(people=[technician(region="name")], budgets={"name": -5.0}), ["budget", "name", "-5"]),
        (lambda: world(budgets={"R": 5.0}), ["budget", "'R'"]),
        (lambda: cost_curve(world(), [{"R": 5.0}], limit=L), ["budget", "'R'"]),
        (lambda: solve(world(), limit=L, seed=-1), ["seed", "-1"]),
        (lambda: Limit(seconds=math.nan), ["nan"]),
        (lambda: Limit(seconds=math.inf), ["inf"]),
        (lambda: Choices(world(), planned(world())).others("J1", -1), ["J1", "seat -1"]),
        (lambda: Choices(world(), planned(world())).others("J1", 5), ["J1", "seat 5"]),
        (lambda: Choices(world(), planned(world())).of("J1", most=-1), ["most", "-1"]),
        (lambda: world(job(), job()), ["J1", "twice"]),
        (lambda: world(people=[technician(), technician()]), ["technician A", "twice"]),
        (lambda: world(people=[technician(mode="sledge")]), ["technician A", "sledge"]),
        (lambda: world(job(pin=Pin(PinKind.ASSIGNED, ("Z",)))), ["J1", "Z"]),
        (lambda: world(job(shared_tools=frozenset("x"))), ["J1", "x"]),
        (lambda: world(precedence=(Precedence("J1", "J9"),)), ["J9"]),
        (lambda: world(together=(Together("J1", "J9", True),)), ["J9"]),
        (lambda: world(precedence=(Precedence("J1", "J1"),)), ["J1", "circle"]),
        (
            lambda: world(job(), job("J2"), precedence=(Precedence("J1", "J2"), Precedence("J2", "J1"))),
            ["J1", "J2", "circle"],
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_name(build: Callable[[], Any], names: list[str]) -> None:
    with pytest.raises(ValueError, match=r"\w") as refusal:
        build()

    assert [name for name in names if name not in str(refusal.value)] == []


def test_money_without_a_limit_and_a_region_of_any_name_are_taken() -> None:
    people = [technician("A", region="name"), technician("B", region="values")]
    assert planned(world(people=people, budgets={"name": math.inf, "values": 3.0})).objective == 12


def test_codes_of_people_who_are_not_there_count_for_nothing() -> None:
    """As where one area is planned by itself and people of others are named."""
    asks = job(
        seats=(Seat(permitted={"A": (Validity(0, 100),), "Z": (Validity(0, 100),)}),),
        preferred=frozenset("AZ"),
        forbidden=frozenset("Y"),
        running=Running(("Z",), -50.0),
    )
    plan = planned(world(asks, change=ChangeCost(technician=3)))

    assert done(plan) == {"J1"}
    assert plan.cost_by_term["plan_change"] == 3


def test_a_problem_is_looked_through_once() -> None:
    """Twice the technicians and jobs take about twice the work, not four times."""
    work = []
    for size in (200, 400):
        codes = [_Counted(f"T{number}") for number in range(size)]
        _Counted.hashed = 0
        world(*(job(f"J{number}") for number in range(size)), people=[technician(code) for code in codes])
        work.append(_Counted.hashed)

    assert work[1] <= 2 * work[0]


class _Counted(str):
    """A code that counts how often its hash is asked for."""

    hashed = 0

    def __hash__(self) -> int:
        _Counted.hashed += 1
        return super().__hash__()


def test_a_short_shift_is_no_contradiction() -> None:
    assert planned(world(people=[short(1)])).status is Status.OPTIMAL
