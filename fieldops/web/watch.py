"""What is noted of each request: an id that its log lines and its answer share, one line of log, the figures."""

from __future__ import annotations

import re
from time import perf_counter
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from fieldops.web.metrics import Metrics

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

_log = structlog.get_logger()


class Watch:
    """Middleware that gives each request an id, X-Request-ID where that is sane, and writes down how it went."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        status = 500

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        begun = perf_counter()
        with bound_contextvars(request_id=request_id), self._metrics.in_flight.track_inprogress():
            try:
                await self.app(scope, receive, send_watched)
            finally:
                self._note(scope, status, perf_counter() - begun)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_template(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.answered(route, method, status, seconds)
        write = _log.debug if route in _PROBES else _log.info
        write(
            "request",
            method=method,
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 1),
            actor=scope.get("state", {}).get("actor_id"),
        )


def route_template(scope: Scope) -> str:
    """Return the path of the route that answered, with names for its parts; “static” and “none” stand for the rest."""
    # the prefix of an included router is known only here; the route itself has its own part of the path
    chosen = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    if chosen is not None:
        return str(chosen.path)
    return "static" if scope["path"].startswith("/static/") else "none"


def _request_id(headers: Headers) -> str:
    told = headers.get("x-request-id", "")
    return told if _SANE_ID.fullmatch(told) else uuid4().hex
