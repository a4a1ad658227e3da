"""Serves the application: on which address, what is said when it listens, and how it ends."""

from __future__ import annotations

import errno
import gc
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn
from sqlalchemy import Engine

from fieldops.app import create_app
from fieldops.identity.links import LOOPBACK, demo_links
from fieldops.logs import set_up
from fieldops.settings import Settings
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import system_clock
from inventory.kernel.edge import Edge
from inventory.kernel.engine import writing
from inventory.kernel.errors import NotReady
from inventory.kernel.installation import DEMO_DATE, begin_demo, fact
from inventory.kernel.texts import gettext as _

_SHUTDOWN_S = 5
_OBJECTS_MADE = 10_000
"""After so many new objects is looked for garbage that reference counts do not find."""


def run(engine: Engine, settings: Settings, host: str, port: int) -> None:
    """Serve until a signal ends it; says on standard error where, once it listens. Port 0 is any free one.

    Raises NotReady for a busy port, and for an address that others can reach while FIELDOPS_ALLOWED_HOSTS names none.
    """
    listener = _listen(host, port, settings)
    with writing(engine, SYSTEM) as session:
        begin_demo(session, system_clock())
    set_up(settings.log)
    app = create_app(engine, settings, host=host, work=settings.worker_inside)
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
        _Server(config, app.state.edge, host, lambda address: _tell(engine, address, host)).run(sockets=[listener])


def settle() -> None:
    """Look for garbage seldom: each time stops every request, for a tenth of a second where much is kept.

    What is loaded by now stays, and is not looked through any more; and a request makes tens of thousands of objects,
    next to none of which only that finds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_MADE)


def _tell(engine: Engine, address: str, host: str) -> None:
    """Say where the server is; for a demonstration on this machine also how to come in, without a password."""
    lines = [_("fieldops is at {address} (Ctrl-C ends it)").format(address=address)]
    if host in LOOPBACK:
        with writing(engine, SYSTEM) as session:
            links = demo_links(session, address, system_clock()) if fact(session, DEMO_DATE) is not None else []
        if links:
            lines.append(_("Sign in to the demonstration within ten minutes, once by each link:"))
        lines += [f"  {role:<20} {link}" for role, link in links]
    # in one piece, so that no line of the log comes between
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()


class _Server(uvicorn.Server):
    """A server that says where it listens, and stops a plan in the making when it has to end."""

    def __init__(self, config: uvicorn.Config, edge: Edge, host: str, listening: Callable[[str], None]) -> None:
        super().__init__(config)
        self._edge = edge
        self._host = host
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        settle()
        if self.started and sockets:
            self._listening(f"http://{_in_address(self._host)}:{sockets[0].getsockname()[1]}")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._edge.stopping.set()
        super().handle_exit(sig, frame)


def _listen(host: str, port: int, settings: Settings) -> socket.socket:
    if host not in LOOPBACK and not settings.allowed_hosts:
        raise NotReady(
            _(
                "{host} can be reached by others; name in FIELDOPS_ALLOWED_HOSTS what they call this server, "
                "or use localhost"
            ).format(host=host),
            code="no_allowed_hosts",
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


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
