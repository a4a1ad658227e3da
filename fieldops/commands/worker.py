"""The command that executes operations and fires schedules, on as many machines as there is work for."""

from __future__ import annotations

import signal
from threading import Event


def worker() -> None:
    """Work until a signal ends it; what runs then goes back to the queue."""
    from fieldops.logs import set_up
    from fieldops.settings import load_settings
    from fieldops.terminal import ready_engine
    from fieldops.work import worker_of

    settings = load_settings()
    set_up(settings.log)
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_signal: ended.set())
    working = worker_of(ready_engine(), settings)
    working.start()
    ended.wait()
    working.stop()
