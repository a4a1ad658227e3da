"""The process of one operation: `python -m fieldops.operations.child`.

The task comes on standard input, one line of JSON; the next line asks it to stop, and the end of the input says that
the worker is gone. Messages go to standard output, one line of JSON each.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from gettext import NullTranslations
from io import FileIO
from threading import Event, Lock, Thread
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from fieldops.operations.ends import End, Incumbent, Message, Progress, as_told
from fieldops.operations.registry import Job
from inventory.kernel.actor import Actor
from inventory.kernel.errors import DomainError
from inventory.kernel.operations import OperationState
from inventory.kernel.texts import speaking

_PR_SET_PDEATHSIG = 1
_REPORT_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Task:
    """What a process is to do: `run` is `module:function`, `acting` an actor as JSON, memory in MiB."""

    id: str
    run: str
    database_url: str
    acting: dict[str, Any]
    parameters: dict[str, Any]
    memory_mb: int

    def as_line(self) -> bytes:
        """Return the task as the one line that a process reads."""
        return json.dumps(asdict(self)).encode() + b"\n"


class _Source(str):
    """A text that remembers the source text and the values that it was made of."""

    source: str
    values: dict[str, Any]

    def format(self, *args: Any, **values: Any) -> str:
        made = _Source(super().format(*args, **values))
        made.source, made.values = str(self), values
        return made


class _SourceTexts(NullTranslations):
    def gettext(self, message: str) -> str:
        return _Source(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _Source(super().ngettext(msgid1, msgid2, n))


class _Channel:
    """Sends messages to the worker, from whichever thread."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._lock = Lock()
        self._last = (float("-inf"), "")

    def send(self, message: Message) -> None:
        line = memoryview(json.dumps(as_told(message), default=str).encode() + b"\n")
        with self._lock:
            while line:
                line = line[self._file.write(line) :]

    def report(self, stage: str, done: int, total: int) -> None:
        """Tell the progress, but not more often than somebody could read it."""
        source = getattr(stage, "source", str(stage))
        at, before = self._last
        now = time.monotonic()
        if source == before and done < total and now - at < _REPORT_EVERY_S:
            return
        self._last = (now, source)
        self.send(Progress(source, done, total))


def main() -> None:
    """Do the task that standard input tells, and say how it ended."""
    channel = _Channel(FileIO(os.dup(1), "w"))
    os.dup2(2, 1)  # what libraries print must not get between the messages
    _die_with_parent()
    orders = FileIO(0, closefd=False)
    task = Task(**json.loads(orders.readline()))
    asked = Event()
    Thread(target=_obey, args=(orders, asked), daemon=True).start()
    memory = task.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    channel.send(_ended(task, channel, asked.is_set))


def _die_with_parent() -> None:
    """Have the kernel end this process with its worker, also while native code keeps the other threads waiting."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _obey(orders: FileIO, asked: Event) -> None:
    while orders.readline():
        asked.set()
    # nobody listens any more; what this process started goes with it
    os.killpg(0, signal.SIGKILL)


def _ended(task: Task, channel: _Channel, should_stop: Callable[[], bool]) -> End:
    try:
        job = Job(
            id=UUID(task.id),
            database_url=task.database_url,
            actor=Actor.from_json(task.acting),
            parameters=task.parameters,
            report=channel.report,
            incumbent=lambda value: channel.send(Incumbent(to_jsonable_python(value, inf_nan_mode="null"))),
            should_stop=should_stop,
        )
        module, _colon, function = task.run.partition(":")
        with speaking(_SourceTexts()):
            result = getattr(importlib.import_module(module), function)(job)
        return End(OperationState.DONE, result=to_jsonable_python(result, inf_nan_mode="null"))
    except DomainError as refusal:
        return _refused(refusal)
    except MemoryError:
        return out_of_memory(task)
    except Exception as wrong:
        traceback.print_exc()
        return crashed(task, type(wrong).__name__)


def _refused(refusal: DomainError) -> End:
    """Return the refusal so that it can be told in any language: as its source text and what was put into that."""
    message = refusal.message
    source = str(getattr(message, "source", message))
    values = to_jsonable_python(getattr(message, "values", None), fallback=str)
    try:
        again = values is not None and source.format(**values) == message
    except (ValueError, LookupError):
        again = False
    told, values = (source, values) if again else (str(message), None)
    return End(OperationState.FAILED, code=refusal.code, text=told[:400], values=values)


def out_of_memory(task: Task) -> End:
    """Return the end of a task that needed more memory than there is."""
    return End(OperationState.OUT_OF_MEMORY, code="out_of_memory", values={"memory_mb": task.memory_mb})


def crashed(task: Task, how: str) -> End:
    """Return the end of a task that broke off; `how` names the error or the signal."""
    return End(OperationState.FAILED, code="crashed", values={"how": how, "operation": task.id})


if __name__ == "__main__":
    main()
