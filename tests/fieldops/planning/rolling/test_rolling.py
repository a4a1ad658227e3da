"""What disturbs the plan in force has it made anew, once and not too often; who is affected is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from fieldops.dispatch.changing import change_job
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.dispatch.schemas import JobChange, NewJob
from fieldops.dispatch.service import add_jobs
from fieldops.events.relay import relay
from fieldops.operations.ends import End
from fieldops.operations.lifecycle import ended
from fieldops.operations.registry import Job as Work
from fieldops.operations.registry import checked
from fieldops.planning.models import PlanMode
from fieldops.planning.queries import plan_by_number
from fieldops.planning.rolling.queries import rolling_plan
from fieldops.planning.rolling.schemas import RollingPlan
from fieldops.planning.rolling.service import replan_on_events, set_rolling_plan
from fieldops.planning.rules import PROPOSAL_VALID
from fieldops.planning.telling import telling_whose_work_changes
from fieldops.planning.versions import operation as work
from fieldops.planning.versions.service import expire
from fieldops.settings import Settings
from fieldops.work import all_kinds
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Invalid, NotFound, Stale
from inventory.kernel.installation import DEMO_DATE, begin_demo, set_fact
from inventory.kernel.operations import Operation, OperationState
from inventory.kernel.outbox import OutboxEvent, emit
from inventory.kernel.priority import Priority
from inventory.ledger.models import StockBalance
from tests.conftest import NOW
from tests.fieldops.planning.rolling.test_freezing import ill, lines_of, replanned
from tests.fieldops.planning.versions.test_versions import day, proposed, published, states, undone
from tests.statements import statements
from tests.worlds import load_tiny

SEA = Actor("sea", scope=Scope(regions=frozenset({"SEA"})))
MORNING = datetime.fromisoformat("2026-03-01T23:30:00Z")


def roll(engine: Engine, region: str = "SEA", **terms: Any) -> None:
    wanted = RollingPlan.model_validate({"enabled": True, "iterations": 20, **terms})
    relay(engine)
    with writing(engine, SYSTEM) as session:
        set_rolling_plan(session, SYSTEM, region, wanted, rolling_plan(session, region).version)


def looked(engine: Engine, at: datetime = MORNING) -> int:
    relay(engine)
    with writing(engine, SYSTEM, clock=lambda: at) as session:
        return replan_on_events(session, at)


def operations(engine: Engine) -> list[Operation]:
    with reading(engine, SYSTEM) as session:
        return list(session.scalars(select(Operation).order_by(Operation.submitted_at)))


def finished(engine: Engine) -> None:
    """Let every operation that waits be over."""
    with writing(engine, SYSTEM) as session:
        for one in session.scalars(select(Operation).where(Operation.state == OperationState.QUEUED)):
            ended(session, one, End(OperationState.DONE), MORNING)


def events(engine: Engine, kind: str) -> list[dict[str, Any]]:
    with reading(engine, SYSTEM) as session:
        query = select(OutboxEvent.payload).where(OutboxEvent.kind == kind).order_by(OutboxEvent.id)
        return list(session.scalars(query))


def retitled(engine: Engine, number: str) -> None:
    with writing(engine, SYSTEM, clock=lambda: MORNING) as session:
        job = session.scalars(select(Job).where(Job.number == number)).one()
        change_job(session, SYSTEM, number, JobChange(title="Another"), job.version)


def run(engine: Engine, operation: Operation, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Let an operation run in this process, in the morning."""
    monkeypatch.setattr(work, "system_clock", lambda: MORNING)
    monkeypatch.setattr("fieldops.planning.operation.system_clock", lambda: MORNING)
    return work.plan_dispatch(
        Work(
            operation.id,
            engine.url.render_as_string(hide_password=False),
            SYSTEM,
            {**operation.parameters, "date": "2026-03-02"},
            lambda _stage, _done, _total: None,
            lambda _found: None,
            lambda: False,
        )
    )


def test_without_being_asked_no_plan_rolls(any_engine: Engine) -> None:
    load_tiny(any_engine)
    day(any_engine)
    ill(any_engine, "T-2", MORNING)
    assert looked(any_engine) == 0
    with reading(any_engine, SYSTEM) as session:
        told = rolling_plan(session, "SEA")
    assert (told.version, told.enabled, told.mode, told.freeze_minutes) == (0, False, PlanMode.PROPOSE, 120)
    roll(any_engine)  # what was before is not looked at
    assert looked(any_engine) == 0


