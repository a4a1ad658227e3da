"""Answers whether somebody may take a seat of a job that stands in the database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.eligibility import Work, inputs_for
from fieldops.dispatch.models import Job, JobQualification
from fieldops.dispatch.rights_schemas import FailingRule, SeatAnswer, SeatQuestion
from fieldops.dispatch.service import unknown_job
from fieldops.workforce.facts import CrewMember
from fieldops.workforce.service import unknown_technician
from inventory.network.models import Place


def answer(session: Session, question: SeatQuestion) -> SeatAnswer:
    """Return whether a technician may take a seat; raises NotFound for an unknown job or technician."""
    found = session.execute(
        select(Job, Place.code).join(Place, Place.id == Job.place_id).where(Job.number == question.job)
    ).one_or_none()
    if found is None:
        raise unknown_job(question.job)
    job, place = found
    asked = session.scalars(select(JobQualification.qualification_code).where(JobQualification.job_id == job.id))
    work = Work(job.number, job.kind, place, job.aircraft, frozenset(asked))
    ends_at = question.ends_at or question.starts_at + timedelta(seconds=job.duration_s)
    people = {question.technician, *(one.technician for one in question.crew)}
    inputs = inputs_for(session, [work], {work.number: (question.starts_at, ends_at)}, people=people)
    for code in sorted(people - inputs.people.keys()):
        raise unknown_technician(code)
    crew = [CrewMember(one.technician, one.seat) for one in question.crew]
    refusals = inputs.refusals(question.technician, work.number, question.seat, crew=crew)
    return SeatAnswer(
        permitted=not any(one.hard for one in refusals),
        failing=[FailingRule(code=one.code, text=one.text, hard=one.hard, values=dict(one.values)) for one in refusals],
    )
