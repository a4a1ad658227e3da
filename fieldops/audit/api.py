"""Routes of the audit trail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import StreamingResponse

from fieldops.audit import queries
from fieldops.audit.export import as_csv, as_json_lines
from fieldops.audit.schemas import AuditRowOut, Verdict
from inventory.kernel.actor import SYSTEM
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading
from inventory.kernel.engine import reading
from inventory.kernel.fields import Instant
from inventory.kernel.routes import Elsewhere, Route, needs

READERS_MAX = 2
"""How many read the whole trail at the same time, of each kind."""
_BEHIND_ALL = 2**63 - 1

router = APIRouter(prefix="/audit", tags=["audit"], route_class=Route)

Since = Annotated[Instant | None, Query(description="Only what happened at this instant or later.")]
Until = Annotated[Instant | None, Query(description="Only what happened before this instant.")]


async def _reading_it_all() -> AsyncIterator[None]:
    """Let whoever reads the whole trail wait, without a worker thread, for those who do so already."""
    yield


class Format(StrEnum):
    """The formats of an export."""

    JSON_LINES = "jsonl"
    CSV = "csv"


@router.get("", dependencies=[needs("audit.read", Elsewhere.HIDDEN)])
def audit_rows(
    session: Reading,
    paging: Paged,
    actor: str | None = None,
    subject: Annotated[str | None, Query(description="What was changed, such as job.")] = None,
    subject_key: Annotated[str | None, Query(description="The key of the record that was changed.")] = None,
    action: Annotated[str | None, Query(description="What was done, such as created, changed or deleted.")] = None,
    since: Since = None,
    until: Until = None,
) -> Page[AuditRowOut]:
    """List who changed what, when and from where, the newest first."""
    (before,) = paging.after((_BEHIND_ALL,))
    rows = queries.audit_page(
        session,
        before=before,
        limit=paging.rows,
        since=since,
        until=until,
        actor=actor,
        subject=subject,
        subject_key=subject_key,
        action=action,
    )
    return paging.page(rows, lambda one: (one.id,))


@router.get(
    "/export",
    dependencies=[
        needs("audit.read", Elsewhere.HIDDEN),
        Depends(_reading_it_all, scope="request", max_concurrency=READERS_MAX),
    ],
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The rows, then one line that ends the file.",
            "content": {
                "application/jsonl": {"schema": {"type": "string"}},
                "text/csv": {"schema": {"type": "string"}},
            },
        }
    },
)
def export(edge: Here, actor: Acting, since: Since = None, format: Format = Format.JSON_LINES) -> StreamingResponse:  # noqa: A002
    """Stream the trail as JSON Lines or CSV: sealed rows in the order of the chain, then those not sealed yet.

    The last line tells the head of the chain and the number of rows; a file without it is not whole. Positions and
    hashes are empty for whoever does not see the whole network.
    """
    lines = as_csv if format is Format.CSV else as_json_lines
    kind = "text/csv" if format is Format.CSV else "application/jsonl"
    name = f'attachment; filename="audit.{format.value}"'
    return StreamingResponse(lines(edge.engine, actor, since), media_type=kind, headers={"Content-Disposition": name})


@router.get(
    "/verdict",
    dependencies=[
        needs("audit.read", Elsewhere.SHARED),
        Depends(_reading_it_all, scope="function", max_concurrency=READERS_MAX),
    ],
)
def verdict(edge: Here) -> Verdict:
    """Recompute the chain of the whole network and tell whether anybody changed the past."""
    with reading(edge.engine, SYSTEM) as session:
        return queries.verify(session)
