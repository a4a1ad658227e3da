"""What a plan in force tells and stands on after a change: its document and its basis follow its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from fieldops.dispatch.models import Job
from fieldops.dispatch.service import AssignmentLine
from fieldops.finance.categories import Category
from fieldops.finance.control.plans import PlanRef
from fieldops.planning.costing import NOTHING, cents
from fieldops.planning.desk.kept import KeptBill, KeptStand
from fieldops.planning.desk.money import DOCUMENT
from fieldops.planning.desk.queries import Spot
from fieldops.planning.document import budget_part
from fieldops.planning.models import DayPlan
from fieldops.planning.schemas import AssignmentOut, DayPlanOut, DispatchOut, ReasonOut, UnassignedOut
from fieldops.planning.versions.basis import KeptBill as BasisBill
from fieldops.planning.versions.basis import KeptJob
from inventory.kernel.scope import unscoped
from inventory.planning.service import mark_held
from optimizer.run import Reason


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Jobs of a plan that are otherwise: what its rows said of them, what they say now, and where the jobs are.

    `asked` are those that somebody changed; the others made room for them.
    """

    jobs: Mapping[str, Job]
    asked: Collection[str]
    spots: Mapping[str, Spot]
    before: Sequence[AssignmentLine]
    now: Sequence[AssignmentLine]

    @property
    def gone(self) -> set[str]:
        """Those that nobody does any more."""
        return self.jobs.keys() - {line.job for line in self.now}


def restate(
    session: Session, plan: DayPlan, what: Otherwise, bills: Sequence[KeptBill], was: KeptStand | None
) -> KeptStand:
    """Let a plan tell and stand on what its rows say of some jobs by now; returns what it told and stood on.

    `was` is what it told and stood on before a change that is undone, `bills` are what the jobs cost else. What the
    solver said of the plan as a whole, its objective and its bound, is true no more.
    """
    document, assignments = plan.document, plan.document["dispatch"]["assignments"]
    told = DayPlanOut.model_validate(document | {"dispatch": document["dispatch"] | {"assignments": []}})
    bills_before = [] if plan.basis is None else _named(plan.basis["bills"], "document", what)
    stood = KeptStand(
        bills=[BasisBill.model_validate(one) for one in bills_before],
        unassigned=[one for one in told.dispatch.unassigned if one.job in what.jobs],
    )
    waiting = {line.job for line in what.now if line.held}
    mark_held(session, plan.id, what.gone | waiting, what.jobs)
    for move in told.replenishment.moves:
        if move.job in what.jobs:
            move.held = move.job in what.gone | waiting
    now = _plain(_assignment(line, what) for line in what.now)
    assignments = sorted(_others(assignments, "job", what) + now, key=itemgetter("technician", "start", "job"))
    told.dispatch = _dispatch(told.dispatch, what, stood, was, len({one["job"] for one in assignments}))
    with unscoped(session):  # a plan of several regions has one document
        told.budget = budget_part(session, PlanRef(plan.id, plan.number), plan.plan_date, told.regions)
    document = told.model_dump(mode="json")
    plan.document = document | {"dispatch": document["dispatch"] | {"assignments": assignments}}
    if plan.basis is not None:
        jobs, now_paid = plan.basis["jobs"], was.bills if was is not None else _bills(stood.bills, bills, what)
        plan.basis = plan.basis | {
            "jobs": sorted(_others(jobs, "number", what) + _plain(_jobs(what)), key=itemgetter("number")),
            "bills": _others(plan.basis["bills"], "document", what) + _plain(now_paid),
        }
    return stood


# what a plan has many of stays as it is stored: to read it all and write it anew takes longer than all else of a change
Stored = list[dict[str, Any]]


def _named(stored: Stored, key: str, what: Otherwise) -> Stored:
    return [one for one in stored if one[key] in what.jobs]


def _others(stored: Stored, key: str, what: Otherwise) -> Stored:
    return [one for one in stored if one[key] not in what.jobs]


def _plain(new: Iterable[BaseModel]) -> Stored:
    return [one.model_dump(mode="json") for one in new]


def _dispatch(
    told: DispatchOut, what: Otherwise, stood: KeptStand, was: KeptStand | None, assigned: int
) -> DispatchOut:
    known = {one.job for one in stood.unassigned}
    out = was.unassigned if was is not None else [_left_out(number, what) for number in sorted(what.gone)]
    by_term = dict(told.cost.by_term)
    for term in ("labour", "travel", "lateness"):
        name = f"{term}_cost"
        by_term[term] = cents(by_term.get(term, NOTHING) + _sum(what.now, name) - _sum(what.before, name))
    return told.model_copy(
        update={
            "objective": None,
            "bound": None,
            "gap": None,
            "terms": {},
            "assigned": assigned,
            "late": told.late + len(_late(what.now, what.jobs)) - len(_late(what.before, what.jobs)),
            "unassigned": sorted(
                [one for one in told.unassigned if one.job not in known] + out, key=lambda one: one.job
            ),
            "cost": told.cost.model_copy(update={"by_term": by_term, "total": sum(by_term.values(), NOTHING)}),
        }
    )


def _left_out(number: str, what: Otherwise) -> UnassignedOut:
    code = "taken_out" if number in what.asked else "made_room"
    return UnassignedOut(job=number, reasons=[ReasonOut.of(Reason(code))])


def _assignment(line: AssignmentLine, what: Otherwise) -> AssignmentOut:
    return AssignmentOut(
        job=line.job,
        priority=what.jobs[line.job].priority,
        place=what.spots[line.job].place,
        seat=line.seat,
        technician=line.technician,
        start=line.starts_at,
        end=line.ends_at,
        cost=cents(line.labour_cost + line.travel_cost),
        lateness_cost=cents(line.lateness_cost),
        held=line.held,
    )


def _sum(lines: Iterable[AssignmentLine], name: str) -> Decimal:
    return sum((getattr(line, name) for line in lines), NOTHING)


def _late(lines: Iterable[AssignmentLine], jobs: Mapping[str, Job]) -> set[str]:
    return {line.job for line in lines if line.ends_at > jobs[line.job].due_at}


def _jobs(what: Otherwise) -> list[KeptJob]:
    """Return the jobs that are otherwise and done, as they are by now."""
    return [
        KeptJob(number=number, region=what.spots[number].region, version=what.jobs[number].version)
        for number in what.jobs.keys() - what.gone
    ]


def _bills(known: Iterable[BasisBill], bills: Iterable[KeptBill], what: Otherwise) -> list[BasisBill]:
    """Return what the jobs that are otherwise cost; of what their bills do not name it is as it was."""
    found = {one.document: one for one in known}
    for bill in bills:
        amounts: dict[tuple[str, Category], Decimal] = {}
        if bill.document in found:
            amounts = {(region, category): amount for region, category, amount in found[bill.document].amounts}
        amounts |= {(bill.region, category): amount for category, amount in bill.amounts.items()}
        found[bill.document] = BasisBill(
            document=bill.document,
            kind=DOCUMENT,
            priority=bill.priority,
            rank=bill.rank,
            cost_avoided=bill.cost_avoided,
            amounts=[(region, category, amount) for (region, category), amount in amounts.items() if amount],
        )
    return [one for number, one in sorted(found.items()) if number not in what.gone]
