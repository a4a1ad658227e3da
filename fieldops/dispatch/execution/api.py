"""Routes of execution: what the office does with a job, events from the field, those that wait, certificates."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Path, Response

from fieldops.dispatch.card_facts import CardFacts, ReleaseSheet
from fieldops.dispatch.cards import job_card, release_certificate
from fieldops.dispatch.execution import queries
from fieldops.dispatch.execution.batches import ReadEvent, record_batch
from fieldops.dispatch.execution.models import Decision
from fieldops.dispatch.execution.office import dispatch, office_step
from fieldops.dispatch.execution.resolving import resolve
from fieldops.dispatch.execution.schemas import (
    BATCH_MAX,
    CertificateOut,
    Dispatched,
    EventDecision,
    EventOutcome,
    JobEventOut,
    OfficeStep,
    OwnJob,
    QuarantinedEventOut,
)
from fieldops.dispatch.queries import job_by_number
from fieldops.dispatch.schemas import JobOut
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

router = APIRouter(tags=["execution"], route_class=Route)

Number = Annotated[str, Path(description="Number of a job.")]
Key = Annotated[UUID, Path(description="Id of an event.")]


@router.post("/jobs/{number}/dispatch", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def dispatch_job(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, number: Number
) -> Dispatched:
    """Send the crew of a job off: its tools are booked and its cost is committed, or an approval is asked for first."""
    now = edge.clock()
    job, verdict = dispatch(session, actor, number, now, now.date(), version=version)
    tag(response, job.version)
    sent = verdict is None or verdict.held
    return Dispatched(job=number, version=job.version, state=job.state, dispatched=sent, verdict=verdict)


@router.post("/jobs/{number}/steps", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def step_job(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    wanted: OfficeStep,
) -> JobOut:
    """Recall, cancel, close or reopen a job; what it has left of its money and its tools is given back."""
    office_step(session, actor, number, wanted.kind, wanted.reason, edge.clock(), version=version)
    found = job_by_number(session, number)
    tag(response, found.version)
    return found


@router.post("/jobs/events", dependencies=[needs("dispatch.execute", Elsewhere.SHARED)])
def tell_job_events(
    session: Writing,
    actor: Acting,
    edge: Here,
    events: Annotated[list[ReadEvent], Body(min_length=1, max_length=BATCH_MAX)],
) -> list[EventOutcome]:
    """Take in what happened in the field, also much later and in any order; each event counts once, by its id.

    What does not fit its job waits for a person, and is never lost. What cannot be read is refused in its place of the
    answer, and holds up no other.
    """
    return record_batch(session, actor, events, edge.clock())


@router.get("/jobs/{number}/events", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def job_events(session: Reading, paging: Paged, number: Number) -> Page[JobEventOut]:
    """List what happened to a job, by when it did."""
    job_by_number(session, number)
    after = paging.after((queries.FIRST_TIME, queries.FIRST_KEY))
    rows = queries.event_page(session, number, after=after, limit=paging.rows)
    return paging.page(rows, lambda one: (one.happened_at, one.id))


@router.get("/job-events/quarantine", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def quarantined_job_events(
    session: Reading, paging: Paged, state: Decision = Decision.OPEN, job: str | None = None
) -> Page[QuarantinedEventOut]:
    """List events that wait for a person, or that one has decided about."""
    (after,) = paging.after((queries.FIRST_KEY,))
    rows = queries.quarantine_page(session, after=after, limit=paging.rows, state=state, job=job)
    return paging.page(rows, lambda one: (one.id,))


@router.get("/job-events/quarantine/{key}", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def quarantined_job_event(session: Reading, response: Response, key: Key) -> QuarantinedEventOut:
    """Return an event that waits, or waited."""
    found = queries.quarantined(session, key)
    tag(response, found.version)
    return queries.quarantined_out(found)


@router.post("/job-events/quarantine/{key}/decision", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def decide_job_event(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    key: Key,
    wanted: EventDecision,
) -> QuarantinedEventOut:
    """Apply an event that waits, with its time or job corrected where needed, or discard it and what it booked."""
    found = resolve(session, actor, key, wanted, edge.clock(), version=version)
    session.flush()
    tag(response, found.version)
    return queries.quarantined_out(found)


@router.get("/me/jobs", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def own_jobs(session: Reading, actor: Acting, paging: Paged) -> Page[OwnJob]:
    """List the jobs that you sit on and that are not closed, by start."""
    after = paging.after((queries.FIRST_TIME, ""))
    rows = queries.own_jobs(session, actor.id, after=after, limit=paging.rows)
    return paging.page(rows, lambda one: (one.starts_at, one.job))


@router.get("/jobs/{number}/card", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def card_of_job(session: Reading, number: Number) -> CardFacts:
    """Return the job card: the work, its data in its revision, who does and who signs it, parts, tools, inspections."""
    return job_card(session, number)


@router.get("/release-certificates", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def release_certificates(session: Reading, paging: Paged, job: str | None = None) -> Page[CertificateOut]:
    """List certificates of release to service, by number."""
    (after,) = paging.after(("",))
    rows = queries.certificate_page(session, after=after, limit=paging.rows, job=job)
    return paging.page(rows, lambda one: (one.number,))


@router.get("/release-certificates/{number}", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def one_release_certificate(
    session: Reading, number: Annotated[str, Path(description="Number of a certificate of release.")]
) -> ReleaseSheet:
    """Return a certificate of release with all that is printed on it."""
    return release_certificate(session, number)
