"""What a route declares and does beside its work: who may use it, answers that can be repeated, versions of records."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from inspect import iscoroutinefunction
from typing import Annotated, Any

from anyio import sleep
from fastapi import Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic_core import from_json, to_json
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from inventory.kernel.audit import WritingSession
from inventory.kernel.edge import Acting, Replayed, edge_of
from inventory.kernel.engine import ATTEMPTS, is_deadlock, pause_s
from inventory.kernel.errors import Invalid, Stale, VersionRequired
from inventory.kernel.idempotency import Answer, Claim
from inventory.kernel.texts import gettext as _


class Elsewhere(StrEnum):
    """What a route answers about rows outside the actor's scope."""

    HIDDEN = "hidden"
    """A list leaves them out, a record is not found (404)."""
    REFUSED = "refused"
    """The request names a place, a region or a record, and is refused: 403, 404 or 422."""
    SHARED = "shared"
    """There is nothing to hide: the same for every region."""
    NETWORK = "network"
    """It concerns every region, and is for those who see the whole network."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route, declared beside it: the permission, and what happens to rows of other regions.

    `permission` None is anybody who is signed in.
    """

    permission: str | None
    elsewhere: Elsewhere

    async def __call__(self, actor: Acting) -> None:
        if self.permission is not None:
            actor.require(self.permission)
        if self.elsewhere is Elsewhere.NETWORK:
            actor.require_network()


def needs(permission: str | None, elsewhere: Elsewhere) -> Any:
    """Return the dependency by which a route declares who may use it."""
    return Depends(Access(permission, elsewhere))


async def _public() -> None:
    """Let anybody in."""


PUBLIC = Depends(_public)
"""The declaration of a route that needs no login."""


def access_of(route: APIRoute) -> Access | None:
    """Return what a route declares, None for a public one; raises LookupError where it declares nothing."""
    for dependency in route.dependencies:
        if isinstance(dependency.dependency, Access):
            return dependency.dependency
        if dependency is PUBLIC:
            return None
    raise LookupError(f"{route.name} at {route.path} does not declare who may use it")


class Again(Exception):
    """The database ended the transaction to break a deadlock; the same request may be tried again."""


class Route(APIRoute):
    """A route that keeps the answers of repeatable requests, and tries again what a deadlock broke."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint if iscoroutinefunction(endpoint) else _in_one_thread(endpoint), **options)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, and handle it again, with the same body, when it asks for that with Again."""
        heard: list[Message] = []
        for attempt in range(ATTEMPTS):
            unheard = iter(list(heard))

            async def listen(unheard: Iterator[Message] = unheard) -> Message:
                for message in unheard:
                    return message
                message = await receive()
                heard.append(message)
                return message

            scope.setdefault("state", {}).pop("claim", None)
            scope["last_attempt"] = attempt == ATTEMPTS - 1
            try:
                await super().handle(scope, listen, send)
            except Again:
                await sleep(pause_s(attempt))
                continue
            return

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of FastAPI, with the answer kept while the unit of work is still open."""
        handle = super().get_route_handler()
        known = set(_parameters(self.dependant))

        async def keep(request: Request) -> Response:
            _refuse_unknown(request, known)
            try:
                response = await handle(request)
            except Replayed as replayed:
                told = replayed.answer
                return Response(told.body, told.status, {**told.headers, "Idempotent-Replayed": "true"})
            claimed: Claim | None = getattr(request.state, "claim", None)
            if claimed is not None:
                headers = {name: value for name, value in response.headers.items() if name in _KEPT_HEADERS}
                answer = Answer(response.status_code, headers, _without(bytes(response.body), request))
                await run_in_threadpool(claimed.keep, answer, edge_of(request).clock())
            return response

        return keep


def _in_one_thread(endpoint: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Return an endpoint that runs in one worker thread and ends there what it read.

    FastAPI would take a thread for each of: opening the session, the endpoint, looking at the answer, closing. Under
    load each of them waits for the interpreter's lock anew.
    """

    def run(values: dict[str, Any]) -> Any:
        try:
            return endpoint(**values)
        finally:
            session = values.get("session")
            if isinstance(session, Session) and not isinstance(session, WritingSession):
                session.close()

    @wraps(endpoint)
    async def answer(**values: Any) -> Any:
        return await run_in_threadpool(run, values)

    return answer


def _parameters(dependant: Dependant) -> Iterator[str]:
    """Yield the names of the query parameters of a route and of all that it depends on."""
    yield from (one.alias for one in dependant.query_params)
    for other in dependant.dependencies:
        yield from _parameters(other)


def _refuse_unknown(request: Request, known: set[str]) -> None:
    """Refuse a question that names a parameter that there is not: a mistyped filter would widen the answer unseen."""
    for name in request.query_params:
        if name not in known:
            raise Invalid(
                _("There is no parameter {name} here; there are {known}").format(
                    name=name, known=", ".join(sorted(known)) or _("none")
                ),
                code="unknown_parameter",
                field=name,
            )


def show_once(request: Request, *fields: str) -> None:
    """Have fields of the answer, such as a new secret, left out where the answer is kept to be repeated."""
    request.state.shown_once = fields


def _without(body: bytes, request: Request) -> bytes:
    hidden: tuple[str, ...] = getattr(request.state, "shown_once", ())
    return to_json(from_json(body) | dict.fromkeys(hidden, "…")) if hidden else body


_KEPT_HEADERS = ("content-type", "etag", "location")


def may_try_again(request: Request, error: DBAPIError) -> bool:
    """Tell whether a request that a deadlock broke has an attempt left; the handler of the error then raises Again."""
    return is_deadlock(error) and not request.scope.get("last_attempt", True)


def tag(response: Response, version: int) -> None:
    """Give the answer the ETag of a record's version."""
    response.headers["ETag"] = f'"{version}"'


async def wanted_version(
    if_match: Annotated[str | None, Header(description="The ETag of the version that the request changes.")] = None,
) -> int:
    """Read which version a request changes; raises VersionRequired without If-Match, Stale for what is no ETag."""
    if if_match is None:
        raise VersionRequired(
            _("Say with If-Match which version you change; reading the record tells its ETag"), code="version_required"
        )
    number = if_match.strip().removeprefix("W/").strip('"')
    if not number.isdecimal() or len(number) > 18:
        raise Stale(_("{tag} is not an ETag of this record; read the record again").format(tag=if_match), code="stale")
    return int(number)


Changing = Annotated[int, Depends(wanted_version)]
"""The version that the request says it changes."""
