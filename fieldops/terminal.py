"""What every command shares: the engine, errors as one line, progress on standard error, JSON on standard output."""

from __future__ import annotations

import gc
import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from inventory.kernel.errors import DomainError
from inventory.kernel.texts import gettext as _

if TYPE_CHECKING:
    from pydantic import ValidationError
    from sqlalchemy import Engine
    from typer import BadParameter


class Interrupted(DomainError):
    """The user pressed Ctrl-C."""


def wrong_option(wrong: ValidationError) -> BadParameter:
    """Return what is wrong with options, by the first of them."""
    from typer import BadParameter

    first = wrong.errors()[0]
    told = [str(one) for one in first["loc"][:1]]
    return BadParameter(": ".join([*told, first["msg"].removeprefix("Value error, ")]))


def refuse_on_interrupt() -> None:
    """Make Ctrl-C a refusal like any other: the command line library would end with a status of its own."""

    def interrupted(_signal: int, _frame: Any) -> None:
        raise Interrupted(_("Stopped; what was not finished is not kept"), code="stopped")

    signal.signal(signal.SIGINT, interrupted)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn a refusal into one line on standard error and exit status 1."""
    try:
        yield
    except DomainError as refusal:
        _fail(refusal.message)
    except Exception as wrong:
        # importing SQLAlchemy just to name its errors would slow every help text down
        database = sys.modules.get("sqlalchemy.exc")
        if database is None or not isinstance(wrong, database.DBAPIError):
            raise
        _fail(_("The database refused: {why}").format(why=" ".join(str(wrong.orig).split())))


def _fail(message: str) -> None:
    sys.stderr.write(f"fieldops: {message}\n")
    raise SystemExit(1)


def collect_rarely() -> None:
    """Have the garbage collector look for cycles after 50,000 new objects rather than 700.

    A batch of the ledger makes hundreds of thousands of objects and no cycle: it took a third of the time to find none.
    """
    gc.set_threshold(50_000, 20, 20)


def ready_engine() -> Engine:
    """Return the engine of the configured database, refusing one whose schema does not fit."""
    from fieldops.migrations import require_current
    from fieldops.settings import load_settings
    from inventory.kernel.engine import open_engine

    engine = open_engine(load_settings().database_url)
    require_current(engine)
    return engine


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON object on standard output."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show on standard error how far each stage is: bars on a terminal, else a line when a stage begins."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        known: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in known:
                known[stage] = bars.add_task(stage, total=total)
                if not console.is_terminal:
                    console.print(stage)
            bars.update(known[stage], completed=done, total=total)

        yield report


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Make Ctrl-C a question that solvers ask, since an exception does not cross their native code.

    The second Ctrl-C interrupts as usual.
    """
    stopped = False

    def stop(_signal: int, _frame: Any) -> None:
        nonlocal stopped
        stopped = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: stopped
    finally:
        signal.signal(signal.SIGINT, before)
