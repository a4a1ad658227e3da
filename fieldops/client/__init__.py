"""A typed client of the API, for programs elsewhere: it needs httpx and nothing of the server.

    with Client("https://fieldops.example", token) as fieldops:
        for job in fieldops.jobs(priority="AOG"):
            print(job["number"], job["title"])

Records are dictionaries of the types in `fieldops.client.records`; amounts, quantities and instants are text, exactly
as the server keeps them: `Decimal(part["standard_cost"])`.
"""

from fieldops.client.client import Client
from fieldops.client.errors import (
    ApiError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OperationFailed,
    Stale,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from fieldops.client.operations import LongWork
from fieldops.client.transport import Versioned

__all__ = [
    "ApiError",
    "Client",
    "Conflict",
    "Forbidden",
    "Invalid",
    "LongWork",
    "NotFound",
    "OperationFailed",
    "Stale",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
    "Versioned",
]
