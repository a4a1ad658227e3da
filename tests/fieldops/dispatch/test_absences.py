"""An absence over work that is assigned is told to those who must find somebody else."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, select

from fieldops.dispatch.absences import add_absences
from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.service import add_jobs, job_to_change
from fieldops.workforce.kinds import AbsenceKind, Seat
from fieldops.workforce.roster.schemas import NewAbsence
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.outbox import OutboxEvent
from tests.hangar import MORNING, brake_job, load_hangar

NOW = MORNING - timedelta(hours=2)


def test_an_absence_names_the_jobs_that_it_leaves_without_somebody(any_engine: Engine) -> None:
    load_hangar(any_engine)
    end = MORNING + timedelta(hours=2)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        add_jobs(session, SYSTEM, [brake_job()])
        assign(session, SYSTEM, job_to_change(session, "H-1"), Seat.MECHANIC, "MECH", (MORNING, end), NOW)
    told = [
        NewAbsence(technician="MECH", kind=AbsenceKind.SICKNESS, starts_at=starts, ends_at=starts + timedelta(hours=9))
        for starts in (NOW, end)
    ]
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        kept = add_absences(session, SYSTEM, told, NOW)
        event = session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "workforce.absent")).one()
        assert event.payload == {"place": "VTE", "what": ["H-1"], "count": 1, "by": "system"}
    assert [one.jobs for one in kept] == [["H-1"], []]
