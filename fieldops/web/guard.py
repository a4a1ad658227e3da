"""The door: only requests to our own names and from our own pages come in, and every answer carries its headers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldops.web.problems import JSON_TOO_DEEP, problem_response, unexpected
from inventory.kernel.texts import gettext as _

BODY_MAX = 1024 * 1024
"""Bytes that a request may carry, where its route does not say otherwise with `openapi_extra={BODY_KEY: …}`."""
BODY_KEY = "x-body-max"
"""Name of the limit in what a route adds to the OpenAPI document; a route for files declares 10 MiB."""
DEPTH_MAX = 20
"""How deep lists and objects of a JSON body may lie in each other."""

HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""What this machine calls itself in an address."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE = frozenset({"same-origin", "none"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_YEAR_S = 365 * 24 * 3600
# the closing quote may be missing: to search for it again from every quote inside would take the square of the length
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def served_names(allowed: Iterable[str], host: str) -> frozenset[str]:
    """Return the names that are served: this machine's own, those that are set, and the address listened on."""
    named = (_bracketed(name.strip().lower()) for name in (*allowed, host))
    return HOSTS | {name for name in named if name not in ("", "0.0.0.0", "[::]")}  # noqa: S104 - not an address to bind


class Guard:
    """Middleware that refuses a foreign Host (DNS rebinding), a foreign Origin, other sites' changes, deep bodies.

    It stands outside everything that works, so that also an unexpected error is answered with problem details.
    """

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self.app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _set_headers(request, MutableHeaders(scope=message))
            await send(message)

        refusal = self._refusal(request)
        if refusal is not None:
            await refusal(scope, receive, send_guarded)
            return
        try:
            await self.app(scope, _bounded(request, receive), send_guarded)
        except Exception as error:
            if started:
                raise
            await unexpected(request, error)(scope, receive, send_guarded)

    def _refusal(self, request: Request) -> Response | None:
        headers = request.headers
        host = headers.get("host", "").lower()
        if _without_port(host) not in self._names:
            return problem_response(
                request,
                421,
                "foreign_host",
                _("This name is not served here; add it to FIELDOPS_ALLOWED_HOSTS where it should be"),
            )
        own = f"{request.url.scheme}://{host}"
        foreign = headers.get("origin", own).lower() != own
        if foreign or (request.method not in _SAFE_METHODS and headers.get("sec-fetch-site", "none") not in _OWN_SITE):
            return problem_response(
                request, 403, "foreign_origin", _("Another site's page may neither read nor change anything here")
            )
        return None


def _set_headers(request: Request, headers: MutableHeaders) -> None:
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    if not request.url.path.startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")
    if request.url.scheme == "https":
        headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_S}")


def _bounded(request: Request, receive: Receive) -> Receive:
    """Return `receive` with a large body refused, and a JSON body that lies too deep before anything recurses into it.

    It is called by the route that takes the body, so that the route's own limit is known by then.
    """
    is_json = "json" in request.headers.get("content-type", "").lower()
    body = bytearray()
    received = 0

    async def receive_bounded() -> Message:
        nonlocal received
        message = await receive()
        part = message.get("body", b"")
        received += len(part)
        if received > _body_max(request.scope):
            raise HTTPException(413)
        if is_json:
            body.extend(part)
            complete = message["type"] == "http.request" and not message.get("more_body", False)
            if complete and _too_deep(bytes(body)):
                raise HTTPException(400, detail=JSON_TOO_DEEP)
        return message

    return receive_bounded


def _body_max(scope: Scope) -> int:
    extra = getattr(scope.get("route"), "openapi_extra", None) or {}
    return int(extra.get(BODY_KEY, BODY_MAX))


def _too_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= DEPTH_MAX:
        return False
    depth = 0
    for bracket in _STRINGS.sub(b"", body).translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEPTH_MAX:
            return True
    return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
