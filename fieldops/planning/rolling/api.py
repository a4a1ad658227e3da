"""Routes of rolling plans."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from fieldops.planning.rolling import queries, service
from fieldops.planning.rolling.schemas import RollingPlan, RollingPlanOut
from inventory.kernel.edge import Acting, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

router = APIRouter(tags=["plans"], route_class=Route)

Code = Annotated[str, Path(description="Code of a region.")]


@router.get("/regions/{code}/rolling-plan", dependencies=[needs("plan.read", Elsewhere.HIDDEN)])
def rolling_plan(session: Reading, response: Response, code: Code) -> RollingPlanOut:
    """Return how the plan of a region rolls; version 0 where nobody has said anything, and it does not."""
    told = queries.rolling_plan(session, code)
    tag(response, told.version)
    return told


@router.put("/regions/{code}/rolling-plan", dependencies=[needs("plan.make", Elsewhere.REFUSED)])
def set_rolling_plan(
    session: Writing, actor: Acting, response: Response, version: Changing, code: Code, wanted: RollingPlan
) -> RollingPlanOut:
    """Say how the plan of a region rolls: what is frozen, how often it is made anew, and who puts it in force."""
    told = service.set_rolling_plan(session, actor, code, wanted, version)
    tag(response, told.version)
    return told
