"""Reads of the day plans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from math import ceil
from uuid import UUID

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.orm import Session, aliased, load_only

from fieldops.dispatch.diaries.queries import Promise
from fieldops.dispatch.models import Job, JobPart, PlanAssignment
from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.control.models import BudgetHold
from fieldops.finance.control.queries import hold_out
from fieldops.finance.control.schemas import HoldOut
from fieldops.planning.models import DayPlan, PlanRegion, PlanStatus
from fieldops.planning.rules import PROPOSAL_VALID
from fieldops.planning.schemas import PlanState, PlanSummary
from inventory.catalogue.models import Part
from inventory.kernel.errors import Conflict, NotFound
from inventory.kernel.lookup import named_like, nearest
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region
from inventory.orders.due import is_ordered
from inventory.planning.models import PlannedOrder

HoldKey = tuple[int, str, str, UUID]
"""What holds are ordered by: rank, plan number, document, key."""


def plan_by_number(session: Session, number: str) -> DayPlan:
    """Return a plan; raises NotFound for an unknown number."""
    plan = session.scalar(select(DayPlan).where(DayPlan.number == number))
    if plan is None:
        raise NotFound(
            _("There is no plan {number}; the list of plans shows those there are").format(number=number),
            code="unknown_plan",
            field="plan",
        )
    return plan


def in_force(session: Session, regions: Collection[str]) -> dict[str, UUID]:
    """Return {region: key of the plan that is in force there}."""
    rows = session.execute(
        select(PlanRegion.region, PlanRegion.plan_id)
        .where(PlanRegion.status == PlanStatus.CURRENT, PlanRegion.region.in_(regions))
        .order_by(PlanRegion.region)
    )
    return dict(rows.all())


def rows_marks(session: Session, plans: Mapping[str, UUID]) -> dict[str, str]:
    """Return {region: a hash of the rows of its plan there}, of {region: key of a plan}: it changes when they do."""
    digests = {region: sha256() for region in plans}
    query = (
        select(Region.code, PlanAssignment.plan_id, PlanAssignment.id)
        .select_from(PlanAssignment)
        .join(Job, Job.id == PlanAssignment.job_id)
        .join(Place, Place.id == Job.place_id)
        .join(Region, Region.id == Place.region_id)
        .where(PlanAssignment.plan_id.in_(set(plans.values())), Region.code.in_(plans))
        .order_by(PlanAssignment.id)
    )
    for region, plan, key in session.execute(query):
        if plans[region] == plan:
            digests[region].update(key.bytes)
    return {region: one.hexdigest() for region, one in digests.items()}


def bases_of(session: Session, plan_id: UUID) -> dict[str, UUID]:
    """Return {region: key of the plan that was in force there when a plan was made}."""
    rows = session.execute(select(PlanRegion.region, PlanRegion.base_id).where(PlanRegion.plan_id == plan_id))
    return {region: key for region, key in rows if key is not None}


def regions_in_force(session: Session, plan_id: UUID) -> list[str]:
    """Return the regions in which a plan is in force, by code."""
    return list(
        session.scalars(
            select(PlanRegion.region)
            .where(PlanRegion.plan_id == plan_id, PlanRegion.status == PlanStatus.CURRENT)
            .order_by(PlanRegion.region)
        )
    )


def promised_to(session: Session, technician: UUID) -> list[Promise]:
    """Return what the plans in force give a technician, also in another region that he is lent to."""
    query = (
        select(
            PlanAssignment.job_id,
            func.min(PlanAssignment.starts_at),
            func.max(PlanAssignment.ends_at),
            func.max(func.coalesce(PlanRegion.published_at, PlanAssignment.starts_at)),
        )
        .join(Job, Job.id == PlanAssignment.job_id)
        .join(Place, Place.id == Job.place_id)
        .join(Region, Region.id == Place.region_id)
        .join(PlanRegion, and_(PlanRegion.plan_id == PlanAssignment.plan_id, PlanRegion.region == Region.code))
        .where(
            PlanAssignment.technician_id == technician,
            PlanAssignment.held.is_(False),
            PlanRegion.status == PlanStatus.CURRENT,
        )
        .group_by(PlanAssignment.job_id)
    )
    with unscoped(session):
        return [Promise(*row) for row in session.execute(query)]


def require_published(session: Session, plan: DayPlan) -> None:
    """Raise Conflict for a plan that waits to be published, or was undone: it gives nobody a seat."""
    known = set(session.scalars(select(PlanRegion.status).where(PlanRegion.plan_id == plan.id)))
    if known and known <= {PlanStatus.PROPOSED, PlanStatus.WITHDRAWN, PlanStatus.EXPIRED}:
        raise Conflict(
            _("Plan {plan} is not published; publish it first").format(plan=plan.number), code="plan_not_in_force"
        )


def claimed_elsewhere(
    session: Session, regions: Collection[str], own: Mapping[tuple[str, str, str], int] | None = None
) -> dict[tuple[str, str], Decimal]:
    """Return {(part number, place code): pieces} that plans in force in other regions count on.

    Without what is `own` to a job, {(job, part, place): pieces}.
    """
    beyond: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (job, part, place), pieces in claims_elsewhere(session, regions).items():
        beyond[part, place] += max(pieces - (own or {}).get((job, part, place), 0), Decimal(0))
    return {cell: pieces for cell, pieces in beyond.items() if pieces}


def claims_elsewhere(session: Session, regions: Collection[str] = ()) -> dict[tuple[str, str, str], Decimal]:
    """Return {(job, part number, place code): pieces} that plans in force, but for those in regions, count on.

    These are what their orders take from the place ("" for no job), and what their jobs there use without an order.
    """
    claims: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    origin, destination = aliased(Place), aliased(Place)
    delivered: defaultdict[tuple[UUID, str, str], Decimal] = defaultdict(Decimal)
    elsewhere = (PlanRegion.status == PlanStatus.CURRENT, PlanRegion.region.not_in(regions))
    orders = (
        select(
            PlannedOrder.plan_id,
            PlannedOrder.serves_job,
            Part.part_number,
            origin.code,
            PlannedOrder.quantity,
            is_ordered(PlannedOrder.plan_id, PlannedOrder.number),
        )
        .join(Part, Part.id == PlannedOrder.part_id)
        .join(origin, origin.id == PlannedOrder.origin_id)
        .join(destination, destination.id == PlannedOrder.destination_id)
        .join(Region, Region.id == destination.region_id)
        .join(PlanRegion, and_(PlanRegion.plan_id == PlannedOrder.plan_id, PlanRegion.region == Region.code))
        .where(*elsewhere)
    )
    for plan_id, job, part, place, quantity, ordered in session.execute(orders):
        if not ordered:  # its pieces are reserved, or have left
            claims[job or "", part, place] += quantity
        if job is not None:
            delivered[plan_id, job, part] += quantity
    other = aliased(PlanAssignment)
    same = (other.plan_id == PlanAssignment.plan_id, other.job_id == PlanAssignment.job_id)
    first = select(func.min(other.position)).where(*same).correlate(PlanAssignment).scalar_subquery()
    needs = (
        select(PlanAssignment.plan_id, Job.number, Part.part_number, Place.code, JobPart.quantity)
        .join(Job, Job.id == PlanAssignment.job_id)
        .join(JobPart, JobPart.job_id == Job.id)
        .join(Part, Part.id == JobPart.part_id)
        .join(Place, Place.id == Job.place_id)
        .join(Region, Region.id == Place.region_id)
        .join(PlanRegion, and_(PlanRegion.plan_id == PlanAssignment.plan_id, PlanRegion.region == Region.code))
        .where(PlanAssignment.position == first, *elsewhere)
    )
    for plan_id, job, part, place, quantity in session.execute(needs):
        claims[job, part, place] += max(ceil(quantity) - delivered[plan_id, job, part], Decimal(0))
    return {claim: pieces for claim, pieces in claims.items() if pieces}


def plan_page(session: Session, *, before: str = "", limit: int, region: str | None = None) -> list[PlanSummary]:
    """Return up to `limit` plans with a number before `before`, the newest first; with "" from the newest."""
    query = select(DayPlan).options(load_only(*_HEAD)).order_by(DayPlan.number.desc()).limit(limit)
    if before:
        query = query.where(DayPlan.number < before)
    if region is not None:
        query = query.where(DayPlan.id.in_(select(PlanRegion.plan_id).where(PlanRegion.region == region)))
    return _summaries(session, session.scalars(query).all())


def find_plans(session: Session, text: str, limit: int) -> list[tuple[str, str]]:
    """Return (number, date) of plans whose number holds a text, the nearest first."""
    query = select(DayPlan.number, DayPlan.plan_date).where(named_like(text, DayPlan.number))
    rows = session.execute(query.order_by(*nearest(text, DayPlan.number)).limit(limit))
    return [(number, day.isoformat()) for number, day in rows]


def find_orders(session: Session, text: str, limit: int) -> list[tuple[str, str, str]]:
    """Return (number, part, plan) of orders of plans whose number holds a text, those of the latest plans first."""
    query = (
        select(PlannedOrder.number, Part.part_number, DayPlan.number)
        .join(Part, Part.id == PlannedOrder.part_id)
        .join(DayPlan, DayPlan.id == PlannedOrder.plan_id)
        .where(named_like(text, PlannedOrder.number))
        .order_by(*nearest(text, PlannedOrder.number), DayPlan.number.desc())
    )
    return [(number, part, plan) for number, part, plan in session.execute(query.limit(limit))]


def proposals(session: Session, now: datetime, *, region: str | None, limit: int) -> list[PlanSummary]:
    """Return up to `limit` plans that are proposed, of a region or of all, and may be published still; newest first."""
    waiting = select(PlanRegion.plan_id).where(PlanRegion.status == PlanStatus.PROPOSED)
    if region is not None:
        waiting = waiting.where(PlanRegion.region == region)
    query = select(DayPlan).options(load_only(*_HEAD)).where(DayPlan.id.in_(waiting))
    query = query.where(DayPlan.made_at > now - PROPOSAL_VALID).order_by(DayPlan.number.desc()).limit(limit)
    return _summaries(session, session.scalars(query).all())


def summary_of(session: Session, plan: DayPlan) -> PlanSummary:
    """Return a plan as a list tells it."""
    return _summaries(session, [plan])[0]


_HEAD = (
    DayPlan.number,
    DayPlan.kind,
    DayPlan.plan_date,
    DayPlan.made_by,
    DayPlan.made_at,
    DayPlan.plan_hash,
)


def _summaries(session: Session, plans: Sequence[DayPlan]) -> list[PlanSummary]:
    regions: defaultdict[UUID, list[tuple[PlanRegion, str | None]]] = defaultdict(list)
    base = aliased(DayPlan)
    rows = (
        select(PlanRegion, base.number)
        .outerjoin(base, base.id == PlanRegion.base_id)
        .where(PlanRegion.plan_id.in_([plan.id for plan in plans]))
        .order_by(PlanRegion.region)
    )
    for one, number in session.execute(rows):
        regions[one.plan_id].append((one, number))
    return [
        PlanSummary(
            plan=plan.number,
            kind=plan.kind,
            date=plan.plan_date,
            regions=[one.region for one, _base in regions[plan.id]],
            current_in=[one.region for one, _base in regions[plan.id] if one.status is PlanStatus.CURRENT],
            states=[
                PlanState(
                    region=one.region,
                    status=one.status,
                    supersedes=number,
                    published_by=one.published_by,
                    published_at=one.published_at,
                )
                for one, number in regions[plan.id]
            ],
            expires_at=plan.made_at + PROPOSAL_VALID
            if any(one.status is PlanStatus.PROPOSED for one, _base in regions[plan.id])
            else None,
            made_by=plan.made_by,
            made_at=plan.made_at,
            plan_hash=plan.plan_hash,
        )
        for plan in plans
    ]


def holds_in_force(
    session: Session, *, after: HoldKey, limit: int, region: str | None = None
) -> list[tuple[HoldKey, HoldOut]]:
    """Return up to `limit` documents that plans in force hold for approval, the most urgent first, with their keys."""
    place = (BudgetHold.rank, DayPlan.number, BudgetHold.document, BudgetHold.id)
    query = (
        select(BudgetHold, BudgetLine, Region.code, DayPlan.number)
        .join(BudgetLine, BudgetLine.id == BudgetHold.line_id)
        .join(Region, Region.id == BudgetLine.region_id)
        .join(DayPlan, DayPlan.id == BudgetHold.plan_id)
        .join(PlanRegion, (PlanRegion.plan_id == DayPlan.id) & (PlanRegion.region == Region.code))
        .where(PlanRegion.status == PlanStatus.CURRENT, tuple_(*place) > tuple_(*after))
        .order_by(*place)
        .limit(limit)
    )
    if region is not None:
        query = query.where(Region.code == region)
    return [
        ((hold.rank, number, hold.document, hold.id), hold_out(hold, line, code, number))
        for hold, line, code, number in session.execute(query)
    ]
