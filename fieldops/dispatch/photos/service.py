"""Use cases of photos: keep one, strike one out."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.dispatch.checklists.rules import StepKind
from fieldops.dispatch.checklists.schemas import StepAnswer
from fieldops.dispatch.execution.lifecycle import EventKind, JobState, fold
from fieldops.dispatch.execution.recording import happenings
from fieldops.dispatch.execution.schemas import EventOutcome, NewEvent
from fieldops.dispatch.execution.service import own_technician, record_events
from fieldops.dispatch.lending import working_on
from fieldops.dispatch.models import Job
from fieldops.dispatch.photos.images import Picture
from fieldops.dispatch.photos.models import JobPhoto
from fieldops.dispatch.photos.queries import photo_of
from fieldops.dispatch.photos.schemas import NewPhoto
from fieldops.dispatch.service import job_to_change
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell

PHOTOS_MAX = 60
"""How many photos a job has, those that are struck out among them."""
_OVER = frozenset({JobState.PLANNED, JobState.RELEASED, JobState.ADVISORY_CLOSED, JobState.CLOSED})
"""Where nothing is answered any more, or yet."""


def add_photo(
    session: Session, actor: Actor, number: str, new: NewPhoto, picture: Picture, now: datetime
) -> tuple[JobPhoto, EventOutcome | None]:
    """Keep a photo of a job, once by its id, and let it answer the step that it is of; return what became of both.

    Raises NotFound for an unknown job, Invalid for a step that no photo answers, Conflict where the job has too many or
    the id is another's.
    """
    job = job_to_change(session, number)
    own = own_technician(session, actor)
    with unscoped(session):  # an id of another region is taken, too
        taken = session.execute(select(JobPhoto.job_id, JobPhoto.recorded_by).where(JobPhoto.id == new.id)).first()
    if taken is not None and tuple(taken) != (job.id, actor.id):
        raise Conflict(_("Another photo has this id; send it with a new one"), code="photo_exists", field="id")
    if taken is not None:
        kept = photo_of(session, number, new.id)
    else:
        _refuse_step(job, new.step)
        kept = _kept(session, actor, job, own, new, picture, now)
    if kept.step is None or own is None:
        return kept, None
    answer = StepAnswer(step=kept.step, photo=kept.id)
    told = NewEvent(id=kept.id, job=number, kind=EventKind.STEP_ANSWERED, happened_at=kept.taken_at, answer=answer)
    (outcome,) = record_events(session, actor, [told], now)
    return kept, outcome


def _kept(
    session: Session, actor: Actor, job: Job, own: str | None, new: NewPhoto, picture: Picture, now: datetime
) -> JobPhoto:
    with working_on(session, [job.number]):
        count = session.scalar(select(func.count()).select_from(JobPhoto).where(JobPhoto.job_id == job.id)) or 0
        if count >= PHOTOS_MAX:
            raise Conflict(
                _("Job {number} has {most} photos, and takes no more").format(number=job.number, most=PHOTOS_MAX),
                code="too_many_photos",
            )
        kept = JobPhoto(
            job_id=job.id,
            person=own,
            recorded_at=now,
            recorded_by=actor.id,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            size_bytes=len(picture.content),
            sha256=picture.sha256,
            content=picture.content,
            **new.model_dump(),
        )
        session.add(kept)
        session.flush()
    tell(session, "job.changed", {job.place_id: [job.number]})
    return kept


def strike_photo(
    session: Session, actor: Actor, number: str, key: UUID, reason: str, now: datetime, *, version: int
) -> JobPhoto:
    """Strike a photo out; the step that it answered is open again, unless the job was signed meanwhile.

    Raises NotFound, Stale, Conflict where it is struck out already.
    """
    job = job_to_change(session, number)
    with working_on(session, [number]):
        found = photo_of(session, number, key)
        require_version(found.version, version)
        if found.struck_at is not None:
            raise Conflict(_("This photo is struck out already; nothing is left to do"), code="struck_already")
        found.struck_at, found.struck_by, found.struck_reason = now, actor.id, reason
        session.flush()
    _open_again(session, actor, job, found, now)
    tell(session, "job.changed", {job.place_id: [number]})
    return found


def _open_again(session: Session, actor: Actor, job: Job, photo: JobPhoto, now: datetime) -> None:
    """Have the step open again that a photo answers; where the job was signed meanwhile the answer stands."""
    if photo.step is None or photo.person is None or job.state in _OVER:
        return
    last = fold(job.terms, happenings(session, [job.id])[job.id]).answers.get(photo.step)
    if last is None or last.id != photo.id:
        return
    told = NewEvent(
        id=uuid7(),
        job=job.number,
        kind=EventKind.STEP_ANSWERED,
        happened_at=max(now, last.happened_at + timedelta(microseconds=1)),
        technician=photo.person if actor.may("dispatch.write") else None,
        answer=StepAnswer(step=photo.step, done=False),
    )
    record_events(session, actor, [told], now)


def _refuse_step(job: Job, number: int | None) -> None:
    if number is None or any(one.number == number and one.kind is StepKind.PHOTO for one in job.terms.checklist):
        return
    raise Invalid(
        _("Step {step} of job {number} is not answered by a photo; leave step out").format(
            step=number, number=job.number
        ),
        code="wrong_step",
        field="step",
    )
