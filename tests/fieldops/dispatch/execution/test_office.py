"""Dispatching a job: its crew, what comes before it, its tools, its money; two dispatchers at once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select, update
from uuid_utils.compat import uuid7

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.service import CrewRefused, assign
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.execution.office import dispatch
from fieldops.dispatch.models import Job
from fieldops.dispatch.schemas import NewJob
from fieldops.dispatch.service import AssignmentLine, add_jobs, job_to_change, keep_assignments
from fieldops.equipment.models import Tool, ToolBooking
from fieldops.finance.approvals.models import Approval
from fieldops.finance.budgets.models import BudgetLine, Earmark, Stage
from fieldops.finance.budgets.posting import lock_lines
from fieldops.finance.budgets.queries import lines_on
from fieldops.finance.categories import Category
from fieldops.finance.control.plans import take
from fieldops.finance.control.rules import Request
from fieldops.finance.control.schemas import VerdictOut
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import Technician
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict
from inventory.network.models import Place
from tests.hangar import MORNING, brake_job, load_hangar
from tests.rivals import at_once

NOW = MORNING - timedelta(hours=2)
SPAN = (MORNING, MORNING + timedelta(hours=2))


def add(engine: Engine, *jobs: NewJob) -> None:
    """Add jobs."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        add_jobs(session, SYSTEM, jobs)


def sit(engine: Engine, person: str = "MECH", job: str = "H-1") -> None:
    """Give a mechanic a seat."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        assign(session, SYSTEM, job_to_change(session, job), Seat.MECHANIC, person, SPAN, NOW)


def send(engine: Engine, number: str = "H-1") -> tuple[JobState, VerdictOut | None]:
    """Dispatch a job as it is now."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        version = session.scalars(select(Job.version).where(Job.number == number)).one()
        job, verdict = dispatch(session, SYSTEM, number, NOW, NOW.date(), version=version)
        return job.state, verdict


@pytest.fixture
def hangar(any_engine: Engine) -> Engine:
    """A job with a mechanic."""
    load_hangar(any_engine)
    add(any_engine, brake_job())
    return any_engine


def test_a_job_is_dispatched_with_its_tools_and_its_money(hangar: Engine) -> None:
    with pytest.raises(Conflict, match="empty seats: mechanic"):
        send(hangar)
    sit(hangar)
    state, verdict = send(hangar)
    assert (state, verdict is not None and verdict.held) == (JobState.DISPATCHED, True)
    with reading(hangar, SYSTEM) as session:
        earmarks = {one.item: one.amount for one in session.scalars(select(Earmark).where(Earmark.document == "H-1"))}
        booked = session.scalars(select(ToolBooking.document)).all()
    assert earmarks == {"labour/USD": Decimal(40), "parts/USD": Decimal(90)}
    assert booked == ["H-1"]
    with pytest.raises(Conflict, match="only a planned job"):
        send(hangar)


def committed(engine: Engine) -> dict[str, Decimal]:
    """What the job has committed, item by item."""
    with reading(engine, SYSTEM) as session:
        query = select(Earmark).where(Earmark.document == "H-1", Earmark.stage == Stage.COMMITMENT)
        return {one.item: one.amount for one in session.scalars(query)}


def test_the_way_of_who_comes_from_elsewhere_is_committed(hangar: Engine) -> None:
    sit(hangar)
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        place = session.scalars(select(Place.id).where(Place.code == "UTH")).one()
        session.execute(update(Technician).where(Technician.code == "MECH").values(base_id=place))
    assert send(hangar)[0] is JobState.DISPATCHED
    found = committed(hangar)
    assert {name: found[name] for name in ("labour/USD", "parts/USD")} == {"labour/USD": 40, "parts/USD": 90}
    assert Decimal(170) < found["travel/USD"] < Decimal(180)  # 92 km of road there and back at 0.6, 3 h of travel at 20


def test_what_the_plan_reserved_of_ways_and_transfers_is_committed(hangar: Engine) -> None:
    sit(hangar)
    plan, wanted = uuid7(), {Category.LABOUR: 60, Category.TRAVEL: 25, Category.FREIGHT: 7, Category.EXPEDITE: 31}
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        lines = lines_on(session, NOW.date(), ["SEA"])
        amounts = {lines["SEA", category].id: Decimal(amount) for category, amount in wanted.items()}
        request = Request("H-1", "job", "AOG", 0, Decimal(0), amounts, Decimal(123))
        take(session, SYSTEM, plan, [request], lock_lines(session, set(amounts)), NOW)
        costs = (Decimal(60), Decimal(25), Decimal(0))
        keep_assignments(
            session,
            plan,
            [AssignmentLine("H-1", 0, Seat.MECHANIC, "MECH", *SPAN, None, 1_800, *costs, currency="USD", held=False)],
        )
    assert send(hangar)[0] is JobState.DISPATCHED
    found = {"labour/USD": 40, "parts/USD": 90, "travel/USD": 25, "freight/USD": 7, "expedite/USD": 31}
    assert committed(hangar) == found
    with reading(hangar, SYSTEM) as session:
        assert session.scalar(select(func.sum(BudgetLine.reserved))) == 0


def test_a_job_whose_money_is_not_held_stays_planned_and_the_approval_is_named(hangar: Engine) -> None:
    sit(hangar)
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        session.execute(update(BudgetLine).values(budget=Decimal(10)))
    state, verdict = send(hangar)
    assert state is JobState.PLANNED
    assert verdict is not None
    assert (verdict.held, verdict.approval) == (False, "AR-000001")
    with reading(hangar, SYSTEM) as session:
        approval = session.scalars(select(Approval)).one()
        assert (approval.document_kind, approval.document) == ("job", "H-1")
        assert session.scalars(select(ToolBooking.id)).all() == []


def test_what_is_not_ready_is_not_dispatched(hangar: Engine) -> None:
    add(hangar, brake_job("H-2", after=("H-1",), system="RH"))
    sit(hangar, "T-2", "H-2")
    with pytest.raises(Conflict, match="H-1, which is not done"):
        send(hangar, "H-2")
    sit(hangar)
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        session.execute(update(Tool).values(calibration_due=MORNING.date() - timedelta(days=1)))
    with pytest.raises(Conflict, match="calibration of tool TW-1"):
        send(hangar)


def test_who_may_not_sit_there_any_more_is_not_sent(hangar: Engine) -> None:
    sit(hangar)
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        asked = session.scalars(select(Technician).where(Technician.code == "MECH")).one()
        session.execute(update(Assignment).values(starts_at=SPAN[0] - timedelta(days=900)))
        assert asked.version == 1
    with pytest.raises(CrewRefused, match="B1"):
        send(hangar)


@pytest.mark.postgres
def test_of_many_who_want_the_same_person_one_wins(postgres_engine: Engine) -> None:
    load_hangar(postgres_engine)
    jobs = [brake_job(f"R-{number}", task=None, duration_min=60, system=None) for number in range(8)]
    add(postgres_engine, *jobs)

    def want(number: int) -> str:
        try:
            sit(postgres_engine, "MECH", f"R-{number}")
        except CrewRefused as refused:
            return refused.details[0][0].rpartition(".")[2]
        return "won"

    assert Counter(at_once(8, want)) == {"won": 1, "overlap": 7}
    with reading(postgres_engine, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(Assignment)) == 1
