"""Mail from the transaction that causes it to a real server."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from sqlalchemy import Engine, func, select

from fieldops.events import mailing
from fieldops.events.attempts import KEPT, prune_ended
from fieldops.events.mailing import queue_mail, render_mail, send_mails
from fieldops.events.models import DeliveryState, MailOutbox
from fieldops.events.rules import ATTEMPTS_MAX
from fieldops.locale import LANGUAGES
from integrations.notify.mail import FileSink, SmtpSender
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Invalid
from tests.conftest import NOW
from tests.fieldops.events.serving import EAST
from tests.integrations.notify.mailbox import mail_server
from tests.rivals import at_once

ENDED = {
    "kind": "plan.day",
    "state": "done",
    "submitted_at": NOW,
    "ended_at": NOW + timedelta(minutes=5),
    "zone": "Asia/Shanghai",
    "reason": None,
    "address": "https://fieldops.example/operations/7",
}
REQUESTED = {
    "requester": "李梅",
    "region": "E",
    "requesting_region": "W",
    "part": "BRAKE-1",
    "quantity": "2",
    "destination": "UTH",
    "purpose": "AOG B-3456",
    "starts_at": NOW,
    "ends_at": NOW + timedelta(days=2),
    "takeable_at": NOW + timedelta(minutes=30),
    "zone": "Africa/Nairobi",
    "address": "https://fieldops.example/grants/7",
}


def queue(engine: Engine, *keys: str, to: str = "mei@example.org", **values: Any) -> None:
    with writing(engine, EAST, clock=lambda: NOW) as session:
        for key in keys:
            queue_mail(session, to, "operation_ended", ENDED | values, "en", NOW, key=key)


def rows(engine: Engine) -> list[MailOutbox]:
    with reading(engine, SYSTEM) as session:
        found = list(session.scalars(select(MailOutbox).order_by(MailOutbox.key)))
        session.expunge_all()
        return found


def test_a_mail_is_sent_once(any_engine: Engine) -> None:
    with mail_server() as (mailbox, port):
        sender = SmtpSender(f"smtp://127.0.0.1:{port}?tls=none")
        queue(any_engine, "a", "b", "a")
        assert send_mails(any_engine, lambda: NOW, sender, "ops@example.org") == 2
        assert send_mails(any_engine, lambda: NOW, sender, "ops@example.org") == 0
        assert [(got["From"], got["To"], got["Subject"]) for _to, got in mailbox.got] == [
            ("ops@example.org", "mei@example.org", "plan.day is done")
        ] * 2
        assert len({got["Message-ID"] for _to, got in mailbox.got}) == 2
    assert {(one.state, one.ended_at) for one in rows(any_engine)} == {(DeliveryState.DONE, NOW)}


def test_what_is_rolled_back_is_not_sent(any_engine: Engine, tmp_path: Path) -> None:
    def fail() -> None:
        with writing(any_engine, EAST) as session:
            queue_mail(session, "mei@example.org", "operation_ended", ENDED, "en", NOW, key="a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert send_mails(any_engine, lambda: NOW, FileSink(tmp_path), "ops@example.org") == 0


def test_one_key_is_one_mail_whoever_races(any_engine: Engine) -> None:
    at_once(4, lambda _rival: queue(any_engine, "the same"))
    with reading(any_engine, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(MailOutbox)) == 1


def test_a_scoped_actor_sees_no_mail(any_engine: Engine) -> None:
    queue(any_engine, "a")
    with reading(any_engine, EAST) as session:
        assert session.scalars(select(MailOutbox)).all() == []


def test_a_server_that_is_away_gets_the_mail_later(any_engine: Engine) -> None:
    with mail_server() as (mailbox, port):
        mailbox.refusals += ["451 later", "451 later"]
        sender = SmtpSender(f"smtp://127.0.0.1:{port}?tls=none")
        queue(any_engine, "a")
        now = NOW
        for taken in (0, 0, 1):
            assert send_mails(any_engine, lambda now=now: now, sender, "ops@example.org") == taken  # type: ignore[misc]
            now = rows(any_engine)[0].next_at
        assert len(mailbox.got) == 1
    assert rows(any_engine)[0].attempts == 3


def test_a_refusal_for_good_is_dead_at_once(any_engine: Engine) -> None:
    with mail_server() as (mailbox, port):
        mailbox.refusals.append("550 nobody")
        sender = SmtpSender(f"smtp://127.0.0.1:{port}?tls=none")
        queue(any_engine, "a", "b")
        assert send_mails(any_engine, lambda: NOW, sender, "ops@example.org") == 1
    dead = next(one for one in rows(any_engine) if one.state is DeliveryState.DEAD)
    assert "550 nobody" in (dead.last_error or "")


def test_a_mail_is_given_up_after_the_last_attempt(any_engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    queue(any_engine, "a")
    for attempt in range(ATTEMPTS_MAX + 1):
        send_mails(any_engine, lambda n=attempt: NOW + n * timedelta(hours=13), FileSink(tmp_path / "file"), "o@x.org")  # type: ignore[misc]
    assert [(one.state, one.attempts) for one in rows(any_engine)] == [(DeliveryState.DEAD, ATTEMPTS_MAX)]


def test_what_ended_long_ago_is_forgotten_and_what_waits_is_not(any_engine: Engine, tmp_path: Path) -> None:
    queue(any_engine, "sent")
    send_mails(any_engine, lambda: NOW, FileSink(tmp_path), "ops@example.org")
    queue(any_engine, "waits")

    def prune(now: datetime) -> int:
        with writing(any_engine, SYSTEM) as session:
            return prune_ended(session, now)

    assert prune(NOW + KEPT) == 0
    assert prune(NOW + KEPT + timedelta(days=365)) == 1
    assert [one.key for one in rows(any_engine)] == ["waits"]


def test_rival_workers_send_each_mail_once(any_engine: Engine) -> None:
    with mail_server() as (mailbox, port):
        sender = SmtpSender(f"smtp://127.0.0.1:{port}?tls=none")
        queue(any_engine, *"abcdefgh")
        taken = at_once(4, lambda _rival: send_mails(any_engine, lambda: NOW, sender, "ops@example.org"))
        assert (sum(taken), len(mailbox.got)) == (8, 8)


@pytest.mark.parametrize("to", ["nobody", "a@b, c@d", "a@b\r\nBcc: c@d"])
def test_a_wrong_address_is_refused(engine: Engine, to: str) -> None:
    with pytest.raises(Invalid) as wrong:
        queue(engine, "a", to=to)
    assert wrong.value.code == "wrong_address"


@pytest.mark.parametrize("kind", ["plan\r\nBcc: spy@example.org", "plan\u2028x", "x" * 500])
def test_a_subject_that_adds_a_header_is_refused(engine: Engine, kind: str) -> None:
    with pytest.raises(Invalid) as wrong:
        queue(engine, "a", kind=kind)
    assert wrong.value.code == "wrong_subject"
    assert rows(engine) == []


def test_the_end_of_an_operation_in_english() -> None:
    subject, text = render_mail(
        "operation_ended", ENDED | {"state": "out_of_memory", "reason": "Too large: <x> & 你"}, "en"
    )
    assert subject == "plan.day has failed"
    assert text.replace("\u202f", " ") == (
        "Submitted: Mar 1, 2026, 5:00:00 PM (Asia/Shanghai)\n"
        "Ended: Mar 1, 2026, 5:05:00 PM (Asia/Shanghai)\n"
        "\n"
        "Too large: <x> & 你\n"
        "\n"
        "What it found and why it ended is at https://fieldops.example/operations/7\n"
    )


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue with two of the texts."""
    texts = Catalog(locale="zh_CN")
    texts.add("%(requester)s asks for a grant of region %(region)s", "%(requester)s 申请 %(region)s 地区的授权")
    texts.add("Purpose: %(purpose)s", "用途：%(purpose)s")
    compiled = io.BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    found = {"en": NullTranslations(), "zh_CN": GNUTranslations(compiled)}
    monkeypatch.setattr(mailing, "catalogue", found.__getitem__)


@pytest.mark.usefixtures("chinese")
def test_a_mail_speaks_the_language_of_its_reader() -> None:
    subject, text = render_mail("grant_requested", REQUESTED, "zh_CN")
    assert subject == "李梅 申请 E 地区的授权"
    assert "用途：AOG B-3456\n" in text
    assert "2026年3月1日 12:00:00 (Africa/Nairobi)" in text
    subject, text = render_mail("grant_requested", REQUESTED, "en")
    assert subject == "李梅 asks for a grant of region E"
    assert "Purpose: AOG B-3456\n" in text


@pytest.mark.parametrize("template", [("operation_ended", ENDED), ("grant_requested", REQUESTED)])
@pytest.mark.parametrize("reads", LANGUAGES)
def test_every_template_has_a_subject_and_a_text_in_every_language(template: tuple[str, Any], reads: str) -> None:
    subject, text = render_mail(*template, reads)
    assert subject
    assert "https://fieldops.example" in text
