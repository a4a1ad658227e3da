"""The plan of dispatch as long work: checked when it is submitted, made by a worker, kept as proposed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from fieldops.operations.registry import Job
from fieldops.planning.operation import limit_of, made, submit_plan
from fieldops.planning.service import PlanRequest, plan_date_of, require_regions
from fieldops.planning.versions.making import make_dispatch_plan
from fieldops.planning.versions.schemas import PlanDispatch
from inventory.kernel.actor import Actor
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import open_engine
from inventory.kernel.operations import Operation

KIND = "plan.dispatch"


def submit_dispatch_plan(
    session: Session, actor: Actor, wanted: PlanDispatch, day: date, now: datetime, *, most: int
) -> Operation:
    """Submit a plan of dispatch. Raises as `submit_plan` does, and Forbidden for a region that is not the actor's."""
    return submit_plan(session, actor, KIND, wanted, day, now, most=most, allowed=require_dispatch_plan)


def require_dispatch_plan(actor: Actor, parameters: dict[str, Any]) -> None:
    """Raise Forbidden for regions that are not the actor's."""
    require_regions(actor, parameters.get("region"))


def plan_dispatch(job: Job) -> dict[str, Any]:
    """Make the plan that an operation asks for; returns its number and its main figures."""
    wanted = PlanDispatch.model_validate(job.parameters)
    engine = open_engine(job.database_url)
    request = PlanRequest(
        plan_date=wanted.plan_date or plan_date_of(engine, system_clock),
        region=wanted.region,
        limit=limit_of(wanted.iterations, wanted.seconds),
        seed=wanted.seed,
        percentile=wanted.duration_percentile,
        id=job.id,
    )
    plan = made(make_dispatch_plan, engine, job, request)
    figures = {"status", "objective", "bound", "gap", "seconds", "assigned", "late", "cost", "terms"}
    return {
        "plan": plan.plan,
        "summary": {
            "date": plan.date,
            "regions": plan.regions,
            "dispatch": plan.dispatch.model_dump(include=figures) | {"unassigned": len(plan.dispatch.unassigned)},
            "plan_hash": plan.plan_hash,
        },
    }
