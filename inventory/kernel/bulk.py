"""Many records in one request: all or none, or each by itself with its own result."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.responses import Response

from inventory.kernel.errors import DomainError
from inventory.kernel.texts import gettext as _

Item = TypeVar("Item")


class Mode(StrEnum):
    """What happens to the other records of a request when one is refused."""

    ALL = "all"
    """Nothing is kept."""
    EACH = "each"
    """Each is kept or refused by itself."""


How = Annotated[
    Mode, Query(description="all: one refused record refuses the request. each: the answer (207) tells every result.")
]


class ItemResult(BaseModel):
    """What became of the record at `index`: status 201, or that of its refusal with a stable code and what to do."""

    index: int
    status: int
    code: str | None = None
    detail: str | None = None
    field: str | None = None


class BulkResult(BaseModel):
    """What became of each record, in the order of the request."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {"index": 0, "status": 201, "code": None, "detail": None, "field": None},
                        {
                            "index": 1,
                            "status": 409,
                            "code": "code_exists",
                            "detail": "VTE exists already; choose another code",
                            "field": "code",
                        },
                    ]
                }
            ]
        }
    )

    items: list[ItemResult]


EACH_TOLD: dict[int | str, dict[str, Any]] = {
    207: {"model": BulkResult, "description": "What became of each record, with mode=each."}
}
"""What a route with `How` says of its other answer."""


def add_many(
    session: Session,
    how: Mode,
    items: list[Item],
    add: Callable[[list[Item]], object],
    *,
    key: Callable[[Item], Any] | None = None,
) -> list[Item] | Response:
    """Add records with `add` and return them; or each in a savepoint of its own, and answer 207 with every result.

    Each by itself they are added in the order of `key`, so that two requests with the same records in another order
    do not wait for each other; without a key in that of the request. A record may build on those before it. Wrong input
    is no result: it refuses the whole request before.
    """
    if how is Mode.ALL:
        add(items)
        return items
    numbered = list(enumerate(items))
    if key is not None:
        numbered.sort(key=lambda one: key(one[1]))
    results = [_result(session, index, item, add) for index, item in numbered]
    told = BulkResult(items=sorted(results, key=lambda one: one.index))
    return Response(told.model_dump_json(), HTTPStatus.MULTI_STATUS, media_type="application/json")


def _result(session: Session, index: int, item: Item, add: Callable[[list[Item]], object]) -> ItemResult:
    try:
        with session.begin_nested():
            add([item])
    except DomainError as refusal:
        return ItemResult(
            index=index, status=refusal.status, code=refusal.code, detail=refusal.message, field=refusal.field
        )
    except IntegrityError:
        return ItemResult(
            index=index,
            status=HTTPStatus.CONFLICT,
            code="collision",
            detail=_("Another change came first, and nothing was changed; read again and repeat"),
        )
    return ItemResult(index=index, status=HTTPStatus.CREATED)
