"""The HTTP connection to one Odoo server: pooled, with a timeout, and with failures told apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

import httpx

from integrations.odoo.errors import (
    OdooBusyError,
    OdooProtocolError,
    OdooUnknownOutcomeError,
    OdooUnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from integrations.odoo.settings import OdooSettings


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the server; `body` is decoded JSON, None also where the answer was something else."""

    status: int
    is_json: bool
    body: Any


class HttpChannel:
    """One pooled HTTP client for all calls, closed at the end of its `with` block; ignores proxies of the environment.

    odoo-client-lib makes a client for each call (20 ms and no kept connection) with a timeout that cannot be set.
    """

    def __init__(self, settings: OdooSettings) -> None:
        self._timeout_s = settings.timeout_s
        self._client = httpx.Client(base_url=settings.url, timeout=settings.timeout_s, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str) -> Reply:
        """Fetch a path."""
        return self._exchange(self._client.build_request("GET", path))

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Reply:
        """Send a body as JSON. Decimal is what comes back for any number with a fraction."""
        return self._exchange(self._client.build_request("POST", path, json=body, headers=headers))

    def _exchange(self, request: httpx.Request) -> Reply:
        # `from None`: the errors of httpx hold the request, and with it the API key
        try:
            response = self._client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise OdooUnreachableError(
                "no connection to Odoo: check its address and certificate, and that the server is up"
            ) from None
        except httpx.TimeoutException:
            raise OdooUnknownOutcomeError(
                f"Odoo did not answer within {self._timeout_s:g} s: send again, or raise the timeout"
            ) from None
        except httpx.RequestError:
            raise OdooUnknownOutcomeError("the connection to Odoo broke before its answer came: send again") from None
        return _reply(response)


def _reply(response: httpx.Response) -> Reply:
    status = response.status_code
    is_json = response.headers.get("content-type", "").startswith("application/json")
    if status == httpx.codes.TOO_MANY_REQUESTS:
        wish = response.headers.get("retry-after", "")
        raise OdooBusyError(
            "Odoo or its proxy limits the rate of calls: send again later",
            retry_after_s=int(wish) if wish.isdecimal() else None,
        )
    # Odoo itself answers 500 in JSON only; these come from a proxy, which may have passed the request on
    if status in (502, 503, 504) or (status >= 500 and not is_json):
        raise OdooUnknownOutcomeError(
            f"the proxy in front of Odoo answered {status}: see that the server is up and send again"
        )
    if not is_json:
        return Reply(status, is_json, None)
    try:
        return Reply(status, is_json, json.loads(response.content, parse_float=Decimal))
    except ValueError:
        raise OdooProtocolError("Odoo's answer is not valid JSON: check what stands between us and Odoo") from None
