"""The day plan as long work: what is asked for, checked when it is submitted, and made by a worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.finance.budgets.queries import line_missing, lines_on
from fieldops.finance.categories import Category
from fieldops.finance.control.plans import Override
from fieldops.operations.registry import Job
from fieldops.planning.schemas import DayPlanOut, PlanDay
from fieldops.planning.service import PlanRequest, make_day_plan, plan_date_of
from fieldops.planning.snapshot import planned_regions
from fieldops.planning.solving import Incumbent, OnIncumbent
from inventory.kernel.actor import Actor
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import open_engine
from inventory.kernel.errors import Forbidden
from inventory.kernel.operations import Operation, Urgency, require_pace, submit
from inventory.kernel.outbox import NETWORK_ONLY
from inventory.kernel.texts import gettext as _
from optimizer.run import Limit

KIND = "plan.day"
OVERRIDES = frozenset({"aog_override"})

_INCUMBENT_EVERY_S = 1.0


def submit_day_plan(
    session: Session, actor: Actor, wanted: PlanDay, day: date, now: datetime, *, most: int
) -> Operation:
    """Submit a day plan. Raises as `submit_plan` does."""
    return submit_plan(session, actor, KIND, wanted, day, now, most=most)


def submit_plan(
    session: Session,
    actor: Actor,
    kind: str,
    wanted: PlanDay,
    day: date,
    now: datetime,
    *,
    most: int,
    allowed: Callable[[Actor, dict[str, Any]], None] | None = None,
) -> Operation:
    """Submit a plan of a kind, of which a region may submit `most` a minute; who has one region plans that by default.

    Raises TooMany, NotFound for an unknown region, Forbidden for one that is not the actor's, and for an override
    without the right to it or in another's name, Invalid where no budget line holds on the day.
    """
    region = wanted.region
    own = sorted(actor.scope.regions or ())
    if region is None and len(own) == 1:
        region = own[0]
    regions = planned_regions(session, region)
    asked = wanted.model_copy(update={"plan_date": day, "region": region})
    parameters = asked.model_dump(mode="json", by_alias=True, exclude_none=True)
    (allowed or require_plan)(actor, parameters)
    if not lines_on(session, day, regions):
        raise line_missing(regions[0], Category.LABOUR, day)
    require_pace(session, region or NETWORK_ONLY, now, most)
    if region is None:
        return submit(session, actor, kind, parameters, now, urgency=Urgency.NETWORK)
    return submit(session, actor, kind, parameters, now, region=region, urgency=Urgency.INTERACTIVE)


def require_plan(actor: Actor, parameters: dict[str, Any]) -> None:
    """Raise Forbidden for regions that are not the actor's, and an override without the right or in another's name."""
    actor.require_planning(parameters.get("region"))
    override = parameters.get("aog_override")
    if override is None:
        return
    actor.require("plan.override")
    if override["user"] != actor.id:
        raise Forbidden(
            _("An override is given in one's own name; name {user}, or leave it to {other}").format(
                user=actor.id, other=override["user"]
            ),
            code="override_of_another",
            field="aog_override.user",
        )


def plan_day(job: Job) -> dict[str, Any]:
    """Make the plan that an operation asks for; returns its number and its main figures."""
    engine = open_engine(job.database_url)
    plan = made(make_day_plan, engine, job, request_of(engine, PlanDay.model_validate(job.parameters), job.id))
    figures = {"status", "objective", "bound", "gap", "seconds"}
    return {
        "plan": plan.plan,
        "summary": {
            "date": plan.date,
            "regions": plan.regions,
            "dispatch": plan.dispatch.model_dump(include=figures | {"assigned", "late", "cost"})
            | {"unassigned": len(plan.dispatch.unassigned)},
            "replenishment": plan.replenishment.model_dump(include=figures | {"orders", "cost"})
            | {"unmet": len(plan.replenishment.unmet)},
            "held": len(plan.budget.held),
            "plan_hash": plan.plan_hash,
        },
    }


def _telling(tell: Callable[[dict[str, Any]], None]) -> OnIncumbent:
    """Return what tells each finished area, and between two of them not more than one schedule a second."""
    told_at, told_done = float("-inf"), 0

    def incumbent(found: Incumbent) -> None:
        nonlocal told_at, told_done
        now = time.monotonic()
        if found.done == told_done and now - told_at < _INCUMBENT_EVERY_S:
            return
        told_at, told_done = now, found.done
        tell(
            {
                "objective": found.objective,
                "bound": None,
                "gap": None,
                "areas": {"done": found.done, "total": found.total},
                "assignments": [
                    {
                        "job": line.job,
                        "seat": line.seat,
                        "technician": line.technician,
                        "start": line.starts_at,
                        "end": line.ends_at,
                    }
                    for line in found.assignments
                ],
            }
        )

    return incumbent


def made(make: Callable[..., DayPlanOut], engine: Engine, job: Job, request: PlanRequest) -> DayPlanOut:
    """Make the plan that an operation asks for: it tells how far it is and the schedule so far, and stops on demand."""
    return make(
        engine,
        job.actor,
        request,
        clock=system_clock,
        should_stop=job.should_stop,
        report=job.report,
        incumbent=_telling(job.incumbent),
    )


def request_of(engine: Engine, wanted: PlanDay, key: UUID) -> PlanRequest:
    """Return what is wanted as a plan is asked for; the plan of a key is made once."""
    override = wanted.aog_override
    return PlanRequest(
        plan_date=wanted.plan_date or plan_date_of(engine, system_clock),
        region=wanted.region,
        limit=limit_of(wanted.iterations, wanted.seconds),
        seed=wanted.seed,
        cap=wanted.budget,
        percentile=wanted.duration_percentile,
        override=None if override is None else Override(override.user, override.reason),
        id=key,
    )


def limit_of(iterations: int | None, seconds: float | None) -> Limit | None:
    """Return a work limit, None for the usual one."""
    return None if iterations is None and seconds is None else Limit(iterations=iterations, seconds=seconds)
