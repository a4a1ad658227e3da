"""A small application behind the real door, with routes that go wrong in every way there is."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition
from typing import Annotated, Any

import httpx
import pytest
import structlog
from fastapi import APIRouter, Body, FastAPI
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from starlette.requests import Request
from starlette.responses import HTMLResponse

from fieldops import logs
from fieldops.settings import Settings, sqlite_url
from fieldops.web import door
from fieldops.web.guard import BODY_KEY, BODY_MAX
from fieldops.web.limits import RateLimit, limited
from fieldops.web.probes import Probes
from fieldops.web.templating import render
from inventory.kernel.actor import NETWORK, Actor
from inventory.kernel.edge import Acting, Edge
from inventory.kernel.engine import open_engine
from inventory.kernel.errors import Conflict, Forbidden, NotFound, TooMany, Unauthenticated, VersionRequired
from inventory.kernel.routes import PUBLIC, Route
from inventory.kernel.texts import gettext as _
from tests.conftest import NOW
from tests.serving import serving

TOKENS = {
    "fo_reader-of-the-figures": Actor("scraper", permissions=frozenset({"metrics.read"}), scope=NETWORK),
    "fo_dispatcher-of-nothing": Actor("li.fang", permissions=frozenset({"plan.read"})),
}


class Deadlock(Exception):
    """What the driver of PostgreSQL raises to break a deadlock."""

    sqlstate = "40P01"


ERRORS: dict[str, Callable[[], Exception]] = {
    "conflict": lambda: Conflict(_("Stopped; what was not finished is not kept"), code="stopped"),
    "unknown": lambda: NotFound(_("Part {part} is not in the catalogue; correct the number").format(part="X"),
                                code="unknown_part", field="part"),
    "forbidden": lambda: Forbidden("This is not yours; ask its owner", code="not_permitted"),
    "too-many": lambda: TooMany("Too often; wait", code="too_many_requests", retry_after_s=7),
    "version": lambda: VersionRequired("Send If-Match", code="version_required"),
    "late": lambda: StaleDataError("UPDATE statement on table 'x' expected to update 1 row(s); 0 were matched."),
    "busy": lambda: OperationalError("SELECT 1", {}, Exception("connection refused")),
    "broken": lambda: RuntimeError("sent fo_dispatcher-of-nothing"),
}  # fmt: skip


def authenticate(request: Request) -> Actor:
    """Know the two tokens."""
    actor = TOKENS.get(request.headers.get("authorization", "").removeprefix("Bearer "))
    if actor is None:
        raise Unauthenticated(_("Nobody is signed in; sign in at /signin, or send a token of the API"),
                              code="not_signed_in")  # fmt: skip
    return actor


def _routes(deadlocks: list[int]) -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.get("/errors/{kind}", dependencies=[PUBLIC])
    def fail(kind: str) -> None:
        wrong = ERRORS[kind]()
        raise wrong

    @router.get("/me", dependencies=[PUBLIC])
    def me(actor: Acting, secret: str = "") -> dict[str, str]:
        return {"id": actor.id, "secret": secret}

    @router.post("/bodies", dependencies=[PUBLIC])
    def take(body: Annotated[Any, Body()]) -> dict[str, str]:
        return {"took": type(body).__name__}

    @router.post("/numbers", dependencies=[PUBLIC])
    def number(many: Annotated[int, Body(embed=True, ge=3)]) -> int:
        return many

    @router.post("/uploads", dependencies=[PUBLIC], openapi_extra={BODY_KEY: 10 * BODY_MAX})
    async def upload(request: Request) -> dict[str, int]:
        return {"took": len(await request.body())}

    @router.post("/signin", dependencies=[PUBLIC])
    def sign_in(body: dict[str, Any]) -> dict[str, str]:
        structlog.get_logger().info("signed in", **body)
        logging.getLogger("a library").warning("sent %s", body["token"])
        return {"token": body["token"]}

    @router.post("/deadlocks", dependencies=[PUBLIC])
    def deadlock() -> int:
        deadlocks.append(1)
        if len(deadlocks) < 3:
            raise OperationalError("UPDATE x", {}, Deadlock())
        return len(deadlocks)

    return router


class Log(io.StringIO):
    """A stream that others can wait for to be written to."""

    def __init__(self) -> None:
        super().__init__()
        self._grown = Condition()

    def write(self, text: str) -> int:
        """Write, and wake whoever waits."""
        with self._grown:
            self._grown.notify_all()
            return super().write(text)

    def wait_for(self, lines: int) -> str:
        """Return what is written once it has so many lines."""
        with self._grown:
            assert self._grown.wait_for(lambda: self.getvalue().count("\n") >= lines, timeout=30), self.getvalue()
            return self.getvalue()


@dataclass
class Site:
    """The served application and a client of it; `log` is what it has written."""

    http: httpx.Client
    app: FastAPI
    probes: Probes
    log: Log
    deadlocks: list[int] = field(default_factory=list)

    def lines(self, count: int) -> list[dict[str, Any]]:
        """Return the lines of the log once there are `count`: a request's own comes after its answer."""
        return [json.loads(line) for line in self.log.wait_for(count).splitlines()]


@contextmanager
def caught_log(patch: pytest.MonkeyPatch) -> Iterator[Log]:
    """Catch the log as programs read it."""
    caught = Log()
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    patch.setattr(sys, "stderr", caught)
    logs.set_up("json")
    yield caught
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@contextmanager
def opened_site(engine: Engine, log: Log, host: str = "127.0.0.1", **wanted: Any) -> Iterator[Site]:
    """Serve the application with these settings."""
    settings = Settings(database_url="sqlite://", **wanted)
    app = FastAPI()
    deadlocks: list[int] = []
    limit = RateLimit(settings.api_per_minute, processes=settings.processes)
    app.state.edge = Edge(engine, lambda: NOW, authenticate=limited(authenticate, limit))
    probes = door.install(app, settings, host)
    app.include_router(_routes(deadlocks), prefix="/api/v1")
    app.add_api_route("/page", lambda: HTMLResponse(render("empty.html")), dependencies=[PUBLIC])
    app.add_api_route("/private", _private, dependencies=[PUBLIC], methods=["GET", "POST"])
    with serving(app) as address, httpx.Client(base_url=address, timeout=60) as http:
        yield Site(http, app, probes, log, deadlocks)


@pytest.fixture(scope="session", autouse=True)
def _no_trusted_proxy() -> Iterator[None]:
    """Let the server of the tests trust no proxy by itself, as ours does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORWARDED_ALLOW_IPS", "192.0.2.1")
        yield


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """The log as programs read it, caught."""
    with caught_log(monkeypatch) as caught:
        yield caught


@pytest.fixture
def make_site(engine: Engine, log: Log) -> Iterator[Callable[..., Site]]:
    """Return a function that serves the application with settings of the test's own."""
    with ExitStack() as opened:
        yield lambda **wanted: opened.enter_context(opened_site(engine, log, **wanted))


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """The application with the settings that it has when nothing is set."""
    return make_site()


@pytest.fixture(scope="module")
def shared(migrated_file: Path) -> Iterator[Site]:
    """The same, shared by the tests of a module that look at its answers only."""
    engine = open_engine(sqlite_url(migrated_file))
    with pytest.MonkeyPatch.context() as patch, caught_log(patch) as log, opened_site(engine, log) as site:
        yield site
    engine.dispose()


def _private(actor: Acting) -> str:
    return actor.id
