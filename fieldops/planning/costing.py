"""From the optimizers' plans to documents that can be costed, held or passed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from fieldops.dispatch.queries import OpenJob
from fieldops.dispatch.service import AssignmentLine
from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.categories import Category
from fieldops.finance.control.rules import Request
from fieldops.planning.problems import HORIZON_S, AreaProblem
from fieldops.planning.rules import RANK, REFILL_RANK, refill_value
from fieldops.planning.snapshot import Snapshot
from fieldops.planning.stock_problem import StockProblem
from inventory.planning.service import OrderLine
from optimizer.dispatch.plan import Plan, Route, Stop, StopKind
from optimizer.dispatch.pricing import banded, on_duty_s
from optimizer.replenishment import model as replenishment

CENT, NOTHING = Decimal("0.01"), Decimal(0)
EXPEDITED = "aog"
"""The lane mode that is charged to the expedite budget."""

Account = tuple[str, Category]
"""Region and category: the budget line that pays."""

Convert = Callable[[Decimal, str], Decimal]
"""From an amount in the plan's currency to the same in another."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What one document spends, by the account that pays; all of it passes or all of it is held."""

    document: str
    kind: str
    priority: str
    rank: int
    cost_avoided: Decimal
    amounts: dict[Account, Decimal]

    def request(self, lines: Mapping[Account, BudgetLine], convert: Convert) -> Request:
        """Return the bill in terms of budget lines, each amount in the currency of its line."""
        return Request(
            document=self.document,
            kind=self.kind,
            priority=self.priority,
            rank=self.rank,
            cost_avoided=self.cost_avoided,
            amounts={
                lines[account].id: convert(amount, lines[account].currency) for account, amount in self.amounts.items()
            },
            total=sum(self.amounts.values(), Decimal(0)),
        )


def money(amount: float) -> Decimal:
    """Return an optimizer's amount as money, rounded to the cent."""
    return cents(Decimal(repr(amount)))


