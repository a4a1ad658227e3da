"""Use cases of execution: events come in once, in any order; what does not fit waits for a person and is never lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import Sitting
from fieldops.dispatch.crew.queries import Case, case_of
from fieldops.dispatch.crew.service import touch
from fieldops.dispatch.execution.bookings import book, withdraw
from fieldops.dispatch.execution.keeping import gives_back, keeps_again
from fieldops.dispatch.execution.lifecycle import (
    BOOKINGS,
    REFUSED,
    SIGNATURES,
    EventKind,
    Fault,
    Folded,
    Happening,
    fold,
    undoing,
)
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent
from fieldops.dispatch.execution.reasons import sentence
from fieldops.dispatch.execution.recording import happenings
from fieldops.dispatch.execution.schemas import EventOutcome, NewEvent, Standing
from fieldops.dispatch.lending import working_on
from fieldops.dispatch.models import Job
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import Technician
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, DomainError
from inventory.kernel.locks import Lock, locked
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell

UNKNOWN_JOB, UNKNOWN_TECHNICIAN = "unknown_job", "unknown_technician"
_SIGNED = {EventKind.RELEASE: Seat.RELEASE_SIGNATORY, EventKind.INSPECT: Seat.INDEPENDENT_INSPECTOR}
_MOMENT = timedelta(minutes=1)
_DETAIL_MAX = 1_000
_FAULTS = frozenset(Fault)
EFFECTS = BOOKINGS | {EventKind.RELEASE, EventKind.FOLLOW_UP}
"""The kinds of events that book something."""


def record_events(session: Session, actor: Actor, events: Sequence[NewEvent], now: datetime) -> list[EventOutcome]:
    """Take events in, each once, and return what became of each.

    The state of their jobs follows from all events by the time at which they happened. What does not fit, and what
    cannot be booked, waits for a person; so does what somebody tells of others without the right to it.
    """
    own = own_technician(session, actor)
    people = {one.id: _person(actor, own, one) for one in events}
    known = _known(session, {one.id for one in events})
    new = {one.id: one for one in reversed(events) if one.id not in known}
    jobs = _lock_jobs(session, {one.job for one in new.values()})
    technicians = _lock_technicians(session, {people[key] for key in new})
    taken = [one for key, one in new.items() if one.job in jobs and people[key] in technicians]
    _keep_unknown(session, actor, [one for one in new.values() if one not in taken], jobs, now)
    taken.sort(key=lambda event: (event.happened_at, event.id))
    with working_on(session, jobs) as acting:
        against = against_all(session, taken, jobs, people)
        rows = [
            row_of(actor, one, jobs[one.job], (technicians[people[one.id]], people[one.id]), against.get(one.id), now)
            for one in taken
        ]
        if rows:
            session.execute(insert(JobEvent), rows)
        touched = {jobs[one.job].id: jobs[one.job] for one in taken}
        bring_up(session, acting, touched, {one.id for one in taken}, now)
        return _outcomes(session, events, known)


def own_technician(session: Session, actor: Actor) -> str | None:
    """Return the code of the technician that the actor is, None for nobody."""
    with unscoped(session):
        return session.scalar(select(Technician.code).where(Technician.user_name == actor.id))


def bring_up(
    session: Session,
    actor: Actor,
    jobs: Mapping[UUID, Job],
    new: Collection[UUID],
    now: datetime,
    *,
    booking: bool = True,
) -> None:
    """Bring jobs to the state that their events lead to, and book what is in force now and was not before.

    `jobs` and the people of their events are locked. Without `booking` what is to be booked waits for a person. A job
    that is planned again or closed gives back tools and money; one that is on its way after all keeps them again.
    """
    session.flush()
    told = happenings(session, list(jobs))
    again: list[Job] = []
    left: list[Job] = []
    fresh, fallen, times = set(new), set[UUID](), dict[UUID, datetime]()
    for key, job in sorted(jobs.items()):
        behind = undoing(job.terms, told[key], fresh)
        happened = [replace(one, behind=one.behind or one.id in behind) for one in told[key]]
        folded = fold(job.terms, happened)
        times |= {one.id: one.happened_at for one in happened}
        fresh |= _keep_faults(session, job, happened, folded, now)
        fresh -= folded.faults.keys()
        fallen |= {one.id for one in happened if one.kind in EFFECTS and one.id in folded.faults}
        before, job.state = job.state, folded.state
        again += [job] * keeps_again(job, before)
        left += [job] * (gives_back(job) and before is not job.state)
        touch(session, job)
    withdraw(session, fallen, now)
    booked = [one for one in _events(session, fresh) if one.kind in EFFECTS]
    refused: dict[UUID, DomainError] = {} if booking else {one.id: _unbooked() for one in booked}
    taken_back = [one for one in _events(session, fallen) if one.kind in BOOKINGS]
    refused |= book(
        session, actor, jobs, booked if booking else (), times, now, fallen=taken_back, again=again, left=left
    )
    for one in booked:
        if (refusal := refused.get(one.id)) is not None:
            _wait(session, jobs[one.job_id], one, refusal.code, refusal.message, now)
    session.flush()
    changed: defaultdict[UUID, list[str]] = defaultdict(list)
    for job in jobs.values():
        changed[job.place_id].append(job.number)
    tell(session, "job.changed", changed)


def _unbooked() -> Conflict:
    return Conflict(_("It fits now that another event was discarded; apply it to book it"), code="not_booked")


def _person(actor: Actor, own: str | None, one: NewEvent) -> str:
    """Return who did what an event tells; "" where the actor may not tell of that person, or sign for it."""
    if one.technician is None or one.technician == own:
        return own or ""
    return one.technician if actor.may("dispatch.write") and one.kind not in SIGNATURES else ""


def _known(session: Session, keys: Collection[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    with unscoped(session):  # an id of another region is taken, too
        for some in portions(sorted(keys)):
            found |= set(session.scalars(select(JobEvent.id).where(JobEvent.id.in_(some))))
            found |= set(session.scalars(select(QuarantinedEvent.id).where(QuarantinedEvent.id.in_(some))))
    return found


def _lock_jobs(session: Session, numbers: Collection[str]) -> dict[str, Job]:
    found: dict[str, Job] = {}
    for some in portions(sorted(numbers)):
        query = select(Job).where(Job.number.in_(some)).order_by(Job.id)
        found |= {one.number: one for one in locked(session, Lock.JOB, query.execution_options(populate_existing=True))}
    return found


def _lock_technicians(session: Session, codes: Collection[str]) -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    with unscoped(session):  # somebody lent from another region works here, too
        for some in portions(sorted(codes)):
            query = select(Technician).where(Technician.code.in_(some)).order_by(Technician.id)
            found |= {one.code: one.id for one in locked(session, Lock.TECHNICIAN_DAY, query)}
    return found


def row_of(
    actor: Actor,
    one: NewEvent,
    job: Job,
    technician: tuple[UUID, str],
    against: Sequence[tuple[str, str]] | None,
    now: datetime,
) -> dict[str, Any]:
    """Return the row of an event that a technician, key and code, tells, with what stands `against` its signature."""
    told = _told(one, job)
    if against is not None:
        told[REFUSED] = list(against)
    return {
        "id": one.id,
        "job_id": job.id,
        "kind": one.kind,
        "happened_at": one.happened_at,
        "recorded_at": now,
        "recorded_by": actor.id,
        "technician_id": technician[0],
        "person": technician[1],
        "device": one.device or technician[1],
        "sequence": one.sequence,
        "told": told,
    }


def _told(one: NewEvent, job: Job) -> dict[str, Any]:
    told = details_of(one)
    if one.kind is EventKind.RELEASE:
        told.setdefault("data_reference", job.data_reference)
        told.setdefault("data_revision", job.data_revision)
    return told


def details_of(one: NewEvent) -> dict[str, Any]:
    """Return what an event tells beside its envelope, as it is kept."""
    envelope = {"id", "job", "kind", "happened_at", "technician", "device", "sequence"}
    told = one.model_dump(mode="json", exclude=envelope, exclude_none=True)
    return {name: value for name, value in told.items() if value != []}


@dataclass(frozen=True, slots=True)
class Signing:
    """Somebody signs at an instant; `told` are the words of the signature."""

    kind: EventKind
    person: str
    at: datetime
    told: Mapping[str, Any]

    @property
    def sitting(self) -> Sitting:
        """The seat that the signature needs."""
        return Sitting(self.person, _SIGNED[self.kind], self.at, self.at + _MOMENT)


def against_all(
    session: Session, events: Sequence[NewEvent], jobs: Mapping[str, Job], people: Mapping[UUID, str]
) -> dict[UUID, list[tuple[str, str]]]:
    """Return {event: what stands against it} of all that are signatures; what is looked at is loaded once a job."""
    signed: defaultdict[str, dict[UUID, Signing]] = defaultdict(dict)
    for one in events:
        if one.kind in _SIGNED:
            signing = Signing(one.kind, people[one.id], one.happened_at, _told(one, jobs[one.job]))
            signed[one.job][one.id] = signing
    found: dict[UUID, list[tuple[str, str]]] = {}
    for number, signings in signed.items():
        told = against(session, jobs[number], list(signings.values()))
        found |= dict(zip(signings, told, strict=True))
    return found


def signing_of(event: JobEvent, at: datetime) -> Signing | None:
    """Return the signature that an event gives, as of an instant; None for an event that gives none."""
    if event.kind not in _SIGNED or event.person is None:
        return None
    return Signing(event.kind, event.person, at, event.told)


def against(session: Session, job: Job, signings: Sequence[Signing]) -> list[list[tuple[str, str]]]:
    """Return for each signature what stands against it at its instant."""
    case = case_of(session, job, [one.sitting for one in signings], {one.person for one in signings})
    return [_against(case, one) for one in signings]


def _against(case: Case, one: Signing) -> list[tuple[str, str]]:
    job, told = case.job, one.told
    if one.person not in case.inputs.people:
        return [(UNKNOWN_TECHNICIAN, _("is not known here"))]
    found = [(refusal.code, refusal.text) for refusal in case.rights(one.sitting) if refusal.hard]
    if one.kind is EventKind.RELEASE:
        facts = case.inputs.jobs[job.number]
        numbers = {
            held.number
            for held in case.inputs.book.approvals
            if held.authority == facts.authority and held.starts <= one.at < held.ends
        }
        if numbers and told.get("approval") not in numbers:
            found.append(
                (
                    "organisation_approval",
                    _("the approval {number} is none that the organisation holds of {authority}").format(
                        number=told.get("approval"), authority=facts.authority
                    ),
                )
            )
        if job.data_revision is not None and told.get("data_revision") != job.data_revision:
            found.append(
                (
                    "wrong_revision",
                    _("the job card is pinned to revision {pinned} of the data, not {told}").format(
                        pinned=job.data_revision, told=told.get("data_revision")
                    ),
                )
            )
    return found


def _keep_unknown(
    session: Session, actor: Actor, events: Sequence[NewEvent], jobs: Mapping[str, Job], now: datetime
) -> None:
    with unscoped(session):
        base = session.scalar(select(Technician.base_id).where(Technician.user_name == actor.id))
    for one in events:
        job = jobs.get(one.job)
        detail = (
            _("There is no job {job} that you see; correct the number, or discard the event").format(job=one.job)
            if job is None
            else _(
                "{person} is no technician, or not one that {sender} may tell of; have the login entered with the "
                "technician, or let a dispatcher send the event"
            ).format(person=one.technician or actor.id, sender=actor.id)
        )
        session.add(
            QuarantinedEvent(
                id=one.id,
                job=one.job,
                place_id=base if job is None else job.place_id,
                event=one.model_dump(mode="json", exclude_none=True),
                recorded_by=actor.id,
                recorded_at=now,
                reason=UNKNOWN_JOB if job is None else UNKNOWN_TECHNICIAN,
                detail=detail,
                state=Decision.OPEN,
            )
        )
    session.flush()


def _keep_faults(
    session: Session,
    job: Job,
    told: Sequence[Happening],
    folded: Folded,
    now: datetime,
) -> set[UUID]:
    """Have what does not fit wait, and what fits now wait no more; return the events that came into force so."""
    rows: dict[UUID, QuarantinedEvent] = {}
    for some in portions([one.id for one in told]):
        found = session.scalars(select(QuarantinedEvent).where(QuarantinedEvent.id.in_(some)))
        rows |= {row.id: row for row in found}
    faults, missing = folded.faults, folded.missing
    events = {one.id: one for one in _events(session, faults.keys() - rows.keys())}
    fitting: set[UUID] = set()
    for one in told:
        fault, row = faults.get(one.id), rows.get(one.id)
        why = "" if fault is None else sentence(fault, job.number, one, missing.get(one.id, ()))[:_DETAIL_MAX]
        if fault is not None and row is None:
            _wait(session, job, events[one.id], fault.value, why, now)
        elif fault is not None and row is not None:
            row.state, row.reason, row.detail = Decision.OPEN, fault.value, why
        elif row is not None and row.state is Decision.OPEN and row.reason in _FAULTS:
            row.state = Decision.FITS
            fitting.add(one.id)
        elif row is not None and row.state is Decision.APPLIED:
            fitting.add(one.id)
    return fitting


def _wait(session: Session, job: Job, one: JobEvent, reason: str, detail: str, now: datetime) -> None:
    row = session.get(QuarantinedEvent, one.id)
    if row is not None:
        row.state, row.reason, row.detail = Decision.OPEN, reason, detail[:_DETAIL_MAX]
        return
    session.add(
        QuarantinedEvent(
            id=one.id,
            job=job.number,
            place_id=job.place_id,
            event=as_told(one, job.number),
            recorded_by=one.recorded_by,
            recorded_at=now,
            reason=reason[:48],
            detail=detail[:_DETAIL_MAX],
            state=Decision.OPEN,
        )
    )


def as_told(one: JobEvent, job: str) -> dict[str, Any]:
    """Return an event as its sender told it."""
    envelope = {
        "id": str(one.id),
        "job": job,
        "kind": one.kind.value,
        "happened_at": one.happened_at.isoformat(),
        "technician": one.person,
        "device": one.device,
        "sequence": one.sequence,
    }
    return {**envelope, **{name: value for name, value in one.told.items() if name != REFUSED}}


def _events(session: Session, keys: Collection[UUID]) -> list[JobEvent]:
    found: list[JobEvent] = []
    for some in portions(sorted(keys)):
        found += session.scalars(select(JobEvent).where(JobEvent.id.in_(some)))
    return found


def _outcomes(session: Session, events: Sequence[NewEvent], known: Collection[UUID]) -> list[EventOutcome]:
    waiting: dict[UUID, QuarantinedEvent] = {}
    for some in portions(sorted({one.id for one in events})):
        query = select(QuarantinedEvent).where(QuarantinedEvent.id.in_(some), QuarantinedEvent.state == Decision.OPEN)
        waiting |= {row.id: row for row in session.scalars(query)}
    seen, outcomes = set(known), []
    for one in events:
        row = waiting.get(one.id)
        standing = Standing.APPLIED if row is None else Standing.QUARANTINED
        outcomes.append(
            EventOutcome(
                id=one.id,
                job=one.job,
                standing=Standing.KNOWN if one.id in seen else standing,
                reason=row.reason if row else None,
                detail=row.detail if row else None,
            )
        )
        seen.add(one.id)
    return outcomes
