"""Routes of crews: the only ones that give somebody a seat."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from fieldops.dispatch import queries as jobs
from fieldops.dispatch.crew.queries import assignments_of, case_of
from fieldops.dispatch.crew.schemas import Crew, NewAssignment
from fieldops.dispatch.crew.service import assign, unassign, usual_span
from fieldops.dispatch.rules import empty_seats
from fieldops.dispatch.service import job_to_change, job_to_read
from inventory.kernel.edge import Acting, Here, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

router = APIRouter(tags=["dispatch"], route_class=Route)

Number = Annotated[str, Path(description="Number of a job.")]


@router.get("/jobs/{number}/crew", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def job_crew(session: Reading, response: Response, number: Number) -> Crew:
    """Return who sits on a job, and which seats are empty still. The ETag is that of the job."""
    found = jobs.job_by_number(session, number)
    case = case_of(session, job_to_read(session, number), (), ())
    tag(response, found.version)
    return Crew(
        job=number,
        version=found.version,
        assignments=assignments_of(session, number, found.version),
        empty=empty_seats(case.seats, (one.seat for one in case.crew)),
    )


@router.post("/jobs/{number}/crew", status_code=201, dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def assign_to_job(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    wanted: NewAssignment,
) -> Crew:
    """Give a technician a seat of a job, if the rules of release, access and rest allow it; nothing overrides them."""
    job = job_to_change(session, number, version)
    span = usual_span(job, wanted.starts_at, wanted.ends_at)
    assign(session, actor, job, wanted.seat, wanted.technician, span, edge.clock())
    return job_crew(session, response, number)


@router.delete("/jobs/{number}/crew/{key}", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def unassign_from_job(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    key: Annotated[UUID, Path(description="Key of an assignment.")],
) -> Crew:
    """Take a seat of a job away from who has it."""
    unassign(session, actor, job_to_change(session, number, version), [key], edge.clock())
    return job_crew(session, response, number)
