"""The API as a client meets it: over HTTP, from a real server, on the small world."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select

from fieldops.app import create_app
from fieldops.events.relay import relay
from fieldops.migrations.tables import metadata
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.settings import Settings, sqlite_url
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine
from optimizer.run import Limit
from tests.accounts import issue_token
from tests.conftest import NOW
from tests.faults.working import until, working
from tests.serving import serving
from tests.worlds import TINY_DATE, load_tiny

WHOLE = {"date": TINY_DATE.isoformat(), "iterations": 20}
"""The plan of the small world's week, asked for over HTTP."""


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

    def plan(self, **wishes: Any) -> Any:
        """Have a plan made as an operation, by a worker's child process, and return it as it is read."""
        asked = self.post("/plans/day", WHOLE | wishes)
        assert asked.status_code == 202, asked.text
        with working(self.engine, self.app.state.kinds):
            told = until(lambda: seen if (seen := self.get(f"/operations/{asked.json()['id']}"))["ended_at"] else None)
        assert told["state"] == "done", told
        return self.get(f"/plans/{told['result']['plan']}")

    def have_plan(self, **wishes: Any) -> Any:
        """Make a plan on the spot, at the instant that tests call the present, and return it as it is read."""
        request = PlanRequest(TINY_DATE, limit=Limit(iterations=20), **wishes)
        return self.get(f"/plans/{make_day_plan(self.engine, SYSTEM, request, clock=lambda: NOW).plan}")

    @contextmanager
    def user(self, name: str, role: str, *regions: str) -> Iterator[Api]:
        """Add a user with one role in some regions, and act as it."""
        token = issue_token(
            self.engine, name, roles=[role], memberships=[("region", region) for region in regions], now=NOW
        )
        with httpx.Client(base_url=self.http.base_url, headers=_bearer(token), timeout=60) as http:
            yield _known(replace(self, http=http))

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows of all tables, to be compared with those of later; every event has got its number."""
        relay(self.engine)
        with self.engine.connect() as connection:
            return {
                table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
                for table in metadata.sorted_tables
            }


@contextmanager
def served(engine: Engine) -> Iterator[Api]:
    """Serve a database, at the instant that tests call the present."""
    url = engine.url.render_as_string(hide_password=False)
    app = create_app(engine, Settings(database_url=url, api_per_minute=1_000_000), clock=lambda: NOW)
    headers = _bearer(issue_token(engine, "tester", roles=["administrator"], now=NOW))
    with serving(app) as address, httpx.Client(base_url=address, headers=headers, timeout=60) as http:
        yield _known(Api(engine, app, http))


def _known(api: Api) -> Api:
    """Use the token for the first time, which is written down; from then on a request changes only what it asks for."""
    api.get("/session")
    return api


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


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
