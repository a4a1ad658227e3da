"""The plan in the words of its contract, and the hash that two equal plans share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from fieldops import __version__
from fieldops.dispatch.eligibility import RULES_TOLD, Rules
from fieldops.dispatch.service import AssignmentLine
from fieldops.finance.budgets.queries import budget_lines
from fieldops.finance.control.plans import PlanRef
from fieldops.finance.control.queries import holds, overrides
from fieldops.planning.models import PlanKind
from fieldops.planning.schemas import (
    AssignmentOut,
    BudgetOut,
    CostOut,
    DayPlanOut,
    DispatchOut,
    HeldOut,
    LockOut,
    NetworkOut,
    OrderOut,
    OverrideOut,
    PlanLineOut,
    ReasonOut,
    ReplenishmentOut,
    TravelOut,
    UnassignedOut,
    UnmetOut,
)
from fieldops.planning.solving import Missing, Solved
from fieldops.workforce.kinds import Seat
from inventory.planning.service import OrderLine
from optimizer.dispatch.plan import TERMS
from optimizer.run import Reason, Status

_WORST_LAST = (Status.OPTIMAL, Status.FEASIBLE, Status.TIMEOUT_NO_PLAN, Status.INFEASIBLE)


def plan_document(
    session: Session,
    plan: PlanRef,
    solved: Solved,
    assignments: Sequence[AssignmentLine],
    orders: Sequence[OrderLine],
    percentile: int,
    kind: PlanKind = PlanKind.DAY,
) -> DayPlanOut:
    """Return the plan as it is told; the budget part is read back from the ledger."""
    snapshot = solved.snapshot
    return DayPlanOut(
        plan=plan.number,
        kind=kind,
        date=snapshot.plan_date,
        regions=list(snapshot.regions),
        network=NetworkOut(**snapshot.counts),
        dispatch=_dispatch_part(solved, assignments),
        replenishment=_replenishment_part(solved, orders),
        budget=budget_part(session, plan, snapshot.plan_date, snapshot.regions),
        travel=TravelOut.of(snapshot.ways.notice, snapshot.ways.flights),
        seed=solved.seed,
        version=__version__,
        deterministic=solved.deterministic,
        duration_percentile=percentile,
        plan_hash=plan_hash(assignments, orders),
    )


def plan_hash(assignments: Iterable[AssignmentLine], orders: Iterable[OrderLine]) -> str:
    """Return a SHA-256 over what the plan decides, in natural keys: job, seat, technician, part, place, start."""
    jobs = sorted((line.job, line.seat.value, line.technician, line.starts_at.isoformat()) for line in assignments)
    moves = sorted(
        (
            order.part,
            order.origin or "",
            order.destination,
            str(order.quantity),
            order.mode,
            order.departs_at.isoformat(),
        )
        for order in orders
    )
    return hashlib.sha256(json.dumps([jobs, moves], separators=(",", ":")).encode()).hexdigest()


def _with_rules(reason: Reason, failing: Mapping[Seat, Rules]) -> Reason:
    """Return a reason that somebody may not take a seat with the rules that most people fail."""
    if reason.code != "not_permitted":
        return reason
    values: dict[str, str | int | float] = dict(reason.values)
    seat = reason.values.get("seat")
    told = [one for kind, rules in failing.items() if seat in (None, kind) for one in rules]
    for rank, (rule, name, people) in enumerate(told[:RULES_TOLD], 1):
        values |= {f"rule_{rank}": rule, f"name_{rank}": name, f"people_{rank}": people}
    return replace(reason, values=values)


def _dispatch_part(solved: Solved, assignments: Sequence[AssignmentLine]) -> DispatchOut:
    plans = [plan for _, plan in solved.areas]
    failing = solved.snapshot.failing
    jobs = {job.number: job for job in solved.snapshot.jobs}
    objective = sum(plan.objective for plan in plans)
    bounds = [plan.bound for plan in plans if plan.bound is not None]
    bound = sum(bounds) if len(bounds) == len(plans) else None
    return DispatchOut(
        status=max((plan.status for plan in plans), key=_WORST_LAST.index, default=Status.OPTIMAL),
        objective=objective,
        bound=bound,
        gap=None if bound is None else _gap(objective, bound),
        seconds=sum(plan.seconds for plan in plans),
        assigned=len({line.job for line in assignments}),
        unassigned=[
            UnassignedOut(job=job, reasons=_told(reasons, failing.get(job, {})))
            for job, reasons in sorted(_left_out(solved), key=lambda one: one[0])
        ],
        broken_locks=[
            LockOut(
                job=one.conflict.job,
                technicians=list(one.conflict.technicians),
                locked=jobs[one.conflict.job].locked,
                reasons=_told(one.conflict.reasons, failing.get(one.conflict.job, {})),
                way_out=one.way_out(solved.snapshot.currency),
            )
            for one in solved.broken_locks
        ],
        late=len({line.job for line in assignments if line.ends_at > jobs[line.job].due_at}),
        terms={term: amount for term in TERMS if (amount := sum(plan.cost_by_term.get(term, 0.0) for plan in plans))},
        cost=_cost(
            solved.snapshot.currency,
            {
                "labour": sum((line.labour_cost for line in assignments), Decimal(0)),
                "travel": sum((line.travel_cost for line in assignments), Decimal(0)),
                "lateness": sum((line.lateness_cost for line in assignments), Decimal(0)),
            },
        ),
        assignments=[
            AssignmentOut(
                job=line.job,
                priority=jobs[line.job].priority,
                place=jobs[line.job].place,
                seat=line.seat,
                technician=line.technician,
                start=line.starts_at,
                end=line.ends_at,
                cost=line.labour_cost + line.travel_cost,
                lateness_cost=line.lateness_cost,
                held=line.held,
            )
            for line in sorted(assignments, key=lambda line: (line.technician, line.starts_at, line.job, line.position))
        ],
    )


def _left_out(solved: Solved) -> Iterator[tuple[str, tuple[Reason, ...]]]:
    """Yield the jobs that nobody does, and why."""
    missing = _missing_parts(solved)
    for _area, plan in solved.areas:
        for one in plan.left_out:
            yield one.job, _in_detail(missing.get(one.job, ()), one.reasons)
    for job, reason in solved.snapshot.aside.items():
        yield job, (reason,)


def _told(reasons: Iterable[Reason], failing: Mapping[Seat, Rules]) -> list[ReasonOut]:
    """Return reasons as they are told; those of two seats of one kind are the same, and told once."""
    told: list[ReasonOut] = []
    for reason in reasons:
        one = ReasonOut.of(_with_rules(reason, failing))
        if one not in told:
            told.append(one)
    return told


def _in_detail(missing: tuple[Reason, ...], reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Return a job's reasons with the parts named, where the stock plan knows which cannot be had and why."""
    return (*missing, *(one for one in reasons if not (missing and one.code == "parts_unavailable")))


