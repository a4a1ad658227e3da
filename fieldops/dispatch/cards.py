"""What a job card and the paper that ends a job say; those who print them need nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.customers.models import Operator
from fieldops.dispatch.card_facts import (
    AdviceSheet,
    CardFacts,
    CardLabour,
    CardPart,
    CardSeat,
    CardTail,
    CardTool,
    ReleaseSheet,
    Signature,
)
from fieldops.dispatch.checklists.answers import job_checklist
from fieldops.dispatch.credentials import Credentials, approval_for, credentials
from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.queries import case_of
from fieldops.dispatch.execution.lifecycle import EventKind
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent, ReleaseCertificate
from fieldops.dispatch.execution.queries import certificate_page, certificate_told
from fieldops.dispatch.lending import working_on
from fieldops.dispatch.models import Job
from fieldops.dispatch.queries import job_by_number
from fieldops.dispatch.schemas import JobOut
from fieldops.dispatch.service import job_to_read
from fieldops.dispatch.tasks.models import Task
from fieldops.equipment.models import Tool, ToolBooking, ToolKind
from fieldops.fleet.models import Aircraft
from fieldops.workforce.models import Technician
from inventory.catalogue.models import Part
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place
from inventory.traceability.models import Lot, LotDocument, ReleaseDocument

_SIGNED = {EventKind.FINISH, EventKind.INSPECT, EventKind.RELEASE, EventKind.CLOSE_ADVISORY}


def job_card(session: Session, number: str) -> CardFacts:
    """Return the card of a job; raises NotFound for an unknown number. A fixed number of queries.

    A signature is what a person told by the own login; what a dispatcher told for somebody is none.
    """
    return _card(session, job_by_number(session, number), job_to_read(session, number))


def release_certificate(session: Session, number: str) -> ReleaseSheet:
    """Return a certificate of release with the card of its job; raises NotFound for an unknown number."""
    found = certificate_told(session, number)
    card = job_card(session, found.job)
    signed = select(ReleaseCertificate.signatory_id).where(ReleaseCertificate.number == number)
    shown = _shown_at(session, session.scalars(signed).one(), found.released_at, card.tail)
    return ReleaseSheet(
        number=found.number,
        approval=found.approval,
        signatory=found.signatory,
        name=found.name,
        licences=shown.licences,
        authorisations=shown.authorisations,
        data_reference=found.data_reference,
        data_revision=found.data_revision,
        limitations=found.limitations,
        deferrals=tuple(found.deferrals),
        released_at=found.released_at,
        withdrawn_at=found.withdrawn_at,
        card=card,
    )


def job_end(session: Session, number: str) -> ReleaseSheet | AdviceSheet:
    """Return how a job ended last: its release, or the operator's own after advice.

    Raises NotFound for an unknown number, Conflict for a job that has not ended so, or was opened again since.
    """
    told, job = job_by_number(session, number), job_to_read(session, number)
    last: JobEvent | None = None
    events, times = _in_force(session, job)
    for one in events:
        if one.kind in (EventKind.RELEASE, EventKind.CLOSE_ADVISORY):
            last = one
        elif one.kind is EventKind.REOPEN:
            last = None
    if last is not None and last.kind is EventKind.RELEASE:
        certified = session.scalar(select(ReleaseCertificate.number).where(ReleaseCertificate.event_id == last.id))
        if certified is not None:
            return release_certificate(session, certified)
    if last is None or last.person is None or last.technician_id is None:
        raise Conflict(
            _("Job {number} is {state}; there is a certificate once it is released, or closed as advice").format(
                number=number, state=job.state
            ),
            code="job_not_released",
        )
    card = _card(session, told, job)
    shown = _shown_at(session, last.technician_id, times[last.id], card.tail)
    return AdviceSheet(
        reference=str(last.told["operator_release"]),
        adviser=last.person,
        name=_people(session, [last.person]).get(last.person, (last.person, None))[0],
        licences=shown.licences,
        authorisations=shown.authorisations,
        closed_at=times[last.id],
        card=card,
    )


def _card(session: Session, told: JobOut, job: Job) -> CardFacts:
    with working_on(session, [told.number]):
        return _facts(session, told, job)


def _facts(session: Session, told: JobOut, job: Job) -> CardFacts:
    task = session.get(Task, job.task) if job.task is not None else None
    place = session.get_one(Place, job.place_id)
    events, times = _in_force(session, job)
    known = _people(session, [one.person for one in events if one.person])
    names = {code: name for code, (name, _login) in known.items()}
    tail = _tail(session, job)
    seats = _seats(session, job, tail)
    starts_at = min((one.starts_at for one in seats if one.starts_at), default=job.window_start)
    needs = [(one.part, one.quantity, one.alternates) for one in told.parts]
    return CardFacts(
        job=told.number,
        work_order=told.work_order,
        title=told.title,
        title_zh=told.title_zh,
        state=told.state,
        place=told.place,
        place_name=place.name,
        time_zone=place.time_zone or "UTC",
        starts_at=starts_at,
        ends_at=max((one.ends_at for one in seats if one.ends_at), default=job.window_end),
        approval=approval_for(
            session, tail.authority, tail.aircraft_type, told.release_level, _day(starts_at, place.time_zone or "UTC")
        )
        if tail and tail.authority
        else None,
        tail=tail,
        task=told.task,
        task_title=task.title if task else None,
        task_title_zh=task.title_zh if task else None,
        critical=task.critical if task else False,
        ata=task.ata if task else None,
        system=told.system,
        data_reference=told.data_reference,
        data_revision=told.data_revision,
        release_level=told.release_level,
        inspection_required=told.inspection,
        seats=seats,
        parts=_parts(session, needs, events),
        tools=_tools(session, job),
        labour=tuple(
            CardLabour(
                one.person,
                names.get(one.person, one.person),
                datetime.fromisoformat(one.told["work"]["start"]),
                datetime.fromisoformat(one.told["work"]["end"]),
            )
            for one in events
            if one.kind is EventKind.LABOUR and one.person is not None
        ),
        signatures=tuple(
            Signature(one.kind, one.person, known[one.person][0], times[one.id])
            for one in events
            if one.kind in _SIGNED and one.person in known and known[one.person][1] == one.recorded_by
        ),
        checklist=tuple(job_checklist(session, told.number).steps),
        certificate=_certificate(session, told.number),
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


def _people(session: Session, codes: list[str]) -> dict[str, tuple[str, str | None]]:
    """Return {code: name and login} of those who took part, also of those lent from elsewhere."""
    people = select(Technician.code, Technician.name, Technician.user_name)
    with unscoped(session):
        return {
            code: (name, login)
            for some in portions(sorted(set(codes)))
            for code, name, login in session.execute(people.where(Technician.code.in_(some)))
        }


def _shown_at(session: Session, technician: UUID, instant: datetime, tail: CardTail | None) -> Credentials:
    with unscoped(session):
        zone = session.scalar(select(Technician.time_zone).where(Technician.id == technician)) or "UTC"
    return credentials(session, {technician: _day(instant, zone)}, *_of(tail))[technician]


def _day(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def _of(tail: CardTail | None) -> tuple[str | None, str | None]:
    return (tail.aircraft_type, tail.authority) if tail else (None, None)


def _tail(session: Session, job: Job) -> CardTail | None:
    if job.aircraft is None:
        return None
    query = (
        select(Aircraft, Operator.code, Operator.name)
        .outerjoin(Operator, Operator.id == Aircraft.operator_id)
        .where(Aircraft.id == job.aircraft_id)
    )
    with unscoped(session):
        found = session.execute(query).one_or_none()
    if found is None:
        return CardTail(job.aircraft, None, None, None, None, None)
    plane, operator, customer = found
    return CardTail(plane.registration, plane.aircraft_type, plane.serial, plane.authority, operator, customer)


def _seats(session: Session, job: Job, tail: CardTail | None) -> tuple[CardSeat, ...]:
    query = (
        select(Assignment, Technician)
        .join(Technician, Technician.id == Assignment.technician_id)
        .where(Assignment.job_id == job.id, Assignment.ended_at.is_(None))
        .order_by(Assignment.id)
    )
    with unscoped(session):
        sitting = [(one, person) for one, person in session.execute(query)]
    days = {person.id: _day(one.starts_at, person.time_zone) for one, person in sitting}
    shown = credentials(session, days, *_of(tail))
    taken = [
        CardSeat(
            one.seat,
            person.code,
            person.name,
            one.starts_at,
            one.ends_at,
            shown[person.id].licences,
            shown[person.id].authorisations,
        )
        for one, person in sitting
    ]
    wanted = case_of(session, job, (), ()).seats
    empty = Counter({seat.value: one.count for seat, one in wanted.items()})
    empty.subtract(one.seat for one in taken)
    return (*taken, *(CardSeat(seat, None, None, None, None, (), ()) for seat in sorted((+empty).elements())))


def _parts(
    session: Session, needs: list[tuple[str, Decimal, tuple[str, ...]]], events: list[JobEvent]
) -> tuple[CardPart, ...]:
    used = [one.told["issue"] for one in events if one.kind is EventKind.PART_ISSUED]
    numbers = {part for part, _quantity, _alternates in needs} | {one["part"] for one in used}
    known = {
        number: (name, unit)
        for some in portions(sorted(numbers))
        for number, name, unit in session.execute(
            select(Part.part_number, Part.description, Part.unit).where(Part.part_number.in_(some))
        )
    }
    papers = _documents(session, {one["lot"] for one in used if one.get("lot")})
    wanted = [
        CardPart(part, *_described(known, part, quantity), others, used=False, lot=None, document=None)
        for part, quantity, others in needs
    ]
    taken = [
        CardPart(
            one["part"],
            *_described(known, one["part"], Decimal(one["quantity"])),
            (),
            used=True,
            lot=one.get("lot"),
            document=papers.get((one["part"], one.get("lot"))),
        )
        for one in used
    ]
    return (*wanted, *taken)


def _described(known: dict[str, tuple[str, str]], part: str, quantity: Decimal) -> tuple[str, Decimal, str]:
    name, unit = known.get(part, ("", ""))
    return name, quantity, unit


def _documents(session: Session, lots: set[str]) -> dict[tuple[str, str | None], str]:
    """Return {(part, number): the latest release document}."""
    query = (
        select(Part.part_number, Lot.number, ReleaseDocument.tracking_number, ReleaseDocument.organisation)
        .join(Lot, Lot.part_id == Part.id)
        .join(LotDocument, LotDocument.lot_id == Lot.id)
        .join(ReleaseDocument, ReleaseDocument.id == LotDocument.document_id)
        .order_by(ReleaseDocument.dated, ReleaseDocument.id)
    )
    return {
        (part, lot): f"{tracking} · {organisation}"
        for some in portions(sorted(lots))
        for part, lot, tracking, organisation in session.execute(query.where(Lot.number.in_(some)))
    }


def _tools(session: Session, job: Job) -> tuple[CardTool, ...]:
    query = (
        select(Tool.kind, ToolKind.name, Tool.serial, Tool.calibration_due)
        .join(ToolKind, ToolKind.code == Tool.kind)
        .join(ToolBooking, ToolBooking.tool_id == Tool.id)
        .where(ToolBooking.document == job.number)
        .order_by(Tool.kind, Tool.serial)
    )
    return tuple(CardTool(kind, name, serial, due) for kind, name, serial, due in session.execute(query))


def _certificate(session: Session, number: str) -> str | None:
    found = [one.number for one in certificate_page(session, job=number, limit=20) if one.withdrawn_at is None]
    return found[-1] if found else None