def test_many_events_cause_one_plan_and_the_next_waits_for_quiet(any_engine: Engine) -> None:
    load_tiny(any_engine)
    day(any_engine)
    roll(any_engine)
    assert looked(any_engine) == 0
    ill(any_engine, "T-2", MORNING)
    retitled(any_engine, "J-3")
    assert looked(any_engine) == 1
    (first,) = operations(any_engine)
    assert (first.kind, first.region, first.actor) == ("plan.dispatch", "SEA", "system")
    assert {(one["kind"], *one["what"]) for one in first.parameters["caused_by"]} == {
        ("technician.changed", "T-2"),
        ("job.changed", "J-3"),
    }
    retitled(any_engine, "J-5")
    later = MORNING + timedelta(hours=1)
    assert looked(any_engine, later) == 0  # it still waits
    finished(any_engine)
    assert looked(any_engine, MORNING + timedelta(minutes=9)) == 0  # too soon
    assert looked(any_engine, later) == 1  # nothing of it was lost
    assert looked(any_engine, later) == 0
    assert [one["what"] for one in operations(any_engine)[-1].parameters["caused_by"]] == [["J-5"]]


def test_only_what_concerns_the_plan_of_the_region_disturbs_it(any_engine: Engine) -> None:
    load_tiny(any_engine)
    day(any_engine)
    roll(any_engine)
    retitled(any_engine, "J-2")  # of CN
    ill(any_engine, "T-3", MORNING)  # nothing to do
    with writing(any_engine, SYSTEM, clock=lambda: MORNING) as session:
        add_jobs(session, SYSTEM, [_job("J-8", Priority.ROUTINE)])
    published(any_engine, proposed(any_engine, "SEA"))  # what plans cause
    assert looked(any_engine) == 0
    with writing(any_engine, SYSTEM, clock=lambda: MORNING) as session:
        add_jobs(session, SYSTEM, [_job("J-9", Priority.AOG)])
    assert looked(any_engine) == 1


def _job(number: str, priority: Priority) -> NewJob:
    start = datetime.fromisoformat("2026-03-02T00:00:00Z")
    return NewJob.model_validate(
        {
            "number": number,
            "work_order": f"W-{number}",
            "title": "Tyre worn",
            "kind": "defect",
            "priority": priority,
            "place": "VTE",
            "duration_min": 60,
            "window_start": start,
            "window_end": start + timedelta(days=3),
            "due_at": start + timedelta(days=1),
            "delay_cost_per_h": "100",
            "currency": "USD",
            "qualifications": ["B1"],
        }
    )


def test_illness_is_answered_in_force_and_the_technicians_are_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_tiny(engine)
    first = day(engine)
    roll(engine, mode="apply", freeze_minutes=0)
    ill(engine, "T-2", MORNING)
    looked(engine)
    (asked,) = operations(engine)
    told = run(engine, asked, monkeypatch)
    assert (told["ending"], told["why"]) == ("in_force", None)
    number = told["plan"]
    assert states(engine)[number, "SEA"] == "current"
    assert states(engine)[first, "CN"] == "current"
    with reading(engine, SYSTEM) as session:
        document = plan_by_number(session, number).document
    assert [one["kind"] for one in document["caused_by"]] == ["technician.changed"]
    after = {(line.technician, line.job): line.starts_at.isoformat() for line in lines_of(engine, number)}
    for event in events(engine, "assignment.changed")[-2:]:
        for one in event["jobs"]:
            start = None if one["after"] is None else one["after"]["start"]
            assert after.get((event["technician"], one["job"])) == start
            assert one["before"] != one["after"]
    assert run(engine, asked, monkeypatch)["plan"] == number  # by another worker, after the first was lost
    assert looked(engine, MORNING + timedelta(hours=1)) == 0  # what a plan causes disturbs none


