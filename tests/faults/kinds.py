"""Kinds of long work that go wrong, each in its own way; a child process imports them by name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from fieldops.operations.registry import Job, Kind, Kinds
from inventory.kernel.errors import Conflict, DomainError
from inventory.kernel.texts import gettext as _

MEMORY_MB = 1_024


class Anything(BaseModel):
    """Parameters that nobody checks."""

    model_config = ConfigDict(extra="allow", frozen=True)


def double(job: Job) -> dict[str, Any]:
    """Tell who asked and twice the number that was given."""
    job.report("Doubling", 1, 1)
    sys.stdout.write("what a library prints is no message\n")
    return {"twice": 2 * int(job.parameters["number"]), "by": job.actor.id, "id": job.id}


def wait(job: Job) -> dict[str, Any]:
    """Wait until it is asked to stop; with `mark` it adds a line to that file first."""
    if "mark" in job.parameters:
        with Path(job.parameters["mark"]).open("a") as marks:
            marks.write(f"{os.getpid()}\n")
    job.incumbent({"objective": 7.5, "bound": 5})
    job.report("Waiting", 0, 1)
    while not job.should_stop():
        time.sleep(0.02)
    raise DomainError("stopped", code="stopped")


def wait_for_file(job: Job) -> dict[str, Any]:
    """Wait until a file is there, then answer; like `wait` when it is asked to stop."""
    with Path(job.parameters["mark"]).open("a") as marks:
        marks.write(f"{os.getpid()}\n")
    job.report("Waiting", 0, 1)
    while not Path(job.parameters["file"]).exists():
        if job.should_stop():
            raise DomainError("stopped", code="stopped")
        time.sleep(0.02)
    return {"done": True}


def deaf(job: Job) -> dict[str, Any]:
    """Ignore every wish to end, with a child of its own that does so, too."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    own = subprocess.Popen(["sleep", "600"])
    job.incumbent({"objective": 1, "group": [os.getpid(), own.pid]})
    while True:
        time.sleep(60)


def finish_although_asked(job: Job) -> dict[str, Any]:
    """Have a result by the time that it is asked to stop."""
    job.report("Waiting", 0, 1)
    while not job.should_stop():
        time.sleep(0.02)
    return {"best": 3}


def refuse(job: Job) -> dict[str, Any]:
    """Refuse with a text that has values."""
    raise Conflict(
        _("Stock of {part} at {place} was taken while the plan was made; make the plan again").format(
            part="P-1", place="XIY"
        ),
        code="plan_stale",
    )


def refuse_oddly(job: Job) -> dict[str, Any]:
    """Refuse with a text that cannot be made again from what JSON keeps."""
    raise Conflict(_("It costs {cost:,.2f}").format(cost=Decimal("1234.5")), code="costs")


def greedy(job: Job) -> dict[str, Any]:
    """Take memory until there is none left."""
    job.incumbent({"objective": 2})
    taken = []
    while True:
        taken.append(bytearray(64 * 2**20))


def abort_for_memory(job: Job) -> dict[str, Any]:
    """End as native code does that gets no memory."""
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


def killed(job: Job) -> dict[str, Any]:
    """End as by the kernel when the machine has no memory left."""
    job.incumbent({"objective": 3})
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def vanish(job: Job) -> dict[str, Any]:
    """Leave without a word."""
    os._exit(3)


def hang_up(job: Job) -> dict[str, Any]:
    """Say nothing any more, but stay."""
    os.closerange(3, 1_024)
    while True:
        time.sleep(60)


def break_off(job: Job) -> dict[str, Any]:
    """Have a fault."""
    raise ZeroDivisionError("nobody foresaw this")


def stream(job: Job) -> dict[str, Any]:
    """Tell ever better results, much faster than anybody reads them."""
    for number in range(2_000):
        job.report("Improving", number, 2_000)
        job.incumbent({"objective": 2_000 - number})
    return {"objective": 0}


def kinds(**changes: Any) -> Kinds:
    """Return all of them, by the names of their functions; `changes` are limits of all."""
    functions = (
        double,
        wait,
        wait_for_file,
        deaf,
        finish_although_asked,
        refuse,
        refuse_oddly,
        greedy,
        abort_for_memory,
        killed,
        vanish,
        hang_up,
        break_off,
        stream,
    )
    limits = {"limit_s": 60.0, "memory_mb": MEMORY_MB} | changes
    return {run.__name__: Kind(run, "plan.make", Anything, **limits) for run in functions}
