"""`fieldops worker` as a process of its own."""

from __future__ import annotations

import os
import signal
import sys
from subprocess import PIPE, Popen

from sqlalchemy import Engine

from inventory.kernel.operations import OperationState
from tests.faults.working import ask, ended, until


def test_the_command_works_until_it_is_told_to_end(engine: Engine) -> None:
    environment = os.environ | {"FIELDOPS_DATABASE_URL": engine.url.render_as_string(hide_password=False)}
    command = [sys.executable, "-c", "from fieldops.commands.worker import worker; worker()"]
    with Popen(command, env=environment, stderr=PIPE, text=True) as running:
        try:
            operation = ended(engine, ask(engine, "plan.day"))
            running.send_signal(signal.SIGTERM)
            until(lambda: running.poll() is not None)
        finally:
            running.kill()
        assert running.stderr is not None
        assert "this worker leads" in running.stderr.read()
    assert running.returncode == 0
    assert (operation.state, operation.code) == (OperationState.FAILED, "no_central")
