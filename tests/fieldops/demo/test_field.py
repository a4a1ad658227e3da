"""What happened in the demonstration before its week: every state, by real steps, at any seed."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, func, select

from fieldops.checking import check_ledgers
from fieldops.demo.crew import LOGINS, find_crew
from fieldops.demo.load import load_world
from fieldops.demo.load_field import load_field, told
from fieldops.demo.world import generate
from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.execution.models import Decision, QuarantinedEvent, ReleaseCertificate
from fieldops.dispatch.models import Job
from fieldops.equipment.models import ToolBooking
from fieldops.finance.control.models import BudgetActual
from fieldops.identity.models import User
from fieldops.workforce.models import Technician
from inventory.cores.models import ObligationState, RemovedUnit
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading
from inventory.ledger.models import StockMove
from tests.conftest import NOW


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_jobs_stand_in_every_state_by_the_events_of_a_crew_with_logins(engine: Engine, seed: int) -> None:
    world = generate("small", seed, date(2026, 3, 2))
    load_world(engine, world, NOW, lambda *_progress: None)
    load_field(engine, world)
    crew = find_crew(world.start, world.technicians, world.aircraft)
    assert crew is not None
    assert check_ledgers(engine).sound
    with reading(engine, SYSTEM) as session:
        states = set(session.scalars(select(Job.state)))
        assert states >= set(JobState) - {JobState.ADVISORY_CLOSED}
        assert session.scalar(select(func.count()).where(Job.state == JobState.PLANNED)) == 60
        seats = set(session.scalars(select(Assignment.seat)))
        assert {"mechanic", "release_signatory", "independent_inspector", "advisory_engineer"} <= seats
        waiting = session.scalars(select(QuarantinedEvent).where(QuarantinedEvent.state == Decision.OPEN)).all()
        assert [(one.job, one.reason) for one in waiting] == [("F-00008", "not_allowed")]
        assert session.scalars(select(RemovedUnit.state)).all() == [ObligationState.OPEN]
        assert len(session.scalars(select(ReleaseCertificate.number)).all()) == 2
        items = set(session.scalars(select(BudgetActual.item).where(BudgetActual.document == "F-00009")))
        assert items == {"labour/USD", "travel/USD", "parts/USD"}
        assert session.scalar(select(func.count(StockMove.id)).where(StockMove.document == "F-00009")) == 2
        kept = select(ToolBooking.document).where(ToolBooking.released_at.is_(None), ToolBooking.document != "HANGAR")
        assert session.scalars(kept).all() == ["F-00004"]
        query = select(Technician.user_name, Technician.code).where(Technician.user_name.is_not(None))
        bound = dict(session.execute(query).all())
        assert bound == {login: person.code for login, person in zip(LOGINS, crew.people, strict=True)}
        assert set(session.scalars(select(User.name))) == set(LOGINS)
        assert "closed 3" in told(session)
