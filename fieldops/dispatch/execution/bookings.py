"""What events in force book: stock, costs, removed units, certificates, follow-up jobs; in the caller's transaction.

Each thing booked is named after its event, so that it is booked once. Locks are taken in the one order: stock, budget
lines, numbers; the jobs and people are locked by the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid5, uuid7

from fieldops.customers.models import Operator
from fieldops.dispatch.execution import pricing
from fieldops.dispatch.execution.lifecycle import EventKind
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent, ReleaseCertificate
from fieldops.dispatch.execution.schemas import IssuedPart, Journey, Removal
from fieldops.dispatch.models import Job
from fieldops.dispatch.schemas import NewJob
from fieldops.dispatch.service import add_jobs
from fieldops.finance.categories import Category
from fieldops.finance.control.actual_schemas import NewActual
from fieldops.finance.control.actuals import post_actuals, posted_sources
from fieldops.finance.costing.labour import Interval
from fieldops.fleet.models import Aircraft
from fieldops.workforce.models import Technician
from inventory.catalogue.models import Part, Tracking
from inventory.catalogue.schemas import ForAircraft
from inventory.catalogue.service import part_ids
from inventory.cores.schemas import NewRemoval
from inventory.cores.service import take_down
from inventory.kernel.actor import NETWORK, Actor
from inventory.kernel.errors import Conflict, DomainError
from inventory.kernel.installation import CURRENCY, fact
from inventory.kernel.numbering import next_number
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import OWN, StockMove
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.models import Place, Region, Tier
from inventory.network.service import site_ids
from inventory.traceability.condition import Condition
from inventory.traceability.models import LotKind
from inventory.traceability.queries import known_lots
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots

CORE_DUE = timedelta(days=30)
"""When a removed unit is due where nobody says."""


@dataclass(frozen=True, slots=True)
class _At:
    """A job with what its bookings need: place, region, and the aircraft with its operator, if any."""

    job: Job
    place: str
    region: str
    aircraft: Aircraft | None
    operator: str | None

    @property
    def for_aircraft(self) -> ForAircraft | None:
        """What a part is issued for."""
        if self.aircraft is None:
            return None
        return ForAircraft(
            type=self.aircraft.aircraft_type,
            serial=self.aircraft.serial,
            registry_authority=self.aircraft.authority,
            operator=self.operator,
        )


@dataclass(slots=True)
class _Books:
    """What is booked together."""

    session: Session
    actor: Actor
    now: datetime
    at: Mapping[UUID, _At]
    customer: str | None
    refused: dict[UUID, DomainError]

    def each(self, events: Sequence[JobEvent], kind: EventKind, do: Callable[[JobEvent], None]) -> None:
        """Do something with each event of a kind, in a savepoint of its own; what is refused waits for a person."""
        for one in events:
            if one.kind is kind:
                try:
                    with self.session.begin_nested():
                        do(one)
                except DomainError as refusal:
                    self.refused.setdefault(one.id, refusal)


def book(
    session: Session, actor: Actor, jobs: Mapping[UUID, Job], events: Sequence[JobEvent], now: datetime
) -> dict[UUID, DomainError]:
    """Book what events in force tell, and return what was refused, {event: why}; the rest of each event stands."""
    if not events:
        return {}
    events = sorted(events, key=lambda one: (one.happened_at, one.id))
    customer = session.scalar(select(Place.code).where(Place.tier == Tier.CUSTOMER).order_by(Place.code).limit(1))
    books = _Books(session, actor, now, _places(session, jobs), customer, {})
    books.each(events, EventKind.FOLLOW_UP, lambda one: _follow_up(books, one))
    books.each(events, EventKind.PART_ISSUED, lambda one: _issue(books, one))
    books.each(events, EventKind.UNIT_REMOVED, lambda one: _receive_removed(books, one))
    books.each(events, EventKind.LABOUR, lambda one: _labour(books, one))
    books.each(events, EventKind.TRAVEL, lambda one: _travel(books, one))
    books.each(
        [one for one in events if one.id not in books.refused],
        EventKind.PART_ISSUED,
        lambda one: _expend(books, one),
    )
    take_down(session, actor, [_removal(books, one) for one in events if one.kind is EventKind.UNIT_REMOVED])
    for one in events:
        if one.kind is EventKind.RELEASE:
            _certify(books, one)
    session.flush()
    return books.refused


def _places(session: Session, jobs: Mapping[UUID, Job]) -> dict[UUID, _At]:
    query = (
        select(Job.id, Place.code, Region.code, Aircraft, Operator.code)
        .join(Place, Place.id == Job.place_id)
        .outerjoin(Region, Region.id == Place.region_id)
        .outerjoin(Aircraft, Aircraft.id == Job.aircraft_id)
        .outerjoin(Operator, Operator.id == Aircraft.operator_id)
        .where(Job.id.in_(list(jobs)))
    )
    with unscoped(session):  # the aircraft and the operator of a job that the actor sees, based elsewhere
        rows = session.execute(query).all()
    return {key: _At(jobs[key], place, region or "", plane, operator) for key, place, region, plane, operator in rows}


def move_of(event: UUID) -> UUID:
    """Return the id of the move that an event posts."""
    return uuid5(event, "move")


def _moved(session: Session, event: UUID) -> bool:
    return session.scalar(select(StockMove.id).where(StockMove.move_id == move_of(event))) is not None


def _issue(books: _Books, event: JobEvent) -> None:
    told, at = IssuedPart.model_validate(event.told["issue"]), books.at[event.job_id]
    if _moved(books.session, event.id):
        return
    plane = at.for_aircraft
    move = NewMove(
        move_id=move_of(event.id),
        origin=told.origin,
        destination=_customer(books),
        document=at.job.number,
        aircraft=plane,
        without_aircraft=None if plane else _("job {job}, on no aircraft").format(job=at.job.number),
        moved_at=min(event.happened_at, books.now),
        **told.model_dump(exclude={"origin"}),
    )
    post(books.session, books.actor, [move], books.now)


def _receive_removed(books: _Books, event: JobEvent) -> None:
    """Bring a removed unit onto the shelf, where it is known whose it is; a serial number that is new is added."""
    told, at = Removal.model_validate(event.told["removal"]), books.at[event.job_id]
    if _moved(books.session, event.id):
        return
    session = books.session
    part = session.scalars(select(Part).where(Part.id == part_ids(session, [told.part])[told.part])).one()
    if told.serial is not None and part.tracking is Tracking.SERIAL:
        with unscoped(session):
            known = known_lots(session, [(part.id, told.serial)])
        if not known:
            add_lots(session, books.actor, [NewLot(part=told.part, number=told.serial, kind=LotKind.SERIAL)])
    move = NewMove(
        move_id=move_of(event.id),
        part=told.part,
        lot=told.serial if part.tracking is Tracking.SERIAL else None,
        origin=_customer(books),
        destination=told.place or at.place,
        condition=Condition.AS_REMOVED,
        owner=_owner(told, at),
        quantity=Decimal(1),
        document=at.job.number,
        moved_at=min(event.happened_at, books.now),
    )
    post(session, books.actor, [move], books.now)


def _owner(told: Removal, at: _At) -> str:
    if told.owner is not None:
        return told.owner
    return OWN if at.operator is None else f"customer:{at.operator}"


def _customer(books: _Books) -> str:
    if books.customer is None:
        raise Conflict(
            _("Parts go to and come from a place of tier “customer”, and there is none; add one"), code="no_customer"
        )
    return books.customer


def _removal(books: _Books, event: JobEvent) -> NewRemoval:
    told, at = Removal.model_validate(event.told["removal"]), books.at[event.job_id]
    session = books.session
    day = event.happened_at.date()
    place = at.job.place_id if told.place is None else site_ids(session, [told.place])[told.place]
    return NewRemoval(
        source=f"event/{event.id}",
        place_id=place,
        part_id=part_ids(session, [told.part])[told.part],
        serial=told.serial,
        owner=_owner(told, at),
        tail=None if at.aircraft is None else at.aircraft.registration,
        job=at.job.number,
        kind=told.kind,
        removed_at=event.happened_at,
        reason=told.reason,
        position=told.position,
        tag=told.tag,
        value=told.value,
        currency=None if told.value is None else fact(session, CURRENCY) or at.job.currency,
        due_on=told.due_on or day + CORE_DUE,
    )


def _labour(books: _Books, event: JobEvent) -> None:
    work = Interval.model_validate(event.told["work"])
    person = _technician(books.session, event)
    terms = pricing.labour_terms(books.session, [person.id], work.start.date())[person.id]
    before = _work_near(books, person.id, event, work)
    _spend(books, event, pricing.work_cost(terms, person.time_zone, [work], before))


def _work_near(books: _Books, person: UUID, event: JobEvent, work: Interval) -> list[Interval]:
    """Return the work of the same person that is booked already and may be of the same day, on whatever job."""
    waiting = select(QuarantinedEvent.id).where(QuarantinedEvent.state.in_((Decision.OPEN, Decision.DISCARDED)))
    query = select(JobEvent.id, JobEvent.told).where(
        JobEvent.technician_id == person,
        JobEvent.kind == EventKind.LABOUR,
        JobEvent.happened_at.between(work.start - pricing.NEAR * 32, work.end + pricing.NEAR * 32),
        JobEvent.id.not_in(waiting),
    )
    with unscoped(books.session):
        told = {key: Interval.model_validate(one["work"]) for key, one in books.session.execute(query)}
        booked = posted_sources(books.session, [source_of(key, "labour") for key in told])
    near = (work.start - pricing.NEAR, work.end + pricing.NEAR)
    return [
        one
        for key, one in told.items()
        if key != event.id and source_of(key, "labour") in booked and one.start < near[1] and near[0] < one.end
    ]


def _travel(books: _Books, event: JobEvent) -> None:
    person = _technician(books.session, event)
    terms = pricing.labour_terms(books.session, [person.id], event.happened_at.date())[person.id]
    _spend(books, event, pricing.journey_cost(terms, person.time_zone, Journey.model_validate(event.told["journey"])))


def _expend(books: _Books, event: JobEvent) -> None:
    told = IssuedPart.model_validate(event.told["issue"])
    if told.owner != OWN:
        return
    part = part_ids(books.session, [told.part])[told.part]
    _spend(books, event, pricing.parts_cost(books.session, {part: told.quantity}))


def source_of(event: UUID, what: str) -> str:
    """Return where the expense of an event comes from: each of one event has its own."""
    return f"job-event/{event}/{what}"


def _spend(books: _Books, event: JobEvent, costs: pricing.Costs) -> None:
    """Post what an event costs to the commitment of its job, else to the line that pays.

    It follows from the booking, so the product posts it whether or not the person may look into the budget.
    """
    at = books.at[event.job_id]
    actuals = []
    for (category, currency), amount in sorted(costs.items()):
        what = f"{category.value}-{currency}" if category is Category.TRAVEL else category.value
        actuals.append(
            NewActual(
                source=source_of(event.id, what),
                document_kind="job",
                document=at.job.number,
                item=pricing.item_name(category, currency),
                region=at.region,
                category=category,
                day=event.happened_at.date(),
                amount=amount,
                currency=currency,
            )
        )
    with unscoped(books.session):
        done = posted_sources(books.session, [one.source for one in actuals])
        actuals = [one for one in actuals if one.source not in done]
        if actuals:
            post_actuals(books.session, replace(books.actor, scope=NETWORK), actuals, books.now)


def _technician(session: Session, event: JobEvent) -> Technician:
    with unscoped(session):
        found = session.scalars(select(Technician).where(Technician.id == event.technician_id)).one()
        session.expunge(found)
    return found


def _certify(books: _Books, event: JobEvent) -> None:
    session = books.session
    if session.scalar(select(ReleaseCertificate.id).where(ReleaseCertificate.event_id == event.id)):
        return
    told, signatory = event.told, _technician(session, event)
    session.add(
        ReleaseCertificate(
            id=uuid7(),
            number=f"CRS-{next_number(session, 'certificate'):06d}",
            job_id=event.job_id,
            event_id=event.id,
            signatory_id=signatory.id,
            signatory=signatory.code,
            name=signatory.name,
            approval=told["approval"],
            data_reference=told["data_reference"],
            data_revision=told["data_revision"],
            limitations=told.get("limitations"),
            deferrals=list(told.get("deferrals", ())),
            released_at=event.happened_at,
        )
    )
    session.flush()


def _follow_up(books: _Books, event: JobEvent) -> None:
    """Add the job that follows another one, at the same place, on the same aircraft, in the week after."""
    job, at = books.at[event.job_id].job, books.at[event.job_id]
    number = f"{job.number[:40]}-{event.id.hex[-6:].upper()}"
    if books.session.scalar(select(Job.id).where(Job.number == number)):
        return
    add_jobs(
        books.session,
        books.actor,
        [
            NewJob(
                number=number,
                work_order=job.work_order,
                title=event.told["title"],
                kind=job.kind,
                priority=job.priority,
                place=at.place,
                aircraft=job.aircraft,
                duration_min=max(1, job.duration_s // 60),
                window_start=event.happened_at,
                window_end=event.happened_at + timedelta(days=7),
                due_at=event.happened_at + timedelta(days=7),
                delay_cost_per_h=job.delay_cost_per_h,
                currency=job.currency,
                release_level=job.release_level,
                data_reference=job.data_reference,
                data_revision=job.data_revision,
                after=(job.number,),
            )
        ],
    )
