"""Routes of tasks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from fieldops.dispatch.tasks import queries
from fieldops.dispatch.tasks.schemas import NewTask, TaskOut
from fieldops.dispatch.tasks.service import add_tasks as add
from inventory.kernel.bulk import EACH_TOLD, How, Mode, add_many
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Elsewhere, Route, needs, tag

TASKS_MAX = 1_000

router = APIRouter(tags=["dispatch"], route_class=Route)

Code = Annotated[str, Path(description="Code of a task.")]


@router.get("/tasks", dependencies=[needs("dispatch.read", Elsewhere.SHARED)])
def list_tasks(session: Reading, paging: Paged, ata: str | None = None) -> Page[TaskOut]:
    """List tasks that jobs repeat, by code; of an ATA chapter, where one is named."""
    (after,) = paging.after(("",))
    return paging.page(queries.task_page(session, after=after, limit=paging.rows, ata=ata), lambda one: (one.code,))


@router.get("/tasks/{code}", dependencies=[needs("dispatch.read", Elsewhere.SHARED)])
def one_task(
    session: Reading, response: Response, code: Annotated[str, Path(description="Code of a task.")]
) -> TaskOut:
    """Return a task, with how long it takes as estimated and as learned."""
    found = queries.task_told(session, code)
    tag(response, found.version)
    return found


@router.post(
    "/tasks",
    status_code=201,
    response_model=list[NewTask],
    responses=EACH_TOLD,
    dependencies=[needs("dispatch.write", Elsewhere.NETWORK)],
)
def add_tasks(
    session: Writing,
    actor: Acting,
    tasks: Annotated[list[NewTask], Body(min_length=1, max_length=TASKS_MAX)],
    mode: How = Mode.ALL,
) -> list[NewTask] | Response:
    """Add tasks: all or none, or each that can be added."""
    return add_many(session, mode, tasks, lambda some: add(session, actor, some), key=lambda one: one.code)
