"""Plans of stock targets and their simulation as long work: checked when submitted, done by a worker, kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from fieldops import __version__
from fieldops.fleet.utilisation.exposure import FleetExposure
from fieldops.operations.registry import Job
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import open_engine
from inventory.kernel.fields import Code
from inventory.kernel.operations import Operation, Urgency, require_pace, submit
from inventory.kernel.outbox import NETWORK_ONLY
from inventory.planning.stock_plans.making import make_target_plan
from inventory.planning.stock_plans.models import NETWORK
from inventory.planning.stock_plans.queries import plan_by_number
from inventory.planning.stock_plans.requests import TargetRequest
from inventory.planning.stock_plans.schemas import MakeTargets
from inventory.planning.stock_plans.simulating import simulate_plan
from inventory.planning.stock_plans.simulation_schemas import Simulate
from inventory.planning.stock_plans.terms import require_terms

KIND = "plan.stock-targets"
SIMULATION = "plan.simulate-targets"


class SimulatePlan(Simulate):
    """What of which plan to simulate; `region` is the plan's, null the whole network."""

    plan: Code
    region: Code | None = None


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


def submit_simulation(
    session: Session, actor: Actor, number: str, wanted: Simulate, now: datetime, *, most: int
) -> Operation:
    """Submit the simulation of a plan, of which a region may submit `most` a minute, plans included.

    Raises TooMany, NotFound for an unknown plan, Invalid for an unknown part, Forbidden for a plan of a region that is
    not the actor's.
    """
    plan = plan_by_number(session, number)
    region = None if plan.region == NETWORK else plan.region
    asked = SimulatePlan(**wanted.model_dump(), plan=number, region=region)
    part_ids(session, asked.parts or ())
    parameters = asked.model_dump(mode="json", exclude_none=True)
    require_targets(actor, parameters)
    require_pace(session, region or NETWORK_ONLY, now, most)
    if region is None:
        return submit(session, actor, SIMULATION, parameters, now, urgency=Urgency.NETWORK)
    return submit(session, actor, SIMULATION, parameters, now, region=region)


def simulate_stock_targets(job: Job) -> dict[str, Any]:
    """Make the simulation that an operation asks for; returns the plan and the main figures."""
    asked = SimulatePlan.model_validate(job.parameters)
    told = simulate_plan(
        open_engine(job.database_url),
        job.actor,
        asked.plan,
        asked,
        FleetExposure(),
        clock=system_clock,
        should_stop=job.should_stop,
        report=job.report,
    )
    return {"plan": asked.plan, "summary": told.model_dump(mode="json", exclude={"lines", "parts"})}
