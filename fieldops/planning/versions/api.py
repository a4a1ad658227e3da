"""Routes of plan versions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from fieldops.operations.api import accepted
from fieldops.operations.schemas import OperationOut
from fieldops.planning.queries import summary_of
from fieldops.planning.schemas import PlanSummary
from fieldops.planning.service import plan_date_in
from fieldops.planning.versions import queries
from fieldops.planning.versions.foreseeing import foresee
from fieldops.planning.versions.operation import submit_dispatch_plan
from fieldops.planning.versions.schemas import PlanDifference, PlanDispatch, StepForeseen, StepWanted
from fieldops.planning.versions.service import publish, undo, withdraw
from inventory.kernel.edge import Acting, Here, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

router = APIRouter(tags=["plans"], route_class=Route)

Number = Annotated[str, Path(description="Number of a plan, such as P-000001.")]


@router.post("/plans/dispatch", status_code=202, dependencies=[needs("plan.make", Elsewhere.REFUSED)])
def plan_dispatch(
    session: Writing, edge: Here, actor: Acting, response: Response, wanted: PlanDispatch
) -> OperationOut:
    """Have the technicians of the week planned anew from the plan in force; the plan is kept, to be published.

    The operation that does it tells how far it is, and in the end the number of the plan.
    """
    day = wanted.plan_date or plan_date_in(session, edge.clock)
    submitted = submit_dispatch_plan(session, actor, wanted, day, edge.clock(), most=edge.submissions_per_minute)
    return accepted(response, submitted)


@router.get("/plans/{number}/difference", dependencies=[needs("plan.read", Elsewhere.HIDDEN)])
def plan_difference(
    session: Reading,
    number: Number,
    other: Annotated[
        str | None, Query(alias="with", description="Number of the plan before; default: what is in force there.")
    ] = None,
) -> PlanDifference:
    """Return which jobs a plan does otherwise than another, and what both cost, in the regions that they share."""
    return queries.difference(session, number, other)


@router.post("/plans/{number}/check", dependencies=[needs("plan.make", Elsewhere.REFUSED)])
def check_step(edge: Here, actor: Acting, number: Number, wanted: StepWanted) -> StepForeseen:
    """Return what publishing, withdrawing or undoing a plan would do now, or what stands against it; keep nothing."""
    return foresee(edge.engine, actor, number, wanted.step, edge.clock)


@router.post("/plans/{number}/publish", dependencies=[needs("plan.make", Elsewhere.REFUSED)])
def put_in_force(session: Writing, actor: Acting, response: Response, version: Changing, number: Number) -> PlanSummary:
    """Put a proposed plan in force, if all that it stands on is as it was; else `errors` names what is not.

    What fits the budget is reserved, the rest is held.
    """
    plan = publish(session, actor, number, version)
    tag(response, plan.revision)
    return summary_of(session, plan)


@router.post("/plans/{number}/withdraw", dependencies=[needs("plan.make", Elsewhere.REFUSED)])
def give_up(session: Writing, actor: Acting, response: Response, version: Changing, number: Number) -> PlanSummary:
    """Give a proposed plan up: it cannot be published any more."""
    plan = withdraw(session, actor, number, version)
    tag(response, plan.revision)
    return summary_of(session, plan)


@router.post("/plans/{number}/undo", dependencies=[needs("plan.make", Elsewhere.REFUSED)])
def undo_plan(session: Writing, actor: Acting, response: Response, version: Changing, number: Number) -> PlanSummary:
    """Put back in force what was so before a plan, while none of its jobs has been dispatched."""
    plan = undo(session, actor, number, version)
    tag(response, plan.revision)
    return summary_of(session, plan)
