"""Moves of the kernel by hand: what one of them leaves behind, and where breaks, kits and sums are easily got wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.dispatch.building.state import built, stops_max
from optimizer.dispatch.jobs import Job, PartNeed, Seat
from optimizer.dispatch.kernel.recreate import place, put_in
from optimizer.dispatch.kernel.ruin import close, take_out
from optimizer.dispatch.kernel.start import put_stops
from optimizer.dispatch.kernel.tours import begin_round, put_back
from optimizer.dispatch.model import Depot, Flight, Problem
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Break, Pay, Shift, Validity, Window
from optimizer.run import Limit
from tests.optimizer.dispatch.test_moves import Mover, picture, same
from tests.optimizer.dispatch.worlds import A_SECOND, FAR, HOME, NEAR, STORE, job, shift, technician, world


def only(code: str) -> Seat:
    """A seat for one technician."""
    return Seat(code, permitted={code: (Validity(0, 1000),)})


def test_a_tour_has_as_many_stops_as_there_is_time_for() -> None:
    """Three hundred jobs of a second fit into a shift of 304 seconds, and a stop at a depot beside them."""
    jobs = [job(f"J{at}", HOME, 1) for at in range(300)]
    assert stops_max(built(world(*jobs, people=[technician("A", shift(0, 304))]))) == 300
    assert stops_max(built(world(*jobs, people=[technician("A", shift(0, 60))], depots=(Depot("D", STORE),)))) == 61
    one = Mover(world(*jobs, people=[technician("A", shift(0, 304))]), 1)
    assert one.view.count.tolist() == [300]
    longer = [replace(one, duration_s=2) for one in jobs]
    other = Mover(world(*longer, people=[technician("A", shift(0, 304))]), 1)
    assert not put_stops(other.data, other.state, 0, np.arange(300))


def test_a_crew_that_is_not_complete_leaves_no_trace() -> None:
    """J finds A, but nobody beside him. With J before K, K began at 12.5; so late it would not fit A without J.

    Begun then, K as the first stop owes both breaks at once.
    """
    people = [
        technician("A", shift(0, 25, breaks=(Break(5, 8, 1), Break(9, 13, 1)))),
        technician("B", shift(place=FAR)),
        technician("C", shift(20, 100, place=FAR)),
    ]
    crews = (
        job("K", FAR, 2, seats=(only("A"), only("B"))),
        job("J", FAR, 4.5, windows=(Window(7, 30),), seats=(only("A"), only("C"))),
    )
    mover = Mover(world(*crews, people=people), 1)
    before = picture(mover.one, mover.view)
    begin_round(mover.state)
    assert not put_in(mover.data, mover.state, 1, 1000.0, 0.0)
    same(before, picture(mover.one, mover.view))
    put_back(mover.data, mover.state)
    same(before, picture(mover.one, mover.view))
    mover.prove()


def test_a_kit_is_not_used_twice_when_two_tours_are_changed_at_once() -> None:
    """One shift has the part from the kit, the other from the depot; both still do when each has lost a job."""
    need = (PartNeed(("p",), 1),)
    early, late = (Window(0, 20),), (Window(50, 70),)
    jobs = (
        job("J1", NEAR, parts=need, windows=early),
        job("J2", NEAR, parts=need, windows=late),
        job("J3", windows=early),
        job("J4", windows=late),
    )
    person = technician("A", shift(0, 40), shift(50, 90), parts={"p": 1})
    mover = Mover(world(*jobs, people=[person], depots=(Depot("D", STORE, {"p": 1}),)), 1)
    mover.prove()
    at_depot = int(mover.view.depot_at[1] >= 0)
    opened = take_out(mover.data, mover.state, 2 + at_depot, 0)
    opened = take_out(mover.data, mover.state, 3 - at_depot, opened)
    assert close(mover.data, mover.state, opened)
    assert mover.view.kit_left.min() >= 0
    mover.prove()


def test_what_is_mandatory_does_not_round_off_the_rest() -> None:
    """Left out and put back, it leaves the sum to the last digit: 12 for J1, and a tenth to leave J2 out."""
    mover = Mover(world(job(mandatory=True), job("J2", FAR, unserved_cost=0.1)), 1)
    begin_round(mover.state)
    assert close(mover.data, mover.state, take_out(mover.data, mover.state, 0, 0))
    assert place(mover.data, mover.state, 0, 1e9, 0.0)
    assert float(mover.view.total[0]) == pytest.approx(12.1, rel=0, abs=1e-12)


@pytest.mark.parametrize(
    ("jobs", "shifts", "away"),
    [
        # waiting from 27 to 40 he could have the break, but is back at 49 and owes none before 60
        (
            [job(windows=(Window(20, 30),)), job("J2", FAR, windows=(Window(40, 41),))],
            [shift(breaks=(Break(3, 60, 5),))],
            False,
        ),
        # to begin at 16 he leaves after the first break was due, but not for the second break as well
        ([job("J1", FAR, 20, windows=(Window(16, 40),))], [shift(breaks=(Break(5, 10, 1), Break(11, 30, 10)))], False),
        # away: the later shift's break is due first
        (
            [job("J1", STORE, 4, windows=(Window(16, 22),))],
            [shift(0, 12, breaks=(Break(5, 27, 12),)), shift(16, 36, breaks=(Break(20, 21, 2),))],
            True,
        ),
    ],
    ids=["waiting", "leaving", "away"],
)
def test_breaks_are_taken_where_they_are_due(jobs: list[Job], shifts: list[Shift], away: bool) -> None:
    """The checker agrees to what the kernel makes of them, and to what that costs."""
    mover = Mover(world(*jobs, people=[technician("A", *shifts, away=away)]), 1)
    assert mover.view.left_count[0] == 0
    mover.prove()


def flying() -> Problem:
    """With a stop at HOME A misses the flight to FAR, which 12 of travel do not allow; without it he would take it."""
    person = technician("A", flies=True, region="R", pay=Pay(per_h=10 * A_SECOND))
    jobs = job("J1", HOME, unserved_cost=50.0), job("J2", FAR)
    return world(*jobs, people=[person], flights=(Flight(HOME, FAR, 0, 1, 8.0),), budgets={"R": 12.0})


def test_a_budget_holds_when_a_job_goes() -> None:
    """18 s out and 10 of way. To fly and leave J1 out costs 163, but 13 of travel; without a limit J1 comes last."""
    assert solve(flying(), limit=Limit(iterations=200)).objective == pytest.approx(190)
    assert solve(replace(flying(), budgets={}), limit=Limit(iterations=200)).objective == pytest.approx(153)
