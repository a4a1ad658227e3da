"""The API as a client meets it: over HTTP, from a real server, on the small world."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select

from fieldops.app import create_app
from fieldops.migrations.tables import metadata
from fieldops.settings import Settings, sqlite_url
from inventory.kernel.engine import open_engine
from tests.conftest import NOW
from tests.serving import serving
from tests.worlds import load_tiny


@dataclass(frozen=True)
class Api:
    """A served database, what serves it, and a client of it."""

    engine: Engine
    app: FastAPI
    http: httpx.Client

    def get(self, path: str, **query: Any) -> Any:
        """Return what a path answers with status 200."""
        answer = self.http.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> httpx.Response:
        """Send a body and return whatever comes back."""
        return self.http.post(f"/api/v1{path}", json=body)

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows of all tables, to be compared with those of later."""
        with self.engine.connect() as connection:
            return {
                table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
                for table in metadata.sorted_tables
            }


@contextmanager
def served(engine: Engine) -> Iterator[Api]:
    """Serve a database, at the instant that tests call the present."""
    url = engine.url.render_as_string(hide_password=False)
    app = create_app(engine, Settings(database_url=url), clock=lambda: NOW)
    with serving(app) as address, httpx.Client(base_url=address, timeout=60) as http:
        yield Api(engine, app, http)


@pytest.fixture
def api(engine: Engine) -> Iterator[Api]:
    """The small world of the test's own, to change."""
    load_tiny(engine)
    with served(engine) as api:
        yield api


@pytest.fixture(scope="module")
def tiny(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The small world, shared by the tests of a module, which leave it as it is."""
    file = tmp_path_factory.mktemp("tiny") / "tiny.db"
    shutil.copyfile(migrated_file, file)
    engine = open_engine(sqlite_url(file))
    load_tiny(engine)
    with served(engine) as api:
        before = api.content()
        yield api
        assert api.content() == before
    engine.dispose()
