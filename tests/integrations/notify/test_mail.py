"""Mail through a real server on a free port, and into a folder."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.notify.mail import FileSink, MailError, Message, SmtpSender
from tests.integrations.notify.certificates import make_certificate
from tests.integrations.notify.mailbox import Mailbox, mail_server, only_mei

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
KEY = UUID(int=7)


def message(**changed: Any) -> Message:
    told: dict[str, Any] = {
        "id": KEY,
        "sender": "fieldops@example.org",
        "to": "mei@example.org",
        "subject": "Done: 停场 ✈ décision",
        "text": "第一行\nsecond line\n.\nlast\n",
        "sent_at": NOW,
    }
    return Message(**(told | changed))


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The certificate of a server called localhost, which clients trust."""
    certificate, key = make_certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def check(mailbox: Mailbox) -> None:
    ((to, got),) = mailbox.got
    assert to == ["mei@example.org"]
    assert got["Subject"] == "Done: 停场 ✈ décision"
    assert (got["From"], got["To"]) == ("fieldops@example.org", "mei@example.org")
    assert got["Message-ID"] == f"<{KEY}@example.org>"
    assert got["Date"].datetime == NOW
    assert got.get_content().splitlines() == ["第一行", "second line", ".", "last"]


def test_a_mail_arrives_in_any_script() -> None:
    with mail_server() as (mailbox, port):
        SmtpSender(f"smtp://127.0.0.1:{port}?tls=none").send(message())
        check(mailbox)


def test_starttls_comes_before_the_password(tls: ssl.SSLContext) -> None:
    options: dict[str, Any] = {
        "tls_context": tls,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": only_mei,
    }
    with mail_server(**options) as (mailbox, port):
        SmtpSender(f"smtp://mei:p%40ss%2Fword@localhost:{port}").send(message())
        check(mailbox)
        with pytest.raises(MailError, match="login") as refused:
            SmtpSender(f"smtp://mei:wrong@localhost:{port}").send(message())
        assert not refused.value.final
        for wrong in (f"smtp://localhost:{port}?tls=none", f"smtp://%E6%9D%8E:x@localhost:{port}"):
            with pytest.raises(MailError):
                SmtpSender(wrong).send(message())


def test_tls_at_once(tls: ssl.SSLContext) -> None:
    with mail_server(ssl_context=tls) as (mailbox, port):
        SmtpSender(f"smtps://localhost:{port}").send(message())
        check(mailbox)


def test_a_server_without_tls_gets_nothing() -> None:
    with mail_server() as (mailbox, port):
        with pytest.raises(MailError, match="STARTTLS"):
            SmtpSender(f"smtp://127.0.0.1:{port}").send(message())
        assert mailbox.got == []


@pytest.mark.parametrize(("answer", "final"), [("550 no such user", True), ("451 later", False)])
def test_a_refusal_says_whether_it_is_for_good(answer: str, final: bool) -> None:
    with mail_server() as (mailbox, port):
        mailbox.refusals.append(answer)
        sender = SmtpSender(f"smtp://127.0.0.1:{port}?tls=none")
        with pytest.raises(MailError, match=answer) as refused:
            sender.send(message())
        assert refused.value.final is final
        sender.send(message())
        check(mailbox)


def test_no_server_is_no_final_error() -> None:
    with mail_server() as (_mailbox, port):
        pass
    with pytest.raises(MailError, match="ConnectionRefused") as refused:
        SmtpSender(f"smtp://127.0.0.1:{port}?tls=none").send(message())
    assert not refused.value.final


@pytest.mark.parametrize(
    "url",
    ["", "mail.example.org", "http://x", "smtp://", "smtp://h:x", "smtp://h?tls=maybe", "smtp://u:p@h?tls=none"],
)
def test_a_wrong_server_is_refused_and_a_password_never_goes_in_the_clear(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        SmtpSender(url)


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(SmtpSender("smtps://mei:secret@localhost"))


def test_the_folder_keeps_each_mail_once(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "new" / "mail")
    sink.send(message(text="first"))
    sink.send(message())
    sink.send(message(id=UUID(int=8), to="mei@例子.中国"))
    files = sorted((tmp_path / "new" / "mail").iterdir())
    assert [file.name for file in files] == [f"{UUID(int=7)}.eml", f"{UUID(int=8)}.eml"]
    assert files[0].stat().st_mode & 0o777 == 0o600
    got = message_from_bytes(files[0].read_bytes(), policy=default)
    assert isinstance(got, EmailMessage)
    assert got["Subject"] == "Done: 停场 ✈ décision"
    assert got.get_content().splitlines() == ["第一行", "second line", ".", "last"]
    assert message_from_bytes(files[1].read_bytes(), policy=default)["To"] == "mei@例子.中国"


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MailError, match="cannot write"):
        FileSink(tmp_path / "file" / "mail").send(message())


@pytest.mark.parametrize("name", ["to", "sender", "subject"])
@pytest.mark.parametrize("way", ["\r\n", "\n", "\r", "\x00", "\u2028", "\x85"])
def test_nobody_adds_a_header(name: str, way: str) -> None:
    value = str(getattr(message(), name))
    with pytest.raises(ValueError, match=r"."):
        message(**{name: f"{value}{way}Bcc: spy@example.org"})


@pytest.mark.parametrize("address", ["", "mei", "mei@", "@x", "a@b, c@d", "Mei <mei@x.org>", "a b@x", "<a@b>", "a@b c"])
def test_an_address_is_one_address(address: str) -> None:
    with pytest.raises(ValueError, match="is no mail address"):
        message(to=address)


@given(text=st.text(), subject=st.text())
def test_every_text_travels(text: str, subject: str) -> None:
    if not subject.isprintable():
        with pytest.raises(ValueError, match="one line"):
            message(subject=subject)
        return
    told = message(text=text.replace("\r", "").replace("\x00", ""), subject=subject).as_mail().as_bytes()
    got = message_from_bytes(told, policy=default)
    assert got["Bcc"] is None
    assert str(got["Subject"]).strip() == subject.strip()
