"""What goes wrong behind the API: a busy database, a commit that fails, an error that nobody foresaw."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from fieldops.app import create_app
from fieldops.settings import Settings
from tests.fieldops.app import bodies
from tests.fieldops.app.conftest import Api, served
from tests.serving import serving
from tests.worlds import load_tiny


@pytest.fixture
def impatient(engine: Engine) -> Iterator[Api]:
    """The small world on connections that wait for a lock for a millisecond only."""
    load_tiny(engine)
    engine.dispose()

    def wait_little(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 1")

    event.listen(engine, "connect", wait_little)
    with served(engine) as api:
        yield api


def test_a_busy_database_asks_to_try_again(impatient: Api) -> None:
    before = impatient.content()
    with impatient.engine.execution_options(fieldops_writes=True).begin():
        answer = impatient.post("/jobs", bodies.job())
        assert impatient.get("/jobs", limit=1)["items"]
    assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")
    assert answer.headers["retry-after"] == "5"
    assert impatient.content() == before


@contextmanager
def _failing_commits(engine: Engine, error: Exception) -> Iterator[None]:
    def fail(_connection: Connection) -> None:
        raise error

    event.listen(engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(engine, "commit", fail)


def test_a_commit_that_fails_is_an_error_and_not_a_success(api: Api) -> None:
    before = api.content()
    disk_full = OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))
    with _failing_commits(api.engine, disk_full):
        answer = api.post("/jobs", bodies.job())
    assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")
    assert api.content() == before


def test_an_unforeseen_error_tells_nothing_but_where_to_look(api: Api) -> None:
    before = api.content()
    with capture_logs() as log, _failing_commits(api.engine, RuntimeError("the password is hunter2")):
        answer = api.post("/jobs", bodies.job())
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (500, "unexpected")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert problem["instance"] in problem["detail"]
    (told,) = [one for one in log if one["event"] == "request failed"]
    assert told["instance"] == problem["instance"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert api.content() == before


@pytest.mark.postgres
def test_what_the_database_cannot_keep_is_refused(postgres_engine: Engine) -> None:
    load_tiny(postgres_engine)
    with served(postgres_engine) as api:
        before = api.content()
        answer = api.post("/jobs", bodies.job(title="ends in a null\0"))
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        answer = api.http.get("/api/v1/jobs?region=%00")
        assert (answer.status_code, answer.json()["code"]) == (422, "unstorable")
        assert api.content() == before
        assert api.post("/jobs", bodies.job()).status_code == 201


def test_a_server_on_an_empty_database_lives_but_is_not_ready(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
    url = engine.url.render_as_string()
    app = create_app(engine, Settings(database_url=url))
    with serving(app) as address:
        assert httpx.get(f"{address}/healthz").status_code == 200
        answer = httpx.get(f"{address}/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "schema_newer")
