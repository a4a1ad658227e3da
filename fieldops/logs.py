"""The log: one line an event on standard error, for a person or as JSON, and never a secret in it."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Literal, cast

import structlog
from pydantic_core import to_json
from structlog.typing import EventDict, Processor, WrappedLogger

Form = Literal["auto", "console", "json"]
"""How a line looks; “auto” is for a person on a terminal, and JSON where a program reads it."""

HIDDEN = "…"
_SECRET_KEY = re.compile(
    r"passw|token|secret|authori[sz]ation|cookie|csrf|otp|api_?key|credential|^code$", re.IGNORECASE
)
_SECRET_VALUE = re.compile(
    r"(?P<token>\bfo_)[\w-]+"
    r"|(?P<scheme>\b(?:Bearer|Basic)\s+)[\w.~+/=-]+"
    r"|(?P<user>://[^\s:/@]*:)[^\s/@]+(?=@)"
    r"|(?P<query>[?&](?:code|state|\w*token|\w*secret|password)=)[^&\s\"']+",
    re.IGNORECASE,
)
_CHATTY = ("uvicorn.error", "uvicorn.access", "apscheduler", "alembic", "httpx", "httpcore", "distributed")


def set_up(form: Form = "auto") -> None:
    """Write our log and that of the libraries to standard error from now on."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Formatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, *_renderers(form)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # our own lines do not go through the library's records: each request writes one, and that would double its cost
    structlog.configure(
        processors=[*shared, redact, *_renderers(form), _scrubbed],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide the values of keys that name a secret, however deep they lie."""
    return {key: _without_secrets(key, value) for key, value in event.items()}


def scrub(line: str) -> str:
    """Hide what looks like a secret wherever it stands: tokens, credentials of headers and addresses, login answers."""
    return _SECRET_VALUE.sub(lambda found: f"{found[found.lastgroup or 0]}{HIDDEN}", line)


def _scrubbed(_logger: WrappedLogger, _method: str, line: EventDict) -> str:
    return scrub(cast(str, line))  # the renderer before it made it one


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Scrubs the finished line, so that also what a traceback tells is without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def _without_secrets(key: str, value: Any) -> Any:
    if _SECRET_KEY.search(key):
        return HIDDEN
    if isinstance(value, Mapping):
        return {name: _without_secrets(str(name), one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(key, one) for one in value]
    return value


def _renderers(form: Form) -> list[Processor]:
    person = form == "console" or (form == "auto" and sys.stderr.isatty())
    if person:
        return [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_as_json)]


def _as_json(event: EventDict, **_options: Any) -> str:
    return to_json(event, fallback=str).decode()
