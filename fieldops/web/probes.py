"""What a supervisor asks: whether the server lives, whether it can serve, and its figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fieldops.migrations import require_current
from fieldops.web.metrics import Metrics
from fieldops.web.problems import MEDIA_TYPE, problem
from inventory.kernel.edge import Here
from inventory.kernel.errors import DomainError, NotReady
from inventory.kernel.routes import PUBLIC
from inventory.kernel.texts import gettext as _

Check = Callable[[Engine], None]
"""Raises DomainError or an error of the database where something cannot serve."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Probes:
    """What the probes of one application tell; whoever composes it adds checks by name."""

    metrics: Metrics
    checks: dict[str, Check] = field(default_factory=lambda: {"database": require_current})


def probes_of(request: Request) -> Probes:
    """Return what the composition root supplied."""
    probes: Probes = request.app.state.probes
    return probes


@router.get("/healthz", dependencies=[PUBLIC])
def alive() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "alive"}


@router.get("/readyz", dependencies=[PUBLIC])
def ready(request: Request, edge: Here) -> Response:
    """Tell whether all that is needed to serve is there, each thing by name; 503 where one is not."""
    checks: dict[str, str] = {}
    failed: DomainError | None = None
    for name, check in probes_of(request).checks.items():
        refusal = _refusal(check, edge.engine)
        failed = failed or refusal
        checks[name] = "ok" if refusal is None else refusal.message
    if failed is None:
        return JSONResponse({"status": "ready", "checks": checks})
    told = problem(503, failed.code, failed.message).model_dump(exclude_none=True)
    return JSONResponse(told | {"checks": checks}, 503, media_type=MEDIA_TYPE)


@router.get("/metrics", dependencies=[PUBLIC])
def metrics(request: Request, edge: Here) -> Response:
    """Return the figures to this machine's own programs, and to whoever may read them."""
    if not _is_local(request):
        edge.authenticate(request).require("metrics.read")
    return Response(probes_of(request).metrics.exposition(), media_type=CONTENT_TYPE_LATEST)


def _refusal(check: Check, engine: Engine) -> DomainError | None:
    try:
        check(engine)
    except DomainError as refusal:
        return refusal
    except DBAPIError:
        return NotReady(
            _("The database is busy or cannot be reached; try again in a few seconds"), code="database_busy"
        )
    return None


def _is_local(request: Request) -> bool:
    """Tell whether a program of this machine asks, and not a proxy for somebody else."""
    forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
    try:
        return not forwarded and request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
