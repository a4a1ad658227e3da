"""`fieldops serve`: where it listens, what it refuses, how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import Engine

from fieldops.identity.links import DEMO_ROLES
from fieldops.serving import run
from fieldops.settings import Settings
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.errors import NotReady
from inventory.kernel.installation import DEMO_DATE, set_fact
from tests.worlds import TINY_DATE, load_tiny


def _serve(engine: Engine, *options: str, **settings: str) -> subprocess.Popen[str]:
    url = engine.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-m", "fieldops", "serve", *options],
        env=os.environ | {"FIELDOPS_DATABASE_URL": url, "FIELDOPS_LOG": "json"} | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def _serving(engine: Engine, *options: str, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve on a free port, and yield the address that it says, and the process."""
    with _serve(engine, "--port", "0", *options, **settings) as process:
        try:
            assert process.stderr is not None
            said = next(line for line in process.stderr if not line.startswith("{"))  # not the log
            address = re.search(r"http://\S+", said)
            assert address, said
            yield address[0], process
        finally:
            process.kill()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "fieldops.example", "127.0.0.2", "LOCALHOST", ""])  # noqa: S104
def test_others_are_served_only_under_names_that_are_set(engine: Engine, host: str) -> None:
    with pytest.raises(NotReady) as refusal:
        run(engine, Settings(), host, 0)
    assert refusal.value.code == "no_allowed_hosts"
    assert "FIELDOPS_ALLOWED_HOSTS" in refusal.value.message


def test_a_name_that_is_set_is_served_and_no_other(engine: Engine) -> None:
    with _serving(engine, "--host", "127.0.0.2", FIELDOPS_ALLOWED_HOSTS="plan.example") as (address, _process):
        assert address.startswith("http://127.0.0.2:")
        for name, status in (("plan.example", 401), ("evil.example", 421)):
            assert httpx.get(f"{address}/api/v1/jobs", headers={"host": name}).status_code == status


def test_a_busy_port_is_one_line_that_names_the_option(engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = _serve(engine, "--port", str(port))
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.count("\n") == 1
    assert str(port) in err
    assert "--port" in err


@pytest.mark.parametrize(("ending", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_it_says_where_it_is_and_ends_when_told(engine: Engine, host: str, ending: int, status: int) -> None:
    with _serving(engine, "--host", host) as (address, process):
        assert address.startswith(f"http://{host}:")
        assert httpx.get(f"{address}/readyz").json()["status"] == "ready"
        process.send_signal(ending)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (status, "")
    assert "Traceback" not in err
    assert all(json.loads(line)["level"] != "error" for line in err.splitlines())


def test_a_demonstration_tells_a_way_in_for_each_role_and_each_works_once(engine: Engine) -> None:
    load_tiny(engine)
    with writing(engine, SYSTEM) as session:
        set_fact(session, DEMO_DATE, TINY_DATE.isoformat())
    with _serving(engine) as (address, process):
        assert process.stderr is not None
        assert "once by each link" in process.stderr.readline()
        ways = dict(process.stderr.readline().split() for _role in DEMO_ROLES)
        assert set(ways) == set(DEMO_ROLES)
        for status in (303, 401):
            with httpx.Client(base_url=address, headers={"accept": "text/html"}) as browser:
                csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get(ways["regional_manager"]).text)
                assert csrf is not None
                assert browser.post(ways["regional_manager"], data={"csrf": csrf[1]}).status_code == status
                assert browser.get("/").status_code == (200 if status == 303 else 303)


def test_garbage_is_looked_for_seldom_and_not_in_what_is_loaded() -> None:
    told = "from fieldops.serving import gc, settle; settle(); print(gc.get_freeze_count(), gc.get_threshold()[0])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    left_alone, objects = map(int, done.stdout.split())
    assert left_alone > 10_000
    assert objects >= 10_000
