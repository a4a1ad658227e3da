"""The plan of dispatch as long work: checked when it is submitted, made by a worker, kept as proposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from fieldops.operations.registry import Job
from fieldops.planning.models import PlanMode
from fieldops.planning.operation import made, request_of, require_plan, submit_plan
from fieldops.planning.rolling.queries import rolling_plan
from fieldops.planning.versions.ending import Terms, end
from fieldops.planning.versions.making import Unchanged, make_dispatch_plan
from fieldops.planning.versions.schemas import CausedDispatch, PlanDispatch
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import open_engine, reading
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.operations import Operation
from inventory.kernel.texts import gettext as _

KIND = "plan.dispatch"


def submit_dispatch_plan(
    session: Session, actor: Actor, wanted: PlanDispatch, day: date, now: datetime, *, most: int
) -> Operation:
    """Submit a plan of dispatch. Raises as `submit_plan` does, and Invalid for a rolling plan of no region."""
    return submit_plan(session, actor, KIND, wanted, day, now, most=most, allowed=require_dispatch_plan)


def require_dispatch_plan(actor: Actor, parameters: dict[str, Any]) -> None:
    """Raise what `require_plan` raises, and Invalid for a rolling plan of no region."""
    require_plan(actor, parameters)
    if parameters.get("rolling") and parameters.get("region") is None:
        raise Invalid(_("A rolling plan is that of one region; name the region"), code="rolling_region", field="region")


def plan_dispatch(job: Job) -> dict[str, Any]:
    """Make the plan that an operation asks for; returns its number and its main figures, and how it ended."""
    engine = open_engine(job.database_url)
    with reading(engine, SYSTEM) as session:
        wanted, terms = as_policy_says(session, CausedDispatch.model_validate(job.parameters))
    request = replace(
        request_of(engine, wanted, job.id),
        freeze=None if wanted.freeze_minutes is None else timedelta(minutes=wanted.freeze_minutes),
        if_changed=wanted.rolling,
        caused_by=wanted.caused_by,
    )
    try:
        plan = made(make_dispatch_plan, engine, job, request)
    except Unchanged:
        return {"plan": None, "ending": "unchanged"}
    figures = {"status", "objective", "bound", "gap", "seconds", "assigned", "late", "cost", "terms"}
    return {
        "plan": plan.plan,
        **end(engine, job.actor, plan, terms, system_clock),
        "summary": {
            "date": plan.date,
            "regions": plan.regions,
            "dispatch": plan.dispatch.model_dump(include=figures) | {"unassigned": len(plan.dispatch.unassigned)},
            "changes": plan.changes,
            "plan_hash": plan.plan_hash,
        },
    }


def as_policy_says(session: Session, wanted: CausedDispatch) -> tuple[CausedDispatch, Terms]:
    """Return what is wanted with what the region's rolling plan says where nothing is told, and how it is to end.

    Raises Conflict for a rolling plan of a region where that is switched off.
    """
    if not wanted.rolling or wanted.region is None:
        return wanted, Terms(wanted.mode or PlanMode.PROPOSE)
    policy = rolling_plan(session, wanted.region)
    if not policy.enabled:
        raise Conflict(
            _("The plan of {region} does not roll; switch its rolling plan on first").format(region=wanted.region),
            code="rolling_off",
        )
    told: dict[str, Any] = {}
    if wanted.freeze_minutes is None:
        told["freeze_minutes"] = policy.freeze_minutes
    if wanted.iterations is None and wanted.seconds is None:
        told["iterations"] = policy.iterations
    return wanted.model_copy(update=told), Terms(wanted.mode or policy.mode, policy.changes_max, asks=True)
