"""Mail: written in the transaction that causes it, sent by the worker, which calls `send_mails` each few seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.events.attempts import claim, settle
from fieldops.events.models import DeliveryState, MailOutbox
from fieldops.locale import catalogue
from integrations.notify.mail import MailError, Message, Sender, require_address
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import Clock
from inventory.kernel.engine import dialect_insert, writing
from inventory.kernel.errors import Invalid
from inventory.kernel.texts import gettext, language, ngettext, speaking
from inventory.kernel.texts import gettext as _

_PER_CALL = 100


def queue_mail(
    session: Session, to: str, template: str, values: Mapping[str, Any], reads: str, now: datetime, *, key: str
) -> None:
    """Write a mail into the caller's transaction; nothing happens where one of this key was written before.

    `template` is the name of a file in the folder `templates`, `values` what it names; instants are aware. `reads` is
    the reader's language. Raises Invalid for an address or a subject that could not be sent.
    """
    try:
        require_address(to)
    except ValueError:
        raise Invalid(
            _("{to} is no mail address; correct it").format(to=to), code="wrong_address", field="to"
        ) from None
    subject, text = render_mail(template, values, reads)
    mail = dialect_insert(session, MailOutbox).on_conflict_do_nothing(index_elements=["key"])
    row = {
        "id": uuid7(),
        "key": key,
        "to": to,
        "subject": subject,
        "text": text,
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "queued_at": now,
        "next_at": now,
    }
    session.execute(mail.values(row))


def render_mail(template: str, values: Mapping[str, Any], reads: str) -> tuple[str, str]:
    """Return a mail's subject and text in one of the product's languages; raises Invalid for a wrong subject."""
    found = _environment.get_template(f"{template}.txt")
    context = found.new_context(dict(values))
    with speaking(catalogue(reads)):
        subject, text = ("".join(found.blocks[block](context)).strip() for block in ("subject", "text"))
    if not subject.isprintable() or len(subject) > MailOutbox.subject.type.length:
        raise Invalid(_("The subject of a mail is one line of text; correct what it names"), code="wrong_subject")
    return subject, text + "\n"


def send_mails(
    engine: Engine,
    clock: Clock,
    sender: Sender,
    mail_from: str,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send what is due; returns how many were taken. What fails is tried again, then given up as dead.

    Any number of workers may call this at the same time.
    """
    taken = 0
    for _attempt in range(_PER_CALL):
        if stopping():
            break
        with writing(engine, SYSTEM, clock=clock) as session:
            mail = claim(session, MailOutbox, select(MailOutbox), clock())
            if mail is None:
                break
            key = mail.id
            message = Message(mail.id, mail_from, mail.to, mail.subject, mail.text, clock())
        error, final = None, False
        try:
            sender.send(message)
        except MailError as failed:
            error, final = str(failed), failed.final
        with writing(engine, SYSTEM, clock=clock) as session:
            settle(session.get_one(MailOutbox, key, with_for_update=True), clock(), error, final=final)
        taken += error is None
    return taken


def _moment(instant: datetime, zone: str) -> str:
    return f"{format_datetime(instant, 'medium', tzinfo=ZoneInfo(zone), locale=language())} ({zone})"


def _make_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("fieldops.events"),
        autoescape=False,  # noqa: S701 - plain text
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["moment"] = _moment
    return environment


_environment = _make_environment()
