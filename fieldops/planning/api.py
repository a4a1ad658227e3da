"""Routes of the day plans."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from fieldops.dispatch.crew.publishing import publish
from fieldops.dispatch.crew.schemas import PublishedJob
from fieldops.finance.control.schemas import HoldOut
from fieldops.operations.api import accepted
from fieldops.operations.schemas import OperationOut
from fieldops.planning import queries
from fieldops.planning.explaining import JobExplanation, PartExplanation, explain_job, explain_part
from fieldops.planning.operation import submit_day_plan
from fieldops.planning.portion import told_plan
from fieldops.planning.schemas import DayPlanOut, PlanDay, PlanSummary
from fieldops.planning.service import plan_date_in
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.errors import Invalid
from inventory.kernel.routes import Elsewhere, Route, needs, tag
from inventory.kernel.texts import gettext as _

router = APIRouter(tags=["plans"], route_class=Route)

Number = Annotated[str, Path(description="Number of a plan, such as P-000001.")]


@router.post("/plans/day", status_code=202, dependencies=[needs("plan.make", Elsewhere.REFUSED)])
def plan_day(session: Writing, edge: Here, actor: Acting, response: Response, wanted: PlanDay) -> OperationOut:
    """Have technicians, spares and budget of the week from a day on planned, and the plan put in force.

    The operation that does it tells how far it is, and in the end the number of the plan.
    """
    day = wanted.plan_date or plan_date_in(session, edge.clock)
    submitted = submit_day_plan(session, actor, wanted, day, edge.clock(), most=edge.submissions_per_minute)
    return accepted(response, submitted)


@router.get("/plans", dependencies=[needs("plan.read", Elsewhere.HIDDEN)])
def plans(
    session: Reading,
    paging: Paged,
    region: Annotated[str | None, Query(description="Only plans made for a region.")] = None,
) -> Page[PlanSummary]:
    """List the plans, the newest first, with what each is in its regions and which it followed."""
    (before,) = paging.after(("",))
    rows = queries.plan_page(session, before=before, limit=paging.rows, region=region)
    return paging.page(rows, lambda one: (one.plan,))


@router.get("/plans/{number}", dependencies=[needs("plan.read", Elsewhere.HIDDEN)])
def plan(session: Reading, response: Response, number: Number) -> DayPlanOut:
    """Return a plan as it was told when it was made or put in force."""
    found = queries.plan_by_number(session, number)
    tag(response, found.revision)
    return told_plan(session, found)


@router.post("/plans/{number}/assignments", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def publish_plan(session: Writing, actor: Acting, number: Number) -> list[PublishedJob]:
    """Give the people of a plan their seats, all of a job or none, and tell for each job whether the rules allow it.

    Jobs that wait for an approval, or have that crew already, are left out.
    """
    plan = queries.plan_by_number(session, number)
    queries.require_published(session, plan)
    return publish(session, actor, plan.id)


@router.get("/plans/{number}/explain", dependencies=[needs("plan.read", Elsewhere.HIDDEN)])
def explain(
    edge: Here,
    actor: Acting,
    number: Number,
    job: Annotated[str | None, Query(description="Number of a job.")] = None,
    part: Annotated[str | None, Query(description="A part number.")] = None,
) -> JobExplanation | PartExplanation:
    """Say why the plan decided so about a job or a part, and why not the next best."""
    if job is not None and part is None:
        return explain_job(edge.engine, actor, number, job)
    if part is not None and job is None:
        return explain_part(edge.engine, actor, number, part)
    raise Invalid(_("Name a job or a part to explain, not both"), code="job_or_part", field="job")


@router.get("/budgets/holds", tags=["budgets"], dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def holds(session: Reading, paging: Paged) -> Page[HoldOut]:
    """List what plans in force hold for an approval, the most urgent first."""
    rows = queries.holds_in_force(session, after=paging.after((0, "", "", UUID(int=0))), limit=paging.rows)
    page = paging.page(rows, lambda one: one[0])
    return Page(items=[hold for _key, hold in page.items], next=page.next)
