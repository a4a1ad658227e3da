"""The API served to an actor of a test's choice, whoever signs in or does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from fastapi import FastAPI
from sqlalchemy import Engine

from fieldops.app import create_app
from fieldops.settings import Settings
from inventory.kernel.actor import Actor
from tests.conftest import NOW
from tests.serving import serving


def app_for(engine: Engine, actor: Actor) -> FastAPI:
    """Return the application where every request is the actor's, at the instant that tests call the present."""
    url = engine.url.render_as_string(hide_password=False)
    app = create_app(engine, Settings(database_url=url), clock=lambda: NOW)
    app.state.edge = replace(app.state.edge, authenticate=lambda _request: actor)
    return app


@contextmanager
def served_to(engine: Engine, actor: Actor) -> Iterator[str]:
    """Serve a database to an actor, and yield the address."""
    with serving(app_for(engine, actor)) as address:
        yield address
