"""A real SMTP server for tests."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Mailbox:
    """Keeps what it is sent; answers `refusals` first."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], EmailMessage]] = []
        self.refusals: list[str] = []

    async def handle_RCPT(  # noqa: N802 - its name in aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope, to: str, _options: Any
    ) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - its name in aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        got = message_from_bytes(envelope.content, policy=default)
        assert isinstance(got, EmailMessage)
        self.got.append((envelope.rcpt_tos, got))
        return "250 OK"


def only_mei(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    """Let one user in."""
    return AuthResult(success=given == LoginPassword(b"mei", b"p@ss/word"), handled=False)


@contextmanager
def mail_server(ssl_context: ssl.SSLContext | None = None, **options: Any) -> Iterator[tuple[Mailbox, int]]:
    """Serve SMTP on a free port of this machine until the end of the block; yields the mailbox and the port."""
    mailbox = Mailbox()
    started: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        server = await loop.create_server(
            lambda: SMTP(mailbox, hostname="localhost", loop=loop, **options), "127.0.0.1", 0, ssl=ssl_context
        )
        started.set_result((server.sockets[0].getsockname()[1], loop, end))
        await end.wait()
        server.close()

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    port, loop, end = started.result(timeout=30)
    try:
        yield mailbox, port
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
