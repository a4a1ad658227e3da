"""The language of each answer."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldops import locale
from inventory.kernel.texts import speaking

COOKIE = "fieldops_language"
"""Keeps the language that somebody chose; signing in sets it to the user's own."""


class Speech:
    """Middleware that answers in the language that the cookie names, else in the one that the browser prefers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        language = wanted_language(Request(scope))

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Language", locale.tag(language))
                headers.add_vary_header("Accept-Language")
                headers.add_vary_header("Cookie")
            await send(message)

        with speaking(locale.catalogue(language)):
            await self.app(scope, receive, send_named)


def wanted_language(request: Request) -> str:
    """Return the language of the answer to a request."""
    chosen = locale.known(request.cookies.get(COOKIE, ""))
    return chosen or locale.accepted(request.headers.get("accept-language", ""))
