"""Routes of the day plans."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from fieldops.dispatch.queries import count_jobs
from fieldops.finance.schemas import HoldOut
from fieldops.finance.service import Override
from fieldops.planning import queries
from fieldops.planning.explaining import JobExplanation, PartExplanation, explain_job, explain_part
from fieldops.planning.schemas import DayPlanOut, PlanDay, PlanSummary
from fieldops.planning.service import PlanRequest, make_day_plan, plan_date_of
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading
from inventory.kernel.engine import reading
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.texts import gettext as _
from optimizer.run import Limit

JOBS_MAX = 2_000
"""More open jobs than this take longer than a request may."""

router = APIRouter(tags=["plans"])

Number = Annotated[str, Path(description="Number of a plan, such as P-000001.")]


async def _one_at_a_time() -> AsyncIterator[None]:
    """Let a plan wait for the one before it, without a worker thread: each takes a whole core."""
    yield


@router.post("/plans/day", status_code=201, dependencies=[Depends(_one_at_a_time, scope="function", max_concurrency=1)])
def plan_day(edge: Here, actor: Acting, wanted: PlanDay) -> DayPlanOut:
    """Plan technicians, spares and budget of the week from a day on, and put the plan in force."""
    with reading(edge.engine) as session:
        jobs = count_jobs(session, wanted.region)
    if jobs > JOBS_MAX:
        raise Conflict(
            _(
                "{jobs} open jobs are too many for one request; plan one region at a time, "
                "or run “fieldops plan day” on the server"
            ).format(jobs=jobs),
            code="plan_too_large",
        )
    override = wanted.aog_override
    request = PlanRequest(
        plan_date=wanted.plan_date or plan_date_of(edge.engine, edge.clock),
        region=wanted.region,
        limit=_limit(wanted),
        seed=wanted.seed,
        cap=wanted.budget,
        override=None if override is None else Override(override.user, override.reason),
    )
    return make_day_plan(edge.engine, actor, request, clock=edge.clock, should_stop=edge.stopping.is_set)


def _limit(wanted: PlanDay) -> Limit | None:
    if wanted.iterations is None and wanted.seconds is None:
        return None
    return Limit(iterations=wanted.iterations, seconds=wanted.seconds)


@router.get("/plans")
def plans(session: Reading, paging: Paged) -> Page[PlanSummary]:
    """List the plans, the newest first."""
    (before,) = paging.after(("",))
    return paging.page(queries.plan_page(session, before=before, limit=paging.rows), lambda one: (one.plan,))


@router.get("/plans/{number}")
def plan(session: Reading, number: Number) -> DayPlanOut:
    """Return a plan as it was told when it was made."""
    return DayPlanOut.model_validate(queries.plan_by_number(session, number).document)


@router.get("/plans/{number}/explain")
def explain(
    edge: Here,
    number: Number,
    job: Annotated[str | None, Query(description="Number of a job.")] = None,
    part: Annotated[str | None, Query(description="A part number.")] = None,
) -> JobExplanation | PartExplanation:
    """Say why the plan decided so about a job or a part, and why not the next best."""
    if job is not None and part is None:
        return explain_job(edge.engine, number, job)
    if part is not None and job is None:
        return explain_part(edge.engine, number, part)
    raise Invalid(_("Name a job or a part to explain, not both"), code="job_or_part", field="job")


@router.get("/budgets/holds", tags=["budgets"])
def holds(session: Reading, paging: Paged) -> Page[HoldOut]:
    """List what plans in force hold for an approval, the most urgent first."""
    rows = queries.holds_in_force(session, after=paging.after((0, "", "", UUID(int=0))), limit=paging.rows)
    page = paging.page(rows, lambda one: one[0])
    return Page(items=[hold for _key, hold in page.items], next=page.next)
