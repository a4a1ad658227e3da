"""What a job keeps of tools and money: from its dispatch until it is planned again or closed.

Locks are taken in the one order: tools with the stock, money with the budget lines. Whoever tells an event need not see
the budget: the product keeps what follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.queries import Case, case_of
from fieldops.dispatch.execution import pricing
from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.models import JobEvent
from fieldops.dispatch.execution.ways import way_costs
from fieldops.dispatch.models import Job, JobPart, JobTool
from fieldops.equipment.models import Tool, ToolBooking, ToolEquivalent
from fieldops.equipment.schemas import NewBooking
from fieldops.equipment.service import book
from fieldops.finance.approvals.service import withdraw_requests
from fieldops.finance.budgets.earmarks import earmarks_of
from fieldops.finance.budgets.models import Stage
from fieldops.finance.control.holding import hold, release
from fieldops.finance.control.queries import unheld_spending
from fieldops.finance.control.schemas import HoldItem, NewHold, Release
from fieldops.workforce.models import Technician
from inventory.kernel.actor import NETWORK, Actor
from inventory.kernel.errors import Conflict, DomainError
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region

DOCUMENT = "job"
"""The kind of document that a job's money is held for."""
_OVER = frozenset({JobState.PLANNED, JobState.CLOSED})
"""Where a job keeps nothing."""


def gives_back(job: Job) -> bool:
    """Tell whether a job keeps nothing where it is."""
    return job.state in _OVER


def keeps_again(job: Job, before: JobState) -> bool:
    """Tell whether a job that kept nothing is on its way after all."""
    return before in _OVER and job.state not in _OVER


def give_back_tools(session: Session, jobs: Sequence[Job], now: datetime) -> None:
    """Give back the tools that jobs have kept."""
    numbers = [one.number for one in jobs]
    kept = select(ToolBooking).where(ToolBooking.document.in_(numbers), ToolBooking.released_at.is_(None))
    with unscoped(session):
        for one in session.scalars(kept):
            one.released_at = now
        session.flush()


def give_back_money(session: Session, actor: Actor, job: Job, now: datetime) -> None:
    """Give back what a job has left of its money, and withdraw what it asks for."""
    with unscoped(session):
        withdraw_requests(session, actor, [(DOCUMENT, job.number)], now)
        if any(one.amount for one in earmarks_of(session, DOCUMENT, job.number) if not one.holder):
            why = _("Job {state}").format(state=job.state)
            wanted = Release(document_kind=DOCUMENT, document=job.number, reason=why)
            release(session, _product(actor), wanted, now, day_at(session, job, now))


def keep_tools_again(session: Session, actor: Actor, job: Job) -> None:
    """Book tools for a job that is on its way after all; where there are none left, it goes without."""
    case = case_of(session, job, (), ())
    with suppress(Conflict), session.begin_nested(), unscoped(session):
        if case.crew:
            keep_tools(session, actor, case)


def keep_money_again(session: Session, actor: Actor, job: Job, now: datetime) -> None:
    """Commit the cost of a job that is on its way after all, as it was let pass at its dispatch, less what it spent.

    Where the budget blocks it by now, nothing is held, and what the job spends exceeds its line.
    """
    case = case_of(session, job, (), ())
    with suppress(DomainError), session.begin_nested(), unscoped(session):
        crew = select(Technician).where(Technician.code.in_({one.person for one in case.crew}))
        wanted = commitment(session, case, session.scalars(crew).all()) if case.crew else None
        if wanted is None:
            return
        spent = unheld_spending(session, DOCUMENT, job.number)
        items = [one.model_copy(update={"amount": one.amount - spent.get(one.item, 0)}) for one in wanted.items]
        wanted = wanted.model_copy(update={"items": tuple(one for one in items if one.amount > 0)})
        sent = select(JobEvent.recorded_by).where(JobEvent.job_id == job.id, JobEvent.kind == EventKind.DISPATCH)
        by = session.scalar(sent.order_by(JobEvent.happened_at.desc()).limit(1))
        if wanted.items:
            hold(session, _product(actor), wanted, now, now.date(), approved_by=by)


def keep_tools(session: Session, actor: Actor, case: Case) -> list[ToolBooking]:
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


def commitment(session: Session, case: Case, technicians: Sequence[Technician]) -> NewHold | None:
    """Return what a job is to commit, on the day of its place on which it starts; None where it costs nothing."""
    costs = estimate(session, case, technicians)
    if not costs:
        return None
    region = session.scalar(
        select(Region.code).join(Place, Place.region_id == Region.id).where(Place.id == case.job.place_id)
    )
    day = day_at(session, case.job, min(one.starts_at for one in case.crew))
    return NewHold(
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


def estimate(session: Session, case: Case, technicians: Sequence[Technician]) -> pricing.Costs:
    """Return what a job will cost: its crew's work and ways, the parts that it uses up, and their transfers."""
    day = day_at(session, case.job, min(one.starts_at for one in case.crew))
    terms = pricing.labour_terms(session, [one.id for one in technicians], day)
    by_code: dict[str, Technician] = {one.code: one for one in technicians}
    work = []
    for person, technician in by_code.items():
        spans = sorted({(one.starts_at, one.ends_at) for one in case.crew if one.person == person})
        intervals = [pricing.span_of(start, end) for start, end in spans]
        work.append(pricing.work_cost(terms[technician.id], technician.time_zone, intervals))
    needs = select(JobPart.part_id, JobPart.quantity).where(JobPart.job_id == case.job.id)
    parts = dict(session.execute(needs).all())
    with unscoped(session):  # whoever dispatches need not see the budget, nor where somebody lent is based
        ways = way_costs(session, case, technicians, terms)
    return pricing.together([*work, ways, pricing.parts_cost(session, parts)])


def _product(actor: Actor) -> Actor:
    return replace(actor, scope=NETWORK)


def day_at(session: Session, job: Job, at: datetime) -> date:
    """Return the day of an instant at the place of a job."""
    zone = session.scalar(select(Place.time_zone).where(Place.id == job.place_id))
    return at.astimezone(ZoneInfo(zone or "UTC")).date()
