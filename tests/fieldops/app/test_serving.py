"""`fieldops serve`: where it listens, what it refuses, how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest
from sqlalchemy import Engine

from fieldops.app import run
from fieldops.settings import Settings
from inventory.kernel.errors import NotReady


def _serve(engine: Engine, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "fieldops", "serve", *options],
        env=os.environ | {"FIELDOPS_DATABASE_URL": engine.url.render_as_string(hide_password=False)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.0.2.1", "fieldops.example", "127.0.0.2", "LOCALHOST", "[::1]", ""],  # noqa: S104
)
def test_only_this_machine_is_served(engine: Engine, host: str) -> None:
    with pytest.raises(NotReady) as refusal:
        run(engine, Settings(), host, 0)
    assert refusal.value.code == "not_loopback"
    assert "localhost, 127.0.0.1 or ::1" in refusal.value.message


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
    process = _serve(engine, "--host", host, "--port", "0")
    assert process.stderr is not None
    said = process.stderr.readline()
    address = re.search(rf"http://{host}:\d+", said)
    assert address, said
    assert httpx.get(f"{address[0]}/readyz").json() == {"status": "ready"}
    process.send_signal(ending)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (status, "", "")
