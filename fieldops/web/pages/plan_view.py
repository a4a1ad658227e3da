"""What the page of a plan shows: the plan as it was told, its key figures, and the names of what it speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from fieldops.dispatch.queries import JobHead, job_heads
from fieldops.planning.figures import Figures, figures
from fieldops.planning.models import DayPlan
from fieldops.planning.queries import summary_of
from fieldops.planning.schemas import (
    AssignmentOut,
    DayPlanOut,
    HeldOut,
    LostLock,
    OrderOut,
    PlanLineOut,
    PlanSummary,
    UnassignedOut,
    UnmetOut,
)
from fieldops.planning.versions.queries import difference
from fieldops.web.pages.stock_view import called
from fieldops.workforce.queries import technician_heads
from inventory.kernel.errors import NotFound
from inventory.kernel.priority import Priority
from inventory.kernel.texts import gettext as _
from inventory.network.queries import place_page
from inventory.network.schemas import PlaceOut

ROWS_MAX = 300
"""A longer list is cut: a page of one region shows more of it."""
_ALL = 1_000_000
_RANKS = list(Priority)

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """The first rows of a list, and how many there are."""

    rows: list[Row]
    total: int


@dataclass(frozen=True, slots=True)
class Kept:
    """How many of the jobs of the plan before a plan does as it did."""

    plan: str
    same: int
    jobs: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan, whole or of one region, ready to be shown. Assignments come by technician, in the order of time."""

    plan: DayPlanOut
    head: PlanSummary
    revision: int
    figures: Figures
    kept: Kept | None
    region: str | None
    assignments: Listed[AssignmentOut]
    unassigned: Listed[UnassignedOut]
    lost: list[LostLock]
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


def require_made_for(told: DayPlanOut, region: str | None) -> None:
    """Raise NotFound for a region that a plan was not made for."""
    if region is not None and region not in told.regions:
        raise NotFound(
            _("Plan {plan} was not made for {region}").format(plan=told.plan, region=region), code="unknown_region"
        )


def plan_view(session: Session, plan: DayPlan, told: DayPlanOut, region: str | None) -> PlanView:
    """Return what the page of a plan shows; raises NotFound for a region that the plan was not made for."""
    require_made_for(told, region)
    places = {place.code: place for place in place_page(session, after="", limit=_ALL)}
    inside = {code for code, place in places.items() if region in (None, place.region)}
    dispatch, stock, budget = told.dispatch, told.replenishment, told.budget
    numbers = [one.job for one in dispatch.assignments] + [one.job for one in dispatch.unassigned]
    jobs = job_heads(session, numbers + [one.job for one in told.lost_locks])
    assignments = _listed([one for one in dispatch.assignments if one.place in inside])
    orders = _listed([one for one in stock.moves if one.destination in inside])
    unmet = _listed([one for one in stock.unmet if one.place in inside])
    head = summary_of(session, plan)
    return PlanView(
        plan=told,
        head=head,
        revision=plan.revision,
        figures=figures(session, plan, told, told.regions if region is None else [region]),
        kept=_kept(session, head),
        region=region,
        assignments=assignments,
        unassigned=_listed(_urgent_first(dispatch.unassigned, jobs, inside)),
        lost=[one for one in told.lost_locks if one.job in jobs and jobs[one.job].place in inside],
        orders=orders,
        unmet=unmet,
        held=_listed([one for one in budget.held if region in (None, one.region)]),
        lines=[one for one in budget.lines if region in (None, one.region)],
        jobs=jobs,
        places=places,
        technicians=technician_heads(session, {one.technician for one in assignments.rows}),
        parts=called(session, {one.part for one in orders.rows} | {one.part for one in unmet.rows}),
    )


def before_of(head: PlanSummary) -> str | None:
    """Return the plan that a plan follows; None where it follows none, or another in each region."""
    known = {one.supersedes for one in head.states if one.supersedes is not None}
    return known.pop() if len(known) == 1 else None


def _kept(session: Session, head: PlanSummary) -> Kept | None:
    before = before_of(head)
    if before is None:
        return None
    found = difference(session, head.plan, before)
    changed = found.other_technician + found.moved + found.left_out
    return Kept(before, found.unchanged, found.unchanged + changed)


def _urgent_first(left_out: Sequence[UnassignedOut], jobs: dict[str, JobHead], inside: set[str]) -> list[UnassignedOut]:
    mine = [one for one in left_out if one.job not in jobs or jobs[one.job].place in inside]
    return sorted(mine, key=lambda one: (_RANKS.index(jobs[one.job].priority) if one.job in jobs else -1, one.job))


def _listed(rows: Sequence[Row]) -> Listed[Row]:
    return Listed(list(rows[:ROWS_MAX]), len(rows))
