"""What the server refuses, as exceptions.

ApiError
├── Unauthenticated (401)   the token is wrong, expired or revoked
├── Forbidden (403)
├── NotFound (404)          it does not exist, or not for this token
├── Conflict (409)          the state of the data forbids it
├── Stale (412)             the record was changed since it was read: read again and repeat
├── Invalid (422)           the input is wrong: `errors` names the fields
├── TooMany (429)           too often, also after the attempts of the client
└── Unavailable (5xx)       the server cannot do it now, also after the attempts of the client
OperationFailed             long work came to another end than done
"""

from __future__ import annotations

from typing import Any, TypedDict

import httpx


class FieldError(TypedDict):
    """What is wrong with one input; `field` is its path, such as body.0.quantity."""

    field: str
    detail: str


class ApiError(Exception):
    """The server refused. `code` is stable, `detail` says what to do; `instance` names it in the server's log."""

    def __init__(self, response: httpx.Response) -> None:
        try:
            problem: dict[str, Any] = dict(response.json())
        except ValueError:
            problem = {}
        self.status = response.status_code
        self.code: str = problem.get("code", "unexpected_answer")
        self.detail: str = problem.get("detail", f"{response.url} answered {self.status} without saying why")
        self.errors: list[FieldError] = problem.get("errors") or []
        self.instance: str | None = problem.get("instance")
        super().__init__(f"{self.status} {self.code}: {self.detail}")


class Unauthenticated(ApiError):
    """The token is wrong, expired or revoked."""


class Forbidden(ApiError):
    """The token may not do this."""


class NotFound(ApiError):
    """It does not exist, or not for this token."""


class Conflict(ApiError):
    """The state of the data forbids it."""


class Stale(ApiError):
    """The record was changed since it was read; read it again and repeat."""


class Invalid(ApiError):
    """The input is wrong; `errors` names the fields."""


class TooMany(ApiError):
    """Too many requests."""


class Unavailable(ApiError):
    """The server cannot do it now."""


_BY_STATUS = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Stale,
    422: Invalid,
    429: TooMany,
}


def error_of(response: httpx.Response) -> ApiError:
    """Return the exception for a refusal."""
    kind = Unavailable if response.status_code >= 500 else _BY_STATUS.get(response.status_code, ApiError)
    return kind(response)


class OperationFailed(Exception):
    """Long work came to another end than done; `operation` is what the server tells of it."""

    def __init__(self, operation: Any) -> None:
        super().__init__(f"{operation['kind']} {operation['state']}: {operation['text'] or operation['code']}")
        self.operation = operation
