"""The routes that have stock targets planned, and plans of them simulated."""

from __future__ import annotations

from fastapi import APIRouter, Response

from fieldops.operations.api import accepted
from fieldops.operations.schemas import OperationOut
from fieldops.planning.stock_targets.operation import submit_simulation, submit_target_plan
from inventory.kernel.edge import Acting, Here, Writing
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.planning.stock_plans.api import Number
from inventory.planning.stock_plans.schemas import MakeTargets
from inventory.planning.stock_plans.simulation_schemas import Simulate

router = APIRouter(prefix="/stock", tags=["stock"], route_class=Route)


@router.post("/target-plans", status_code=202, dependencies=[needs("targets.write", Elsewhere.REFUSED)])
def plan_targets(session: Writing, edge: Here, actor: Acting, response: Response, wanted: MakeTargets) -> OperationOut:
    """Have stock targets planned for a sum of money; the plan is kept, to be accepted.

    The operation that does it tells how far it is, and in the end the number of the plan.
    """
    submitted = submit_target_plan(session, actor, wanted, edge.clock(), most=edge.submissions_per_minute)
    return accepted(response, submitted)


@router.post(
    "/target-plans/{number}/simulate", status_code=202, dependencies=[needs("targets.write", Elsewhere.REFUSED)]
)
def simulate_targets(
    session: Writing, edge: Here, actor: Acting, response: Response, number: Number, wanted: Simulate
) -> OperationOut:
    """Have a target plan simulated, the parts in which most waits or those named; the plan then tells what was seen.

    The operation that does it tells how far it is.
    """
    submitted = submit_simulation(session, actor, number, wanted, edge.clock(), most=edge.submissions_per_minute)
    return accepted(response, submitted)
