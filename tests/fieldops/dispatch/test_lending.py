"""Somebody who is lent to another region works there under the own login."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update
from uuid_utils.compat import uuid7

from fieldops.dispatch.cards import job_card
from fieldops.dispatch.changing import change_job
from fieldops.dispatch.crew.queries import assignments_of
from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.execution.lifecycle import EventKind
from fieldops.dispatch.execution.models import JobEvent
from fieldops.dispatch.execution.office import dispatch
from fieldops.dispatch.execution.queries import FIRST_TIME, own_jobs
from fieldops.dispatch.execution.schemas import NewEvent
from fieldops.dispatch.execution.service import record_events
from fieldops.dispatch.lending import jobs_of_loans
from fieldops.dispatch.models import Job
from fieldops.dispatch.queries import job_by_number, job_page
from fieldops.dispatch.schemas import JobChange, SeatNeed
from fieldops.dispatch.service import add_jobs, job_to_change
from fieldops.equipment.models import Tool
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import Technician
from fieldops.workforce.roster.models import Secondment
from fieldops.workforce.roster.schemas import Ending, NewSecondment
from fieldops.workforce.roster.service import add_secondments, end_span
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import DomainError, NotFound
from inventory.kernel.priority import Priority
from inventory.ledger.models import StockBalance, StockMove
from inventory.network.models import Place
from tests.hangar import MORNING, brake_job, load_hangar

NOW = MORNING - timedelta(hours=2)
END = MORNING + timedelta(hours=2)
EVENT = {"job": "H-1", "kind": "accept", "id": "01900000-0000-7000-8000-00000000e001"}


def mechanic(engine: Engine) -> Actor:
    """The login of a mechanic of China, as it is loaded."""
    rights = frozenset({"dispatch.read", "dispatch.execute"})
    with reading(engine, SYSTEM) as session:
        jobs = jobs_of_loans(session, "mech")
    return Actor("mech", frozenset({"technician"}), rights, Scope(regions=frozenset({"CN"}), jobs=jobs))


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The mechanic is based at XIY, in China, and lent to Vientiane for a job."""
    load_hangar(any_engine)
    loan = NewSecondment(technician="MECH", region="SEA", starts_at=NOW, ends_at=END, reason="help")
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        person = session.scalars(select(Technician).where(Technician.code == "MECH")).one()
        person.base_id = session.scalars(select(Place.id).where(Place.code == "XIY")).one()
        add_secondments(session, SYSTEM, [loan])
        add_jobs(session, SYSTEM, [brake_job(seats=(SeatNeed(seat=Seat.MECHANIC),)), brake_job("H-2", system="RH")])
    return any_engine


def test_the_own_login_reaches_the_jobs_that_it_is_lent_for(world: Engine) -> None:
    before = mechanic(world)
    with reading(world, before) as session, pytest.raises(NotFound):
        job_by_number(session, "H-1")
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        assign(session, SYSTEM, job_to_change(session, "H-1"), Seat.MECHANIC, "MECH", (MORNING, END), NOW)
    actor = mechanic(world)
    assert actor.scope.jobs == {"H-1"}
    with reading(world, actor) as session:
        assert job_by_number(session, "H-1").number == "H-1"
        (own,) = own_jobs(session, "mech", after=(FIRST_TIME, ""), limit=9)
    assert (own.job, own.tail) == ("H-1", "RDPL-1")
    told = NewEvent.model_validate(EVENT | {"happened_at": MORNING, "device": "d", "sequence": 1})
    with writing(world, actor, clock=lambda: END) as session:
        (outcome,) = record_events(session, actor, [told], END)
    assert outcome.reason == "not_allowed", "it reached the job, which was not dispatched"
    with reading(world, SYSTEM) as session:
        assert session.scalars(select(JobEvent.person).where(JobEvent.kind == EventKind.ACCEPT)).all() == ["MECH"]


def test_who_is_called_back_does_not_reach_them_any_more(world: Engine) -> None:
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        assign(session, SYSTEM, job_to_change(session, "H-1"), Seat.MECHANIC, "MECH", (MORNING, END), NOW)
    assert mechanic(world).scope.jobs == {"H-1"}
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        key = session.scalars(select(Secondment.id)).one()
        end_span(session, SYSTEM, Secondment, key, Ending(reason="needed at home"), MORNING)
    assert mechanic(world).scope.jobs == frozenset()


