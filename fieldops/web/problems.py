"""Every error as problem details (RFC 9457), or as a page where a browser asked for one."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from fieldops.web.templating import render
from inventory.kernel.errors import DomainError
from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import ngettext

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger()


class FieldError(BaseModel):
    """What is wrong with one input; `field` is its path, such as body.0.quantity."""

    field: str
    detail: str


class Problem(BaseModel):
    """Problem details (RFC 9457). `code` is stable, `detail` says in one line what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None
    errors: list[FieldError] | None = None


def problem_responses() -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI document says of every operation's errors."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "4XX": {"description": _("The request is refused; nothing was changed."), "content": content},
        "5XX": {"description": _("The server cannot do it now; nothing was changed."), "content": content},
    }


def problem_schemas() -> dict[str, Any]:
    """Return the schemas that `problem_responses` refers to."""
    _refs, document = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = document["$defs"]
    return schemas


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
    """Return the answer to a request that is refused."""
    title = HTTPStatus(status).phrase
    if not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(render("error.html", title=title, detail=detail, status=status), status, headers)
    problem = Problem(
        title=title, status=status, detail=detail, code=code, instance=instance, errors=list(errors) or None
    )
    return Response(problem.model_dump_json(exclude_none=True), status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make the application answer every error with problem details."""
    app.add_exception_handler(DomainError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _busy)
    app.add_exception_handler(PoolTimeout, _busy)
    app.add_exception_handler(IntegrityError, _collision)
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
    errors = [FieldError(field=error.field, detail=error.message)] if error.field else []
    return problem_response(request, error.status, error.code, error.message, errors=errors)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = [
        FieldError(field=".".join(str(part) for part in one["loc"]), detail=one["msg"].removeprefix("Value error, "))
        for one in error.errors()
    ]
    more = len(errors) - 1
    first = error.errors()[0]
    about_the_whole = first["type"] == "value_error" and first["loc"] == ("body",)
    detail = errors[0].detail if about_the_whole else f"{errors[0].field}: {errors[0].detail}"
    if more:
        detail += " " + ngettext("(and {more} more error)", "(and {more} more errors)", more).format(more=more)
    return problem_response(request, 422, "invalid_request", detail, errors=errors)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    path, method = request.url.path, request.method
    told = {
        404: ("not_found", _("There is nothing at {path}; /api/v1/docs lists what there is").format(path=path)),
        405: (
            "method_not_allowed",
            _("{method} is not possible at {path}; /api/v1/docs lists what is").format(method=method, path=path),
        ),
        413: ("content_too_large", _("The request is too large; send it in smaller parts")),
    }
    code, detail = told.get(error.status_code, ("bad_request", str(error.detail)))
    return problem_response(request, error.status_code, code, detail, headers=dict(error.headers or {}))


async def _busy(request: Request, error: Exception) -> Response:
    _log.warning("database unavailable", path=request.url.path, why=str(error.__cause__ or error))
    return problem_response(
        request,
        503,
        "database_busy",
        _("The database is busy or cannot be reached; try again in a few seconds"),
        headers={"Retry-After": "5"},
    )


async def _collision(request: Request, error: Exception) -> Response:
    _log.warning("write collided", path=request.url.path, why=str(error.__cause__ or error))
    return problem_response(
        request, 409, "collision", _("Another change came first, and nothing was changed; read again and repeat")
    )


async def _unstorable(request: Request, error: Exception) -> Response:
    _log.warning("value refused by the database", path=request.url.path, why=str(error.__cause__ or error))
    return problem_response(
        request, 422, "unstorable", _("The database cannot keep one of the values; shorten or correct it")
    )