def test_a_job_under_way_that_takes_longer_disturbs_the_plan(engine: Engine) -> None:
    load_tiny(engine)
    day(engine)
    with writing(engine, SYSTEM) as session:
        session.execute(update(Job).where(Job.number == "J-3").values(state=JobState.ON_SITE))
    roll(engine)
    with writing(engine, SYSTEM, clock=lambda: MORNING) as session:
        job = session.scalars(select(Job).where(Job.number == "J-3")).one()
        longer = JobChange(duration_min=job.duration_s // 60 + 60)
        change_job(session, SYSTEM, "J-3", longer, job.version)
    assert looked(engine) == 1
    assert [one["kind"] for one in operations(engine)[0].parameters["caused_by"]] == ["job.prolonged"]


def test_in_a_demonstration_its_own_day_counts(engine: Engine) -> None:
    load_tiny(engine)
    wall = MORNING + timedelta(days=200)
    with writing(engine, SYSTEM) as session:
        set_fact(session, DEMO_DATE, MORNING.date().isoformat())
        begin_demo(session, wall)
    day(engine)
    roll(engine)
    ill(engine, "T-2", MORNING)
    assert looked(engine, wall) == 1
    (cause,) = operations(engine)[0].parameters["caused_by"]
    assert cause["what"] == ["T-2"]
    count = len(events(engine, "assignment.changed"))
    made = replanned(engine, wall, timedelta(minutes=5))
    assert made.frozen_until == MORNING + timedelta(minutes=5)
    published(engine, made.plan, at=wall)
    assert len(events(engine, "assignment.changed")) > count


def test_too_many_changes_are_proposed_and_those_who_decide_are_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_tiny(engine)
    day(engine)
    roll(engine, mode="apply", changes_max=0)
    ill(engine, "T-2", MORNING)
    looked(engine)
    told = run(engine, operations(engine)[0], monkeypatch)
    assert (told["ending"], told["why"]["code"]) == ("proposed", "too_many_changes")
    assert states(engine)[told["plan"], "SEA"] == "proposed"
    (event,) = events(engine, "plan.undecided")
    assert (event["plan"], event["region"], event["why"]) == (told["plan"], "SEA", told["why"])
    assert event["jobs"]


def test_what_changes_nothing_is_not_kept(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    load_tiny(engine)
    first = day(engine)
    roll(engine)
    retitled(engine, "J-3")
    looked(engine)
    assert run(engine, operations(engine)[0], monkeypatch) == {"plan": None, "ending": "unchanged"}
    assert {plan for plan, _region in states(engine)} == {first}


def test_a_plan_that_rolls_no_more_is_not_made(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    load_tiny(engine)
    day(engine)
    roll(engine)
    retitled(engine, "J-3")
    looked(engine)
    roll(engine, enabled=False)
    with pytest.raises(Conflict) as why:
        run(engine, operations(engine)[0], monkeypatch)
    assert why.value.code == "rolling_off"


def test_everybody_whose_work_changes_is_told_once_and_nobody_else(any_engine: Engine) -> None:
    load_tiny(any_engine)
    day(any_engine)
    assert {one["technician"] for one in events(any_engine, "assignment.changed")} == {"T-1", "T-2"}
    count = len(events(any_engine, "assignment.changed"))
    second = proposed(any_engine)
    published(any_engine, second)
    undone(any_engine, second)
    assert len(events(any_engine, "assignment.changed")) == count


def test_the_statements_that_tell_do_not_grow_with_the_people(engine: Engine) -> None:
    load_tiny(engine)
    day(engine)
    with writing(engine, SYSTEM) as session, statements(engine) as asked:
        with telling_whose_work_changes(session, SYSTEM, ["CN", "SEA"], NOW):
            asked.clear()
            session.execute(update(PlanAssignment).values(starts_at=MORNING + timedelta(hours=9), held=False))
            asked.clear()
        session.flush()
    assert len([one for one in asked if one.startswith("SELECT")]) == 1
    assert len([one for one in asked if one.startswith("INSERT")]) == 1
    assert {one["technician"] for one in events(engine, "assignment.changed")} == {"T-1", "T-2"}


def test_a_schedule_may_roll_a_region_and_only_one(engine: Engine) -> None:
    load_tiny(engine)
    kinds = all_kinds(Settings())
    kept = checked(kinds, SYSTEM, "plan.dispatch", {"region": "SEA", "rolling": True})
    assert kept == {"region": "SEA", "rolling": True}
    with pytest.raises(Invalid) as why:
        checked(kinds, SYSTEM, "plan.dispatch", {"rolling": True})
    assert why.value.code == "rolling_region"


def test_a_proposal_expires(any_engine: Engine) -> None:
    load_tiny(any_engine)
    day(any_engine)
    number = proposed(any_engine, "SEA")
    for at, count in ((NOW + PROPOSAL_VALID - timedelta(minutes=1), 0), (NOW + PROPOSAL_VALID, 1)):
        with writing(any_engine, SYSTEM) as session:
            assert expire(session, at) == count
    assert states(any_engine)[number, "SEA"] == "expired"
    assert events(any_engine, "plan.expired") == [{"plan": number, "region": "SEA"}]
    with pytest.raises(Conflict):
        published(any_engine, number)


def test_a_region_says_itself_how_its_plan_rolls(any_engine: Engine) -> None:
    load_tiny(any_engine)
    roll(any_engine, "CN")
    with writing(any_engine, SEA) as session:
        told = set_rolling_plan(session, SEA, "SEA", RollingPlan(enabled=True), 0)
    assert told.version == 1
    with pytest.raises(Stale), writing(any_engine, SEA) as session:
        set_rolling_plan(session, SEA, "SEA", RollingPlan(enabled=False), 0)
    with pytest.raises(NotFound), reading(any_engine, SEA) as session:
        rolling_plan(session, "CN")
    with pytest.raises(NotFound), writing(any_engine, SEA) as session:
        set_rolling_plan(session, SEA, "CN", RollingPlan(enabled=False), 1)


def test_stock_that_is_gone_disturbs(any_engine: Engine) -> None:
    load_tiny(any_engine)
    day(any_engine)
    roll(any_engine)
    payload = {"place": "VTE", "what": ["LAMP-1"], "count": 1}
    with writing(any_engine, SYSTEM) as session:
        emit(session, "stock.moved", payload, MORNING, audience="SEA")
    assert looked(any_engine) == 0  # there is enough
    with writing(any_engine, SYSTEM) as session:
        session.execute(update(StockBalance).where(~StockBalance.is_virtual).values(quantity=0))
        emit(session, "stock.moved", payload, MORNING, audience="SEA")
    assert looked(any_engine) == 1
