"""Whether the server lives and whether it can serve."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine, text

from inventory.kernel.errors import NotReady
from tests.fieldops.web.conftest import Site


def test_a_ready_server_names_what_it_has_checked(site: Site) -> None:
    assert site.http.get("/healthz").json() == {"status": "alive"}
    answer = site.http.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "checks": {"database": "ok"}})


def test_a_wrong_schema_is_said_and_life_goes_on(make_site: Callable[..., Site], engine: Engine) -> None:
    site = make_site()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
    answer = site.http.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "schema_newer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert site.http.get("/healthz").status_code == 200


def test_others_add_checks_and_each_is_told(site: Site) -> None:
    def no_worker(_engine: Engine) -> None:
        raise NotReady("No worker has been heard of for a minute; start one", code="worker_silent")

    site.probes.checks["worker"] = no_worker
    answer = site.http.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "worker_silent")
    assert answer.json()["checks"] == {
        "database": "ok",
        "worker": "No worker has been heard of for a minute; start one",
    }
