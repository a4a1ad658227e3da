"""What a job card and a certificate of release say; those who print them need nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.customers.models import Operator
from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.execution.lifecycle import EventKind
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent
from fieldops.dispatch.execution.queries import certificate_page, certificate_told
from fieldops.dispatch.models import Job
from fieldops.dispatch.queries import job_by_number
from fieldops.dispatch.service import job_to_read
from fieldops.dispatch.tasks.models import Task
from fieldops.equipment.models import Tool, ToolBooking
from fieldops.fleet.models import Aircraft
from fieldops.workforce.models import Technician
from inventory.catalogue.models import Part
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped


@dataclass(frozen=True, slots=True)
class CardTail:
    """The aircraft that work is on, and whose it is."""

    registration: str
    aircraft_type: str | None
    serial: str | None
    authority: str | None
    operator: str | None
    customer: str | None


@dataclass(frozen=True, slots=True)
class CardSeat:
    """Who sits on a job, and from when to when."""

    seat: str
    technician: str
    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class CardPart:
    """A part that a job needs, or that was used; `lot` is the number of the piece or lot that was."""

    part: str
    description: str
    quantity: Decimal
    alternates: tuple[str, ...]
    used: bool
    lot: str | None


@dataclass(frozen=True, slots=True)
class CardTool:
    """A tool that is kept for a job, with the last day that its calibration holds for; None needs none."""

    kind: str
    serial: str
    calibration_due: date | None


@dataclass(frozen=True, slots=True)
class Signature:
    """Somebody signed: for the work, its inspection, or its release."""

    step: str
    technician: str
    name: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class JobCard:
    """A job card, pinned to the data in its revision."""

    __pydantic_config__: ClassVar[Any] = {
        "json_schema_extra": {
            "examples": [
                {
                    "job": "J-104",
                    "work_order": "W-104",
                    "title": "Landing light is out",
                    "title_zh": "着陆灯不亮",
                    "state": "inspected",
                    "place": "VTE",
                    "tail": None,
                    "task": "33-41-01",
                    "task_title": "Replace landing light",
                    "ata": "33-41",
                    "system": None,
                    "data_reference": "AMM 33-41-01",
                    "data_revision": "42",
                    "release_level": "line",
                    "inspection_required": False,
                    "seats": [],
                    "parts": [],
                    "tools": [],
                    "signatures": [],
                    "certificate": None,
                }
            ]
        }
    }

    job: str
    work_order: str
    title: str
    title_zh: str | None
    state: str
    place: str
    tail: CardTail | None
    task: str | None
    task_title: str | None
    ata: str | None
    system: str | None
    data_reference: str | None
    data_revision: str | None
    release_level: str | None
    inspection_required: bool
    seats: tuple[CardSeat, ...]
    parts: tuple[CardPart, ...]
    tools: tuple[CardTool, ...]
    signatures: tuple[Signature, ...]
    certificate: str | None


@dataclass(frozen=True, slots=True)
class ReleaseSheet:
    """A certificate of release to service, with the work that it releases."""

    __pydantic_config__: ClassVar[Any] = {
        "json_schema_extra": {
            "examples": [
                {
                    "number": "CRS-000001",
                    "approval": "D.4001",
                    "signatory": "T-9",
                    "name": "Nguyễn An",
                    "data_reference": "AMM 33-41-01",
                    "data_revision": "42",
                    "limitations": None,
                    "deferrals": ["MEL 33-10-1 cat C until 2026-03-12"],
                    "released_at": "2026-03-03T03:00:00Z",
                    "withdrawn_at": None,
                    "card": JobCard.__pydantic_config__["json_schema_extra"]["examples"][0],
                }
            ]
        }
    }

    number: str
    approval: str
    signatory: str
    name: str
    data_reference: str
    data_revision: str
    limitations: str | None
    deferrals: tuple[str, ...]
    released_at: datetime
    withdrawn_at: datetime | None
    card: JobCard


_SIGNED = {EventKind.FINISH, EventKind.INSPECT, EventKind.RELEASE, EventKind.CLOSE_ADVISORY}


def job_card(session: Session, number: str) -> JobCard:
    """Return the card of a job; raises NotFound for an unknown number. A fixed number of queries.

    A signature is what a person told by the own login; what a dispatcher told for somebody is none.
    """
    told, job = job_by_number(session, number), job_to_read(session, number)
    task = session.get(Task, job.task) if job.task is not None else None
    events, times = _in_force(session, job)
    signers = select(Technician.code, Technician.name, Technician.user_name)
    with unscoped(session):  # whoever signed for a job that the actor sees
        known = {
            code: (name, login)
            for some in portions(sorted({one.person for one in events if one.person}))
            for code, name, login in session.execute(signers.where(Technician.code.in_(some)))
        }
    return JobCard(
        job=number,
        work_order=told.work_order,
        title=told.title,
        title_zh=told.title_zh,
        state=told.state,
        place=told.place,
        tail=_tail(session, job),
        task=told.task,
        task_title=task.title if task else None,
        ata=task.ata if task else None,
        system=told.system,
        data_reference=told.data_reference,
        data_revision=told.data_revision,
        release_level=told.release_level,
        inspection_required=told.inspection,
        seats=_seats(session, job),
        parts=_parts(session, [(one.part, one.quantity, one.alternates) for one in told.parts], events),
        tools=_tools(session, job),
        signatures=tuple(
            Signature(one.kind, one.person, known[one.person][0], times[one.id])
            for one in events
            if one.kind in _SIGNED and one.person in known and known[one.person][1] == one.recorded_by
        ),
        certificate=_certificate(session, number),
    )


def release_certificate(session: Session, number: str) -> ReleaseSheet:
    """Return a certificate of release with the card of its job; raises NotFound for an unknown number."""
    found = certificate_told(session, number)
    return ReleaseSheet(
        number=found.number,
        approval=found.approval,
        signatory=found.signatory,
        name=found.name,
        data_reference=found.data_reference,
        data_revision=found.data_revision,
        limitations=found.limitations,
        deferrals=tuple(found.deferrals),
        released_at=found.released_at,
        withdrawn_at=found.withdrawn_at,
        card=job_card(session, found.job),
    )


def _in_force(session: Session, job: Job) -> tuple[list[JobEvent], dict[UUID, datetime]]:
    """Return the events in force in time, and when they happened, as a person corrected it."""
    query = (
        select(JobEvent, QuarantinedEvent.state, QuarantinedEvent.happened_at)
        .outerjoin(QuarantinedEvent, QuarantinedEvent.id == JobEvent.id)
        .where(JobEvent.job_id == job.id)
    )
    told = [
        (corrected or one.happened_at, one.id, one)
        for one, state, corrected in session.execute(query)
        if state not in (Decision.OPEN, Decision.DISCARDED)
    ]
    told.sort(key=lambda row: row[:2])
    return [one for _at, _key, one in told], {key: at for at, key, _one in told}


def _tail(session: Session, job: Job) -> CardTail | None:
    if job.aircraft is None:
        return None
    found = session.execute(
        select(Aircraft, Operator.code, Operator.name)
        .outerjoin(Operator, Operator.id == Aircraft.operator_id)
        .where(Aircraft.id == job.aircraft_id)
    ).one_or_none()
    if found is None:
        return CardTail(job.aircraft, None, None, None, None, None)
    plane, operator, customer = found
    return CardTail(plane.registration, plane.aircraft_type, plane.serial, plane.authority, operator, customer)


def _seats(session: Session, job: Job) -> tuple[CardSeat, ...]:
    query = (
        select(Assignment, func.coalesce(Technician.code, ""), func.coalesce(Technician.name, ""))
        .outerjoin(Technician, Technician.id == Assignment.technician_id)
        .where(Assignment.job_id == job.id, Assignment.ended_at.is_(None))
        .order_by(Assignment.id)
    )
    return tuple(
        CardSeat(one.seat, code, name, one.starts_at, one.ends_at) for one, code, name in session.execute(query)
    )


def _parts(
    session: Session, needs: list[tuple[str, Decimal, tuple[str, ...]]], events: list[JobEvent]
) -> tuple[CardPart, ...]:
    used = [one.told["issue"] for one in events if one.kind is EventKind.PART_ISSUED]
    numbers = {part for part, _quantity, _alternates in needs} | {one["part"] for one in used}
    names = {
        number: name
        for some in portions(sorted(numbers))
        for number, name in session.execute(
            select(Part.part_number, Part.description).where(Part.part_number.in_(some))
        )
    }
    wanted = [CardPart(part, names[part], quantity, others, used=False, lot=None) for part, quantity, others in needs]
    taken = [
        CardPart(one["part"], names.get(one["part"], ""), Decimal(one["quantity"]), (), used=True, lot=one.get("lot"))
        for one in used
    ]
    return (*wanted, *taken)


def _tools(session: Session, job: Job) -> tuple[CardTool, ...]:
    query = (
        select(Tool.kind, Tool.serial, Tool.calibration_due)
        .join(ToolBooking, ToolBooking.tool_id == Tool.id)
        .where(ToolBooking.document == job.number)
        .order_by(Tool.kind, Tool.serial)
    )
    return tuple(CardTool(kind, serial, due) for kind, serial, due in session.execute(query))


def _certificate(session: Session, number: str) -> str | None:
    found = [one.number for one in certificate_page(session, job=number, limit=20) if one.withdrawn_at is None]
    return found[-1] if found else None
