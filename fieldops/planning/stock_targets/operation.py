"""The plan of stock targets as long work: checked when it is submitted, made by a worker, kept as proposed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from fieldops import __version__
from fieldops.fleet.utilisation.exposure import FleetExposure
from fieldops.operations.registry import Job
from inventory.kernel.actor import Actor
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import open_engine
from inventory.kernel.operations import Operation, Urgency, require_pace, submit
from inventory.kernel.outbox import NETWORK_ONLY
from inventory.planning.stock_plans.making import make_target_plan
from inventory.planning.stock_plans.requests import TargetRequest
from inventory.planning.stock_plans.schemas import MakeTargets
from inventory.planning.stock_plans.terms import require_terms

KIND = "plan.stock-targets"


def submit_target_plan(session: Session, actor: Actor, wanted: MakeTargets, now: datetime, *, most: int) -> Operation:
    """Submit a plan of stock targets, of which a region may submit `most` a minute; who has one region plans that.

    Raises TooMany, Invalid for an unknown region and a floor of one that is not planned, Forbidden for a region that is
    not the actor's.
    """
    own = sorted(actor.scope.regions or ())
    region = wanted.region or (own[0] if len(own) == 1 else None)
    asked = wanted.model_copy(update={"region": region})
    require_terms(session, asked)
    parameters = asked.model_dump(mode="json", exclude_none=True)
    require_targets(actor, parameters)
    require_pace(session, region or NETWORK_ONLY, now, most)
    if region is None:
        return submit(session, actor, KIND, parameters, now, urgency=Urgency.NETWORK)
    return submit(session, actor, KIND, parameters, now, region=region)


def require_targets(actor: Actor, parameters: dict[str, Any]) -> None:
    """Raise Forbidden for a region that is not the actor's."""
    actor.require_planning(parameters.get("region"))


def plan_stock_targets(job: Job) -> dict[str, Any]:
    """Make the plan that an operation asks for; returns its number and its main figures."""
    told = make_target_plan(
        open_engine(job.database_url),
        job.actor,
        TargetRequest(MakeTargets.model_validate(job.parameters), __version__, job.id),
        FleetExposure(),
        clock=system_clock,
        should_stop=job.should_stop,
        report=job.report,
    )
    figures = {"status", "objective", "bound", "gap", "seconds", "changing", "parts", "lines", "planned", "input_hash"}
    return {"plan": told.number, "summary": told.model_dump(mode="json", include=figures)}
