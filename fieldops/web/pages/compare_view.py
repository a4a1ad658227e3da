"""What the page of two plans shows: which jobs are done otherwise, whom that touches, and what both cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from fieldops.dispatch.queries import JobHead, job_heads
from fieldops.planning.board.queries import plans_in_force
from fieldops.planning.figures import Figures, figures
from fieldops.planning.models import DayPlan
from fieldops.planning.portion import told_plan
from fieldops.planning.queries import plan_by_number, plan_page, summary_of
from fieldops.planning.schemas import HeldOut, PlanSummary
from fieldops.planning.versions.queries import difference
from fieldops.planning.versions.schemas import JobDifference, PlanDifference
from fieldops.web.pages.plan_view import before_of
from fieldops.workforce.queries import technician_heads
from inventory.network.queries import places_told
from inventory.network.schemas import PlaceOut

ROWS_MAX = 300
CHOICES_MAX = 60


@dataclass(frozen=True, slots=True)
class Touched:
    """Somebody whose work is otherwise: how many jobs more, fewer, and at another time."""

    code: str
    name: str
    base: str
    more: int
    fewer: int
    moved: int


@dataclass(frozen=True, slots=True)
class HeldBeside:
    """A document that one of two plans holds or both do; None where it does not."""

    document: str
    before: HeldOut | None
    after: HeldOut | None


@dataclass(frozen=True, slots=True)
class CompareView:
    """Two plans in the regions that they share; `before` may be several plans in force, side by side."""

    head: PlanSummary
    revision: int
    difference: PlanDifference
    before: Figures | None
    after: Figures
    held: list[HeldBeside]
    people: list[Touched]
    jobs: dict[str, JobHead]
    places: dict[str, PlaceOut]
    choices: list[PlanSummary]

    @property
    def shown(self) -> list[JobDifference]:
        """Return the jobs that the page has room for, the most urgent first."""
        ranks = {job: (head.priority.value, job) for job, head in self.jobs.items()}
        return sorted(self.difference.jobs, key=lambda one: ranks.get(one.job, ("~", one.job)))[:ROWS_MAX]

    def what(self, one: JobDifference) -> str:
        """Return what becomes of a job: added, left_out, other_technician or moved."""
        if not one.crew or not one.crew_before:
            return "added" if one.crew else "left_out"
        same = [(seat.seat, seat.technician) for seat in one.crew] == [
            (seat.seat, seat.technician) for seat in one.crew_before
        ]
        return "moved" if same else "other_technician"

    def zone(self, job: str) -> str:
        """Return the time zone of the place of a job."""
        place = self.places.get(self.jobs[job].place) if job in self.jobs else None
        return (place and place.time_zone) or "UTC"


def compare_view(session: Session, number: str, other: str | None) -> CompareView:
    """Return a plan beside another: by default beside what is in force, or where it is in force what it followed.

    Raises NotFound for an unknown plan, Invalid for two that share no region.
    """
    plan = plan_by_number(session, number)
    head = summary_of(session, plan)
    if other is None and head.current_in:
        other = before_of(head)
    found = difference(session, number, other)
    told = told_plan(session, plan)
    sides = _sides(session, found, other)
    jobs = job_heads(session, [one.job for one in found.jobs])
    before = [figures(session, one, told_plan(session, one), regions) for one, regions in sides]
    held = [one for each, regions in sides for one in told_plan(session, each).budget.held if one.region in regions]
    return CompareView(
        head=head,
        revision=plan.revision,
        difference=found,
        before=_together(before),
        after=figures(session, plan, told, found.regions),
        held=_held(held, [one for one in told.budget.held if one.region in found.regions]),
        people=_touched(session, found.jobs),
        jobs=jobs,
        places=places_told(session, {one.place for one in jobs.values()}),
        choices=plan_page(session, limit=CHOICES_MAX),
    )


def _sides(session: Session, found: PlanDifference, other: str | None) -> list[tuple[DayPlan, list[str]]]:
    """Return the plans before, each with the regions that are looked at of it."""
    if other is not None:
        return [(plan_by_number(session, other), found.regions)]
    regions: defaultdict[str, list[str]] = defaultdict(list)
    for one in plans_in_force(session, None):
        if one.region in found.regions:
            regions[one.plan].append(one.region)
    return [(plan_by_number(session, number), codes) for number, codes in sorted(regions.items())]


def _together(found: Sequence[Figures]) -> Figures | None:
    if not found:
        return None
    first, *rest = found
    for one in rest:
        first += one
    return first


def _held(before: Iterable[HeldOut], after: Iterable[HeldOut]) -> list[HeldBeside]:
    was, now = ({(one.document, one.region, one.category): one for one in side} for side in (before, after))
    return [HeldBeside(key[0], was.get(key), now.get(key)) for key in sorted({*was, *now})]


def _touched(session: Session, jobs: Iterable[JobDifference]) -> list[Touched]:
    more, fewer, moved = Counter[str](), Counter[str](), Counter[str]()
    for one in jobs:
        was, now = ({seat.technician for seat in crew if seat.technician} for crew in (one.crew_before, one.crew))
        more.update(now - was)
        fewer.update(was - now)
        moved.update(was & now)
    codes = {*more, *fewer, *moved}
    heads = technician_heads(session, codes)
    return [
        Touched(code, *heads.get(code, (code, "")), more=more[code], fewer=fewer[code], moved=moved[code])
        for code in sorted(codes)
    ]


def difference_of(before: Decimal | None, after: Decimal) -> Decimal | None:
    """Return by how much an amount is more, None where there is nothing before."""
    return None if before is None else after - before
