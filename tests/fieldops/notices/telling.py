"""What tests of the mails share: let everybody be told, and look at the mails that wait."""

from __future__ import annotations

from sqlalchemy import Engine, select

from fieldops.events.models import MailOutbox
from fieldops.events.relay import relay
from fieldops.notices.service import tell_by_mail
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from tests.worlds import LOADED_AT


def told(engine: Engine) -> int:
    """Let everybody be told of what has been numbered; return how many events were read."""
    with writing(engine, SYSTEM) as session:
        return tell_by_mail(session, LOADED_AT, address="https://fieldops.example.com")


def mails(engine: Engine) -> list[tuple[str, str]]:
    """Let everybody be told, twice; return (address, subject) of the mails that wait."""
    relay(engine)
    for _time in range(2):
        told(engine)
    with reading(engine, SYSTEM) as session:
        return [(mail.to, mail.subject) for mail in session.scalars(select(MailOutbox).order_by(MailOutbox.to))]
