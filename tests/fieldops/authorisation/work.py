"""What the world of the matrix holds of work: in each region a job with a crew, an event that waits, a release."""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.dispatch.checklists.schemas import NewChecklist
from fieldops.dispatch.checklists.service import add_checklists
from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.execution.lifecycle import EventKind
from fieldops.dispatch.execution.models import JobEvent, ReleaseCertificate
from fieldops.dispatch.execution.schemas import NewEvent
from fieldops.dispatch.execution.service import record_events
from fieldops.dispatch.models import Job
from fieldops.dispatch.photos.images import cleaned
from fieldops.dispatch.photos.schemas import NewPhoto
from fieldops.dispatch.photos.service import add_photo
from fieldops.dispatch.schemas import NewJob
from fieldops.dispatch.service import add_jobs, job_to_change
from fieldops.dispatch.tasks.schemas import NewTask
from fieldops.dispatch.tasks.service import add_tasks
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import Technician
from inventory.catalogue.models import Part
from inventory.cores.models import RemovalKind
from inventory.cores.schemas import NewRemoval
from inventory.cores.service import take_down
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from tests.conftest import NOW

CREWED = {"UTH": ("J-10", "T-2"), "TSN": ("J-11", "T-1"), "MUC": ("J-12", "T-9")}
"""{place: a job, and who sits on it}."""
TASK = {"code": "TASK-1", "title": "Task", "ata": "32-41", "estimate_min": 60, "estimate_p90_min": 90}
CHECKLIST = {
    "code": "LIST-1",
    "title": "List",
    "task": "TASK-1",
    "job_kind": None,
    "steps": [{"name": "Step", "kind": "tick"}],
}
PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGM4wcAAAAJcAMlDyBJGAAAAAElFTkSuQmCC")
"""A picture of one red pixel."""
WAITING = {place: UUID(int=900 + number) for number, place in enumerate(CREWED)}
"""{place: the event of its job that waits}."""


def event(job: str, **more: Any) -> dict[str, Any]:
    """Return an event that nobody has a seat for."""
    told = {"id": str(UUID(int=990)), "job": job, "kind": "accept", "happened_at": NOW.isoformat()}
    return told | more


def add_work(engine: Engine, new_job: Any) -> dict[str, str]:
    """Add it, one transaction for each lock; returns the key of the assignment and of the waiting event at UTH."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        add_tasks(session, SYSTEM, [NewTask.model_validate(TASK)])
        jobs = [new_job(number, place) | {"qualifications": []} for place, (number, _who) in CREWED.items()]
        add_jobs(session, SYSTEM, [NewJob.model_validate(one) for one in jobs])
    for number, who in CREWED.values():
        if who != "T-9":  # nobody is based in the third region
            with writing(engine, SYSTEM, clock=lambda: NOW) as session:
                start = NOW + timedelta(days=2, hours=-8)
                span = (start, start + timedelta(hours=1))
                assign(session, SYSTEM, job_to_change(session, number), Seat.MECHANIC, who, span, NOW)
    waiting = [event(CREWED[place][0], id=str(key), technician="T-3") for place, key in WAITING.items()]
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        record_events(session, SYSTEM, [NewEvent.model_validate(one) for one in waiting], NOW)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        _release(session)
        brake = session.scalars(select(Part.id).where(Part.part_number == "BRAKE-1")).one()
        places = dict(session.execute(select(Job.number, Job.place_id)).all())
        take_down(session, SYSTEM, [_removal(number, places[number], brake) for number, _who in CREWED.values()])
        mine = select(Assignment.id).join(Job, Job.id == Assignment.job_id).where(Job.number == "J-10")
        add_checklists(session, SYSTEM, [NewChecklist.model_validate(CHECKLIST)])
        known = {"seat": str(session.scalars(mine).one()), "event": str(WAITING["UTH"])}
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        return known | {"photo": _photo(session)}


def _photo(session: Session) -> str:
    new = NewPhoto(id=UUID(int=980), taken_at=NOW)
    return str(add_photo(session, SYSTEM, "J-10", new, cleaned(PIXEL), NOW)[0].id)


def _removal(number: str, place: UUID, part: UUID) -> NewRemoval:
    return NewRemoval(
        source=f"test/{number}",
        place_id=place,
        part_id=part,
        serial=None,
        owner="own",
        tail=None,
        job=number,
        kind=RemovalKind.OWN_UNIT,
        removed_at=NOW,
        reason="worn",
        position=None,
        tag=None,
        value=None,
        currency=None,
        due_on=NOW.date(),
    )


def _release(session: Session) -> None:
    """Sign for each job, as if it had been done."""
    who = session.scalars(select(Technician).where(Technician.code == "T-2")).one()
    keys = dict(session.execute(select(Job.number, Job.id)).all())
    for number, (job, _who) in enumerate(CREWED.values()):
        told = JobEvent(
            id=UUID(int=950 + number),
            job_id=keys[job],
            kind=EventKind.RELEASE,
            happened_at=NOW,
            recorded_at=NOW,
            recorded_by="tests",
            told={},
        )
        session.add(told)
        session.flush()
        session.add(
            ReleaseCertificate(
                number=f"CRS-00000{number + 1}",
                job_id=keys[job],
                event_id=told.id,
                signatory_id=who.id,
                signatory=who.code,
                name=who.name,
                approval="D.1",
                data_reference="AMM",
                data_revision="1",
                deferrals=[],
                released_at=NOW,
            )
        )
    session.flush()
