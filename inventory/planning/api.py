"""Routes of stock planning."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.planning import queries, service
from inventory.planning.schemas import NewTarget, TargetOut

TARGETS_MAX = 1_000

router = APIRouter(prefix="/stock", tags=["stock"])


@router.get("/targets")
def targets(session: Reading, paging: Paged) -> Page[TargetOut]:
    """List how much of each part each place shall hold, by part and place."""
    rows = queries.target_page(session, after=paging.after(("", "")), limit=paging.rows)
    return paging.page(rows, lambda one: (one.part, one.place))


@router.post("/targets", status_code=201)
def set_targets(
    session: Writing, actor: Acting, targets: Annotated[list[NewTarget], Body(min_length=1, max_length=TARGETS_MAX)]
) -> list[NewTarget]:
    """Set stock targets, all or none; each replaces what was set for its part and place before."""
    service.set_targets(session, actor, targets)
    return targets
