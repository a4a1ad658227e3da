"""What of a plan is looked at again before it comes into force, kept with the plan; and what it spends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal

from pydantic import BaseModel

from fieldops.dispatch.service import AssignmentLine
from fieldops.finance.categories import Category
from fieldops.planning.costing import Bill, bills
from fieldops.planning.schemas import OverrideIn
from fieldops.planning.shelves import Use
from fieldops.planning.solving import Solved
from inventory.planning.service import OrderLine


class KeptJob(BaseModel):
    """A job that the plan does: its region, and its version when the data were read."""

    number: str
    region: str
    version: int


class KeptPieces(BaseModel):
    """Pieces of a part at a place that the plan counts on for a region, and for a job of it where there is one."""

    region: str
    part: str
    place: str
    pieces: int
    job: str | None = None

    @property
    def use(self) -> Use:
        """Who takes what from where."""
        return self.job, self.part, self.place, self.pieces


class KeptBill(BaseModel):
    """A bill; `amounts` are (region, category, amount), of one region."""

    document: str
    kind: str
    priority: str
    rank: int
    cost_avoided: Decimal
    amounts: list[tuple[str, Category, Decimal]]

    def bill(self) -> Bill:
        """Return the bill as money is asked for it."""
        amounts = {(region, category): amount for region, category, amount in self.amounts}
        return Bill(self.document, self.kind, self.priority, self.rank, self.cost_avoided, amounts)


class Basis(BaseModel):
    """What a plan stands on: its jobs, the pieces that it takes, and its bills in its currency.

    `base` is what `rows_marks` told of the plans in force that it was made from. `cap` bounds what a proposed plan may
    reserve in all when it is published, `override` lets its AOG documents pass.
    """

    currency: str
    jobs: list[KeptJob]
    pieces: list[KeptPieces]
    bills: list[KeptBill]
    base: dict[str, str] = {}
    cap: Decimal | None = None
    override: OverrideIn | None = None

    def within(self, regions: Collection[str]) -> Basis:
        """Return what of it concerns regions; a bill that costs nothing concerns none."""
        return Basis(
            currency=self.currency,
            jobs=[one for one in self.jobs if one.region in regions],
            pieces=[one for one in self.pieces if one.region in regions],
            bills=[one for one in self.bills if any(region in regions for region, _what, _amount in one.amounts)],
        )


def basis_of(solved: Solved, assignments: Sequence[AssignmentLine], orders: Sequence[OrderLine]) -> Basis:
    """Return what a plan with these assignments and orders stands on."""
    snapshot = solved.snapshot
    jobs = {job.number: job for job in snapshot.jobs}
    region_of = {code: site.region for code, site in snapshot.sites.items()}
    return Basis(
        currency=snapshot.currency,
        jobs=[
            KeptJob(number=number, region=region_of[jobs[number].place], version=jobs[number].version)
            for number in sorted({line.job for line in assignments})
        ],
        pieces=list(_pieces(solved, orders)),
        bills=[
            KeptBill(
                document=one.document,
                kind=one.kind,
                priority=one.priority,
                rank=one.rank,
                cost_avoided=one.cost_avoided,
                amounts=[(region, category, amount) for (region, category), amount in one.amounts.items()],
            )
            for one in bills(snapshot, assignments, orders)
        ],
    )


def _pieces(solved: Solved, orders: Iterable[OrderLine]) -> Iterator[KeptPieces]:
    """Yield what orders take from a place, and what jobs use where it lies."""
    region_of = {code: site.region for code, site in solved.snapshot.sites.items()}
    for order in orders:
        if order.origin is not None:
            yield KeptPieces(
                region=region_of[order.destination],
                part=order.part,
                place=order.origin,
                pieces=int(order.quantity),
                job=order.serves_job,
            )
    stock, plan = solved.stock
    for line in plan.local:
        if line.job is not None:
            place, part = stock.problem.places[line.place], stock.problem.parts[line.part].number
            region, pieces = region_of[place], line.quantity_each
            yield KeptPieces(region=region, part=part, place=place, pieces=pieces, job=line.job)
