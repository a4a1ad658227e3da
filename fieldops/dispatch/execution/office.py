"""What the office does with a job: dispatch it with its money and its tools, recall, cancel, close or reopen it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import crew_of
from fieldops.dispatch.crew.queries import Case, case_of, lock_crew
from fieldops.dispatch.crew.service import judge, touch
from fieldops.dispatch.execution import pricing
from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.recording import step
from fieldops.dispatch.models import Job, JobPart, JobTool
from fieldops.dispatch.precedence import unfinished_before
from fieldops.dispatch.rules import empty_seats
from fieldops.dispatch.service import job_to_change
from fieldops.dispatch.tasks.service import learn
from fieldops.equipment.models import Tool, ToolBooking, ToolEquivalent
from fieldops.equipment.schemas import NewBooking
from fieldops.equipment.service import book
from fieldops.finance.approvals.service import spend, withdraw_requests
from fieldops.finance.budgets.earmarks import earmarks_of
from fieldops.finance.budgets.models import Stage
from fieldops.finance.control.holding import release
from fieldops.finance.control.schemas import HoldItem, NewHold, Release, VerdictOut
from fieldops.workforce.models import Technician
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell
from inventory.network.models import Place, Region

DOCUMENT = "job"
"""The kind of document that a job's money is held for."""


def dispatch(
    session: Session, actor: Actor, number: str, now: datetime, today: date, *, version: int
) -> tuple[Job, VerdictOut | None]:
    """Send the crew of a job off; return the job and what the budget says of its cost, None where it costs nothing.

    The cost is committed; where it needs an approval that is asked for, and the job stays planned. Raises NotFound,
    Stale, CrewRefused where somebody may not sit there any more, Conflict for an empty seat, a job before that is not
    done, a tool that is not there, and a budget that blocks.
    """
    job = job_to_change(session, number, version)
    if job.state is not JobState.PLANNED:
        raise Conflict(
            _("Job {number} is {state}; only a planned job is dispatched").format(number=number, state=job.state),
            code="step_not_allowed",
        )
    technicians = lock_crew(session, {one.person for one in crew_of(session, [job.id])[job.id]})
    case = case_of(session, job, (), ())
    _require_ready(session, case)
    judge(case, case.crew)
    bookings = _book_tools(session, actor, case)
    verdict = _commit(session, actor, case, technicians, now, today)
    if verdict is not None and not verdict.held:
        for one in bookings:
            session.delete(one)
        session.flush()
        return job, verdict
    step(session, actor, job, EventKind.DISPATCH, {}, now)
    tell(session, "job.dispatched", {job.place_id: [number]})
    return job, verdict


def office_step(
    session: Session, actor: Actor, number: str, kind: EventKind, reason: str | None, now: datetime, *, version: int
) -> Job:
    """Recall, cancel, close or reopen a job; raises NotFound, Stale, Conflict where the table has no such step.

    One that is not on its way any more gives back its tools, and what it has left of its money.
    """
    job = job_to_change(session, number, version)
    step(session, actor, job, kind, {} if reason is None else {"reason": reason}, now)
    touch(session, job)
    give_back(session, actor, job, now)
    tell(session, "job.changed", {job.place_id: [number]})
    return job


def give_back(session: Session, actor: Actor, job: Job, now: datetime) -> None:
    """Give back the tools and the money that a planned or closed job has left; a closed one teaches its task."""
    if job.state not in (JobState.PLANNED, JobState.CLOSED):
        return
    if job.state is JobState.CLOSED and job.task is not None:
        learn(session, job.task)
    kept = select(ToolBooking).where(ToolBooking.document == job.number, ToolBooking.released_at.is_(None))
    for one in session.scalars(kept):
        one.released_at = now
    session.flush()
    withdraw_requests(session, actor, [(DOCUMENT, job.number)], now)
    if any(one.amount for one in earmarks_of(session, DOCUMENT, job.number) if not one.holder):
        wanted = Release(document_kind=DOCUMENT, document=job.number, reason=_("Job {state}").format(state=job.state))
        release(session, actor, wanted, now, now.date())


