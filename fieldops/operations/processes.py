"""One operation in one child process: with a cap on its memory, and an end that it cannot refuse."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from collections import deque
from contextlib import suppress
from subprocess import PIPE, Popen, TimeoutExpired
from tempfile import TemporaryFile
from typing import Protocol, Self

import structlog

from fieldops.operations.child import Task, crashed, out_of_memory
from fieldops.operations.ends import End, Message, as_message

GRACE_S = 5.0
"""How long an operation may take to stop by itself, before its process group is killed."""

_SAID_BYTES = 4_000
_READ_BYTES = 65_536
# The cap counts reserved addresses: each thread would reserve 64 MiB for a heap of its own on a machine of many cores.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}

_log = structlog.get_logger()


class Execution(Protocol):
    """One operation under way, wherever it runs."""

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next message; None when none came within the time. The last one is an End."""

    def stop(self) -> None:
        """Ask it to stop; what does not is killed GRACE_S later."""

    def close(self) -> None:
        """End it at once if it still runs, and let go of what it holds."""


class ProcessExecution:
    """A task in a child process and process group of its own."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._asked_at: float | None = None
        self._terminated = self._killed = False
        self._received: deque[Message] = deque()
        self._rest = b""
        self._said = TemporaryFile()  # noqa: SIM115 - closed with the execution
        self._child = Popen(
            [sys.executable, "-m", "fieldops.operations.child"],
            env=os.environ | _ENVIRONMENT,
            stdin=PIPE,
            stdout=PIPE,
            stderr=self._said,
            bufsize=0,
            start_new_session=True,
        )
        assert self._child.stdout is not None  # noqa: S101 - it is a pipe
        self._told = self._child.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._told, select.POLLIN)
        self._order(task.as_line())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process, which leads a group of its own."""
        return self._child.pid

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next message; None when none came within the time. The last one is an End."""
        until = time.monotonic() + timeout_s
        while not self._received:
            self._escalate()
            left = until - time.monotonic()
            if left <= 0:
                return None
            if self._poll.poll(1_000 * min(left, GRACE_S / 4)):
                self._read(os.read(self._told, _READ_BYTES))
        return self._received.popleft()

    def stop(self) -> None:
        """Ask it to stop; half of the grace later it is told to terminate, at its end its group is killed."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            self._order(b"stop\n")

    def close(self) -> None:
        """Kill what still runs of the group, and close the pipes."""
        self._signal(signal.SIGKILL)
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()
        self._said.close()

    def _order(self, line: bytes) -> None:
        assert self._child.stdin is not None  # noqa: S101 - it is a pipe
        left = memoryview(line)
        with suppress(BrokenPipeError):  # it ended already; its exit status says how
            while left:
                left = left[self._child.stdin.write(left) or 0 :]

    def _escalate(self) -> None:
        if self._asked_at is None:
            return
        asked_for = time.monotonic() - self._asked_at
        if asked_for >= GRACE_S:
            self._kill()
        elif asked_for >= GRACE_S / 2 and not self._terminated:
            self._terminated = True
            self._signal(signal.SIGTERM)

    def _kill(self) -> None:
        self._killed = True
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, number)

    def _read(self, data: bytes) -> None:
        if not data:
            self._received.append(self._exited())
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            message = as_message(json.loads(line))
            self._received.append(message)
            if isinstance(message, End) and message.code == "crashed":
                self._log()

    def _exited(self) -> End:
        """Return the end of a process that said none."""
        try:
            status = self._child.wait(GRACE_S)
        except TimeoutExpired:
            self._kill()
            status = self._child.wait()
        said = self._log()
        starved = status == -signal.SIGKILL and not self._killed
        if starved or (status == -signal.SIGABRT and "bad_alloc" in said):
            # the kernel kills what takes the machine's last memory; native code aborts when it gets none
            return out_of_memory(self._task)
        return crashed(self._task, signal.Signals(-status).name if status < 0 else f"exit status {status}")

    def _log(self) -> str:
        """Write the last that the process said into the worker's log, and return it."""
        end = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, end - _SAID_BYTES))
        said = self._said.read().decode(errors="replace").strip()
        _log.warning("operation broke off", operation=self._task.id, kind=self._task.run, said=said)
        return said