def cents(amount: Decimal) -> Decimal:
    """Return an amount in whole cents, as plans tell it."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def assignment_lines(
    area: AreaProblem, plan: Plan, ready: Mapping[str, datetime | None], currency: str
) -> list[AssignmentLine]:
    """Return the assignments of an area's plan with instants and money, by technician and start.

    A job pays for the time on duty of its crew since the stop before; the journey home is part of the last stop of a
    tour. What is on the way to and at fixed dates is no cost of the plan.
    """
    ends_s: defaultdict[str, float] = defaultdict(float)
    for route in plan.routes:
        for stop in _jobs(route):
            ends_s[stop.name] = max(ends_s[stop.name], stop.end_s)
    return [line for route in plan.routes for line in _route_lines(area, route, ends_s, ready, currency)]


def _jobs(route: Route) -> Iterator[Stop]:
    return (stop for stop in route.stops if stop.kind is StopKind.JOB)


def _route_lines(
    area: AreaProblem,
    route: Route,
    ends_s: Mapping[str, float],
    ready: Mapping[str, datetime | None],
    currency: str,
) -> Iterator[AssignmentLine]:
    person, since_s = area.people[route.technician], route.departs_s
    for stop in route.stops:
        last = stop is route.stops[-1]
        until_s = route.returns_s if last else stop.end_s
        if stop.kind is StopKind.JOB:
            job, post = area.jobs[stop.name], area.crews[stop.name].posts[stop.seat]
            line = AssignmentLine(
                job=job.number,
                position=post.positions[0],
                seat=post.seats[0],
                technician=person.code,
                # whole seconds, as all of the problem's times are
                starts_at=area.start + timedelta(seconds=round(stop.start_s)),
                ends_at=area.start + timedelta(seconds=round(stop.end_s)),
                parts_ready_at=ready.get(job.number),
                travel_s=round(stop.travel_s),
                labour_cost=money(person.pay.per_h * on_duty_s(person, route, since_s, until_s) / 3600),
                travel_cost=money(stop.travel_cost + (route.return_cost if last else 0.0)),
                lateness_cost=NOTHING if stop.seat else money(banded(job.lateness, ends_s[job.number] - job.due_s)),
                currency=currency,
                held=False,
            )
            yield line
            for position, seat in zip(post.positions[1:], post.seats[1:], strict=True):
                yield replace(
                    line,
                    position=position,
                    seat=seat,
                    travel_s=0,
                    labour_cost=NOTHING,
                    travel_cost=NOTHING,
                    lateness_cost=NOTHING,
                )
        since_s = until_s


def order_lines(stock: StockProblem, plan: replenishment.Plan, currency: str) -> list[OrderLine]:
    """Return the orders of a stock plan with instants and money, numbered in the order of need."""
    problem = stock.problem
    return [
        OrderLine(
            number=f"R-{number:06d}",
            part=problem.parts[order.part].number,
            origin=None if order.origin is None else problem.places[order.origin],
            destination=problem.places[order.destination],
            quantity=Decimal(order.quantity_each),
            mode=order.mode or "purchase",
            departs_at=stock.start + timedelta(seconds=order.departs_s),
            arrives_at=stock.start + timedelta(seconds=order.arrives_s),
            freight_cost=money(order.freight_cost),
            purchase_cost=money(order.purchase_cost),
            currency=currency,
            serves_job=order.serves_job,
            held=False,
        )
        for number, order in enumerate(plan.orders, start=1)
    ]


def bills(snapshot: Snapshot, assignments: Sequence[AssignmentLine], orders: Sequence[OrderLine]) -> list[Bill]:
    """Return what every document of the plan spends; the transfers that serve a job are on the job's bill."""
    jobs = {job.number: job for job in snapshot.jobs}
    freight: defaultdict[str, defaultdict[Account, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for order in orders:
        if order.serves_job is not None:
            freight[order.serves_job][_freight_account(snapshot, order)] += order.freight_cost
    crews: defaultdict[str, list[AssignmentLine]] = defaultdict(list)
    for line in assignments:
        crews[line.job].append(line)
    found = [job_bill(snapshot, jobs[number], crew, freight[number]) for number, crew in crews.items()]
    parts = {part.number: part for part in snapshot.parts}
    for order in orders:
        if order.serves_job is None:
            part = parts[order.part]
            account = _freight_account(snapshot, order)
            if order.origin is None:
                account = (snapshot.sites[order.destination].region, Category.PARTS)
            found.append(
                Bill(
                    document=order.number,
                    kind="transfer" if order.origin else "purchase",
                    priority="ROUTINE",
                    rank=REFILL_RANK[part.essentiality],
                    cost_avoided=refill_value(part.standard_cost, part.essentiality) * order.quantity,
                    amounts=_spent({account: order.freight_cost + order.purchase_cost}),
                )
            )
    return found


def job_bill(
    snapshot: Snapshot, job: OpenJob, crew: Sequence[AssignmentLine], freight: Mapping[Account, Decimal]
) -> Bill:
    """Return what a job spends on its crew, and on the freight for it."""
    region = snapshot.sites[job.place].region
    horizon_end = snapshot.area_starts[snapshot.sites[job.place].area] + timedelta(seconds=HORIZON_S)
    hours_undone = max(Decimal(0), Decimal((horizon_end - job.due_at) // timedelta(minutes=1)) / 60)
    own = {
        (region, Category.LABOUR): sum((line.labour_cost for line in crew), NOTHING),
        (region, Category.TRAVEL): sum((line.travel_cost for line in crew), NOTHING),
    }
    lateness = sum((line.lateness_cost for line in crew), NOTHING)
    return Bill(
        document=job.number,
        kind="job",
        priority=job.priority,
        rank=RANK[job.priority],
        cost_avoided=max(Decimal(0), hours_undone * job.delay_cost_per_h - lateness),
        amounts=_spent({**own, **freight}),
    )


def _freight_account(snapshot: Snapshot, order: OrderLine) -> Account:
    category = Category.EXPEDITE if order.mode == EXPEDITED else Category.FREIGHT
    return snapshot.sites[order.destination].region, category


def _spent(amounts: Mapping[Account, Decimal]) -> dict[Account, Decimal]:
    return {account: amount for account, amount in amounts.items() if amount}


def with_holds(
    assignments: Sequence[AssignmentLine], orders: Sequence[OrderLine], held: Collection[str]
) -> tuple[list[AssignmentLine], list[OrderLine]]:
    """Return both with the held documents marked; a transfer that serves a held job waits with it."""
    return (
        [replace(line, held=line.job in held) for line in assignments],
        [replace(order, held=(order.serves_job or order.number) in held) for order in orders],
    )