def _missing_parts(solved: Solved) -> dict[str, tuple[Reason, ...]]:
    """Return {job: why the parts that it needs cannot be had}."""
    reasons: dict[str, tuple[Reason, ...]] = {}
    for one in solved.missing:
        if one.job is None:
            continue
        named = (Reason(reason.code, reason.misses_by, {"part": one.part, **reason.values}) for reason in one.reasons)
        reasons[one.job] = (*reasons.get(one.job, ()), *named)
    return reasons


def _replenishment_part(solved: Solved, orders: Sequence[OrderLine]) -> ReplenishmentOut:
    stock, plan = solved.stock
    sites, regions = solved.snapshot.sites, solved.snapshot.regions
    short = [
        Missing(None, stock.problem.parts[line.part].number, place, line.quantity_each, line.reasons)
        for line in plan.unmet
        if sites[place := stock.problem.places[line.place]].region in regions
    ]
    return ReplenishmentOut(
        status=plan.status,
        objective=plan.objective,
        bound=plan.bound,
        gap=plan.gap,
        seconds=solved.stock_seconds,
        orders=len(orders),
        unmet=[
            UnmetOut(
                part=one.part,
                place=one.place,
                quantity=one.quantity,
                job=one.job,
                reasons=[ReasonOut.of(reason) for reason in one.reasons],
            )
            for one in [*solved.missing, *short]
        ],
        cost=_cost(
            solved.snapshot.currency,
            {
                "freight": sum((order.freight_cost for order in orders), Decimal(0)),
                "purchase": sum((order.purchase_cost for order in orders), Decimal(0)),
            },
        ),
        moves=[
            OrderOut(
                number=order.number,
                part=order.part,
                origin=order.origin,
                destination=order.destination,
                quantity=int(order.quantity),
                mode=order.mode,
                departs=order.departs_at,
                arrives=order.arrives_at,
                cost=order.freight_cost + order.purchase_cost,
                job=order.serves_job,
                held=order.held,
            )
            for order in orders
        ],
    )


def budget_part(session: Session, plan: PlanRef, day: date, regions: Collection[str]) -> BudgetOut:
    """Return the budgets of a plan's regions as they are now, and what the plan holds and passed beyond them."""
    every = budget_lines(session, day=day, regions=regions)
    # a plan is paid by the general lines
    lines = [line for line in every if not (line.area or line.cost_centre or line.programme or line.person)]
    return BudgetOut(
        lines=[PlanLineOut.model_validate(line.model_dump(include=set(PlanLineOut.model_fields))) for line in lines],
        held=[
            HeldOut.model_validate(hold.model_dump(exclude={"plan"})) for hold in holds(session, {plan.id: plan.number})
        ],
        overrides=[OverrideOut(by=one.by, reason=one.reason, amount=one.amount) for one in overrides(session, plan.id)],
    )


def _cost(currency: str, by_term: Mapping[str, Decimal]) -> CostOut:
    return CostOut(currency=currency, total=sum(by_term.values(), Decimal(0)), by_term=dict(by_term))


def _gap(objective: float, bound: float) -> float:
    return 0.0 if objective == bound else (objective - bound) / abs(objective)
