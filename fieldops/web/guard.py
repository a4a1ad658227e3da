"""The door: only requests from this machine's own browser or programs come in, and every answer carries its headers."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldops.web.problems import problem_response, unexpected
from inventory.kernel.texts import gettext as _

BODY_MAX = 1024 * 1024
"""Bytes that a request may carry."""

HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""What this machine calls itself in an address: the only names served until there are users and passwords."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE = frozenset({"same-origin", "none"})
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Guard:
    """Middleware that refuses a foreign Host (DNS rebinding), a foreign Origin, other sites' changes, large bodies.

    It stands outside everything else, so that also an unexpected error is answered with problem details.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False
        received = 0

        async def receive_guarded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > BODY_MAX:
                raise HTTPException(413)
            return message

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope)
        refusal = _refusal(request)
        if refusal is not None:
            await refusal(scope, receive, send_guarded)
            return
        try:
            await self.app(scope, receive_guarded, send_guarded)
        except Exception as error:
            if started:
                raise
            await unexpected(request, error)(scope, receive, send_guarded)


def _refusal(request: Request) -> Response | None:
    headers = request.headers
    host = headers.get("host", "").lower()
    if _without_port(host) not in HOSTS:
        return problem_response(
            request, 421, "foreign_host", _("Until there are users and passwords, only localhost is served")
        )
    own = f"{request.url.scheme}://{host}"
    foreign = headers.get("origin", own).lower() != own
    if foreign or (request.method not in _SAFE_METHODS and headers.get("sec-fetch-site", "none") not in _OWN_SITE):
        return problem_response(
            request, 403, "foreign_origin", _("Another site's page may neither read nor change anything here")
        )
    return None


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
