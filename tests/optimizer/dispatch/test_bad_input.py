"""What cannot be, as somebody would enter it: a refusal or a plan that names it, and everything else planned."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer.dispatch.check import check
from optimizer.dispatch.jobs import Job, Pin, PinKind, Seat
from optimizer.dispatch.model import Precedence, Problem, Together, Travel
from optimizer.dispatch.plan import Plan
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Appointment, Technician, Window
from optimizer.run import Limit, Status
from tests.optimizer.dispatch.worlds import FAR, HOME, NEAR, STORE, job, shift, short, technician, world


def planned(problem: Problem) -> Plan:
    """Return a plan that the checker passes."""
    plan = solve(problem, limit=Limit(iterations=50))
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


def test_a_short_shift_is_no_contradiction() -> None:
    assert planned(world(people=[short(1)])).status is Status.OPTIMAL
