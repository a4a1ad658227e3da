"""Routes of checklists, and of that of a job."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from fieldops.dispatch.checklists import queries
from fieldops.dispatch.checklists.answers import job_checklist
from fieldops.dispatch.checklists.schemas import ChecklistOut, ChecklistTerms, JobChecklist, NewChecklist
from fieldops.dispatch.checklists.service import add_checklists as add
from fieldops.dispatch.checklists.service import change_checklist
from inventory.kernel.bulk import EACH_TOLD, How, Mode, add_many
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

LISTS_MAX = 1_000

router = APIRouter(tags=["dispatch"], route_class=Route)

Code = Annotated[str, Path(description="Code of a checklist.")]
Number = Annotated[str, Path(description="Number of a job.")]


@router.get("/checklists", dependencies=[needs("dispatch.read", Elsewhere.SHARED)])
def list_checklists(session: Reading, paging: Paged, task: str | None = None) -> Page[ChecklistOut]:
    """List checklists, by code; of a task, where one is named."""
    (after,) = paging.after(("",))
    rows = queries.checklist_page(session, after=after, limit=paging.rows, task=task)
    return paging.page(rows, lambda one: (one.code,))


@router.get("/checklists/{code}", dependencies=[needs("dispatch.read", Elsewhere.SHARED)])
def one_checklist(session: Reading, response: Response, code: Code) -> ChecklistOut:
    """Return a checklist with its steps."""
    found = queries.checklist(session, code)
    tag(response, found.version)
    return queries.checklist_out(found)


@router.post(
    "/checklists",
    status_code=201,
    response_model=list[NewChecklist],
    responses=EACH_TOLD,
    dependencies=[needs("dispatch.write", Elsewhere.NETWORK)],
)
def add_checklists(
    session: Writing,
    actor: Acting,
    checklists: Annotated[list[NewChecklist], Body(min_length=1, max_length=LISTS_MAX)],
    mode: How = Mode.ALL,
) -> list[NewChecklist] | Response:
    """Add checklists, which new jobs of their task or kind get: all or none, or each that can be added."""
    return add_many(session, mode, checklists, lambda some: add(session, actor, some), key=lambda one: one.code)


@router.put("/checklists/{code}", dependencies=[needs("dispatch.write", Elsewhere.NETWORK)])
def set_checklist(
    session: Writing, actor: Acting, response: Response, version: Changing, code: Code, terms: ChecklistTerms
) -> ChecklistOut:
    """Set the steps of a checklist, or take it out of use; jobs that are there keep theirs."""
    found = change_checklist(session, actor, code, terms, version)
    tag(response, found.version)
    return queries.checklist_out(found)


@router.get("/jobs/{number}/checklist", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def checklist_of_job(session: Reading, number: Number) -> JobChecklist:
    """Return the steps of a job with the answers that count, who gave them and when, and which are still open."""
    return job_checklist(session, number)
