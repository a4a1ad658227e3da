"""Every error as problem details (RFC 9457), or as a page where a browser asked for one."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from structlog.contextvars import get_contextvars

from fieldops.locale.storing import why
from fieldops.locale.validation import told as told_error
from fieldops.web.codes import title_of
from fieldops.web.templating import render
from inventory.kernel.errors import DomainError, Stale, TooMany, Unauthenticated
from inventory.kernel.routes import Again, may_try_again
from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import ngettext

MEDIA_TYPE = "application/problem+json"

JSON_TOO_DEEP = "json_too_deep"
"""Detail of the HTTPException that refuses such a body."""

_log = structlog.get_logger()


class FieldError(BaseModel):
    """What is wrong with one input; `field` is its path, such as body.0.quantity."""

    field: str
    detail: str


class Problem(BaseModel):
    """Problem details (RFC 9457). `code` is stable and `type` a page about it, `detail` says in one line what to do.

    `request_id` is what the server's log calls the request.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None
    request_id: str | None = None
    errors: list[FieldError] | None = None


def problem_schemas() -> dict[str, Any]:
    """Return the schemas of an error, for the OpenAPI document."""
    _refs, document = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = document["$defs"]
    return schemas


def problem(
    status: int, code: str, detail: str, *, errors: Sequence[FieldError] = (), instance: str | None = None
) -> Problem:
    """Return the problem details of a refusal of the request that is being answered."""
    return Problem(
        type=f"/problems/{code}",
        title=title_of(code) or HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        instance=instance,
        request_id=get_contextvars().get("request_id"),
        errors=list(errors) or None,
    )


def problem_response(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    instance: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return the answer to a request that is refused: problem details, or a page about it."""
    told = problem(status, code, detail, errors=errors, instance=instance)
    if wants_page(request):
        return HTMLResponse(render("error.html", problem=told), status, headers)
    return Response(told.model_dump_json(exclude_none=True), status, headers, MEDIA_TYPE)


def wants_page(request: Request) -> bool:
    """Tell whether a person with a browser asks, not a program."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def install(app: FastAPI) -> None:
    """Make the application answer every error with problem details."""
    app.add_exception_handler(DomainError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _busy)
    app.add_exception_handler(PoolTimeout, _busy)
    app.add_exception_handler(IntegrityError, _collision)
    app.add_exception_handler(StaleDataError, _stale)
    app.add_exception_handler(DataError, _unstorable)


def unexpected(request: Request, error: Exception) -> Response:
    """Log an error that nobody foresaw; the answer names only where to find it in the log."""
    instance = uuid4().urn
    _log.error("request failed", method=request.method, path=request.url.path, instance=instance, exc_info=error)
    return problem_response(
        request,
        500,
        "unexpected",
        _("Something went wrong here, and nothing was changed; the server's log says what, under {instance}").format(
            instance=instance
        ),
        instance=instance,
    )


async def _refused(request: Request, error: Exception) -> Response:
    # handlers are typed for any exception; each gets the kind that it was installed for
    assert isinstance(error, DomainError)  # noqa: S101
    headers = {}
    if isinstance(error, Unauthenticated):
        if wants_page(request):
            return RedirectResponse(f"/signin?next={quote(_way_back(request), safe='')}", 303)
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, Stale) and error.version is not None:
        headers["ETag"] = f'"{error.version}"'
    errors = [FieldError(field=error.field, detail=error.message)] if error.field else []
    errors += [FieldError(field=about, detail=text) for about, text in error.details]
    return problem_response(request, error.status, error.code, error.message, errors=errors, headers=headers)


def _way_back(request: Request) -> str:
    """Return where to go after signing in: the page that was asked for; a form is not sent again."""
    path = request.url.path
    if request.method not in ("GET", "HEAD") or path.startswith("//"):  # a browser takes that for another host
        return "/"
    return f"{path}?{request.url.query}" if request.url.query else path


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    told = _without_echoes(error.errors())
    errors = [FieldError(field=".".join(str(part) for part in one["loc"]), detail=told_error(one)) for one in told]
    more = len(errors) - 1
    first = told[0]
    about_the_whole = first["type"] == "value_error" and first["loc"] == ("body",)
    detail = errors[0].detail if about_the_whole else f"{errors[0].field}: {errors[0].detail}"
    if more:
        detail += " " + ngettext("(and {more} more error)", "(and {more} more errors)", more).format(more=more)
    return problem_response(request, 422, "invalid_request", detail, errors=errors)


def _without_echoes(errors: Sequence[Any]) -> list[Any]:
    """Leave out that a list is too short where that is so only because items of it are wrong."""
    within = {tuple(one["loc"][:depth]) for one in errors for depth in range(len(one["loc"]))}
    return [one for one in errors if not (one["type"] == "too_short" and tuple(one["loc"]) in within)]


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    code, detail = _http_problem(request, error)
    return problem_response(request, error.status_code, code, detail, headers=dict(error.headers or {}))


def _http_problem(request: Request, error: HTTPException) -> tuple[str, str]:
    path, method = request.url.path, request.method
    if error.detail == JSON_TOO_DEEP:
        return JSON_TOO_DEEP, _("The body has too many levels of lists and objects; send a flatter one")
    match error.status_code:
        case 404:
            return "not_found", _("There is nothing at {path}; /api/v1/docs lists what there is").format(path=path)
        case 405:
            return (
                "method_not_allowed",
                _("{method} is not possible at {path}; /api/v1/docs lists what is").format(method=method, path=path),
            )
        case 413:
            return "content_too_large", _("The request is too large; send it in smaller parts")
    return "bad_request", _("The request cannot be read; correct its body and its Content-Type")


async def _busy(request: Request, error: Exception) -> Response:
    if isinstance(error, DBAPIError) and may_try_again(request, error):
        raise Again from error
    _log.warning("database unavailable", path=request.url.path, why=str(error.__cause__ or error))
    return problem_response(
        request,
        503,
        "database_busy",
        _("The database is busy or cannot be reached; try again in a few seconds"),
        headers={"Retry-After": "5"},
    )


async def _stale(request: Request, error: Exception) -> Response:
    _log.warning("write was late", path=request.url.path, why=str(error))
    return problem_response(request, 412, "stale", why(error))


async def _collision(request: Request, error: Exception) -> Response:
    _log.warning("write collided", path=request.url.path, why=str(error.__cause__ or error))
    return problem_response(request, 409, "collision", why(error))


async def _unstorable(request: Request, error: Exception) -> Response:
    _log.warning("value refused by the database", path=request.url.path, why=str(error.__cause__ or error))
    return problem_response(request, 422, "unstorable", why(error))
