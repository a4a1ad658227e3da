"""Use cases of plan versions: publish one, withdraw it, undo it. Everything is looked at again, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from fieldops.dispatch import service as dispatch
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job
from fieldops.finance.control.plans import Override, PlanRef, announce
from fieldops.planning.desk.queries import changed_jobs
from fieldops.planning.document import budget_part
from fieldops.planning.models import DayPlan, PlanRegion, PlanStatus
from fieldops.planning.queries import in_force, plan_by_number, rows_marks
from fieldops.planning.rules import PROPOSAL_VALID
from fieldops.planning.schemas import DayPlanOut
from fieldops.planning.telling import telling_whose_work_changes
from fieldops.planning.versions.basis import Basis
from fieldops.planning.versions.entering import enter, entering_of
from fieldops.planning.versions.standing import PlanConflicts, Standing, require_standing
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.clock import present
from inventory.kernel.errors import Conflict
from inventory.kernel.installation import demo_time
from inventory.kernel.lookup import portions
from inventory.kernel.outbox import emit
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.service import lock_regions
from inventory.planning import service as stock


def publish(session: Session, actor: Actor, number: str, revision: int | None = None) -> DayPlan:
    """Put a proposed plan in force in the place of the one that it was made from.

    What fits the budget is reserved, the rest is held; an override that is kept with the plan counts for who has the
    right to it by now. Raises NotFound, Forbidden for regions that are not the actor's, and for an override without
    that right, Stale for another revision, Conflict for a plan that is not proposed, has expired or was made from one
    that is not in force any more, and PlanConflicts naming all that does not hold any more.
    """
    now = present(session)
    plan, rows = _proposed(session, actor, number, revision)
    if now >= plan.made_at + PROPOSAL_VALID:
        raise Conflict(
            _("Plan {plan} expired at {at}; make a new one").format(
                plan=number, at=f"{plan.made_at + PROPOSAL_VALID:%Y-%m-%d %H:%MZ}"
            ),
            code="plan_expired",
        )
    basis = _basis(plan)
    _require_base(session, plan, rows, basis.base)
    override = None
    if basis.override is not None:
        actor.require("plan.override")
        override = Override(basis.override.user, basis.override.reason)
    one = Standing(plan, basis, [row.region for row in rows])
    require_standing(session, [one])
    _put_in_force(session, actor, [one], rows, now, override=override, cap=basis.cap)
    return plan


def withdraw(session: Session, actor: Actor, number: str, revision: int | None = None) -> DayPlan:
    """Give a proposed plan up: it cannot be published any more.

    Raises NotFound, Forbidden for regions that are not the actor's, Stale for another revision, Conflict for a plan
    that is not proposed.
    """
    plan, rows = _proposed(session, actor, number, revision)
    for row in rows:
        row.status = PlanStatus.WITHDRAWN
    _tell_withdrawn(session, plan, rows, present(session))
    return plan


def undo(session: Session, actor: Actor, number: str, revision: int | None = None) -> DayPlan:
    """Put back in force what was so before a plan, wherever that one is in force; it is withdrawn.

    Raises as `publish` does, of the plans before; Conflict for a plan that is in force nowhere, of which a job has
    been dispatched, or before which there was none.
    """
    now = present(session)
    plan, rows = _to_change(session, actor, number, revision, PlanStatus.CURRENT)
    if not rows:
        raise _nowhere(number)
    _require_undispatched(session, plan, [row.region for row in rows])
    _require_as_published(session, plan, [row.region for row in rows])
    returning: defaultdict[UUID, list[str]] = defaultdict(list)
    for row in rows:
        if row.base_id is None:
            raise Conflict(
                _("There was no plan before {plan} in {region}; make a new one instead").format(
                    plan=number, region=row.region
                ),
                code="no_plan_before",
            )
        returning[row.base_id].append(row.region)
    plans, returned = [], []
    for key, codes in returning.items():
        before = session.get_one(DayPlan, key)
        plans.append(Standing(before, _basis(before).within(codes), codes))
        returned += _rows(session, key, codes)
    require_standing(session, plans)
    _put_in_force(session, actor, plans, returned, now, leaves=PlanStatus.WITHDRAWN)
    _tell_withdrawn(session, plan, rows, now)
    return plan


def _proposed(session: Session, actor: Actor, number: str, revision: int | None) -> tuple[DayPlan, list[PlanRegion]]:
    plan, rows = _to_change(session, actor, number, revision, PlanStatus.PROPOSED)
    if not rows:
        raise Conflict(
            _("Plan {plan} is not proposed any more; make a new one").format(plan=number), code="plan_not_proposed"
        )
    return plan, rows


def _tell_withdrawn(session: Session, plan: DayPlan, rows: Iterable[PlanRegion], now: datetime) -> None:
    flag_modified(plan, "kind")  # so that its revision counts this, too
    session.flush()
    for row in rows:
        emit(session, "plan.withdrawn", {"plan": plan.number, "region": row.region}, now, audience=row.region)


def expire(session: Session, now: datetime) -> int:
    """Mark the proposals that have waited too long, and tell of each; returns how many regions' there were."""
    waiting = (
        select(PlanRegion, DayPlan.number)
        .join(DayPlan, DayPlan.id == PlanRegion.plan_id)
        .where(PlanRegion.status == PlanStatus.PROPOSED, DayPlan.made_at <= now - PROPOSAL_VALID)
        .order_by(DayPlan.number, PlanRegion.region)
    )
    if session.execute(waiting.limit(1)).first() is None:
        return 0
    lock_regions(session)  # nobody publishes meanwhile what is looked at here
    rows = session.execute(waiting.execution_options(populate_existing=True)).all()
    for row, number in rows:
        row.status = PlanStatus.EXPIRED
        emit(session, "plan.expired", {"plan": number, "region": row.region}, now, audience=row.region)
    session.flush()
    return len(rows)