def _require_ready(session: Session, case: Case) -> None:
    job = case.job
    if empty := empty_seats(case.seats, (one.seat for one in case.crew)):
        raise Conflict(
            _("Job {job} has empty seats: {seats}; assign somebody first").format(
                job=job.number, seats=", ".join(empty)
            ),
            code="seats_empty",
        )
    if before := unfinished_before(session, job):
        raise Conflict(
            _("Job {job} comes after {before}, which is not done; wait for it, or change after").format(
                job=job.number, before=", ".join(before)
            ),
            code="job_before_unfinished",
        )


def _book_tools(session: Session, actor: Actor, case: Case) -> list[ToolBooking]:
    """Keep a tool of each kind that the job needs, or an equivalent, at its place from its start to its end."""
    job = case.job
    wanted = session.scalars(select(JobTool).where(JobTool.job_id == job.id).order_by(JobTool.kind)).all()
    if not wanted:
        return []
    span = NewBooking(
        document=job.number,
        starts_at=min(one.starts_at for one in case.crew),
        ends_at=max(one.ends_at for one in case.crew),
    )
    kept: list[ToolBooking] = []
    for need in wanted:
        kept += _book_kind(session, actor, job, need, span)
    return kept


def _book_kind(session: Session, actor: Actor, job: Job, need: JobTool, span: NewBooking) -> list[ToolBooking]:
    kinds = [need.kind, *session.scalars(select(ToolEquivalent.equivalent).where(ToolEquivalent.kind == need.kind))]
    there = select(Tool.id).where(Tool.kind.in_(kinds), Tool.place_id == job.place_id).order_by(Tool.id)
    kept: list[ToolBooking] = []
    refusals: list[str] = []
    for key in session.scalars(there).all():
        if len(kept) == need.count:
            break
        try:
            with session.begin_nested():
                kept.append(book(session, actor, key, span))
        except Conflict as refusal:
            refusals.append(refusal.message)
    if len(kept) < need.count:
        why = "; ".join(refusals) or _("there is none at the place")
        raise Conflict(
            _("Job {job} needs {count} of tool {kind}: {why}").format(
                job=job.number, count=need.count, kind=need.kind, why=why
            ),
            code="tool_missing",
        )
    return kept


def _commit(
    session: Session,
    actor: Actor,
    case: Case,
    technicians: Sequence[Technician],
    now: datetime,
    today: date,
) -> VerdictOut | None:
    costs = estimate(session, case, technicians)
    if not costs:
        return None
    region = session.scalar(
        select(Region.code).join(Place, Place.region_id == Region.id).where(Place.id == case.job.place_id)
    )
    day = min(one.starts_at for one in case.crew).date()
    wanted = NewHold(
        document_kind=DOCUMENT,
        document=case.job.number,
        region=region or "",
        stage=Stage.COMMITMENT,
        priority=case.job.priority,
        items=tuple(
            HoldItem(
                item=pricing.item_name(category, currency),
                category=category,
                amount=amount,
                currency=currency,
                day=day,
            )
            for (category, currency), amount in sorted(costs.items())
        ),
    )
    return spend(session, actor, wanted, now, today)


def estimate(session: Session, case: Case, technicians: Sequence[Technician]) -> pricing.Costs:
    """Return what a job will cost: the work of its crew, and the parts that it uses up."""
    day = min(one.starts_at for one in case.crew).date()
    terms = pricing.labour_terms(session, [one.id for one in technicians], day)
    by_code: dict[str, Technician] = {one.code: one for one in technicians}
    work = []
    for person, technician in by_code.items():
        spans = sorted({(one.starts_at, one.ends_at) for one in case.crew if one.person == person})
        intervals = [pricing.span_of(start, end) for start, end in spans]
        work.append(pricing.work_cost(terms[technician.id], technician.time_zone, intervals))
    needs = select(JobPart.part_id, JobPart.quantity).where(JobPart.job_id == case.job.id)
    parts = dict(session.execute(needs).all())
    return pricing.together([*work, pricing.parts_cost(session, parts)])
