"""The composition root of the server: the application, its settings, its life."""

from __future__ import annotations

import errno
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI, Request
from sqlalchemy import Engine
from starlette.staticfiles import StaticFiles

from fieldops import __version__
from fieldops.dispatch.api import router as dispatch
from fieldops.finance.api import router as finance
from fieldops.migrations import require_current
from fieldops.operations.api import router as operations
from fieldops.operations.runner import Runner
from fieldops.planning.api import router as planning
from fieldops.settings import Settings
from fieldops.web.guard import HOSTS, Guard
from fieldops.web.pages import router as pages
from fieldops.web.problems import install, problem_responses, problem_schemas
from fieldops.web.reference import router as reference
from fieldops.workforce.api import router as workforce
from inventory.catalogue.api import router as catalogue
from inventory.kernel.actor import Actor
from inventory.kernel.clock import Clock, system_clock
from inventory.kernel.edge import Edge, Here
from inventory.kernel.errors import NotReady
from inventory.kernel.texts import gettext as _
from inventory.ledger.api import router as ledger
from inventory.network.api import router as network
from inventory.planning.api import router as stock_planning

API = "/api/v1"
_ROUTERS = (network, catalogue, ledger, stock_planning, workforce, dispatch, finance, planning, operations)
_SHUTDOWN_S = 5

_LOCAL = Actor(id="local", roles=frozenset({"administrator"}))
"""Whoever sits at this machine, until there are users and passwords."""


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document["components"]["schemas"].update(problem_schemas())
        return document


def create_app(engine: Engine, settings: Settings, *, clock: Clock = system_clock) -> FastAPI:
    """Return the application on a database; its scheduler runs from the start of the server to its end."""

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        runner = Runner(engine, settings.database_url, clock)
        runner.start()
        yield
        runner.stop()

    app = _Api(
        title="fieldops",
        summary=_("Technician dispatch, spares and budget decided in one explained plan."),
        version=__version__,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=life,
    )
    app.state.edge = Edge(engine, clock, authenticate=_authenticate)
    app.add_middleware(Guard)
    install(app)
    for router in _ROUTERS:
        app.include_router(router, prefix=API, responses=problem_responses())
    app.include_router(reference)
    app.include_router(pages)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "web" / "static"), name="static")
    app.add_api_route("/healthz", _alive, include_in_schema=False)
    app.add_api_route("/readyz", _ready, include_in_schema=False)
    return app


def _authenticate(_request: Request) -> Actor:
    return _LOCAL


def _alive() -> dict[str, str]:
    return {"status": "alive"}


def _ready(edge: Here) -> dict[str, str]:
    require_current(edge.engine)
    return {"status": "ready"}


def run(engine: Engine, settings: Settings, host: str, port: int) -> None:
    """Serve until a signal ends it; says on standard error where, once it listens. Port 0 is any free one.

    Raises NotReady for a busy port, and until there are passwords for any host but localhost, 127.0.0.1 and ::1.
    """
    listener = _listen(host, port)
    _log_to_stderr()
    app = create_app(engine, settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=_SHUTDOWN_S,
    )
    with listener, suppress(KeyboardInterrupt):
        _Server(config, app.state.edge, host).run(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that says where it listens, and stops a plan in the making when it has to end."""

    def __init__(self, config: uvicorn.Config, edge: Edge, host: str) -> None:
        super().__init__(config)
        self._edge = edge
        self._host = host

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            address = f"http://{_in_address(self._host)}:{sockets[0].getsockname()[1]}"
            sys.stderr.write(_("fieldops is at {address} (Ctrl-C ends it)").format(address=address) + "\n")
            sys.stderr.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._edge.stopping.set()
        super().handle_exit(sig, frame)


def _listen(host: str, port: int) -> socket.socket:
    if not _is_loopback(host):
        raise NotReady(
            _(
                "{host} is not served until there are users and passwords; use exactly localhost, 127.0.0.1 or ::1"
            ).format(host=host),
            code="not_loopback",
            field="host",
        )
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as why:
        listener.close()
        if why.errno == errno.EADDRINUSE:
            raise NotReady(
                _("Port {port} is in use; choose another with --port, or --port 0 for any free one").format(port=port),
                code="port_busy",
                field="port",
            ) from None
        raise NotReady(
            _("Cannot listen on port {port} of {host} ({why}); choose another with --port").format(
                port=port, host=host, why=why.strerror
            ),
            code="cannot_listen",
            field="port",
        ) from None
    return listener


def _is_loopback(host: str) -> bool:
    return _in_address(host) in HOSTS


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _log_to_stderr() -> None:
    """Write our log and that of the libraries to standard error, one line an event."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(
                    colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
                ),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("uvicorn.error", "apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
