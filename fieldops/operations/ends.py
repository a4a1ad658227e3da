"""What a running operation tells, how it can end, and the words for it in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from inventory.kernel.operations import Operation, OperationState
from inventory.kernel.texts import gettext
from inventory.kernel.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an operation is: `stage` is a source text."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Incumbent:
    """The best result so far."""

    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class End:
    """How an operation ended: with a result, or with a code.

    `text` is the source text of a refusal and `values` what is put into it; without values it is said as it is.
    """

    state: OperationState
    result: dict[str, Any] | None = None
    code: str | None = None
    text: str | None = None
    values: dict[str, Any] | None = None


Message = Progress | Incumbent | End

_MESSAGES: dict[str, type[Message]] = {"progress": Progress, "incumbent": Incumbent, "end": End}


def as_message(told: dict[str, Any]) -> Message:
    """Return the message that `as_told` told."""
    (name, values), *_rest = told.items()
    if name == "end":
        values = values | {"state": OperationState(values["state"])}
    return _MESSAGES[name](**values)


def as_told(message: Message) -> dict[str, Any]:
    """Return a message as JSON can tell it."""
    return {type(message).__name__.lower(): asdict(message)}


_TEXTS: dict[str, Callable[[], str]] = {
    "cancelled": lambda: _("It was cancelled; submit it again if it is still wanted"),
    "timed_out": lambda: _(
        "It took longer than {limit_s} seconds and was ended; the best result so far is kept. "
        "Ask for less at once, such as one region, or give it a shorter search"
    ),
    "out_of_memory": lambda: _(
        "It needed more memory than the {memory_mb} MiB that it may use, or than the machine has, and was ended; the "
        "best result so far is kept. Ask for less at once, such as one region, or have an administrator raise the limit"
    ),
    "crashed": lambda: _(
        "It broke off because of a fault in the program ({how}); the best result so far is kept. Try it once more; if "
        "it breaks off again, show an administrator the worker's log of operation {operation}"
    ),
    "rights_withdrawn": lambda: _(
        "It was not begun, because whoever asked for it may not have it done any more. Ask an administrator for the "
        "right and submit it again, or have somebody who has it submit it, or save its schedule as their own"
    ),
    "worker_lost": lambda: _(
        "The worker that ran it was lost {attempts} times, so it is not tried again; have an administrator look at the "
        "worker's log and the machine's memory, then submit it again"
    ),
}
"""The words for the codes of our own, which are not kept in the row."""


def text_of(operation: Operation) -> str | None:
    """Return in the reader's language why an operation ended otherwise than done, and what to do."""
    if operation.code is None:
        return None
    template = gettext(operation.text) if operation.text is not None else _TEXTS[operation.code]()
    return template if operation.values is None else template.format(**operation.values)


def stage_of(operation: Operation) -> str | None:
    """Return in the reader's language what an operation is doing."""
    return None if operation.stage is None else gettext(operation.stage)
