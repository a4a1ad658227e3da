"""The world that every request of the matrix begins in, and the application that serves it."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldops.app import create_app
from fieldops.events.relay import relay
from fieldops.identity.passwords import Passwords
from fieldops.identity.tokens import csrf_of
from fieldops.settings import Settings, sqlite_url
from inventory.kernel.engine import open_engine
from tests.conftest import NOW
from tests.fieldops.authorisation.building import ADDRESS, CHEAP, LAST_EVENT, add_people, build
from tests.fieldops.authorisation.people import Person

FORM_COOKIE = "of a browser that was shown the form"
_STREAM = "/api/v1/events"


@dataclass(frozen=True)
class World:
    """A served database that can be brought back to what it was.

    `known` are the keys that requests name, by the names that samples give them.
    """

    app: FastAPI
    engine: Engine
    known: dict[str, str]
    tokens: dict[Person, str]
    sessions: dict[Person, str]
    own_tokens: dict[Person, str]
    _loop: BlockingPortal
    _http: httpx.AsyncClient
    _watched: sqlite3.Connection
    _template: sqlite3.Connection

    def send(self, method: str, path: str, headers: dict[str, str], **more: Any) -> httpx.Response:
        """Send a request as whoever the headers name."""
        self._http.cookies.clear()
        return self._loop.call(partial(self._http.request, method, path, headers=headers, **more))

    def as_program(self, person: Person) -> dict[str, str]:
        """Return the headers by which a person's program sends requests."""
        return {"Authorization": f"Bearer {self.tokens[person]}"}

    def in_person(self, person: Person) -> dict[str, str]:
        """Return the headers by which a person's browser sends requests."""
        secret = self.sessions[person]
        return {"Cookie": f"fieldops_session={secret}", "X-CSRF-Token": csrf_of(secret)}

    def names_of(self, person: Person | None) -> dict[str, str]:
        """Return the keys that a person's requests name."""
        return self.known | {"own_token": self.own_tokens[person] if person else self.known["delivery"]}

    def changes(self) -> int:
        """Return a number that another one's every commit changes."""
        (number,) = self._watched.execute("PRAGMA data_version").fetchone()
        return int(number)

    def restore(self) -> None:
        """Undo whatever was committed since the beginning."""
        self._template.backup(self._watched)
        self.app.state.authenticator.forget()


@contextmanager
def served_world(empty: Path, folder: Path) -> Iterator[World]:
    """Build the world in a folder from an empty database, and serve it."""
    file = folder / "world.db"
    shutil.copyfile(empty, file)
    engine = open_engine(sqlite_url(file))
    known = build(engine)
    tokens, sessions, own_tokens = add_people(engine)
    relay(engine)
    app = create_app(
        engine, Settings(database_url=sqlite_url(file), api_per_minute=1_000_000), clock=lambda: NOW, host="127.0.0.1"
    )
    authenticator = app.state.authenticator
    authenticator.door = replace(authenticator.door, passwords=Passwords(CHEAP))
    with (
        start_blocking_portal() as loop,
        loop.wrap_async_context_manager(app.router.lifespan_context(app)),
        loop.wrap_async_context_manager(_client(app)) as http,
        closing(sqlite3.connect(file, check_same_thread=False)) as watched,
        closing(sqlite3.connect(":memory:", check_same_thread=False)) as template,
    ):
        watched.execute("PRAGMA synchronous = OFF")
        watched.backup(template)
        yield World(app, engine, known, tokens, sessions, own_tokens, loop, http, watched, template)
    engine.dispose()


def _client(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(_ended(app)), base_url=ADDRESS, timeout=60)


def _ended(app: ASGIApp) -> ASGIApp:
    """Return the application with a client that leaves the stream of events after the last one."""

    async def leaving(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != _STREAM:
            await app(scope, receive, send)
            return
        heard, asked, ended = asyncio.Event(), False, False

        async def listen() -> Message:
            nonlocal asked
            if not asked:
                asked = True
                return await receive()
            await heard.wait()
            return {"type": "http.disconnect"}

        async def tell(message: Message) -> None:
            nonlocal ended
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)
            if LAST_EVENT.encode() in message.get("body", b""):
                heard.set()

        await app(scope, listen, tell)
        if not ended:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return leaving
