"""Answers whether somebody may take a seat of a job that stands in the database, as `assign` would judge it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import Sitting
from fieldops.dispatch.crew.queries import case_of, is_known
from fieldops.dispatch.crew.service import usual_span
from fieldops.dispatch.eligibility import Inputs
from fieldops.dispatch.rights_schemas import FailingRule, SeatAnswer, SeatQuestion
from fieldops.dispatch.service import job_to_read
from fieldops.workforce.refusals import Refusal
from fieldops.workforce.service import unknown_technician


def answer(session: Session, question: SeatQuestion) -> SeatAnswer:
    """Return whether a technician may take a seat beside a crew: the one that is told, else the one that is there.

    Raises NotFound for an unknown job or technician, and for one of another region who is not lent to the job's.
    """
    job = job_to_read(session, question.job)
    span = usual_span(job, question.starts_at, question.ends_at)
    asked = Sitting(question.technician, question.seat, *span)
    told = [Sitting(one.technician, one.seat, *span) for one in question.crew]
    people = {question.technician, *(one.person for one in told)}
    for code in sorted(people):
        if not is_known(session, code, job, span):
            raise unknown_technician(code)
    case = case_of(session, job, [asked], people)
    refusals = case.refusals(asked, [*(told or case.crew), asked])
    return SeatAnswer(
        permitted=not any(one.hard for one in refusals),
        failing=[FailingRule(code=one.code, text=one.text, hard=one.hard, values=dict(one.values)) for one in refusals],
    )


def against(
    session: Session, number: str, crew: Sequence[Sitting], known: Inputs | None = None
) -> list[tuple[Sitting, Refusal]]:
    """Return what stands against each of a whole crew of a job in the seat, as `answer` would; read for all at once.

    What is `known` of them is not read again. Raises as it does.
    """
    job = job_to_read(session, number)
    for one in crew:
        if not is_known(session, one.person, job, (one.starts_at, one.ends_at)):
            raise unknown_technician(one.person)
    case = case_of(session, job, crew, {one.person for one in crew}, known)
    found: list[tuple[Sitting, Refusal]] = []
    for one in crew:
        span = (one.starts_at, one.ends_at)
        beside = [Sitting(other.person, other.seat, *span) for other in crew if other is not one]
        found += [(one, refusal) for refusal in case.refusals(one, [*(beside or case.crew), one])]
    return found
