"""A plan becomes assignments: through the one decision, once, and with a reason where it is refused by now."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Engine, select, update

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.publishing import publish
from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job
from fieldops.dispatch.queries import job_by_number
from fieldops.dispatch.service import add_jobs, job_to_change
from fieldops.planning.explaining import explain_job
from fieldops.planning.models import DayPlan
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.planning.snapshot import take_snapshot
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import HeldQualification, Technician
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from optimizer.run import Limit
from tests.conftest import NOW
from tests.hangar import MORNING, brake_job, load_hangar
from tests.worlds import TINY_DATE, load_tiny


def test_a_plan_becomes_assignments_once(any_engine: Engine) -> None:
    load_tiny(any_engine)
    plan = make_day_plan(any_engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=50)), clock=lambda: NOW)
    wanted = {(one.job, one.seat): one.technician for one in plan.dispatch.assignments if not one.held}
    assert wanted
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        key = session.scalars(select(DayPlan.id)).one()
        told = publish(session, SYSTEM, key)
    given = {(one.job, seat.seat): seat.technician for one in told if one.assigned for seat in one.crew}
    assert given == wanted
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        assert publish(session, SYSTEM, key) == []
        assert len(session.scalars(select(Assignment)).all()) == len(wanted)


def test_what_is_refused_by_now_is_told_and_left(any_engine: Engine) -> None:
    load_tiny(any_engine)
    plan = make_day_plan(any_engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=50)), clock=lambda: NOW)
    lost = next(one for one in plan.dispatch.assignments if not one.held)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        who = select(Technician.id).where(Technician.code == lost.technician).scalar_subquery()
        gone = update(HeldQualification).where(HeldQualification.technician_id == who)
        session.execute(gone.values(valid_until=date(2026, 2, 1)))
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        told = {one.job: one for one in publish(session, SYSTEM, session.scalars(select(DayPlan.id)).one())}
    assert not told[lost.job].assigned
    assert told[lost.job].code == "seat_refused"
    assert "valid until 2026-02-0" in (told[lost.job].detail or "")


def test_who_is_sent_off_is_not_planned_elsewhere_meanwhile(any_engine: Engine) -> None:
    load_hangar(any_engine)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        add_jobs(session, SYSTEM, [brake_job(parts=(), tools=())])
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        span = (MORNING, MORNING + timedelta(hours=8))
        assign(session, SYSTEM, job_to_change(session, "H-1"), Seat.MECHANIC, "T-2", span, NOW)
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=50))
    with reading(any_engine, SYSTEM) as session:
        given = take_snapshot(session, TINY_DATE, None).permitted["J-3"][Seat.MECHANIC]["T-2"]
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        session.execute(update(Job).where(Job.number == "H-1").values(state=JobState.DISPATCHED))
    with reading(any_engine, SYSTEM) as session:
        sent = take_snapshot(session, TINY_DATE, None).permitted["J-3"][Seat.MECHANIC]["T-2"]
    for spans in (given, sent):
        assert any(end == span[0] for _start, end in spans)
        assert not any(start < span[1] and span[0] < end for start, end in spans)
    plan = make_day_plan(any_engine, SYSTEM, request, clock=lambda: NOW)
    assert "H-1" not in {one.job for one in plan.dispatch.assignments}


def test_a_plan_counts_with_the_percentile_of_durations_that_it_is_asked_for(any_engine: Engine) -> None:
    load_hangar(any_engine)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        add_jobs(session, SYSTEM, [brake_job(parts=(), tools=(), window_end=MORNING)])
    assert lasting(any_engine, 50)["H-1"] == 2 * 3600
    assert lasting(any_engine, 90)["H-1"] == 3 * 3600  # as the estimate of its task says
    assert lasting(any_engine, 90)["J-3"] == lasting(any_engine, 50)["J-3"]  # which has no task
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=50), percentile=90)
    plan = make_day_plan(any_engine, SYSTEM, request, clock=lambda: NOW)
    assert plan.duration_percentile == 90
    (line,) = (one for one in plan.dispatch.assignments if one.job == "H-1" and one.seat is Seat.MECHANIC)
    assert line.end - line.start == timedelta(hours=3)
    assert not explain_job(any_engine, SYSTEM, plan.plan, "H-1").data_changed
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        told = {one.job: one for one in publish(session, SYSTEM, session.scalars(select(DayPlan.id)).one())}
    assert told["H-1"].assigned, told["H-1"].detail
    with reading(any_engine, SYSTEM) as session:
        job = job_by_number(session, "H-1")
        assert (job.duration_min, job.duration_p90_min, job.learned_from) == (120, 180, 0)
        assert job_by_number(session, "J-3").duration_p90_min is None


def lasting(engine: Engine, percentile: int) -> dict[str, int]:
    """{job: how long a plan counts with}, in seconds."""
    with reading(engine, SYSTEM) as session:
        return {
            one.number: one.duration_s for one in take_snapshot(session, TINY_DATE, None, percentile=percentile).jobs
        }


def test_nobody_who_may_not_do_it_gets_a_seat_by_a_plan_and_nothing_past_is_published(any_engine: Engine) -> None:
    load_tiny(any_engine)
    make_day_plan(any_engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=50)), clock=lambda: NOW)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        unheld = update(HeldQualification).values(valid_until=date(2026, 2, 1), valid_from=date(2026, 1, 1))
        session.execute(unheld)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        key = session.scalars(select(DayPlan.id)).one()
        told = publish(session, SYSTEM, key)
        assert {(one.assigned, one.code) for one in told} == {(False, "seat_refused")}
    late = NOW + timedelta(days=30)
    with writing(any_engine, SYSTEM, clock=lambda: late) as session:
        told = publish(session, SYSTEM, key)
        assert {(one.assigned, one.code) for one in told} == {(False, "seat_past")}
        assert all("past" in (one.detail or "") for one in told)
        assert session.scalars(select(Assignment.id)).all() == []
