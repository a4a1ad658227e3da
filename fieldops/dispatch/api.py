"""Routes of dispatch."""

from __future__ import annotations

from fastapi import APIRouter

from fieldops.dispatch import queries
from fieldops.dispatch.models import Priority
from fieldops.dispatch.schemas import JobOut, NewJob
from fieldops.dispatch.service import add_jobs
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.network.service import region_ids

router = APIRouter(tags=["dispatch"])


@router.get("/jobs")
def jobs(session: Reading, paging: Paged, region: str | None = None, priority: Priority | None = None) -> Page[JobOut]:
    """List jobs, by number."""
    (after,) = paging.after(("",))
    if region is not None:
        region_ids(session, [region])
    rows = queries.job_page(session, after=after, limit=paging.rows, region=region, priority=priority)
    return paging.page(rows, lambda one: (one.number,))


@router.post("/jobs", status_code=201)
def add_job(session: Writing, actor: Acting, job: NewJob) -> JobOut:
    """Add a job; the next plan takes it up."""
    add_jobs(session, actor, [job])
    (added,) = queries.job_page(session, number=job.number)
    return added