SEA = Actor("sea", permissions=ALL_PERMISSIONS, scope=Scope(regions=frozenset({"SEA"})))


def seat(engine: Engine, person: str = "MECH", what: Seat = Seat.MECHANIC) -> None:
    """Give somebody a seat of the job."""
    with writing(engine, SEA, clock=lambda: NOW) as session:
        assign(session, SEA, job_to_change(session, "H-1"), what, person, (MORNING, END), NOW)


def test_who_is_lent_sees_the_jobs_that_he_is_on_and_nothing_else_of_the_place(world: Engine) -> None:
    seat(world)
    actor = mechanic(world)
    with reading(world, actor) as session:
        assert [one.number for one in job_page(session, limit=99) if one.region == "SEA"] == ["H-1"]
        at_vte = select(Place.id).where(Place.code == "VTE").scalar_subquery()
        assert session.scalars(select(Technician.code).where(Technician.base_id == at_vte)).all() == []
        assert session.scalars(select(Tool.id).where(Tool.place_id == at_vte)).all() == []
        assert session.scalars(select(StockBalance.part_id).where(StockBalance.place_id == at_vte)).all() == []
        with pytest.raises(NotFound):
            job_by_number(session, "H-2")
    for change in (JobChange(title="Mine"), JobChange(after=("H-2",))):
        with pytest.raises(DomainError), writing(world, actor, clock=lambda: NOW) as session:
            change_job(session, actor, "H-1", change, 2)


def test_who_is_lent_books_his_parts_from_the_shelf_there_and_his_card_is_whole(world: Engine) -> None:
    seat(world)
    with writing(world, SEA, clock=lambda: NOW) as session:
        version = session.scalars(select(Job.version).where(Job.number == "H-1")).one()
        dispatch(session, SEA, "H-1", NOW, NOW.date(), version=version)
    actor = mechanic(world)
    bulb = {"part": "BULB-9", "quantity": "1", "origin": "VTE", "lot": "LOT-9", "condition": "new"}
    steps: list[dict[str, object]] = [{"kind": "accept"}, {"kind": "arrive"}, {"kind": "part_issued", "issue": bulb}]
    told = [
        NewEvent.model_validate(
            {"job": "H-1", "id": uuid7(), "happened_at": MORNING, "device": "d", "sequence": number} | one
        )
        for number, one in enumerate(steps, 1)
    ]
    with writing(world, actor, clock=lambda: END) as session:
        outcomes = record_events(session, actor, told, END)
    assert [one.reason for one in outcomes] == [None] * 3
    with reading(world, actor) as session:
        assert session.scalars(select(StockMove.id).where(StockMove.document == "H-1")).all() == []
        own, (tool,) = job_card(session, "H-1"), job_card(session, "H-1").tools
    with reading(world, SYSTEM) as session:
        assert len(session.scalars(select(StockMove.id).where(StockMove.document == "H-1")).all()) == 1
        assert own == job_card(session, "H-1")
    assert tool.serial == "TW-1"


def test_the_borrowing_region_sees_who_is_lent_to_it_and_he_whom_he_works_with(world: Engine) -> None:
    seat(world)
    seat(world, "SIGN", Seat.RELEASE_SIGNATORY)
    crew = [("MECH", "Mech Vong"), ("SIGN", "Sign Vong")]
    for actor in (SEA, mechanic(world)):
        with reading(world, actor) as session:
            assert [(one.technician, one.name) for one in assignments_of(session, "H-1", 1)] == crew
    far = Actor("aog", permissions=ALL_PERMISSIONS, scope=Scope(aog_everywhere=True))
    with writing(world, SYSTEM) as session:
        session.execute(update(Job).where(Job.number == "H-1").values(priority=Priority.AOG))
    with reading(world, far) as session:
        assert [(one.technician, one.name) for one in assignments_of(session, "H-1", 1)] == [("", "")] * 2
