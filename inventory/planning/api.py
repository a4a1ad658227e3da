"""Routes of stock planning."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.planning import queries, service
from inventory.planning.benches.api import router as benches_router
from inventory.planning.reliability.api import router as reliability_router
from inventory.planning.schemas import NewTarget, TargetOut
from inventory.planning.stock_plans.api import router as target_plans_router
from inventory.planning.weights.api import router as weights_router

TARGETS_MAX = 1_000

router = APIRouter(prefix="/stock", tags=["stock"], route_class=Route)
router.include_router(reliability_router)
router.include_router(benches_router)
router.include_router(weights_router)
router.include_router(target_plans_router)


@router.get("/targets", dependencies=[needs("targets.read", Elsewhere.HIDDEN)])
def targets(session: Reading, paging: Paged) -> Page[TargetOut]:
    """List how much of each part each place shall hold, by part and place."""
    rows = queries.target_page(session, after=paging.after(("", "")), limit=paging.rows)
    return paging.page(rows, lambda one: (one.part, one.place))


@router.post("/targets", status_code=201, dependencies=[needs("targets.write", Elsewhere.REFUSED)])
def set_targets(
    session: Writing, actor: Acting, targets: Annotated[list[NewTarget], Body(min_length=1, max_length=TARGETS_MAX)]
) -> list[NewTarget]:
    """Set stock targets, all or none; each replaces what was set for its part and place before."""
    service.set_targets(session, actor, targets)
    return targets
