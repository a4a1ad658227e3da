"""The composition root of the worker: the kinds of long work that there are, and what is done beside them."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.audit.service import seal
from fieldops.dispatch.lending import jobs_of_loans
from fieldops.events.attempts import prune_ended
from fieldops.events.delivering import deliver_webhooks
from fieldops.events.mailing import send_mails
from fieldops.finance.approvals.service import escalate
from fieldops.finance.control.authority import remind_of_reviews
from fieldops.identity.actors import load_actor
from fieldops.identity.models import User
from fieldops.identity.sessions import prune_sign_ins
from fieldops.notices.service import tell_by_mail
from fieldops.operations.registry import Kind, Kinds
from fieldops.operations.worker import Worker
from fieldops.planning.operation import KIND as DAY_PLAN
from fieldops.planning.operation import OVERRIDES, plan_day, require_plan
from fieldops.planning.rolling.service import replan_on_events
from fieldops.planning.schemas import PlanDay
from fieldops.planning.stock_targets.operation import KIND as TARGET_PLAN
from fieldops.planning.stock_targets.operation import SIMULATION as TARGET_SIMULATION
from fieldops.planning.stock_targets.operation import (
    SimulatePlan,
    plan_stock_targets,
    require_targets,
    simulate_stock_targets,
)
from fieldops.planning.versions.operation import KIND as DISPATCH_PLAN
from fieldops.planning.versions.operation import plan_dispatch, require_dispatch_plan
from fieldops.planning.versions.schemas import PlanDispatch
from fieldops.planning.versions.service import expire as expire_plans
from fieldops.settings import Settings
from integrations.notify.mail import FileSink, Sender, SmtpSender
from inventory.availability.service import expire
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor
from inventory.kernel.clock import Clock, system_clock
from inventory.kernel.errors import Unauthenticated
from inventory.offers.queries import granted_regions
from inventory.planning.stock_plans.schemas import MakeTargets

_DAY_PLAN_S = 3_600.0


def all_kinds(settings: Settings) -> Kinds:
    """Return every kind of operation by name, with the limits that the settings give."""
    return {
        DAY_PLAN: Kind(
            run=plan_day,
            permission="plan.make",
            parameters=PlanDay,
            limit_s=_DAY_PLAN_S,
            memory_mb=settings.memory_mb,
            allowed=require_plan,
            overrides=OVERRIDES,
        ),
        DISPATCH_PLAN: Kind(
            run=plan_dispatch,
            permission="plan.make",
            parameters=PlanDispatch,
            limit_s=_DAY_PLAN_S,
            memory_mb=settings.memory_mb,
            allowed=require_dispatch_plan,
            overrides=OVERRIDES,
        ),
        TARGET_PLAN: Kind(
            run=plan_stock_targets,
            permission="targets.write",
            parameters=MakeTargets,
            limit_s=_DAY_PLAN_S,
            memory_mb=settings.memory_mb,
            allowed=require_targets,
        ),
        TARGET_SIMULATION: Kind(
            run=simulate_stock_targets,
            permission="targets.write",
            parameters=SimulatePlan,
            limit_s=_DAY_PLAN_S,
            memory_mb=settings.memory_mb,
            allowed=require_targets,
        ),
    }


def worker_of(engine: Engine, settings: Settings, clock: Clock = system_clock) -> Worker:
    """Return a worker for everything that there is to do, on an engine that nobody else waits for."""
    sender = _sender(settings)
    return Worker(
        engine,
        settings,
        all_kinds(settings),
        lambda session, operation: acting_now(session, operation.acting, clock),
        clock,
        chores=(
            seal,
            expire,
            escalate,
            remind_of_reviews,
            prune_ended,
            prune_sign_ins,
            partial(tell_by_mail, address=settings.address),
            replan_on_events,
            expire_plans,
        ),
        errands=(
            partial(
                deliver_webhooks,
                engine,
                clock,
                private=settings.webhook_private,
                owner_of=lambda session, webhook: acting_now(session, webhook.acting, clock),
            ),
            lambda stopping: send_mails(engine, clock, sender, settings.mail_from, stopping),
        ),
    )


def acting_now(session: Session, acting: dict[str, Any], clock: Clock) -> Actor | None:
    """Return who acted as he is now, with no right that he did not have then; None for one who may not act any more.

    Needs a session of the whole network. The product itself stays what it is.
    """
    then = Actor.from_json(acting)
    if then.id == SYSTEM.id and then.permissions == ALL_PERMISSIONS:
        return then
    user = session.scalar(select(User.id).where(User.name == then.id))
    if user is None:
        return None
    limit = None if then.permissions == ALL_PERMISSIONS else then.permissions
    try:
        return load_actor(
            session, user, clock(), origin=then.origin, limited_to=limit, granted=granted_regions, lent=jobs_of_loans
        )
    except Unauthenticated:
        return None


def _sender(settings: Settings) -> Sender:
    if settings.smtp_url is None:
        return FileSink(settings.mail_folder)
    return SmtpSender(settings.smtp_url.get_secret_value())
