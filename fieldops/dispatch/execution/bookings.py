"""What events in force book: stock, costs, removed units, certificates, follow-up jobs; in the caller's transaction.

Each thing booked is named after its event, so that it is booked once. Locks are taken in the one order: stock, budget
lines, numbers; the jobs and people are locked by the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.dispatch.execution.books import Books, people_of, places_of
from fieldops.dispatch.execution.expenses import book_labour, book_parts, book_travel
from fieldops.dispatch.execution.keeping import (
    give_back_money,
    give_back_tools,
    keep_money_again,
    keep_tools_again,
)
from fieldops.dispatch.execution.lifecycle import EventKind
from fieldops.dispatch.execution.material import issue, receive_removed, removal_of
from fieldops.dispatch.execution.models import JobEvent, ReleaseCertificate
from fieldops.dispatch.execution.unbooking import unbook_debt, unbook_money, unbook_stock
from fieldops.dispatch.models import Job
from fieldops.dispatch.schemas import NewJob
from fieldops.dispatch.service import add_jobs
from inventory.cores.service import take_down
from inventory.kernel.actor import Actor
from inventory.kernel.errors import DomainError
from inventory.kernel.lookup import portions
from inventory.kernel.numbering import next_number
from inventory.network.models import Place, Tier


def book(
    session: Session,
    actor: Actor,
    jobs: Mapping[UUID, Job],
    events: Sequence[JobEvent],
    times: Mapping[UUID, datetime],
    now: datetime,
    *,
    fallen: Sequence[JobEvent] = (),
    again: Sequence[Job] = (),
    left: Sequence[Job] = (),
) -> dict[UUID, DomainError]:
    """Book what events in force tell, and return what was refused, {event: why}; the rest of each event stands.

    `times` tells when they happened, as persons corrected it. What events booked that have `fallen` out of force is
    taken back, unless the stock went on or the period is closed: a person decides then. The jobs that are on their way
    `again` keep tools and money for it before, those that have `left` it give back what they have after.
    """
    events = sorted(events, key=lambda one: (times.get(one.id, one.happened_at), one.id))
    customer = session.scalar(select(Place.code).where(Place.tier == Tier.CUSTOMER).order_by(Place.code).limit(1))
    books = Books(session, actor, now, places_of(session, jobs), customer, people_of(session, events), times, {})
    books.each(events, EventKind.FOLLOW_UP, lambda one: _follow_up(books, one))
    _take_back(books, fallen, lambda one: unbook_stock(session, actor, one, now))
    books.each(events, EventKind.PART_ISSUED, lambda one: issue(books, one))
    books.each(events, EventKind.UNIT_REMOVED, lambda one: receive_removed(books, one))
    give_back_tools(session, left, now)
    for job in again:
        keep_tools_again(session, actor, job)
    _take_back(books, fallen, lambda one: unbook_money(session, actor, jobs[one.job_id], one, now))
    for job in again:
        keep_money_again(session, actor, job, now)
    book_labour(books, events)
    books.each(events, EventKind.TRAVEL, lambda one: book_travel(books, one))
    books.each(events, EventKind.PART_ISSUED, lambda one: book_parts(books, one))
    for job in left:
        give_back_money(session, actor, job, now)
    _take_back(books, fallen, lambda one: unbook_debt(session, actor, one, now))
    books.each(events, EventKind.UNIT_REMOVED, lambda one: take_down(session, actor, [removal_of(books, one)]))
    books.each(events, EventKind.RELEASE, lambda one: _certify(books, one))
    session.flush()
    return books.refused


def _take_back(books: Books, fallen: Sequence[JobEvent], do: Callable[[JobEvent], object]) -> None:
    for one in fallen:
        with suppress(DomainError), books.session.begin_nested():
            do(one)


def withdraw(session: Session, events: Collection[UUID], now: datetime) -> None:
    """Withdraw the certificates of events that are not in force any more."""
    for some in portions(sorted(events)):
        standing = select(ReleaseCertificate).where(ReleaseCertificate.event_id.in_(some))
        for one in session.scalars(standing.where(ReleaseCertificate.withdrawn_at.is_(None))):
            one.withdrawn_at = now
    session.flush()


def _certify(books: Books, event: JobEvent) -> None:
    session = books.session
    standing = session.scalar(select(ReleaseCertificate).where(ReleaseCertificate.event_id == event.id))
    if standing is not None:  # in force again
        standing.released_at, standing.withdrawn_at = books.time_of(event), None
        return
    told, signatory = event.told, books.person(event)
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
            released_at=books.time_of(event),
        )
    )
    session.flush()


def following(job: Job, event: UUID) -> str:
    """Return the number of the job that an event of another one asks for."""
    return f"{job.number[:40]}-{event.hex[-6:].upper()}"


def _follow_up(books: Books, event: JobEvent) -> None:
    """Add the job that follows another one, at the same place, on the same aircraft, in the week after."""
    job, at = books.at[event.job_id].job, books.at[event.job_id]
    number, start = following(job, event.id), books.time_of(event)
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
                window_start=start,
                window_end=start + timedelta(days=7),
                due_at=start + timedelta(days=7),
                delay_cost_per_h=job.delay_cost_per_h,
                currency=job.currency,
                release_level=job.release_level,
                data_reference=job.data_reference,
                data_revision=job.data_revision,
                after=(job.number,),
            )
        ],
    )
