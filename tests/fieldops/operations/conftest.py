"""The routes of operations and plans over HTTP, for actors that a test names in a header."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import Engine

from fieldops.operations.api import router as operations
from fieldops.planning.api import router as planning
from fieldops.settings import Settings
from fieldops.web.problems import install
from fieldops.work import all_kinds
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.edge import Edge
from tests.conftest import NOW
from tests.serving import serving
from tests.worlds import load_tiny

As = Callable[..., httpx.Client]
"""From an actor to a client that acts as it."""


def _named(request: Request) -> Actor:
    told = request.headers.get("x-actor")
    return SYSTEM if told is None else Actor.from_json(json.loads(told))


@pytest.fixture
def client_of(engine: Engine) -> Iterator[As]:
    """Serve the small world, and return what makes clients of it."""
    load_tiny(engine)
    app = FastAPI()
    app.state.edge = Edge(engine, lambda: NOW, authenticate=_named)
    app.state.kinds = all_kinds(Settings())
    install(app)
    for router in (operations, planning):
        app.include_router(router, prefix="/api/v1")
    clients: list[httpx.Client] = []
    with serving(app) as address:

        def client(actor: Actor | None = None) -> httpx.Client:
            headers: dict[str, Any] = {} if actor is None else {"x-actor": json.dumps(actor.as_json())}
            clients.append(httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=60))
            return clients[-1]

        yield client
        for one in clients:
            one.close()
