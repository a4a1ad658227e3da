"""What every route shares: who acts, the unit of work of one request, and the pages of a list.

`fieldops.app` supplies the rest by putting an `Edge` on the application.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Annotated, Any, Generic, TypeVar, cast

from fastapi import Depends, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from inventory.kernel.actor import Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Invalid
from inventory.kernel.idempotency import Answer, claim
from inventory.kernel.texts import gettext as _

Item = TypeVar("Item")
Key = TypeVar("Key", bound=tuple[Any, ...])

PAGE_MAX = 200
ROWS = 50
"""How many items a page of a list holds where nobody asks for more or fewer."""


@dataclass(frozen=True, slots=True)
class Edge:
    """What routes get from the composition root. `stopping` is set once the server is told to end."""

    engine: Engine
    clock: Clock
    authenticate: Callable[[Request], Actor]
    remembers: Callable[[Request], bool] = lambda _request: False
    """Tells whether `authenticate` would answer from memory, so that no thread need wait for the database."""
    still: Callable[[Request, Actor], bool] = lambda _request, _actor: True
    """Tells whether the login of a request that lasts still holds as it was; asking does not count as its use."""
    submissions_per_minute: int = 6
    """How many operations a region may submit a minute."""
    count: Callable[[str], None] = lambda _key: None
    """Counts a request that needs no login, by where it comes from; raises TooMany where there were too many."""
    organisation: str = ""
    """What the organisation is called on its papers."""
    address: str = ""
    """Where the product is reached from outside."""
    stopping: Event = field(default_factory=Event)


def edge_of(request: Request) -> Edge:
    """Return what the composition root supplied."""
    return cast(Edge, request.app.state.edge)


# What needs no thread is async: FastAPI runs each other dependency in a worker thread, and every hop there costs.
async def _here(request: Request) -> Edge:
    return edge_of(request)


Here = Annotated[Edge, Depends(_here)]


async def actor(request: Request, edge: Here) -> Actor:
    """Return who acts in this request; raises Unauthenticated where nobody is signed in."""
    if edge.remembers(request):
        return edge.authenticate(request)
    return await run_in_threadpool(edge.authenticate, request)


Acting = Annotated[Actor, Depends(actor)]


async def reading_session(edge: Here, actor: Acting) -> AsyncIterator[Session]:
    """Give the request a session on one consistent snapshot of what the actor may see.

    It needs the database from its first statement to its end; a `Route` ends it in the thread that used it.
    """
    with reading(edge.engine, actor) as session:
        yield session
        if session.in_transaction():
            await run_in_threadpool(session.close)


async def _body(request: Request) -> bytes:
    return await request.body()


class Replayed(Exception):
    """The request was answered before; `answer` is what it was told."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def writing_session(
    request: Request,
    edge: Here,
    actor: Acting,
    body: Annotated[bytes, Depends(_body)],
    idempotency_key: Annotated[
        str | None,
        Header(description="Makes the request safe to repeat: the same key and body get the same answer for 48 hours."),
    ] = None,
) -> Iterator[Session]:
    """Open the request's unit of work: committed once, or not at all.

    With an Idempotency-Key the answer is kept in the same transaction, and given again to the same request.
    """
    with writing(edge.engine, actor, clock=edge.clock) as session:
        if idempotency_key is not None:
            asked = request.url.query.encode() + b"\n" + body
            claimed = claim(session, actor, f"{request.method} {request.url.path}", idempotency_key, asked)
            if isinstance(claimed, Answer):
                raise Replayed(claimed)
            request.state.claim = claimed
        yield session


# Scope “function” ends a session before the response is sent, so that a commit which fails is an error response.
# The limits keep what is open below the connections of the pool, and what waits for the write lock below the worker
# threads: else those that wait would take every thread from the one that they wait for.
Reading = Annotated[Session, Depends(reading_session, scope="function", max_concurrency=8)]
Writing = Annotated[Session, Depends(writing_session, scope="function", max_concurrency=4)]


class Page(BaseModel, Generic[Item]):
    """A part of a list; `next` is the cursor of the part after it, null at the end."""

    items: list[Item]
    next: str | None

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Name the pages of each kind of item in the reference of the API."""
        return f"{params[0].__name__}Page"


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is asked for."""

    limit: int
    cursor: str | None

    @property
    def rows(self) -> int:
        """How many rows to read: one more than asked for, which shows whether there is another page."""
        return self.limit + 1

    def after(self, first: Key) -> Key:
        """Return the key that the page starts after; without a cursor it is `first`, which is below every key.

        Raises Invalid for a cursor of another list or none of ours.
        """
        if self.cursor is None:
            return first
        kind: Any = tuple[tuple(type(part) for part in first)]  # type: ignore[misc]
        try:
            key: Key = TypeAdapter(kind).validate_json(urlsafe_b64decode(self.cursor))
        except ValueError:
            raise Invalid(
                _("This cursor is not one of this list; start again without it"), code="wrong_cursor", field="cursor"
            ) from None
        return key

    def page(self, rows: Sequence[Item], key: Callable[[Item], tuple[Any, ...]]) -> Page[Item]:
        """Return the page of `rows`, of which there are up to one more than asked for."""
        more = len(rows) > self.limit
        items = list(rows[: self.limit])
        return Page(items=items, next=urlsafe_b64encode(to_json(key(items[-1]))).decode() if more else None)


async def paging(
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX, description="How many items a page holds at most.")] = ROWS,
    cursor: Annotated[str | None, Query(max_length=1_000, description="The `next` of the page before.")] = None,
) -> Paging:
    """Read which part of a list is asked for."""
    return Paging(limit, cursor)


Paged = Annotated[Paging, Depends(paging)]