def _to_change(
    session: Session, actor: Actor, number: str, revision: int | None, status: PlanStatus
) -> tuple[DayPlan, list[PlanRegion]]:
    """Return a plan with its regions of a status, all of which are the actor's; no other is put in force meanwhile."""
    lock_regions(session)
    plan = plan_by_number(session, number)
    session.refresh(plan)
    with unscoped(session):  # where a plan is in force is decided for all of its regions, or for none
        known = select(PlanRegion.region).where(PlanRegion.plan_id == plan.id, PlanRegion.status == status)
        regions = session.scalars(known.order_by(PlanRegion.region)).all()
    for region in regions:
        actor.require_region(region)
    if revision is not None:
        require_version(plan.revision, revision)
    return plan, _rows(session, plan.id, regions)


def _rows(session: Session, plan_id: UUID, regions: Collection[str]) -> list[PlanRegion]:
    query = select(PlanRegion).where(PlanRegion.plan_id == plan_id, PlanRegion.region.in_(regions))
    return list(session.scalars(query.order_by(PlanRegion.region).execution_options(populate_existing=True)))


def _require_base(session: Session, plan: DayPlan, rows: Sequence[PlanRegion], marks: Mapping[str, str]) -> None:
    """Refuse a plan that was made from one that is not in force any more, or not as it was."""
    now = in_force(session, [row.region for row in rows])
    marks_now = rows_marks(session, now)
    for row in rows:
        if now.get(row.region) != row.base_id:
            with unscoped(session):
                known = select(DayPlan.number)
                base = session.scalar(known.where(DayPlan.id == row.base_id)) or _("no plan")
                other = session.scalar(known.where(DayPlan.id == now.get(row.region))) or _("no plan")
            raise Conflict(
                _("Plan {plan} was made from {base}, but {other} is in force in {region} now; make a new one").format(
                    plan=plan.number, base=base, other=other, region=row.region
                ),
                code="plan_base_stale",
            )
        if marks.get(row.region) not in (None, marks_now.get(row.region)):
            raise Conflict(
                _("Plan {plan} was made from a plan that was changed in {region} since; make a new one").format(
                    plan=plan.number, region=row.region
                ),
                code="plan_base_stale",
            )


