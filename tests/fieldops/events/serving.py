"""The routes of events alone, served for real, and a reader of their streams."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine

from fieldops.events.api import router
from fieldops.events.hub import QUEUE_MAX, Hub
from fieldops.web.problems import install
from inventory.kernel.actor import NETWORK, SYSTEM, Actor, Scope
from inventory.kernel.edge import Edge
from inventory.kernel.engine import writing
from inventory.kernel.errors import Unauthenticated
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _
from tests.conftest import NOW
from tests.serving import serving

RIGHTS = frozenset({"events.read", "webhooks.write", "dispatch.read", "stock.read", "plan.read", "operations.read"})


def of_region(name: str, *regions: str) -> Actor:
    """Return an actor with the rights to events in some regions."""
    return Actor(name, permissions=RIGHTS, scope=Scope(regions=frozenset(regions)))


EAST, WEST, BOTH = of_region("east", "E"), of_region("west", "W"), of_region("both", "E", "W")
CENTRAL = Actor("central", permissions=RIGHTS, scope=NETWORK)
NOBODY = Actor("nobody", scope=Scope(regions=frozenset({"E"})))


@dataclass
class Served:
    """A served database and who may come in."""

    engine: Engine
    edge: Edge
    hub: Hub
    http: httpx.Client
    actors: dict[str, Actor]

    @contextmanager
    def stream(self, actor: Actor = CENTRAL, **asked: Any) -> Iterator[Iterator[dict[str, str]]]:
        """Open a stream; yields its events, after the first, which tells only the number that it goes on from."""
        headers = {"x-actor": actor.id}
        if "last_event_id" in asked:
            headers["Last-Event-ID"] = str(asked.pop("last_event_id"))
        with self.http.stream("GET", "/events", params=asked, headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"].startswith("text/event-stream")
            events = parsed(answer)
            assert next(events).keys() == {"id"}
            yield events

    def ask(self, method: str, path: str, actor: Actor, body: Any = None, **headers: str) -> httpx.Response:
        """Send a request in the name of an actor."""
        return self.http.request(method, path, json=body, headers={"x-actor": actor.id, **headers})


@contextmanager
def served(engine: Engine, *, queue_max: int = QUEUE_MAX, http: httpx.BaseTransport | None = None) -> Iterator[Served]:
    """Serve the routes of events until the end of the block."""
    actors = {one.id: one for one in (EAST, WEST, BOTH, CENTRAL, NOBODY)}

    def authenticate(request: Any) -> Actor:
        try:
            return actors[request.headers["x-actor"]]
        except KeyError:
            raise Unauthenticated(_("Sign in"), code="not_signed_in") from None

    def still(request: Any, actor: Actor) -> bool:
        return actors.get(request.headers["x-actor"]) == actor

    edge = Edge(engine, lambda: NOW, authenticate=authenticate, still=still)
    hub = Hub(engine, stopping=edge.stopping, queue_max=queue_max)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        hub.start()
        yield
        await hub.stop()

    app = FastAPI(lifespan=life)
    app.state.edge, app.state.hub = edge, hub
    install(app)
    app.include_router(router, prefix="/api/v1")
    with serving(app) as address:
        with httpx.Client(base_url=f"{address}/api/v1", timeout=30, transport=http) as client:
            yield Served(engine, edge, hub, client, actors)
        edge.stopping.set()


def parsed(answer: httpx.Response) -> Iterator[dict[str, str]]:
    """Yield the events of a stream as they come, and comments as {"": text}."""
    event: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _colon, value = line.partition(": ")
        if line:
            event[name.rstrip(":")] = value
        elif event:
            yield event
            event = {}


def happen(engine: Engine, *names: str, audience: str = "E", kind: str = "job.moved", **told: Any) -> None:
    """Let things happen, each in a transaction of its own."""
    for name in names:
        with writing(engine, SYSTEM, clock=lambda: NOW) as session:
            emit(session, kind, {"name": name, **told}, NOW, audience=audience)


def happen_elsewhere(engine: Engine, name: str) -> None:
    """Let one thing happen in another process."""
    script = (
        "import sys\n"
        "from inventory.kernel.engine import open_engine\n"
        "from tests.fieldops.events.serving import happen\n"
        "happen(open_engine(sys.argv[1]), sys.argv[2])\n"
    )
    url = engine.url.render_as_string(hide_password=False)
    subprocess.run([sys.executable, "-c", script, url, name], check=True, timeout=60)


def name_of(event: dict[str, str]) -> str:
    """Return which of `happen` an event tells."""
    return str(json.loads(event["data"])["payload"]["name"])


def names(events: Iterator[dict[str, str]], count: int) -> list[str]:
    """Return which of `happen` the next events tell."""
    return [name_of(next(events)) for _event in range(count)]


def until(holds: Callable[[], bool]) -> None:
    """Return once something holds; fails when it does not in half a minute."""
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)  # between two looks
