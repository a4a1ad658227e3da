"""Reads of photos."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from fieldops.dispatch.models import Job
from fieldops.dispatch.photos.models import JobPhoto
from fieldops.dispatch.photos.schemas import PhotoOut
from inventory.kernel.errors import NotFound
from inventory.kernel.texts import gettext as _

FIRST_KEY = UUID(int=0)


def photo_page(session: Session, number: str, *, after: UUID = FIRST_KEY, limit: int) -> list[PhotoOut]:
    """Return up to `limit` photos of a job with an id after `after`, by id, which is by when they were taken."""
    query = select(JobPhoto).join(Job, Job.id == JobPhoto.job_id).where(Job.number == number, JobPhoto.id > after)
    return [photo_out(one, number) for one in session.scalars(query.order_by(JobPhoto.id).limit(limit))]


def photo_of(session: Session, number: str, key: UUID, *, content: bool = False) -> JobPhoto:
    """Return a photo of a job, with its content where that is wanted; raises NotFound."""
    query = select(JobPhoto).join(Job, Job.id == JobPhoto.job_id).where(Job.number == number, JobPhoto.id == key)
    found = session.scalar(query.options(undefer(JobPhoto.content)) if content else query)
    if found is None:
        raise NotFound(
            _("Job {number} has no such photo; the list of its photos shows those there are").format(number=number),
            code="unknown_photo",
        )
    return found


def photo_out(one: JobPhoto, number: str) -> PhotoOut:
    """Return a photo of a job as it goes out."""
    alike = {name: getattr(one, name) for name in PhotoOut.model_fields.keys() - {"job", "technician"}}
    return PhotoOut(job=number, technician=one.person, **alike)
