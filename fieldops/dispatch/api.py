"""Routes of dispatch."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from fieldops.dispatch import queries
from fieldops.dispatch.changing import change_job
from fieldops.dispatch.execution.office import give_back
from fieldops.dispatch.schemas import JobChange, JobOut, NewJob
from fieldops.dispatch.service import add_jobs, refuse_past
from inventory.kernel.bulk import EACH_TOLD, How, Mode, add_many
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.installation import demo_time
from inventory.kernel.priority import Priority
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag
from inventory.network.service import region_ids

JOBS_MAX = 1_000

router = APIRouter(tags=["dispatch"], route_class=Route)

Number = Annotated[str, Path(description="Number of a job.")]


@router.get("/jobs", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def jobs(session: Reading, paging: Paged, region: str | None = None, priority: Priority | None = None) -> Page[JobOut]:
    """List jobs, by number."""
    (after,) = paging.after(("",))
    if region is not None:
        region_ids(session, [region])
    rows = queries.job_page(session, after=after, limit=paging.rows, region=region, priority=priority)
    return paging.page(rows, lambda one: (one.number,))


@router.get("/jobs/{number}", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def job(session: Reading, response: Response, number: Number) -> JobOut:
    """Return a job."""
    found = queries.job_by_number(session, number)
    tag(response, found.version)
    return found


@router.patch("/jobs/{number}", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def patch_job(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    change: JobChange,
) -> JobOut:
    """Change a job, close it, or open it again; plans in force stay as they are.

    While it is planned it may get another tail or task, as a new job does, and other seats, tools and parts.
    """
    give_back(session, actor, change_job(session, actor, number, change, version), edge.clock())
    return job(session, response, number)


@router.post("/jobs", status_code=201, dependencies=[needs("dispatch.write", Elsewhere.REFUSED)])
def add_job(session: Writing, actor: Acting, edge: Here, job: NewJob) -> JobOut:
    """Add a job; the next plan takes it up. One whose window is over is refused."""
    refuse_past([job], demo_time(session, edge.clock))
    add_jobs(session, actor, [job])
    (added,) = queries.job_page(session, number=job.number)
    return added


@router.post(
    "/jobs/bulk",
    status_code=201,
    response_model=list[NewJob],
    responses=EACH_TOLD,
    dependencies=[needs("dispatch.write", Elsewhere.REFUSED)],
)
def add_many_jobs(
    session: Writing,
    actor: Acting,
    edge: Here,
    jobs: Annotated[list[NewJob], Body(min_length=1, max_length=JOBS_MAX)],
    mode: How = Mode.ALL,
) -> list[NewJob] | Response:
    """Add jobs: all or none, or each that can be added."""

    def add(some: list[NewJob]) -> None:
        refuse_past(some, demo_time(session, edge.clock))
        add_jobs(session, actor, some)

    return add_many(session, mode, jobs, add, key=lambda job: job.number)
