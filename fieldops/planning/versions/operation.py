"""The plan of dispatch as long work: checked when it is submitted, made by a worker, kept as proposed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from fieldops.operations.registry import Job
from fieldops.planning.operation import made, submit_plan
from fieldops.planning.versions.making import make_dispatch_plan
from fieldops.planning.versions.schemas import PlanDispatch
from inventory.kernel.actor import Actor
from inventory.kernel.operations import Operation

KIND = "plan.dispatch"


def submit_dispatch_plan(
    session: Session, actor: Actor, wanted: PlanDispatch, day: date, now: datetime, *, most: int
) -> Operation:
    """Submit a plan of dispatch. Raises as `submit_plan` does."""
    return submit_plan(session, actor, KIND, wanted, day, now, most=most)


def plan_dispatch(job: Job) -> dict[str, Any]:
    """Make the plan that an operation asks for; returns its number and its main figures."""
    plan = made(make_dispatch_plan, job)
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
