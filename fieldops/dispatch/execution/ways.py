"""What the ways of a crew, and the transfers of the parts, will cost: as the plan reckoned, else by distance."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.queries import Case
from fieldops.dispatch.execution import pricing
from fieldops.dispatch.execution.schemas import Journey
from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.dispatch.travel.queries import matrix_between
from fieldops.dispatch.travel.sources import Spot, configured
from fieldops.finance.budgets.models import BudgetLine, Earmark, Stage
from fieldops.finance.categories import Category
from fieldops.finance.costing.labour import Fare, LabourTerms
from fieldops.workforce.models import Technician
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place

_CENT = Decimal("0.01")
_TRANSFERS = (Category.FREIGHT, Category.EXPEDITE)


def way_costs(
    session: Session, case: Case, technicians: Sequence[Technician], terms: Mapping[UUID, LabourTerms]
) -> pricing.Costs:
    """Return what a crew's ways to a job and home, and the transfers of its parts, will cost.

    The plan in force knows the way of whom it sends, and the transfers; the ways of others go by distance. The session
    sees beyond the actor's scope.
    """
    planned, sent = _of_plan(session, case.job, {one.id for one in technicians})
    rest = [one for one in technicians if one.id not in sent]
    return pricing.together([planned, *_by_distance(session, case, rest, terms)])


def _of_plan(session: Session, job: Job, crew: Collection[UUID]) -> tuple[pricing.Costs, set[UUID]]:
    """Return what the plan in force reckoned of ways and transfers, and whose ways these are."""
    held = (
        select(Earmark.holder, BudgetLine.category, BudgetLine.currency, Earmark.amount)
        .join(BudgetLine, BudgetLine.id == Earmark.line_id)
        .where(Earmark.document == job.number, Earmark.document_kind == "job", Earmark.stage == Stage.RESERVATION)
        .where(Earmark.holder != "", Earmark.amount > 0)
    )
    rows = session.execute(held).all()
    plans = {UUID(holder) for holder, *_rest in rows}
    sends = select(PlanAssignment).where(PlanAssignment.job_id == job.id, PlanAssignment.plan_id.in_(plans))
    ways = [one for one in session.scalars(sends) if one.technician_id in crew]
    costs: list[pricing.Costs] = [{(Category.TRAVEL, one.currency): one.travel_cost} for one in ways]
    costs += [{(Category(what), currency): amount} for _plan, what, currency, amount in rows if what in _TRANSFERS]
    return pricing.together(costs), {one.technician_id for one in ways}


def _by_distance(
    session: Session, case: Case, technicians: Sequence[Technician], terms: Mapping[UUID, LabourTerms]
) -> list[pricing.Costs]:
    wanted = {case.job.place_id, *(one.base_id for one in technicians)}
    query = select(Place.id, Place.latitude, Place.longitude, Place.country).where(Place.id.in_(wanted))
    places = {
        key: Spot(latitude, longitude, country)
        for key, latitude, longitude, country in session.execute(query)
        if latitude is not None and longitude is not None
    }
    there, found = places.get(case.job.place_id), []
    for one in technicians:
        base = places.get(one.base_id)
        if base is None or there is None or base == there:
            continue
        way = matrix_between(session, [base, there])
        fare = Decimal(repr(float(way.cost.sum()))).quantize(_CENT, ROUND_HALF_UP)  # to the job and home
        start = min(seat.starts_at for seat in case.crew if seat.person == one.code)
        journey = Journey(
            start=start - timedelta(seconds=int(way.seconds.sum())),
            end=start,
            fares=(Fare(what=_("ways to the job and home"), amount=fare, currency=configured().profile.currency),),
        )
        found.append(pricing.journey_cost(terms[one.id], one.time_zone, journey))
    return found
