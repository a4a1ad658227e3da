"""What can go wrong with Odoo, ordered by what the caller may do next.

OdooError
├── OdooTransientError             the same message may succeed later
│   ├── OdooUnreachableError       nothing was sent
│   ├── OdooBusyError              Odoo asked for patience and wrote nothing
│   └── OdooUnknownOutcomeError    no usable answer: it may have been written
└── OdooPermanentError             the same message fails again until a person acts
    ├── OdooLoginError             wrong user or API key
    ├── OdooAccessError            the user may not do this
    ├── OdooRejectedError          Odoo refuses the record
    ├── OdooAccountError           no analytic account fits the posting
    └── OdooProtocolError          what answers is not an Odoo we can talk to

Odoo's own message texts are translated, reworded between versions, quote the request and carry server tracebacks.
So errors are told apart by exception name, and messages here are ours alone: they name neither secrets nor records.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


class OdooError(Exception):
    """Base of all failures of the bridge; the message says what to do. `server_error` is Odoo's exception name."""

    retryable: ClassVar[bool] = False
    unknown_outcome: ClassVar[bool] = False

    def __init__(self, message: str, *, server_error: str | None = None) -> None:
        super().__init__(message)
        self.server_error = server_error


class OdooTransientError(OdooError):
    """Sending the same message again later may succeed."""

    retryable = True


class OdooUnreachableError(OdooTransientError):
    """Nothing was sent: no connection to the server."""


class OdooBusyError(OdooTransientError):
    """Odoo or its proxy asked for patience and wrote nothing; `retry_after_s` is its own wish, if it had one."""

    def __init__(self, message: str, *, server_error: str | None = None, retry_after_s: int | None = None) -> None:
        super().__init__(message, server_error=server_error)
        self.retry_after_s = retry_after_s


class OdooUnknownOutcomeError(OdooTransientError):
    """No usable answer: the message may have been carried out. Repeat only what is written once however often sent."""

    unknown_outcome = True


class OdooPermanentError(OdooError):
    """The same message fails again until a person changes something."""


class OdooLoginError(OdooPermanentError):
    """Odoo does not accept the user or the API key."""


class OdooAccessError(OdooPermanentError):
    """The user lacks a right in Odoo."""


class OdooRejectedError(OdooPermanentError):
    """Odoo refuses the record or the request."""


class OdooAccountError(OdooPermanentError):
    """No analytic account fits the posting."""


class OdooProtocolError(OdooPermanentError):
    """What answers at the address is not an Odoo that this bridge can talk to."""


_SERVER_ERROR = re.compile(r"[A-Za-z_][\w.]{0,99}", re.ASCII)
_LOGIN = {"odoo.exceptions.AccessDenied", "werkzeug.exceptions.Unauthorized"}
_ACCESS = {"odoo.exceptions.AccessError", "werkzeug.exceptions.Forbidden"}
_CONFLICT = {
    "psycopg2.errors.SerializationFailure",
    "psycopg2.errors.DeadlockDetected",
    "psycopg2.errors.LockNotAvailable",
}
_DATABASE = {"psycopg2.OperationalError", "psycopg2.InterfaceError"}


def error_of(fault: Mapping[str, object]) -> OdooError:
    """Return the error for a fault as Odoo spells it: `{"name", "message", "arguments", "context", "debug"}`."""
    name = server_error_of(fault)
    if name in _LOGIN:
        return OdooLoginError(
            "Odoo refused the login: check the user and make a new API key in Odoo's user preferences",
            server_error=name,
        )
    if name in _ACCESS:
        return OdooAccessError(
            "the Odoo user lacks a right for this: let an administrator add it to the groups of the integration user",
            server_error=name,
        )
    if name in _CONFLICT or is_conflict(fault.get("message")):
        return OdooBusyError("Odoo was writing the same record: send again in a moment", server_error=name)
    if name in _DATABASE:
        return OdooUnknownOutcomeError(
            "Odoo could not use its database: check the database name, then that the server is up, and send again",
            server_error=name,
        )
    return OdooRejectedError(
        f"Odoo refused the request ({name}): find the reason in Odoo's server log at this time, mend it and send again",
        server_error=name,
    )


def server_error_of(fault: Mapping[str, object]) -> str:
    """Return the fault's exception name, or `unnamed` where it is not a plain dotted name."""
    name = fault.get("name")
    return name if isinstance(name, str) and _SERVER_ERROR.fullmatch(name) else "unnamed"


def is_conflict(message: object) -> bool:
    """Tell whether a message is PostgreSQL's for a lost race; `load()` gives that text and no exception name."""
    return isinstance(message, str) and ("could not serialize access" in message or "deadlock detected" in message)
