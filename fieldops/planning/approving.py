"""What an approval means for the plan that the document is of: it waits no more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from fieldops.dispatch.service import let_go as let_job_go
from fieldops.planning.models import DayPlan
from fieldops.planning.queries import regions_in_force
from fieldops.planning.schemas import DayPlanOut
from fieldops.planning.telling import telling_whose_work_changes
from inventory.kernel.installation import demo_time
from inventory.kernel.outbox import emit
from inventory.kernel.scope import actor_of, unscoped
from inventory.planning.service import let_go as let_orders_go


def settle_approved(session: Session, plan_id: UUID, document: str, now: datetime) -> None:
    """Mark a document of a plan, and the transfers that serve it, as no longer held, also where the plan is told."""
    with unscoped(session):
        regions = regions_in_force(session, plan_id)
    with telling_whose_work_changes(session, actor_of(session), regions, demo_time(session, lambda: now)):
        let_job_go(session, plan_id, document)
    let_orders_go(session, plan_id, document)
    with unscoped(session):  # a plan of several regions has one document; the approval is within the actor's
        plan = session.get_one(DayPlan, plan_id)
        told = DayPlanOut.model_validate(plan.document)
        for assignment in told.dispatch.assignments:
            if assignment.job == document:
                assignment.held = False
        for move in told.replenishment.moves:
            if document in (move.job, move.number):
                move.held = False
        told.budget.held = [one for one in told.budget.held if one.document != document]
        kept = told.model_dump(mode="json")
        session.execute(update(DayPlan).where(DayPlan.id == plan_id).values(document=kept))
        number, regions = plan.number, told.regions
    for code in regions:
        emit(session, "plan.changed", {"plan": number, "region": code, "document": document}, now, audience=code)
