"""Errors that a user sees.

    DomainError (400)
    ├── Forbidden (403)
    ├── NotFound (404)
    ├── Conflict (409)       the state of the data forbids it
    ├── Invalid (422)        the input itself is wrong
    └── NotReady (503)       the installation must be mended first

Each carries a stable code, the HTTP status and one line that says what to do, already in the user's language.
"""

from __future__ import annotations


class DomainError(Exception):
    """A refusal; nothing was changed. `field` names the input at fault, where there is one."""

    status = 400

    def __init__(self, message: str, *, code: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


class Forbidden(DomainError):
    """The actor may not do this."""

    status = 403


class NotFound(DomainError):
    """A named record does not exist, or not for this actor."""

    status = 404


class Conflict(DomainError):
    """The request is well formed but the present state of the data forbids it."""

    status = 409


class Invalid(DomainError):
    """The input is wrong by itself."""

    status = 422


class NotReady(DomainError):
    """The installation cannot serve this yet: schema, configuration or an outside service."""

    status = 503
