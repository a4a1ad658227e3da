"""Rows of jobs in files: what a job needs of each kind stands in a cell of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.recording import step
from fieldops.dispatch.models import JobStatus
from fieldops.dispatch.queries import job_page
from fieldops.dispatch.schemas import JobOut, NewJob, PartNeed, SeatNeed
from fieldops.dispatch.service import add_jobs, job_to_change, refuse_past
from fieldops.exchange.queries import every
from fieldops.workforce.kinds import Seat
from inventory.kernel.actor import Actor
from inventory.kernel.fields import Code, QuantityAboveZero
from inventory.kernel.texts import gettext as _

NEEDS_MAX = 200


class PartRow(BaseModel):
    """A part that a job needs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Code
    quantity: QuantityAboveZero


class AlternateRow(BaseModel):
    """A part that may stand in for one that a job needs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Code
    alternate: Code


class SeatRow(BaseModel):
    """Seats of one kind on a job."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seat: Seat
    count: Annotated[int, Field(ge=1, le=20)] = 1
    security_level: Annotated[int, Field(ge=0, le=9)] = 0


class SeatPaper(BaseModel):
    """What a seat of a job asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seat: Seat
    qualification: Code


class JobRow(NewJob):
    """A job as a row of a file; needs are rows of a cell here, hence their other types.

    One that is `closed` is history: its work was over when the file was written.
    """

    parts: Annotated[tuple[PartRow, ...], Field(max_length=NEEDS_MAX)] = ()  # type: ignore[assignment]
    alternates: Annotated[tuple[AlternateRow, ...], Field(max_length=NEEDS_MAX)] = ()
    seats: Annotated[tuple[SeatRow, ...], Field(max_length=len(Seat))] = ()  # type: ignore[assignment]
    seat_qualifications: Annotated[tuple[SeatPaper, ...], Field(max_length=NEEDS_MAX)] = ()
    status: JobStatus = JobStatus.OPEN

    def job(self) -> NewJob:
        """Return the job that the row tells."""
        others: defaultdict[str, list[str]] = defaultdict(list)
        for one in self.alternates:
            others[one.part].append(one.alternate)
        papers: defaultdict[Seat, list[str]] = defaultdict(list)
        for paper in self.seat_qualifications:
            papers[paper.seat].append(paper.qualification)
        told = self.model_dump(exclude={"parts", "alternates", "seats", "seat_qualifications", "status"})
        parts = [
            PartNeed(part=one.part, quantity=one.quantity, alternates=tuple(others[one.part])) for one in self.parts
        ]
        seats = [SeatNeed(**one.model_dump(), qualifications=tuple(papers[one.seat])) for one in self.seats]
        return NewJob.model_validate(told | {"parts": parts, "seats": seats})


def add_rows(session: Session, actor: Actor, rows: Sequence[JobRow], now: datetime) -> None:
    """Add the jobs that rows tell; those that are closed come in as history.

    Raises Invalid for an open one whose window is over already.
    """
    jobs = [row.job() for row in rows]
    refuse_past([job for job, row in zip(jobs, rows, strict=True) if row.status is JobStatus.OPEN], now)
    add_jobs(session, actor, jobs)
    for row in rows:
        if row.status is JobStatus.CLOSED:
            why = _("It was over when it came in with a file, without its crew and its events")
            step(session, actor, job_to_change(session, row.number), EventKind.CANCEL, {"reason": why}, now)


def all_jobs(session: Session) -> Iterator[JobRow]:
    """Yield the jobs: what is under way as open, what is released as closed."""
    yield from map(_row, every(job_page, "", lambda job: job.number)(session))


_OVER = frozenset({JobState.RELEASED, JobState.ADVISORY_CLOSED, JobState.CLOSED})


def _row(one: JobOut) -> JobRow:
    told = one.model_dump(include=set(NewJob.model_fields) - {"parts", "seats", "aircraft"})
    return JobRow.model_validate(
        told
        | {
            "aircraft": None if one.tail else one.aircraft,
            "status": JobStatus.CLOSED if one.state in _OVER else JobStatus.OPEN,
            "parts": [{"part": need.part, "quantity": need.quantity} for need in one.parts],
            "alternates": [{"part": need.part, "alternate": code} for need in one.parts for code in need.alternates],
            "seats": [seat.model_dump(include={"seat", "count", "security_level"}) for seat in one.seats],
            "seat_qualifications": [
                {"seat": seat.seat, "qualification": code} for seat in one.seats for code in seat.qualifications
            ],
            "tools": [tool.model_dump() for tool in one.tools],
        }
    )
