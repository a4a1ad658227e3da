"""Mail: plain text in any script, sent through an SMTP server or written to a folder."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from uuid import UUID

TIMEOUT_S = 20.0
_PORTS = {"smtp": 587, "smtps": 465}


class MailError(Exception):
    """A mail was not sent; `final` when no repetition can help."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


def require_address(address: str) -> None:
    """Raise ValueError for anything but one mail address."""
    try:
        parsed = Address(addr_spec=address)
    except (HeaderParseError, IndexError, ValueError):
        raise ValueError(f"{address!r} is no mail address") from None
    if not parsed.domain or not address.isprintable() or len(address) > 320:
        raise ValueError(f"{address!r} is no mail address")


@dataclass(frozen=True, slots=True)
class Message:
    """A mail; `id` stays the same when it is sent again, so that it can be recognised.

    Raises ValueError for a wrong address, and for a subject with control characters, which could add headers.
    """

    id: UUID
    sender: str
    to: str
    subject: str
    text: str
    sent_at: datetime

    def __post_init__(self) -> None:
        require_address(self.sender)
        require_address(self.to)
        if not self.subject.isprintable():
            raise ValueError(f"the subject {self.subject!r} is not one line of text")

    def as_mail(self) -> EmailMessage:
        """Return the message in the form in which it travels."""
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.sender
        mail["To"] = self.to
        mail["Subject"] = self.subject
        mail["Date"] = format_datetime(self.sent_at)
        mail["Message-ID"] = f"<{self.id}@{Address(addr_spec=self.sender).domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(self.text)
        return mail


class Sender(Protocol):
    """Whatever takes mails."""

    def send(self, message: Message) -> None:
        """Take a mail; raises MailError where it was not taken."""


@dataclass(frozen=True, slots=True)
class FileSink:
    """Writes each mail into a folder as an .eml file, readable for its owner only."""

    folder: Path

    def send(self, message: Message) -> None:
        """Write a mail; the same mail again replaces its file. Raises MailError where the folder refuses it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part = self.folder / f".{message.id}.part"
            part.touch(mode=0o600)
            part.write_bytes(message.as_mail().as_bytes(policy=SMTP.clone(utf8=True)))
            part.replace(self.folder / f"{message.id}.eml")
        except OSError as error:
            raise MailError(f"cannot write to {self.folder}: {error.strerror}") from None


@dataclass(frozen=True, slots=True, repr=False)
class SmtpSender:
    """Sends through a server: `smtp://user:password@host:587` (TLS by STARTTLS) or `smtps://…:465` (TLS at once).

    `smtp://host:25?tls=none` sends in the clear, for a server on this machine. Raises ValueError for another address,
    and for a password that would go in the clear.
    """

    url: str
    timeout_s: float = TIMEOUT_S

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError("give an address such as smtp://user:password@host:587 or smtps://host:465")
        _ = parts.port  # raises ValueError where it is no number
        if parse_qs(parts.query) not in ({}, {"tls": ["none"]}):
            raise ValueError("the only option is tls=none")
        if _in_the_clear(parts) and parts.username is not None:
            raise ValueError("a password needs TLS; leave out tls=none")

    def send(self, message: Message) -> None:
        """Hand a mail to the server; raises MailError, final where the server refuses the mail for good."""
        try:
            with self._connection() as server:
                server.send_message(message.as_mail())
        except smtplib.SMTPRecipientsRefused as refused:
            code, text = next(iter(refused.recipients.values()))
            raise _refusal(code, text) from None
        except smtplib.SMTPAuthenticationError as refused:
            # the installation's fault, not the mail's
            raise MailError(f"the server refuses the login: {refused.smtp_code}") from None
        except smtplib.SMTPResponseException as refused:
            raise _refusal(refused.smtp_code, refused.smtp_error) from None
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise MailError(f"{type(error).__name__}: {error}") from None

    def _connection(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        server: smtplib.SMTP
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, port, timeout=self.timeout_s, context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(host, port, timeout=self.timeout_s)
        try:
            if parts.scheme == "smtp" and not _in_the_clear(parts):
                server.starttls(context=ssl.create_default_context())
            if parts.username is not None:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def _in_the_clear(parts: SplitResult) -> bool:
    return parts.scheme == "smtp" and bool(parts.query)


def _refusal(code: int, text: bytes | str) -> MailError:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return MailError(f"the server refuses it: {code} {said}", final=500 <= code < 600)
