"""The pages of long work and of what runs unattended: how far it is, what came of it, when it runs again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from fieldops.operations import queries
from fieldops.operations.registry import Kinds, Registered
from fieldops.operations.rules import next_slot
from fieldops.operations.schemas import OperationDetail, ScheduleOut
from fieldops.planning.stock_targets.operation import KIND as TARGET_PLAN
from fieldops.planning.stock_targets.operation import SIMULATION as TARGET_SIMULATION
from fieldops.web.pages.admin_words import form_words, work_words
from fieldops.web.pages.shell import Frame, Framed, kept
from inventory.kernel.edge import Here, Paged
from inventory.kernel.operations import OperationState
from inventory.kernel.routes import Elsewhere, needs
from inventory.network.queries import place_page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_ALL = 1_000
_READERS = needs("operations.read", Elsewhere.HIDDEN)


@router.get("/operations", dependencies=[_READERS])
def operations(
    frame: Framed,
    paging: Paged,
    kinds: Registered,
    state: Annotated[str, Query(max_length=16)] = "",
    kind: Annotated[str, Query(max_length=64)] = "",
) -> str:
    """List long work within the visitor's reach, the newest first, with how far it is."""
    known = next((one for one in OperationState if one == state), None)
    found = queries.operation_page(
        frame.session, before=paging.after(queries.NEWEST), limit=paging.rows, state=known, kind=kind or None
    )
    return frame.page(
        "admin/operations.html",
        page=paging.page(found, lambda one: (one.submitted_at, one.id)),
        filters=kept(paging, state=state, kind=kind),
        started=paging.cursor is not None,
        states=list(OperationState),
        kinds=sorted(kinds),
        words=work_words(),
        page_words=form_words(),
    )


@router.get("/operations/{key}", dependencies=[_READERS])
def operation(frame: Framed, key: UUID) -> str:
    """Show one piece of long work: what it was given, how far it is, what it found or why it ended."""
    found = OperationDetail.of(queries.operation_by_id(frame.session, key))
    told = found.result or found.incumbent
    plan = told.get("plan") if told and isinstance(told.get("plan"), str) else None
    return frame.page(
        "admin/operation.html",
        one=found,
        parameters=_as_text(found.parameters),
        told=None if told is None else _as_text(told),
        plan=plan,
        plan_path=f"/target-plans/{plan}" if found.kind in (TARGET_PLAN, TARGET_SIMULATION) else f"/plans/{plan}",
        words=work_words(),
        page_words=form_words(),
    )


@router.get("/admin/schedules", dependencies=[_READERS])
def schedules(frame: Framed, edge: Here, paging: Paged, kinds: Registered) -> str:
    """List what runs unattended, with its last and its next run; and let add one."""
    (after,) = paging.after(("",))
    found = queries.schedule_page(frame.session, after=after, limit=paging.rows)
    page = paging.page(found, lambda one: (one.name,))
    now = edge.clock()
    return frame.page(
        "admin/schedules.html",
        page=page,
        next_runs={one.name: _next_run(one, now) for one in page.items},
        filters=kept(paging),
        started=paging.cursor is not None,
        kinds=_parameters(kinds),
        zones=_zones(frame),
        may_write=_may_write(frame),
        words=work_words(),
        page_words=form_words(),
    )


@router.get("/admin/schedules/{name}", dependencies=[_READERS])
def schedule(frame: Framed, edge: Here, paging: Paged, kinds: Registered, name: str) -> str:
    """Show a schedule with its last runs, and let change it or run it now."""
    row = queries.schedule_by_name(frame.session, name)
    found = queries.schedule_out(frame.session, row)
    runs = queries.run_page(frame.session, row, before=paging.after(queries.NEWEST), limit=paging.rows)
    return frame.page(
        "admin/schedule.html",
        one=found,
        parameters=_as_text(found.parameters),
        next_run=_next_run(found, edge.clock()),
        page=paging.page(runs, lambda run: (run[1].slot, run[0])),
        filters=kept(paging),
        started=paging.cursor is not None,
        kinds=_parameters(kinds),
        zones=_zones(frame),
        may_write=_may_write(frame),
        words=work_words(),
        page_words=form_words(),
    )


def _as_text(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2, default=str)


def _next_run(schedule: ScheduleOut, now: datetime) -> datetime | None:
    return next_slot(schedule.cron, schedule.time_zone, now) if schedule.enabled else None


def _parameters(kinds: Kinds) -> dict[str, list[str]]:
    """Return {kind: the names of what it can be given by a schedule}."""
    return {
        name: sorted(
            one.alias or field
            for field, one in kind.parameters.model_fields.items()
            if not {field, one.alias} & kind.overrides
        )
        for name, kind in sorted(kinds.items())
    }


def _zones(frame: Frame) -> list[str]:
    """Return the time zones of the network's places."""
    return sorted({one.time_zone for one in place_page(frame.session, after="", limit=_ALL) if one.time_zone} | {"UTC"})


def _may_write(frame: Frame) -> bool:
    """Tell whether the visitor may change schedules: that is for those who see the whole network."""
    return frame.shell.may("schedules.write") and frame.actor.scope.everything
