"""What the page of a day plan shows: the plan as it was told, with the names of what it speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from fieldops.dispatch.queries import JobHead, job_heads
from fieldops.planning.models import DayPlan
from fieldops.planning.queries import regions_in_force
from fieldops.planning.schemas import (
    AssignmentOut,
    DayPlanOut,
    HeldOut,
    OrderOut,
    PlanLineOut,
    UnassignedOut,
    UnmetOut,
)
from fieldops.workforce.queries import technician_heads
from inventory.catalogue.queries import part_descriptions
from inventory.kernel.errors import NotFound
from inventory.kernel.texts import gettext as _
from inventory.network.queries import place_page
from inventory.network.schemas import PlaceOut

ROWS_MAX = 300
"""A longer list is cut: a page of one region shows more of it."""
_ALL = 1_000_000

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """The first rows of a list, and how many there are."""

    rows: list[Row]
    total: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """A day plan, whole or of one region, ready to be shown. Assignments come by technician, in the order of time."""

    plan: DayPlanOut
    made_at: datetime
    made_by: str
    in_force: list[str]
    region: str | None
    assignments: Listed[AssignmentOut]
    unassigned: Listed[UnassignedOut]
    orders: Listed[OrderOut]
    unmet: Listed[UnmetOut]
    held: Listed[HeldOut]
    lines: list[PlanLineOut]
    jobs: dict[str, JobHead]
    places: dict[str, PlaceOut]
    technicians: dict[str, tuple[str, str]]
    parts: dict[str, str]

    def by_technician(self) -> list[tuple[str, list[AssignmentOut]]]:
        """Return (technician code, assignments) in the order of codes."""
        return [(code, list(rows)) for code, rows in groupby(self.assignments.rows, lambda row: row.technician)]

    def zone(self, place: str | None) -> str:
        """Return the time zone of a place, UTC where it has none."""
        found = self.places.get(place) if place else None
        return (found and found.time_zone) or "UTC"


def plan_view(session: Session, plan: DayPlan, told: DayPlanOut, region: str | None) -> PlanView:
    """Return what the page of a plan shows; raises NotFound for a region that the plan was not made for."""
    if region is not None and region not in told.regions:
        raise NotFound(
            _("Plan {plan} was not made for {region}").format(plan=plan.number, region=region), code="unknown_region"
        )
    places = {place.code: place for place in place_page(session, after="", limit=_ALL)}
    inside = {code for code, place in places.items() if region in (None, place.region)}
    dispatch, stock, budget = told.dispatch, told.replenishment, told.budget
    numbers = [one.job for one in dispatch.assignments] + [one.job for one in dispatch.unassigned]
    jobs = job_heads(session, numbers)
    assignments = _listed([one for one in dispatch.assignments if one.place in inside])
    unassigned = [one for one in dispatch.unassigned if one.job not in jobs or jobs[one.job].place in inside]
    orders = _listed([one for one in stock.moves if one.destination in inside])
    unmet = _listed([one for one in stock.unmet if one.place in inside])
    return PlanView(
        plan=told,
        made_at=plan.made_at,
        made_by=plan.made_by,
        in_force=regions_in_force(session, plan.id),
        region=region,
        assignments=assignments,
        unassigned=_listed(unassigned),
        orders=orders,
        unmet=unmet,
        held=_listed([one for one in budget.held if region in (None, one.region)]),
        lines=[one for one in budget.lines if region in (None, one.region)],
        jobs=jobs,
        places=places,
        technicians=technician_heads(session, {one.technician for one in assignments.rows}),
        parts=part_descriptions(session, {one.part for one in orders.rows} | {one.part for one in unmet.rows}),
    )


def _listed(rows: Sequence[Row]) -> Listed[Row]:
    return Listed(list(rows[:ROWS_MAX]), len(rows))
