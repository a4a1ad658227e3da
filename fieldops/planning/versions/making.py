"""A plan of dispatch alone is made from the plan in force and kept, to be looked at and published.

Read a snapshot, solve outside any transaction, then keep what was found. Nothing is reserved.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.dispatch.service import AssignmentLine, keep_assignments, require_unchanged
from fieldops.finance.control.plans import PlanRef
from fieldops.planning.document import plan_document
from fieldops.planning.models import DayPlan, PlanKind, PlanRegion, PlanStatus
from fieldops.planning.queries import in_force, rows_marks
from fieldops.planning.schemas import DayPlanOut, OverrideIn
from fieldops.planning.service import PlanRequest, keep_plan, require_lines, solve_as_asked
from fieldops.planning.shelves import beyond_own
from fieldops.planning.snapshot import Freeze, Snapshot, of_dispatch, take_snapshot
from fieldops.planning.solving import OnIncumbent, Report, Solved
from fieldops.planning.versions.basis import basis_of
from fieldops.planning.versions.queries import change
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict
from inventory.kernel.installation import demo_time
from inventory.kernel.numbering import next_number
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _
from inventory.planning.queries import orders as orders_of
from inventory.planning.service import OrderLine, keep_orders
from optimizer.run import ShouldStop, never_stop


@dataclass(frozen=True, slots=True)
class Base:
    """The plans in force that a plan is made from, by region, what marks their rows, and their refills, which go on."""

    plans: Mapping[str, UUID]
    marks: Mapping[str, str]
    refills: Sequence[OrderLine]


class Unchanged(Conflict):
    """A plan made anew does nothing otherwise than the one in force."""

    def __init__(self) -> None:
        super().__init__(
            _("Nothing would be done otherwise than in the plan in force, so no plan was kept; nothing is left to do"),
            code="plan_unchanged",
        )


def make_dispatch_plan(
    engine: Engine,
    actor: Actor,
    request: PlanRequest,
    *,
    clock: Clock,
    should_stop: ShouldStop = never_stop,
    report: Report = lambda _stage, _done, _total: None,
    incumbent: OnIncumbent = lambda _found: None,
) -> DayPlanOut:
    """Plan the technicians of the week from a day on anew, and keep the plan as proposed.

    It begins with the plan in force, and departs from it only where that pays. Raises as `make_day_plan` does, and
    Unchanged where it is wanted only if it changes something, and does not: then none is kept.
    """
    actor.require_planning(request.region)
    with reading(engine, SYSTEM) as session:
        if request.id is not None and (made := session.get(DayPlan, request.id)) is not None:
            return DayPlanOut.model_validate(made.document)
        now = demo_time(session, clock)
        freeze = None if request.freeze is None else Freeze(now, now + request.freeze)
        snapshot = take_snapshot(
            session,
            request.plan_date,
            request.region,
            percentile=request.percentile,
            now=None if freeze is None else now,  # a plan of a whole date is the same at every hour
        )
        bases = in_force(session, snapshot.regions)
        base_marks = rows_marks(session, bases)
        snapshot = of_dispatch(session, snapshot, bases, freeze)
        require_lines(session, snapshot)
        refills = _refills(session, snapshot, bases)
    solved = solve_as_asked(engine, snapshot, request, clock, should_stop, report, incumbent)
    changes = _changes(solved)
    if request.if_changed and not changes:
        raise Unchanged
    with writing(engine, actor, clock=clock) as session:
        return _propose(session, actor, request, solved, Base(bases, base_marks, refills), changes, clock)


def _changes(solved: Solved) -> int:
    """Return how many of the jobs that were looked at are done otherwise than the plan in force says."""
    crews: defaultdict[str, list[AssignmentLine]] = defaultdict(list)
    for line in solved.assignments:
        crews[line.job].append(line)
    running = solved.snapshot.running
    return sum(change(running.get(job, ()), crews.get(job, ())) != "unchanged" for job in {*crews, *running})


def _propose(
    session: Session,
    actor: Actor,
    request: PlanRequest,
    solved: Solved,
    base: Base,
    changes: int,
    clock: Clock,
) -> DayPlanOut:
    now, snapshot = clock(), solved.snapshot
    planned = {line.job for line in solved.assignments}
    require_unchanged(session, {job.number: job.version for job in snapshot.jobs if job.number in planned})
    orders = [*solved.orders, *_left_for(solved, base.refills)]
    by = request.override
    basis = basis_of(solved, solved.assignments, orders)
    basis.base = dict(base.marks)
    basis.cap, basis.override = request.cap, None if by is None else OverrideIn(user=by.by, reason=by.reason)
    plan_id = request.id or uuid7()
    keep_assignments(session, plan_id, solved.assignments)
    keep_orders(session, plan_id, orders)
    plan = PlanRef(plan_id, f"P-{next_number(session, 'plan'):06d}")
    document = plan_document(
        session, plan, solved, solved.assignments, orders, request.percentile, kind=PlanKind.DISPATCH
    )
    document.changes, document.caused_by = changes, list(request.caused_by)
    keep_plan(session, actor, plan_id, request, snapshot, document, basis, now)
    for code in snapshot.regions:
        session.add(PlanRegion(plan_id=plan_id, region=code, status=PlanStatus.PROPOSED, base_id=base.plans.get(code)))
        emit(session, "plan.proposed", {"plan": plan.number, "region": code}, now, audience=code)
    session.flush()
    return document


def _refills(session: Session, snapshot: Snapshot, bases: Mapping[str, UUID]) -> list[OrderLine]:
    """Return the orders of the plans in force that serve no job: they go on under the new plan."""
    return [
        order
        for key in sorted(set(bases.values()))
        for order in orders_of(session, key)
        if order.serves_job is None and bases.get(snapshot.sites[order.destination].region) == key
    ]


def _left_for(solved: Solved, refills: Iterable[OrderLine]) -> list[OrderLine]:
    """Return the refills for which the jobs of a plan leave the pieces, numbered after its own orders."""
    left = Counter({(part, place): int(quantity) for part, place, quantity in solved.snapshot.stock})
    own = {(job, part, place): pieces for part, place, job, pieces in solved.snapshot.kept}
    left.subtract(beyond_own((one.use for one in basis_of(solved, solved.assignments, solved.orders).pieces), own))
    kept: list[OrderLine] = []
    for order in refills:
        if order.origin is not None:
            if left[order.part, order.origin] < order.quantity:
                continue
            left[order.part, order.origin] -= int(order.quantity)
        kept.append(replace(order, number=f"R-{len(solved.orders) + len(kept) + 1:06d}", held=False))
    return kept
