"""Use cases of rolling plans: say how the plan of a region rolls, and have it made anew on what disturbs it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.events.queries import events_after, last_number
from fieldops.planning.rolling.disturbing import disturbing
from fieldops.planning.rolling.models import RollingPolicy, RollingProgress
from fieldops.planning.rolling.queries import policies_in_use, rolling_plan
from fieldops.planning.rolling.rules import DISTURBING, EVENTS_MAX
from fieldops.planning.rolling.schemas import RollingPlan, RollingPlanOut
from fieldops.planning.rules import CAUSES_MAX
from fieldops.planning.versions.operation import KIND
from fieldops.planning.versions.schemas import CausedDispatch
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.base import require_version
from inventory.kernel.engine import dialect_insert
from inventory.kernel.installation import demo_time
from inventory.kernel.operations import Operation, OperationState, Urgency, submit
from inventory.kernel.scope import unscoped
from inventory.network.service import lock_regions


def set_rolling_plan(session: Session, actor: Actor, region: str, wanted: RollingPlan, version: int) -> RollingPlanOut:
    """Say how the plan of a region rolls; what happened before it was switched on causes nothing.

    Raises NotFound, Forbidden for a region that is not the actor's, Stale.
    """
    lock_regions(session)
    before = rolling_plan(session, region)
    actor.require_region(region)
    require_version(before.version, version)
    if wanted.enabled and not before.enabled:
        _begin(session, region)
    if before.version:
        policy = session.scalars(select(RollingPolicy).where(RollingPolicy.region == region)).one()
        for name, value in wanted.model_dump().items():
            setattr(policy, name, value)
    else:
        session.add(RollingPolicy(region=region, **wanted.model_dump()))
    session.flush()
    return rolling_plan(session, region)


def replan_on_events(session: Session, now: datetime) -> int:
    """Submit a plan for each region whose plan in force is disturbed; returns how many.

    What happens while a plan is being made, or too soon after one, waits for the next. The session is one of the whole
    network.
    """
    last = last_number(session)  # read before the events: what is numbered meanwhile must not be skipped
    return sum(_replan(session, policy, last, now) for policy in policies_in_use(session))


def _replan(session: Session, policy: RollingPolicy, last: int, now: datetime) -> bool:
    progress = session.scalar(
        select(RollingProgress).where(RollingProgress.region == policy.region).with_for_update()
    ) or _begin(session, policy.region)
    events = events_after(session, progress.number, kinds=DISTURBING, limit=EVENTS_MAX)
    seen = events[-1].number if len(events) == EVENTS_MAX else max(last, progress.number)
    causes = disturbing(session, policy.region, events, demo_time(session, lambda: now))
    if not causes:
        progress.number = seen
        return False
    quiet = timedelta(minutes=policy.quiet_minutes)
    if (progress.replanned_at is not None and now < progress.replanned_at + quiet) or _is_planned(session, policy):
        return False
    wanted = CausedDispatch(region=policy.region, rolling=True, caused_by=tuple(causes[:CAUSES_MAX]))
    parameters = wanted.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    submit(session, SYSTEM, KIND, parameters, now, region=policy.region, urgency=Urgency.INTERACTIVE)
    progress.number, progress.replanned_at = seen, now
    return True


def _is_planned(session: Session, policy: RollingPolicy) -> bool:
    """Tell whether a plan of the region's dispatch waits or is being made."""
    open_ones = select(Operation.id).where(
        Operation.kind == KIND,
        Operation.region == policy.region,
        Operation.state.in_((OperationState.QUEUED, OperationState.RUNNING)),
    )
    return session.scalar(open_ones.limit(1)) is not None


def _begin(session: Session, region: str) -> RollingProgress:
    """Look at the events of a region from now on."""
    with unscoped(session):  # it is the product's own, whoever switches the plan on
        now = {"number": last_number(session)}
        row = dialect_insert(session, RollingProgress).values(region=region, replanned_at=None, **now)
        session.execute(row.on_conflict_do_update(index_elements=["region"], set_=now))
        query = select(RollingProgress).where(RollingProgress.region == region)
        return session.scalars(query.execution_options(populate_existing=True)).one()
