"""Errors that a user sees.

    DomainError (400)
    ├── Unauthenticated (401)
    ├── Forbidden (403)
    ├── NotFound (404)
    ├── Conflict (409)       the state of the data forbids it
    ├── Stale (412)          the record was changed since it was read
    ├── Invalid (422)        the input itself is wrong
    ├── VersionRequired (428) the request does not say which version it changes
    ├── TooMany (429)        too often; try again later
    └── NotReady (503)       the installation must be mended first

Each carries a stable code, the HTTP status and one line that says what to do, already in the user's language.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def told_at(path: str) -> Iterator[None]:
    """Have a refusal name its field within a record of several, such as `items.3.currency`."""
    try:
        yield
    except DomainError as error:
        error.field = f"{path}.{error.field}" if error.field else path
        raise


class DomainError(Exception):
    """A refusal; nothing was changed. `field` names the input at fault, where there is one.

    `details` tell more than one reason: what each is about, and a text.
    """

    status = 400
    details: Sequence[tuple[str, str]] = ()

    def __init__(self, message: str, *, code: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


class Unauthenticated(DomainError):
    """Nobody is signed in, or not any more."""

    status = 401


class Forbidden(DomainError):
    """The actor may not do this."""

    status = 403


class NotFound(DomainError):
    """A named record does not exist, or not for this actor."""

    status = 404


class Conflict(DomainError):
    """The request is well formed but the present state of the data forbids it."""

    status = 409


class Stale(DomainError):
    """The record has another version than the one that the request changes; `version` is the one it has, if known."""

    status = 412

    def __init__(self, message: str, *, code: str, version: int | None = None) -> None:
        super().__init__(message, code=code)
        self.version = version


class VersionRequired(DomainError):
    """The request must say with If-Match which version it changes."""

    status = 428


class TooMany(DomainError):
    """Too many requests or attempts; `retry_after_s` seconds later it may work."""

    status = 429

    def __init__(self, message: str, *, code: str, retry_after_s: int) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s


class Invalid(DomainError):
    """The input is wrong by itself."""

    status = 422


class NotReady(DomainError):
    """The installation cannot serve this yet: schema, configuration or an outside service."""

    status = 503
