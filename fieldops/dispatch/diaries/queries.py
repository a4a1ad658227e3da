"""What stands in the calendar of a technician."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent
from fieldops.dispatch.models import Job, JobPart
from fieldops.dispatch.papers import Visit
from fieldops.dispatch.papers.parts import DataReference, PartLine, Site, ToolLine
from fieldops.dispatch.papers.words import NONE
from fieldops.equipment.models import Tool, ToolBooking, ToolKind
from fieldops.fleet.models import Aircraft
from fieldops.workforce.models import Technician
from inventory.catalogue.models import Part
from inventory.kernel.errors import NotFound
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place

KEPT = timedelta(days=60)
"""How long a calendar remembers what is over."""

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""From when on seconds are counted where an entry has no number of changes of its own."""
_TURNS = frozenset({EventKind.DECLINE, EventKind.RECALL, EventKind.CANCEL, EventKind.DISPATCH, EventKind.REOPEN})
"""What sends a job to its crew, and what takes it away until it is sent off again."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A seat in a calendar: `sequence` grows with each change of its job; one that is `withdrawn` was taken away."""

    key: UUID
    visit: Visit
    sequence: int
    changed_at: datetime
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Promise:
    """A job that the plan in force gives somebody, and when; `since` is when that was last said."""

    job: UUID
    starts_at: datetime
    ends_at: datetime
    since: datetime


Promised = Callable[[Session, UUID], Sequence[Promise]]
"""Tells what the plans in force give a technician by key, in one statement; the composition root passes it in."""


@dataclass(frozen=True, slots=True)
class Turn:
    """When a job was last sent to its crew or taken from it, when the last of that was told, when it was cancelled."""

    happened_at: datetime
    recorded_at: datetime
    cancelled_at: datetime | None

    def leaves(self, state: JobState) -> bool:
        """Say whether a job in that state is taken away from its crew.

        Clocks differ: the state tells whether it was sent or taken away last, not which of two instants is later.
        """
        return state is JobState.PLANNED or (state is JobState.CLOSED and self.cancelled_at == self.happened_at)


@dataclass(frozen=True, slots=True)
class Diary:
    """Whose calendar it is, and what stands in it."""

    name: str
    planned: tuple[Planned, ...]


def diary_of(session: Session, code: str, now: datetime, promised: Promised) -> Diary:
    """Return the calendar of a technician; raises NotFound. A fixed number of queries a portion of jobs."""
    found = session.scalar(select(Technician).where(Technician.code == code))
    if found is None:
        raise NotFound(
            _("There is no technician {code}; the list of technicians shows yours").format(code=code),
            code="unknown_technician",
            field="code",
        )
    return Diary(found.name, tuple(_planned(session, found, now, promised)))


def own_diary(session: Session, user: str, now: datetime, promised: Promised) -> Diary:
    """Return the calendar of a user, which is empty for one who is no technician."""
    found = session.scalar(select(Technician).where(Technician.user_name == user))
    return Diary(user, ()) if found is None else Diary(found.name, tuple(_planned(session, found, now, promised)))


def _planned(session: Session, technician: Technician, now: datetime, promised: Promised) -> list[Planned]:
    described = select(Job, Place, func.coalesce(Aircraft.registration, Job.aircraft)).join(
        Place, Place.id == Job.place_id
    )
    described = described.outerjoin(Aircraft, Aircraft.id == Job.aircraft_id)
    query = (
        described.add_columns(Assignment)
        .join(Assignment, Assignment.job_id == Job.id)
        .where(Assignment.technician_id == technician.id, Assignment.ends_at > now - KEPT)
        .order_by(Assignment.starts_at, Assignment.id)
    )
    rows = session.execute(query).all()
    given = {job.id for job, _place, _tail, seat in rows if seat.ended_at is None}
    promises = {one.job: one for one in promised(session, technician.id) if one.job not in given and one.ends_at > now}
    waiting = [
        row
        for some in portions(sorted(promises))
        for row in session.execute(described.where(Job.id.in_(some), Job.state == JobState.PLANNED))
    ]
    jobs = {row[0].id: row[0].number for row in (*rows, *waiting)}
    turns, tied = _turns(session, jobs), _Tied(_parts(session, jobs), _tools(session, jobs.values()))
    found = [_one(seat, job, place, tail, turns.get(job.id), tied) for job, place, tail, seat in rows]
    found += [_promised(promises[job.id], technician, job, place, tail, tied) for job, place, tail in waiting]
    return sorted(found, key=lambda one: (one.visit.starts_at, one.key))


