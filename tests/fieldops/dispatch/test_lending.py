"""Somebody who is lent to another region works there under the own login."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.execution.lifecycle import EventKind
from fieldops.dispatch.execution.models import JobEvent
from fieldops.dispatch.execution.queries import FIRST_TIME, own_jobs
from fieldops.dispatch.execution.schemas import NewEvent
from fieldops.dispatch.execution.service import record_events
from fieldops.dispatch.lending import places_of_work
from fieldops.dispatch.queries import job_by_number
from fieldops.dispatch.schemas import SeatNeed
from fieldops.dispatch.service import add_jobs, job_to_change
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import Technician
from fieldops.workforce.roster.models import Secondment
from fieldops.workforce.roster.schemas import Ending, NewSecondment
from fieldops.workforce.roster.service import add_secondments, end_span
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import NotFound
from inventory.network.models import Place
from tests.hangar import MORNING, brake_job, load_hangar

NOW = MORNING - timedelta(hours=2)
END = MORNING + timedelta(hours=2)
EVENT = {"job": "H-1", "kind": "accept", "id": "01900000-0000-7000-8000-00000000e001"}


def mechanic(engine: Engine) -> Actor:
    """The login of a mechanic of China, as it is loaded."""
    rights = frozenset({"dispatch.read", "dispatch.execute"})
    with reading(engine, SYSTEM) as session:
        places = places_of_work(session, "mech")
    return Actor("mech", frozenset({"technician"}), rights, Scope(regions=frozenset({"CN"}), places=places))


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
    assert actor.scope.places == {"VTE"}
    with reading(world, actor) as session:
        assert job_by_number(session, "H-1").number == "H-1"
        (own,) = own_jobs(session, "mech", after=(FIRST_TIME, ""), limit=9)
    assert own.job == "H-1"
    told = NewEvent.model_validate(EVENT | {"happened_at": MORNING, "device": "d", "sequence": 1})
    with writing(world, actor, clock=lambda: END) as session:
        (outcome,) = record_events(session, actor, [told], END)
    assert outcome.reason == "not_allowed", "it reached the job, which was not dispatched"
    with reading(world, SYSTEM) as session:
        assert session.scalars(select(JobEvent.person).where(JobEvent.kind == EventKind.ACCEPT)).all() == ["MECH"]


def test_who_is_called_back_does_not_reach_them_any_more(world: Engine) -> None:
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        assign(session, SYSTEM, job_to_change(session, "H-1"), Seat.MECHANIC, "MECH", (MORNING, END), NOW)
    assert mechanic(world).scope.places == {"VTE"}
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        key = session.scalars(select(Secondment.id)).one()
        end_span(session, SYSTEM, Secondment, key, Ending(reason="needed at home"), MORNING)
    assert mechanic(world).scope.places == frozenset()
