"""Reads of plan versions: what is otherwise in one than in another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job
from fieldops.dispatch.queries import assignments, job_heads
from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.costing import money
from fieldops.planning.models import DayPlan
from fieldops.planning.portion import told_plan
from fieldops.planning.queries import in_force, plan_by_number
from fieldops.planning.rules import UNSERVED_PENALTY
from fieldops.planning.schemas import ReasonOut
from fieldops.planning.versions.schemas import JobDifference, PlanDifference, SeatTaken, cost
from inventory.kernel.errors import Invalid
from inventory.kernel.lookup import portions
from inventory.kernel.priority import Priority
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region
from optimizer.run import Reason


@dataclass(slots=True)
class _Side:
    """Who does which jobs, and why others are left out, of one plan or of several side by side."""

    plans: list[str] = field(default_factory=list)
    crews: defaultdict[str, list[AssignmentLine]] = field(default_factory=lambda: defaultdict(list))
    reasons: dict[str, list[ReasonOut]] = field(default_factory=dict)


def difference(session: Session, number: str, other: str | None) -> PlanDifference:
    """Return what is otherwise in a plan than in another, by default in what is in force in its regions.

    Raises NotFound for an unknown plan, Invalid for two that share no region.
    """
    plan = plan_by_number(session, number)
    told, own = told_plan(session, plan), plan.document["regions"]
    if other is None:
        running = in_force(session, own)
        regions_of = {key: [code for code, one in running.items() if one == key] for key in running.values()}
        before = [(session.get_one(DayPlan, key), codes) for key, codes in regions_of.items()]
    else:
        found = plan_by_number(session, other)
        before = [(found, [code for code in found.document["regions"] if code in own])]
        if not before[0][1]:
            raise Invalid(
                _("Plans {plan} and {other} share no region; compare two of the same").format(plan=number, other=other),
                code="plans_apart",
                field="with",
            )
    shared = {code for _plan, codes in before for code in codes} or set(own)
    regions = [code for code in told.regions if code in shared]
    currency = told.dispatch.cost.currency
    sides = _side(session, before), _side(session, [(plan, shared)])
    for job in _sent_off(session, sides[0].crews.keys() - sides[1].crews.keys() - sides[1].reasons.keys()):
        del sides[0].crews[job]
    heads = job_heads(session, sorted(sides[0].crews.keys() ^ sides[1].crews.keys()))
    return _told(number, regions, currency, *sides, {job: Priority(head.priority) for job, head in heads.items()})


def _side(session: Session, plans: Iterable[tuple[DayPlan, Collection[str]]]) -> _Side:
    side = _Side()
    for plan, regions in plans:
        side.plans.append(plan.number)
        lines = assignments(session, plan.id)
        left_out = {one.job: one.reasons for one in told_plan(session, plan).dispatch.unassigned}
        here = _jobs_in(session, {*(line.job for line in lines), *left_out}, regions)
        for line in lines:
            if line.job in here:
                side.crews[line.job].append(line)
        side.reasons |= {job: reasons for job, reasons in left_out.items() if job in here}
    return side


def _jobs_in(session: Session, numbers: Collection[str], regions: Collection[str]) -> set[str]:
    query = select(Job.number).join(Place, Place.id == Job.place_id).join(Region, Region.id == Place.region_id)
    query = query.where(Region.code.in_(regions))
    return {
        number for some in portions(sorted(numbers)) for number in session.scalars(query.where(Job.number.in_(some)))
    }


def _sent_off(session: Session, numbers: Collection[str]) -> list[str]:
    """Return which of some jobs are under way or over: a plan that does not know them leaves none of them out."""
    query = select(Job.number).where(Job.state != JobState.PLANNED)
    return [
        number for some in portions(sorted(numbers)) for number in session.scalars(query.where(Job.number.in_(some)))
    ]


def _told(
    number: str, regions: list[str], currency: str, before: _Side, after: _Side, priorities: Mapping[str, Priority]
) -> PlanDifference:
    counts: Counter[str] = Counter()
    jobs = []
    for job in sorted({*before.crews, *after.crews}):
        was, now = before.crews.get(job, []), after.crews.get(job, [])
        what = change(was, now)
        counts[what] += 1
        if what != "unchanged":
            moved = (_start(now) - _start(was)).total_seconds() if was and now else None
            jobs.append(
                JobDifference(
                    job=job,
                    crew_before=_crew(was),
                    crew=_crew(now),
                    moved_min=None if moved is None else round(moved / 60),
                    reasons_before=[] if was else before.reasons.get(job) or [ReasonOut.of(Reason("not_looked_at"))],
                    reasons=[] if now else after.reasons.get(job) or [ReasonOut.of(Reason("not_looked_at"))],
                )
            )
    return PlanDifference(
        plan=number,
        before=before.plans,
        regions=regions,
        unchanged=counts["unchanged"],
        other_technician=counts["other_technician"],
        moved=counts["moved"],
        added=counts["added"],
        left_out=counts["left_out"],
        cost_before=cost(currency, _terms(before, after.crews.keys() - before.crews.keys(), priorities)),
        cost=cost(currency, _terms(after, before.crews.keys() - after.crews.keys(), priorities)),
        jobs=jobs,
    )


def change(was: Sequence[AssignmentLine], now: Sequence[AssignmentLine]) -> str:
    """Return what becomes of a job: unchanged, other_technician, moved, added or left_out."""
    if not was or not now:
        return "added" if now else "left_out"
    seats, seats_now = ({line.position: (line.seat, line.technician) for line in side} for side in (was, now))
    if seats != seats_now:
        return "other_technician"
    same = {(line.position, line.starts_at) for line in was} == {(line.position, line.starts_at) for line in now}
    return "unchanged" if same else "moved"


def _start(lines: Sequence[AssignmentLine]) -> datetime:
    return min(line.starts_at for line in lines)


def _crew(lines: Iterable[AssignmentLine]) -> list[SeatTaken]:
    return [
        SeatTaken(seat=line.seat, technician=line.technician, start=line.starts_at)
        for line in sorted(lines, key=lambda line: line.position)
    ]


def _terms(side: _Side, left_out: Iterable[str], priorities: Mapping[str, Priority]) -> dict[str, Decimal]:
    """Return what a side costs: what it pays, and what it counts for the jobs that the other does and it leaves out."""
    lines = [line for crew in side.crews.values() for line in crew]
    return {
        "labour": sum((line.labour_cost for line in lines), Decimal(0)),
        "travel": sum((line.travel_cost for line in lines), Decimal(0)),
        "lateness": sum((line.lateness_cost for line in lines), Decimal(0)),
        "unserved": sum((money(UNSERVED_PENALTY[priorities[job]]) for job in left_out), Decimal(0)),
    }