def _require_undispatched(session: Session, plan: DayPlan, regions: Collection[str]) -> None:
    numbers = [one.number for one in _basis(plan).within(regions).jobs]
    begun = [
        number
        for some in portions(numbers)
        for number in session.scalars(
            select(Job.number).where(Job.number.in_(some), Job.state != JobState.PLANNED).order_by(Job.number)
        )
    ]
    if begun:
        refused = PlanConflicts(
            plan.number, [(f"job.{job}", _("job {job} was dispatched or closed").format(job=job)) for job in begun]
        )
        refused.code = "plan_dispatched"
        raise refused


def _require_as_published(session: Session, plan: DayPlan, regions: Collection[str]) -> None:
    """Refuse to undo a plan that was changed at the desk: the plan before knows nothing of these seats and parts."""
    if jobs := changed_jobs(session, plan.id, regions):
        told = [(f"job.{job}", _("job {job} was assigned, moved or locked in it").format(job=job)) for job in jobs]
        refused = PlanConflicts(plan.number, told, _("undo these changes first"))
        refused.code = "plan_changed"
        raise refused


def _basis(plan: DayPlan) -> Basis:
    if plan.basis is None:
        raise Conflict(
            _("Plan {plan} was made by an older version, which did not keep what it stands on; make a new one").format(
                plan=plan.number
            ),
            code="plan_not_proposed",
        )
    return Basis.model_validate(plan.basis)


def _put_in_force(
    session: Session,
    actor: Actor,
    plans: Sequence[Standing],
    rows: Iterable[PlanRegion],
    now: datetime,
    *,
    leaves: PlanStatus = PlanStatus.SUPERSEDED,
    override: Override | None = None,
    cap: Decimal | None = None,
) -> None:
    """Put plans in force in their regions, which are `rows`, and tell of each what is held by now."""
    regions = [code for one in plans for code in one.regions]
    with telling_whose_work_changes(session, actor, regions, demo_time(session, lambda: now)):
        entering = [entering_of(one.plan.id, one.plan.plan_date, sorted(one.regions), one.basis) for one in plans]
        held = enter(session, actor, entering, now, leaves=leaves, override=override, cap=cap)
        for row in rows:
            row.status, row.published_by, row.published_at = PlanStatus.CURRENT, actor.id, now
        session.flush()
        for one, documents in zip(plans, held, strict=True):
            _tell_held(session, one, documents)
            announce(session, PlanRef(one.plan.id, one.plan.number), now, among=one.regions)
            for code in one.regions:
                emit(session, "plan.in_force", {"plan": one.plan.number, "region": code}, now, audience=code)


def _tell_held(session: Session, one: Standing, held: Collection[str]) -> None:
    """Mark what of a plan is held, where it is kept and where it is told."""
    plan, documents = one.plan, {bill.document for bill in one.basis.bills}
    dispatch.mark_held(session, plan.id, held, documents)
    stock.mark_held(session, plan.id, held, documents)
    told = DayPlanOut.model_validate(plan.document)
    for assignment in told.dispatch.assignments:
        if assignment.job in documents:
            assignment.held = assignment.job in held
    for move in told.replenishment.moves:
        if (document := move.job or move.number) in documents:
            move.held = document in held
    with unscoped(session):  # a plan of several regions has one document
        told.budget = budget_part(session, PlanRef(plan.id, plan.number), plan.plan_date, told.regions)
        plan.document = told.model_dump(mode="json")
        flag_modified(plan, "document")
        session.flush()


def _nowhere(number: str) -> Conflict:
    return Conflict(
        _("Plan {plan} is not in force; only a plan in force can be undone").format(plan=number),
        code="plan_not_in_force",
    )
