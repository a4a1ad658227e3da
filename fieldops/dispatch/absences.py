"""Absences over work that is assigned: the roster learns of them, and those who must find somebody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job
from fieldops.dispatch.rights_schemas import AbsenceKept
from fieldops.workforce.models import Technician
from fieldops.workforce.roster import service
from fieldops.workforce.roster.schemas import NewAbsence
from inventory.kernel.actor import Actor
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.network.events import tell


@dataclass(frozen=True, slots=True)
class _Seat:
    job: str
    place: UUID
    starts_at: datetime
    ends_at: datetime


def add_absences(session: Session, actor: Actor, absences: Sequence[NewAbsence], _now: datetime) -> list[AbsenceKept]:
    """Add absences, and tell for each the jobs that the person sits on meanwhile; see `roster.service.add_absences`.

    Nobody is taken off a job: `workforce.absent` names the jobs to those who see their places.
    """
    service.add_absences(session, actor, absences)
    seats = _seats(session, {one.technician for one in absences}, min(one.starts_at for one in absences))
    affected: defaultdict[UUID, list[str]] = defaultdict(list)
    kept = []
    for one in absences:
        over = [seat for seat in seats[one.technician] if seat.starts_at < one.ends_at and one.starts_at < seat.ends_at]
        for seat in over:
            affected[seat.place].append(seat.job)
        kept.append(AbsenceKept(**one.model_dump(), jobs=sorted({seat.job for seat in over})))
    tell(session, "workforce.absent", affected)
    return kept


def _seats(session: Session, people: set[str], since: datetime) -> defaultdict[str, list[_Seat]]:
    found: defaultdict[str, list[_Seat]] = defaultdict(list)
    with unscoped(session):  # one's own people work elsewhere, too, where they are lent
        for some in portions(sorted(people)):
            query = (
                select(Technician.code, Job.number, Job.place_id, Assignment.starts_at, Assignment.ends_at)
                .select_from(Assignment)
                .join(Technician, Technician.id == Assignment.technician_id)
                .join(Job, Job.id == Assignment.job_id)
                .where(Technician.code.in_(some), Assignment.ended_at.is_(None), Assignment.ends_at > since)
                .where(Job.state != JobState.CLOSED)
            )
            for code, job, place, starts_at, ends_at in session.execute(query):
                found[code].append(_Seat(job, place, starts_at, ends_at))
    return found