@dataclass(frozen=True, slots=True)
class _Tied:
    """What jobs need: parts by the key of the job, tools by its number."""

    parts: dict[UUID, list[PartLine]]
    tools: dict[str, list[ToolLine]]

    def visit(self, job: Job, place: Place, tail: str | None, span: tuple[datetime, datetime]) -> Visit:
        data = DataReference(job.data_reference, job.data_revision or NONE) if job.data_reference is not None else None
        return Visit(
            number=job.number,
            title=job.title,
            title_zh=job.title_zh,
            registration=tail,
            site=Site(place.code, place.name, place.time_zone or "UTC"),
            starts_at=span[0],
            ends_at=span[1],
            data=data,
            parts=tuple(self.parts[job.id]),
            tools=tuple(self.tools[job.number]),
        )


def _promised(
    promise: Promise, technician: Technician, job: Job, place: Place, tail: str | None, tied: _Tied
) -> Planned:
    """Return the entry of a job that the plan in force gives somebody: the same one wherever later plans put it."""
    visit = tied.visit(job, place, tail, (promise.starts_at, promise.ends_at))
    return Planned(
        key=uuid5(job.id, technician.id.hex),
        visit=replace(visit, tentative=True),
        sequence=max(0, int((promise.since - _EPOCH).total_seconds())),
        changed_at=promise.since,
        withdrawn=False,
    )


def _one(seat: Assignment, job: Job, place: Place, tail: str | None, turn: Turn | None, tied: _Tied) -> Planned:
    off = turn is not None and turn.leaves(job.state) and turn.happened_at >= seat.made_at
    told = [seat.made_at, seat.ended_at, turn.recorded_at if turn else None]
    return Planned(
        key=seat.id,
        visit=tied.visit(job, place, tail, (seat.starts_at, seat.ends_at)),
        sequence=job.version,
        changed_at=max(one for one in told if one is not None),
        withdrawn=off or seat.ended_at is not None,
    )


def _turns(session: Session, jobs: Collection[UUID]) -> dict[UUID, Turn]:
    """Return {job: when it was last sent to its crew or taken from it}."""
    out = select(QuarantinedEvent.id).where(QuarantinedEvent.state.in_((Decision.OPEN, Decision.DISCARDED)))
    cancelled = case((JobEvent.kind == EventKind.CANCEL, JobEvent.happened_at))
    latest = select(
        JobEvent.job_id, func.max(JobEvent.happened_at), func.max(JobEvent.recorded_at), func.max(cancelled)
    )
    query = latest.where(JobEvent.kind.in_(_TURNS), JobEvent.id.not_in(out)).group_by(JobEvent.job_id)
    return {
        job: Turn(*times)
        for some in portions(sorted(jobs))
        for job, *times in session.execute(query.where(JobEvent.job_id.in_(some)))
    }


def _parts(session: Session, jobs: Collection[UUID]) -> dict[UUID, list[PartLine]]:
    query = select(JobPart.job_id, Part.part_number, Part.description, JobPart.quantity, Part.unit).join(
        Part, Part.id == JobPart.part_id
    )
    found: defaultdict[UUID, list[PartLine]] = defaultdict(list)
    for some in portions(sorted(jobs)):
        needed = query.where(JobPart.job_id.in_(some)).order_by(Part.part_number)
        for job, number, name, quantity, unit in session.execute(needed):
            found[job].append(PartLine(number, name, quantity, unit))
    return found


def _tools(session: Session, jobs: Collection[str]) -> dict[str, list[ToolLine]]:
    query = (
        select(ToolBooking.document, Tool.kind, ToolKind.name, Tool.serial, Tool.calibration_due)
        .join(Tool, Tool.id == ToolBooking.tool_id)
        .join(ToolKind, ToolKind.code == Tool.kind)
        .where(ToolBooking.released_at.is_(None))
    )
    found: defaultdict[str, list[ToolLine]] = defaultdict(list)
    for some in portions(sorted(jobs)):
        kept = query.where(ToolBooking.document.in_(some)).order_by(Tool.kind, Tool.serial)
        for job, kind, name, serial, due in session.execute(kept):
            found[job].append(ToolLine(kind, name, serial, due))
    return found
