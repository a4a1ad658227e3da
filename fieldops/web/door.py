"""What stands around the routes: built once by the composition root, in the one right order."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from fieldops.settings import Settings
from fieldops.web import probes, problem_pages, problems
from fieldops.web.guard import Guard, served_names
from fieldops.web.metrics import Metrics
from fieldops.web.probes import Probes
from fieldops.web.speech import Speech
from fieldops.web.watch import Watch

_ZIPPED_FROM, _ZIPPED_BY = 1_000, 5


def install(app: FastAPI, settings: Settings, host: str) -> Probes:
    """Put the guard, the language, the log, the figures and the answers to errors around an application.

    `host` is the address that it listens on. Returns its probes, for whoever has checks and figures to add.
    """
    told = app.state.probes = Probes(Metrics())
    problems.install(app)
    app.include_router(probes.router)
    app.include_router(problem_pages.router)
    # no secret in a page is the same twice, so that the size of what is compressed betrays none
    app.add_middleware(GZipMiddleware, minimum_size=_ZIPPED_FROM, compresslevel=_ZIPPED_BY)
    # the last one added is the outermost: a refusal by the guard has a language, an id and a line of log, too
    app.add_middleware(Guard, names=served_names(settings.allowed_hosts, host))
    app.add_middleware(Speech)
    app.add_middleware(Watch, metrics=told.metrics)
    if settings.proxy:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.proxy))
    return told
