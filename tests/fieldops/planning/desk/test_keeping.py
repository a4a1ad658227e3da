"""Running plans are kept: by area, as long as nothing that concerns it changes, and without some of their jobs."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from fieldops.dispatch.changing import change_job
from fieldops.dispatch.schemas import JobChange
from fieldops.planning.desk import running
from fieldops.planning.desk.queries import Spot
from fieldops.planning.desk.rules import WITHOUT_MAX
from fieldops.planning.desk.running import Desk, Desks
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.workforce.models import Shift, Technician
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from optimizer.run import Limit
from tests.conftest import NOW
from tests.worlds import TINY_DATE, load_tiny

SEA, CN = Spot("VTE", "SEA", "SEA"), Spot("XIY", "CN", "CN")


@pytest.fixture
def planned(engine: Engine) -> Engine:
    """The small world with a plan of all its regions in force."""
    load_tiny(engine)
    make_day_plan(engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=50)), clock=lambda: NOW)
    return engine


def test_only_what_concerns_an_area_has_its_running_plan_taken_up_anew(planned: Engine) -> None:
    desks = Desks()
    sea, china = desks.of(planned, SEA, NOW), desks.of(planned, CN, NOW)
    with writing(planned, SYSTEM, clock=lambda: NOW) as session:
        change_job(session, SYSTEM, "J-2", JobChange(title="A check, package 2"), 1)
    assert desks.of(planned, SEA, NOW).running is sea.running
    anew = desks.of(planned, CN, NOW)
    assert anew.running is not china.running
    with writing(planned, SYSTEM, clock=lambda: NOW) as session:
        person = session.query(Technician).filter_by(code="T-2").one()
        person.name, key = "Somchai V.", person.id
    assert desks.of(planned, CN, NOW).running is anew.running
    later = desks.of(planned, SEA, NOW)
    assert later.running is not sea.running
    with writing(planned, SYSTEM, clock=lambda: NOW) as session:
        longer = update(Shift).where(Shift.technician_id == key).values(ends=Shift.ends)
        session.execute(longer)
    assert desks.of(planned, CN, NOW).running is anew.running
    assert desks.of(planned, SEA, NOW).running is not later.running


def test_nobody_waits_for_another_area_and_two_of_one_area_wait_for_one(
    planned: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks, begun, go = Desks(), threading.Event(), threading.Event()
    slow, taken = running.taken_up, list[str]()

    def taken_up(read: Any, now: Any) -> Desk:
        taken.append(read.area)
        if read.area == SEA.area:
            begun.set()
            assert go.wait(60)
        return slow(read, now)

    monkeypatch.setattr(running, "taken_up", taken_up)
    found: list[Desk] = []
    both = [threading.Thread(target=lambda: found.append(desks.of(planned, SEA, NOW))) for _each in range(2)]
    for one in both:
        one.start()
    assert begun.wait(60)
    assert desks.of(planned, CN, NOW).area.area == CN.area
    go.set()
    for one in both:
        one.join(60)
    assert taken.count(SEA.area) == 1
    assert found[0].running is found[1].running


def test_running_plans_without_a_job_are_kept_the_last_ones(planned: Engine) -> None:
    desk = Desks().of(planned, SEA, NOW)
    first = desk.without(["J-1"])
    assert desk.without(["J-1", "A-9"]) is first
    assert desk.without(["A-9"]) is desk.running
    assert {stop.name for route in first.plan.routes for stop in route.stops}.isdisjoint({"J-1"})
    for number in range(WITHOUT_MAX):
        desk.kept[(str(number),), False] = desk.running
    desk.without(["J-3"])
    assert len(desk.kept) == WITHOUT_MAX
    assert desk.without(["J-1"]) is not first


@pytest.fixture
def missed(planned: Engine) -> Desk:
    """A desk when the time of each job of its first day is over."""
    return Desks().of(planned, SEA, NOW + timedelta(days=2))


def test_a_job_whose_time_is_over_can_be_left_out_and_the_others_stay(missed: Desk) -> None:
    over = sorted(job.number for job in missed.running.problem.jobs if job.pin is not None)
    assert over
    for number in over:
        left = missed.without([number])
        assert number not in {job.number for job in left.problem.jobs}
        others = {job.number for job in missed.running.problem.jobs} - {number}
        assert {job.number for job in left.problem.jobs} == others
