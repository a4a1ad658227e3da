"""Whole crews in a plan: who takes which seat, what is given stays, what comes before, and tools that jobs share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import crew_of
from fieldops.dispatch.crew.publishing import publish
from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.dispatch.schemas import NewJob, SeatNeed, ToolNeed
from fieldops.dispatch.service import add_jobs, job_to_change
from fieldops.equipment.schemas import NewTool
from fieldops.equipment.service import add_tools
from fieldops.finance.budgets.models import BudgetEntry
from fieldops.planning.explaining import explain_job
from fieldops.planning.models import DayPlan
from fieldops.planning.schemas import AssignmentOut, DayPlanOut
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.planning.snapshot import Snapshot, take_snapshot
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import HeldQualification, Technician
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from optimizer.run import Limit
from tests.conftest import NOW
from tests.hangar import MORNING, brake_job, load_hangar
from tests.statements import statements
from tests.worlds import TINY_DATE

HOUR = timedelta(hours=1)
MECHANIC, SIGN, INSPECT, LEARN = (
    Seat.MECHANIC,
    Seat.RELEASE_SIGNATORY,
    Seat.INDEPENDENT_INSPECTOR,
    Seat.TRAINEE,
)
PLAIN: dict[str, Any] = {"parts": (), "tools": (), "window_end": MORNING + timedelta(days=2)}
PAIR: dict[str, Any] = PLAIN | {"task": None, "system": None, "duration_min": 120, "inspection": False}


@pytest.fixture
def hangar(engine: Engine) -> Engine:
    """The hangar without work in it."""
    load_hangar(engine)
    return engine


def do(engine: Engine, what: Callable[[Session], Any]) -> None:
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        what(session)


def add(engine: Engine, *jobs: NewJob) -> None:
    do(engine, lambda session: add_jobs(session, SYSTEM, jobs))


def give(engine: Engine, person: str, seat: Seat, start: datetime, hours: float = 2, job: str = "H-1") -> None:
    span = (start, start + hours * HOUR)
    do(engine, lambda session: assign(session, SYSTEM, job_to_change(session, job), seat, person, span, NOW))


def plan_of(engine: Engine) -> DayPlanOut:
    return make_day_plan(engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=500)), clock=lambda: NOW)


def crew(plan: DayPlanOut, job: str = "H-1") -> dict[Seat | None, AssignmentOut]:
    return {one.seat: one for one in plan.dispatch.assignments if one.job == job}


def snapshot_of(engine: Engine) -> Snapshot:
    with reading(engine, SYSTEM) as session:
        return take_snapshot(session, TINY_DATE, None)


def reasons(plan: DayPlanOut, job: str) -> str:
    (told,) = [one.reasons for one in plan.dispatch.unassigned if one.job == job]
    return "; ".join(one.text for one in told)


def test_the_whole_crew_is_planned_and_published_together(hangar: Engine) -> None:
    add(hangar, brake_job(**PLAIN))
    plan = plan_of(hangar)
    found = crew(plan)
    assert found.keys() == {MECHANIC, INSPECT, SIGN}
    assert (found[INSPECT].technician, found[SIGN].technician) == ("INSP", "SIGN")
    work, inspects, signs = found[MECHANIC], found[INSPECT], found[SIGN]
    assert work.end - work.start == 2 * HOUR
    assert (inspects.start, inspects.end) == (work.end - HOUR, work.end - HOUR / 2)
    assert work.end - HOUR / 2 <= signs.start == signs.end - HOUR / 2
    assert plan.dispatch.assigned == len({one.job for one in plan.dispatch.assignments})
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        key = session.scalars(select(DayPlan.id)).one()
        (told,) = [one for one in publish(session, SYSTEM, key) if one.job == "H-1"]
        assert (told.assigned, told.by_hand, len(told.crew)) == (True, [], 3), told.detail
        job = session.scalars(select(Job.id).where(Job.number == "H-1")).one()
        assert {(one.seat, one.starts_at) for one in crew_of(session, [job])[job]} == {
            (seat, one.start) for seat, one in found.items()
        }
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        assert "H-1" not in {one.job for one in publish(session, SYSTEM, key)}


def test_a_job_of_which_one_seat_is_refused_by_now_is_not_published_in_part(hangar: Engine) -> None:
    add(hangar, brake_job(**PLAIN))
    plan_of(hangar)

    def expire(session: Session) -> None:
        signs = select(Technician.id).where(Technician.code == "SIGN").scalar_subquery()
        held = update(HeldQualification).where(HeldQualification.technician_id == signs)
        session.execute(held.values(valid_until=TINY_DATE - timedelta(days=1)))

    do(hangar, expire)
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        told = {one.job: one for one in publish(session, SYSTEM, session.scalars(select(DayPlan.id)).one())}
        assert (told["H-1"].assigned, told["H-1"].code) == (False, "seat_refused")
        key = session.scalars(select(Job.id).where(Job.number == "H-1")).one()
        assert crew_of(session, [key])[key] == []


def test_a_job_has_one_bill_for_its_crew_and_is_late_once(hangar: Engine) -> None:
    add(hangar, brake_job(**PLAIN | {"due_at": MORNING}))
    plan = plan_of(hangar)
    found = crew(plan).values()
    late = [one.lateness_cost for one in found if one.lateness_cost]
    done = max(one.end for one in found)
    assert late == [Decimal(150) * Decimal((done - MORNING) / HOUR)]
    assert plan.dispatch.late == len({one.job for one in plan.dispatch.assignments if one.lateness_cost})
    with reading(hangar, SYSTEM) as session:
        taken = session.scalars(select(BudgetEntry).where(BudgetEntry.document == "H-1")).all()
        assert sum(one.amount for one in taken) == sum(one.cost for one in found)
        rows = session.scalars(select(PlanAssignment).join(Job).where(Job.number == "H-1")).all()
        assert sorted((one.position, one.seat) for one in rows) == [(0, MECHANIC), (1, SIGN), (2, INSPECT)]


def test_two_mechanics_begin_together_and_a_trainee_has_a_supervisor(hangar: Engine) -> None:
    seats = (SeatNeed(seat=MECHANIC, count=2, qualifications=("B1",)), SeatNeed(seat=LEARN))
    add(hangar, brake_job(**PAIR | {"seats": seats}))
    plan = plan_of(hangar)
    rows = [one for one in plan.dispatch.assignments if one.job == "H-1"]
    hands = [one for one in rows if one.seat in (MECHANIC, LEARN)]
    assert sorted(one.seat or "" for one in rows) == sorted([MECHANIC, MECHANIC, LEARN, SIGN])
    assert len({one.start for one in hands}) == 1
    assert len({one.technician for one in rows}) == 4


def test_who_may_both_work_and_sign_does_both_where_there_is_nobody_else(hangar: Engine) -> None:
    seats = (SeatNeed(seat=MECHANIC, qualifications=("CRS-LINE",)), SeatNeed(seat=SIGN))
    add(hangar, brake_job(**PAIR | {"seats": seats}))
    do(
        hangar,
        lambda session: session.execute(update(Technician).where(Technician.code == "ADVISE").values(time_zone="UTC")),
    )
    found = crew(plan_of(hangar))
    assert {seat: one.technician for seat, one in found.items()}[SIGN] == "SIGN"
    alone = found[MECHANIC].technician == "SIGN"
    assert alone is (found[SIGN].cost == 0)


def test_what_stands_in_the_way_names_the_seat(hangar: Engine) -> None:
    add(hangar, brake_job(**PLAIN))

    def lose(session: Session) -> None:
        inspects = select(Technician.id).where(Technician.code == "INSP").scalar_subquery()
        held = update(HeldQualification).where(HeldQualification.technician_id == inspects)
        session.execute(held.values(valid_until=TINY_DATE - timedelta(days=1)))

    do(hangar, lose)
    told = reasons(plan_of(hangar), "H-1")
    assert "seat Independent inspector: may not take it" in told
    assert "Mechanic" not in told


def test_a_seat_that_is_given_stays_and_the_others_come_with_it(hangar: Engine) -> None:
    add(hangar, brake_job(**PLAIN))
    start = MORNING + 3 * HOUR
    give(hangar, "MECH", MECHANIC, start)
    found = crew(plan_of(hangar))
    assert (found[MECHANIC].technician, found[MECHANIC].start, found[MECHANIC].end) == ("MECH", start, start + 2 * HOUR)
    assert found[INSPECT].start == start + HOUR
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        told = {one.job: one for one in publish(session, SYSTEM, session.scalars(select(DayPlan.id)).one())}
    assert {one.seat for one in told["H-1"].crew} == {INSPECT, SIGN}
    again = crew(plan_of(hangar))
    assert {seat: (one.technician, one.start) for seat, one in again.items()} == {
        seat: (one.technician, one.start) for seat, one in found.items()
    }


def test_work_ends_in_time_for_who_is_to_sign(hangar: Engine) -> None:
    add(hangar, brake_job(**PLAIN))
    give(hangar, "SIGN", SIGN, MORNING + 3 * HOUR, 1)
    found = crew(plan_of(hangar))
    assert SIGN not in found
    assert found[MECHANIC].end <= MORNING + 4 * HOUR


def test_what_is_under_way_stays_and_nobody_of_its_crew_is_elsewhere_meanwhile(hangar: Engine) -> None:
    add(hangar, brake_job(**PLAIN), brake_job("H-2", **PLAIN | {"tail": "RDPL-2"}))
    for person, seat in (("MECH", MECHANIC), ("INSP", INSPECT), ("SIGN", SIGN)):
        give(hangar, person, seat, MORNING + HOUR, 4)
    do(
        hangar,
        lambda session: session.execute(
            update(Job).where(Job.number == "H-1").values(state=JobState.ON_SITE, window_end=MORNING + 4 * HOUR)
        ),
    )
    plan = plan_of(hangar)
    assert crew(plan) == {}
    busy = {"MECH", "INSP", "SIGN"}
    for one in plan.dispatch.assignments:
        if one.technician in busy:
            assert one.end <= MORNING + HOUR or one.start >= MORNING + 5 * HOUR
    assert crew(plan, "H-2")[INSPECT].technician == "INSP"


def test_seats_for_a_time_that_is_past_are_left_to_people(hangar: Engine) -> None:
    seats = (SeatNeed(seat=MECHANIC, qualifications=("B1",)),)
    early = MORNING - timedelta(days=2)
    job = brake_job(**PAIR | {"seats": seats, "window_start": early, "tail": None, "kind": "advisory"})
    add(hangar, job)
    with writing(hangar, SYSTEM, clock=lambda: early) as session:
        assign(session, SYSTEM, job_to_change(session, "H-1"), MECHANIC, "MECH", (early, early + 2 * HOUR), early)
    assert reasons(plan_of(hangar), "H-1").startswith("its seats are given")


def test_what_comes_after_waits(hangar: Engine) -> None:
    add(hangar, brake_job(**PLAIN), brake_job("H-2", **PLAIN | {"tail": "RDPL-2", "after": ("H-1",)}))
    plan = plan_of(hangar)
    before, after = crew(plan), crew(plan, "H-2")
    assert max(one.end for one in before.values()) <= after[MECHANIC].start
    do(
        hangar,
        lambda session: session.execute(
            update(Job)
            .where(Job.number == "H-1")
            .values(window_end=MORNING - timedelta(days=2), window_start=MORNING - timedelta(days=3))
        ),
    )
    assert "job H-1, which has to be done before, is not planned with it" in reasons(plan_of(hangar), "H-2")


def test_what_comes_after_work_under_way_waits_for_its_end(hangar: Engine) -> None:
    add(hangar, brake_job(**PLAIN), brake_job("H-2", **PLAIN | {"tail": "RDPL-2", "after": ("H-1",)}))
    give(hangar, "MECH", MECHANIC, MORNING + HOUR, 5)
    do(hangar, lambda session: session.execute(update(Job).where(Job.number == "H-1").values(state=JobState.ON_SITE)))
    assert crew(plan_of(hangar), "H-2")[MECHANIC].start >= MORNING + 6 * HOUR


def tooled(number: str, tail: str, **changes: Any) -> NewJob:
    return brake_job(
        number, **PLAIN | {"tail": tail, "tools": (ToolNeed(kind="TORQUE"),), "due_at": MORNING, **changes}
    )


def test_jobs_that_share_a_tool_are_not_done_at_once(hangar: Engine) -> None:
    add(hangar, tooled("H-1", "RDPL-1"), tooled("H-2", "RDPL-2"))
    plan = plan_of(hangar)
    first, second = crew(plan)[MECHANIC], crew(plan, "H-2")[MECHANIC]
    assert first.end <= second.start or second.end <= first.start


def test_a_tool_that_is_not_there_is_named(hangar: Engine) -> None:
    add(hangar, tooled("H-1", "RDPL-1", tools=(ToolNeed(kind="TORQUE", count=2),)))
    assert "have no way to the tools" in reasons(plan_of(hangar), "H-1")
    tool = NewTool(
        kind="TORQUE",
        serial="TW-2",
        place="VTE",
        calibrated_on=TINY_DATE,
        calibration_due=TINY_DATE + timedelta(days=1),
    )
    do(hangar, lambda session: add_tools(session, SYSTEM, [tool]))
    last = crew(plan_of(hangar))[MECHANIC].end
    assert last.date() == MORNING.date()  # its calibration holds through Tuesday


def test_each_seat_is_explained(hangar: Engine) -> None:
    add(hangar, brake_job(**PLAIN))
    plan = plan_of(hangar)
    told = explain_job(hangar, SYSTEM, plan.plan, "H-1")
    assert not told.data_changed
    assert [one.seat for one in told.crew] == [MECHANIC, SIGN, INSPECT]
    others = {one.seat: {other.technician: other for other in one.alternatives} for one in told.crew}
    assert "T-2" in others[MECHANIC] or told.crew[0].technician == "T-2"
    assert others[INSPECT]["LEARN"].extra_cost is None
    assert told.cost == sum(one.cost for one in told.crew)
    assert "Independent inspector: INSP" in told.as_text()


def test_the_statements_of_a_snapshot_do_not_grow_with_its_rows(hangar: Engine) -> None:
    add(hangar, tooled("H-1", "RDPL-1", after=("J-3",)))
    give(hangar, "MECH", MECHANIC, MORNING)

    def count() -> int:
        with statements(hangar) as made:
            snapshot_of(hangar)
        return len(made)

    few = count()
    add(hangar, *(tooled(f"H-{number}", "RDPL-2", after=(f"H-{number - 1}",)) for number in range(2, 40)))
    for number in range(2, 20):
        give(hangar, "INSP", INSPECT, MORNING + number * HOUR / 2, 0.5, job=f"H-{number}")
    tools = [NewTool(kind="TORQUE", serial=f"TW-{number}", place="VTE") for number in range(2, 20)]
    do(hangar, lambda session: add_tools(session, SYSTEM, tools))
    assert count() == few


def test_a_plan_of_before_whole_crews_is_read(hangar: Engine) -> None:
    told = plan_of(hangar).model_dump(mode="json")
    for one in told["dispatch"]["assignments"]:
        del one["seat"]
        one["by_hand"] = ["release_signatory"]
    read = DayPlanOut.model_validate(told)
    assert {one.seat for one in read.dispatch.assignments} == {None}
    assert read.dispatch.assignments[0].by_hand == [SIGN]
