"""Routes of long work and of what runs unattended."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from fieldops.operations import queries, service
from fieldops.operations.registry import Registered, checked
from fieldops.operations.schemas import (
    NewSchedule,
    OperationDetail,
    OperationOut,
    RunOut,
    ScheduleChange,
    ScheduleOut,
)
from inventory.kernel.base import require_version
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.operations import Operation, OperationState, require_pace
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

PATH = "/api/v1/operations"
"""Where operations are found."""

router = APIRouter(tags=["operations"], route_class=Route)


def accepted(response: Response, operation: Operation) -> OperationOut:
    """Return the answer to a request for long work: what was submitted, and in the header Location where it is."""
    response.headers["Location"] = f"{PATH}/{operation.id}"
    return OperationOut.of(operation)


@router.get("/operations", dependencies=[needs("operations.read", Elsewhere.HIDDEN)])
def operations(
    session: Reading,
    paging: Paged,
    state: OperationState | None = None,
    kind: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[OperationOut]:
    """List long work, the newest first."""
    rows = queries.operation_page(
        session, before=paging.after(queries.NEWEST), limit=paging.rows, state=state, kind=kind
    )
    return paging.page(rows, lambda one: (one.submitted_at, one.id))


@router.get("/operations/{key}", dependencies=[needs("operations.read", Elsewhere.HIDDEN)])
def operation(session: Reading, response: Response, key: UUID) -> OperationDetail:
    """Return an operation: how far it is, its best result so far, how it ended. Until then Retry-After says when
    to look again."""
    found = queries.operation_by_id(session, key)
    if found.ended_at is None:
        response.headers["Retry-After"] = "1"
    return OperationDetail.of(found)


@router.post("/operations/{key}/cancel", status_code=202, dependencies=[needs("operations.run", Elsewhere.REFUSED)])
def cancel(session: Writing, edge: Here, actor: Acting, key: UUID) -> OperationOut:
    """Cancel an operation: one that waits ends at once, one that runs is asked to stop and ends a few seconds later."""
    found = queries.operation_by_id(session, key)
    service.cancel(session, actor, found, edge.clock())
    return OperationOut.of(found)


@router.get("/schedules", dependencies=[needs("operations.read", Elsewhere.HIDDEN)])
def schedules(session: Reading, paging: Paged) -> Page[ScheduleOut]:
    """List what runs unattended with its last run, by name."""
    (after,) = paging.after(("",))
    return paging.page(queries.schedule_page(session, after=after, limit=paging.rows), lambda one: (one.name,))


@router.post("/schedules", status_code=201, dependencies=[needs("schedules.write", Elsewhere.REFUSED)])
def add_schedule(
    session: Writing, edge: Here, actor: Acting, kinds: Registered, response: Response, wanted: NewSchedule
) -> ScheduleOut:
    """Add a schedule, in force from now on."""
    parameters = checked(kinds, actor, wanted.kind, wanted.parameters)
    new = wanted.model_copy(update={"parameters": parameters})
    (added,) = service.add_schedules(session, actor, [new], edge.clock())
    tag(response, added.version)
    return ScheduleOut.of(added, None)


@router.get("/schedules/{name}", dependencies=[needs("operations.read", Elsewhere.HIDDEN)])
def schedule(session: Reading, response: Response, name: str) -> ScheduleOut:
    """Return a schedule with its last run."""
    found = queries.schedule_by_name(session, name)
    tag(response, found.version)
    return queries.schedule_out(session, found)


@router.patch("/schedules/{name}", dependencies=[needs("schedules.write", Elsewhere.REFUSED)])
def change_schedule(
    session: Writing,
    edge: Here,
    actor: Acting,
    kinds: Registered,
    response: Response,
    name: str,
    wanted_version: Changing,
    change: ScheduleChange,
) -> ScheduleOut:
    """Change a schedule, switch it off or on."""
    found = queries.schedule_by_name(session, name)
    require_version(found.version, wanted_version)
    given = found.parameters if change.parameters is None else change.parameters
    parameters = checked(kinds, actor, found.kind, given)
    service.change_schedule(session, actor, found, change.model_copy(update={"parameters": parameters}), edge.clock())
    tag(response, found.version)
    return queries.schedule_out(session, found)


@router.post("/schedules/{name}/run", status_code=202, dependencies=[needs("schedules.write", Elsewhere.REFUSED)])
def run_schedule(
    session: Writing, edge: Here, actor: Acting, kinds: Registered, response: Response, name: str
) -> OperationOut:
    """Run a schedule's work now, beside its slots."""
    found = queries.schedule_by_name(session, name)
    checked(kinds, actor, found.kind, found.parameters)
    require_pace(session, service.region_of(found), edge.clock(), edge.submissions_per_minute)
    return accepted(response, service.run_now(session, actor, found, edge.clock()))


@router.get("/schedules/{name}/runs", dependencies=[needs("operations.read", Elsewhere.HIDDEN)])
def schedule_runs(session: Reading, paging: Paged, name: str) -> Page[RunOut]:
    """List the runs of a schedule, the newest first, and what became of them as far as the reader may see it."""
    found = queries.schedule_by_name(session, name)
    rows = queries.run_page(session, found, before=paging.after(queries.NEWEST), limit=paging.rows)
    page = paging.page(rows, lambda one: (one[1].slot, one[0]))
    return Page(items=[run for _key, run in page.items], next=page.next)
