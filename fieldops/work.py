"""The composition root of the worker: the kinds of long work that there are, and what is done beside them."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Engine

from fieldops.audit.service import seal
from fieldops.events.attempts import prune_ended
from fieldops.events.delivering import deliver_webhooks
from fieldops.events.mailing import send_mails
from fieldops.identity.sessions import prune_sign_ins
from fieldops.notices.service import tell_by_mail
from fieldops.operations.registry import Kind, Kinds
from fieldops.operations.worker import Worker
from fieldops.planning.operation import KIND as DAY_PLAN
from fieldops.planning.operation import plan_day
from fieldops.planning.schemas import PlanDay
from fieldops.settings import Settings
from integrations.notify.mail import FileSink, Sender, SmtpSender
from inventory.kernel.clock import Clock, system_clock

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
        ),
    }


def worker_of(engine: Engine, settings: Settings, clock: Clock = system_clock) -> Worker:
    """Return a worker for everything that there is to do, on an engine that nobody else waits for."""
    return Worker(
        engine,
        settings,
        all_kinds(settings),
        clock,
        chores=(seal, prune_ended, prune_sign_ins, partial(tell_by_mail, address=settings.address)),
        errands=(
            partial(deliver_webhooks, engine, clock, private=settings.webhook_private),
            partial(send_mails, engine, clock, _sender(settings), settings.mail_from),
        ),
    )


def _sender(settings: Settings) -> Sender:
    if settings.smtp_url is None:
        return FileSink(settings.mail_folder)
    return SmtpSender(settings.smtp_url.get_secret_value())
