"""Requests that arrive: repeated safely, read page by page, streams resumed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import uuid4

import httpx

from fieldops.client.errors import error_of

Value = TypeVar("Value")

PAGE = 200
"""Items that are asked for at once."""
_WAIT_MAX_S = 60.0
_TRY_AGAIN = (429, 502, 503, 504)


@dataclass(frozen=True)
class Versioned(Generic[Value]):
    """A record, where it is, and which version of it this is."""

    value: Value
    path: str
    etag: str


class Transport:
    """Sends requests with a token. What may pass by itself is tried again, up to `attempts` times in all.

    Every change carries an Idempotency-Key, the same in each attempt, so that it is done once however often it is
    sent. `sleep` waits between attempts: for what Retry-After says, else longer each time.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None,
        *,
        timeout_s: float,
        attempts: int,
        language: str | None,
        sleep: Callable[[float], None],
    ) -> None:
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if language is not None:
            headers["Accept-Language"] = language
        self.http = httpx.Client(base_url=f"{base_url.rstrip('/')}/api/v1", headers=headers, timeout=timeout_s)
        self.attempts = attempts
        self.sleep = sleep

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        etag: str | None = None,
    ) -> httpx.Response:
        """Send a request and return its answer; raises ApiError for a refusal, httpx.TransportError for no answer."""
        headers = {} if method == "GET" else {"Idempotency-Key": str(uuid4())}
        if etag is not None:
            headers["If-Match"] = etag
        wanted = {name: value for name, value in (query or {}).items() if value is not None}
        request = self.http.build_request(method, path, params=wanted, json=body, headers=headers)
        for attempt in range(1, self.attempts + 1):
            try:
                response = self.http.send(request)
            except httpx.TransportError:
                if attempt == self.attempts:
                    raise
                self.sleep(pause(attempt))
                continue
            if response.is_success:
                return response
            wait = pause(attempt, response.headers.get("Retry-After"))
            if attempt == self.attempts or wait > _WAIT_MAX_S or not _may_pass(response):
                raise error_of(response)
            self.sleep(wait)
        raise ValueError("attempts must be at least 1")

    def get(self, path: str, **query: Any) -> Any:
        """Return what a path holds."""
        return self.send("GET", path, query=query).json()

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """Yield every item of a list, page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, limit=PAGE, cursor=cursor, **query)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def versioned(self, path: str) -> Versioned[Any]:
        """Return a record with its version."""
        response = self.send("GET", path)
        return Versioned(response.json(), path, response.headers["ETag"])

    def change(self, method: str, record: Versioned[Any], body: Any) -> Versioned[Any]:
        """Change exactly the version that was read; raises Stale when somebody else came first."""
        response = self.send(method, record.path, body, etag=record.etag)
        return Versioned(response.json(), record.path, response.headers["ETag"])

    def frames(self, path: str, query: Mapping[str, Any], last_id: str | None) -> Iterator[str]:
        """Yield the data of each server-sent event after `last_id`, for ever: a lost stream is resumed where it was."""
        failures = 0
        while True:
            headers = {"Accept": "text/event-stream"} | ({} if last_id is None else {"Last-Event-ID": last_id})
            try:
                with self.http.stream("GET", path, params=query, headers=headers) as response:
                    if not response.is_success:
                        response.read()
                        if not _may_pass(response) or failures >= self.attempts:
                            raise error_of(response)
                    else:
                        for event_id, data in parsed(response.iter_lines()):
                            failures, last_id = 0, event_id or last_id
                            if data:
                                yield data
            except httpx.TransportError:
                if failures >= self.attempts:
                    raise
            failures += 1
            self.sleep(pause(failures))


def parsed(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Yield id and data of each event among the lines of a stream."""
    event_id, data = "", list[str]()
    for line in lines:
        name, _colon, value = line.partition(":")
        if not line:
            if event_id or data:
                yield event_id, "\n".join(data)
            event_id, data = "", []
        elif name == "id":
            event_id = value.removeprefix(" ")
        elif name == "data":
            data.append(value.removeprefix(" "))


def pause(attempt: int, retry_after: str | None = None) -> float:
    """Return how long to wait, in seconds, after the attempt of a number from 1."""
    if retry_after is not None and retry_after.isdecimal():
        return float(retry_after)
    return min(0.25 * 2.0**attempt, 30.0) * random.uniform(0.5, 1.0)  # noqa: S311 - to spread, not to hide


def _may_pass(response: httpx.Response) -> bool:
    if response.status_code in _TRY_AGAIN:
        return True
    return response.status_code == 409 and error_of(response).code == "request_in_flight"


Rows = Sequence[Mapping[str, Any]]
"""Records to add, as the API's reference describes them."""
