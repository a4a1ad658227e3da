"""Operations as tasks of a Dask cluster: on its machine each is a child process, as it would be here."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import json
import queue
import time
from dataclasses import asdict
from typing import Any
from uuid import uuid4

from distributed import Client, Event, Future, get_worker

from fieldops.operations.child import Task, crashed
from fieldops.operations.ends import End, Incumbent, Message, as_message, as_told
from fieldops.operations.processes import Execution, ProcessExecution
from inventory.kernel.errors import NotReady
from inventory.kernel.texts import gettext as _

_CONNECT_S = 10
_ASK_S = 0.5


class Cluster:
    """A connection to a Dask scheduler, whose workers have this program installed and reach the database."""

    def __init__(self, address: str) -> None:
        try:
            self._client = Client(address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as why:
            raise NotReady(
                _("No Dask scheduler answers at {address} ({why}); correct FIELDOPS_DASK_SCHEDULER").format(
                    address=address, why=why
                ),
                code="no_cluster",
            ) from None

    def start(self, task: Task) -> Execution:
        """Start a task on the cluster."""
        return ClusterExecution(self._client, task)

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close()


class ClusterExecution:
    """One task on a cluster: its messages come as events of a topic, its end as the task's result."""

    def __init__(self, client: Client, task: Task) -> None:
        self._client = client
        self._task = task
        self._received: queue.Queue[Message] = queue.Queue()
        # of its own for each attempt: the scheduler still knows how the last one was stopped and ended
        self._topic = f"fieldops-operation-{task.id}-{uuid4().hex}"
        self._stop = Event(self._topic, client=client)
        client.subscribe_topic(self._topic, self._hear)
        self._future = client.submit(_run, asdict(task), self._topic, key=self._topic, pure=False)
        self._future.add_done_callback(self._done)

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next message; None when none came within the time. The last one is an End."""
        try:
            return self._received.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def stop(self) -> None:
        """Ask it to stop; its process is killed GRACE_S later."""
        self._stop.set()

    def close(self) -> None:
        """Have it stop if it still runs, and forget it."""
        if self._future.done():
            self._stop.clear()
        else:
            self._stop.set()
        self._client.unsubscribe_topic(self._topic)
        self._future.release()

    def _hear(self, event: tuple[float, str]) -> None:
        self._received.put(as_message(json.loads(event[1])))

    def _done(self, future: Future[list[str]]) -> None:
        if future.status != "finished":
            self._received.put(crashed(self._task, f"cluster task {future.status}"))
            return
        # the last events may still be on their way, so the result brings what must not be lost
        for told in future.result():
            self._received.put(as_message(json.loads(told)))


def _run(told: dict[str, Any], topic: str) -> list[str]:
    """Run a task on a machine of the cluster; returns its last incumbent, if any, and its end, as JSON."""
    task = Task(**told)
    stop, worker = Event(topic), get_worker()
    kept: list[str] = []
    asked_at = time.monotonic()
    with ProcessExecution(task) as execution:
        while True:
            message = execution.receive(_ASK_S)
            if isinstance(message, End):
                return [*kept, json.dumps(as_told(message))]
            if message is not None:
                line = json.dumps(as_told(message))
                worker.log_event(topic, line)
                kept = [line] if isinstance(message, Incumbent) else kept
            if time.monotonic() - asked_at >= _ASK_S:
                asked_at = time.monotonic()
                if stop.is_set():
                    execution.stop()
