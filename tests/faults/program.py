"""A worker as a process of its own, to be killed: `python -m tests.faults.program DATABASE_URL`."""

from __future__ import annotations

import signal
import sys
from threading import Event

from fieldops.operations.worker import Worker
from inventory.kernel.engine import open_engine
from tests.faults.kinds import kinds
from tests.faults.working import as_submitted, settings_of


def main() -> None:
    """Work until SIGTERM."""
    engine = open_engine(sys.argv[1])
    worker = Worker(engine, settings_of(engine), kinds(), as_submitted)
    ended = Event()
    signal.signal(signal.SIGTERM, lambda *_signal: ended.set())
    worker.start()
    sys.stdout.write("works\n")
    sys.stdout.flush()
    ended.wait()
    worker.stop()


if __name__ == "__main__":
    main()
