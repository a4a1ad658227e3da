"""What of the stock a plan may use: what nobody keeps, and what is reserved for the plan's own jobs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import ceil, floor
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from fieldops.dispatch.models import Job
from fieldops.dispatch.queries import OpenJob
from fieldops.planning.queries import claimed_elsewhere
from inventory.catalogue.link_queries import replacements_of
from inventory.catalogue.models import Part
from inventory.catalogue.schemas import ForAircraft
from inventory.ledger.models import Reservation, ReservationState, StockBalance
from inventory.ledger.queries import serviceable_stock, usable
from inventory.network.models import Place

Cell = tuple[str, str]
"""Part number and place code."""
Use = tuple[str | None, str, str, int]
"""Job, None for a stock target, part number, place code and pieces."""
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Kept:
    """A quantity of a part at a place that is reserved for a job, on its aircraft, to be brought to the job's place."""

    job: str
    part: str
    place: str
    quantity: Decimal
    aircraft: dict[str, Any] | None

    @property
    def cell(self) -> Cell:
        """What lies where."""
        return self.part, self.place


@dataclass(frozen=True, slots=True)
class Shelves:
    """What is `free`: reserved for nobody, and counted on by no other plan; and what is `kept` for each job."""

    free: dict[Cell, Decimal]
    kept: dict[str, list[Kept]]

    @property
    def own(self) -> dict[tuple[str, str, str], int]:
        """How many pieces are kept, {(job, part, place): pieces}, of what is no piece the whole next."""
        return {(job, *one.cell): ceil(one.quantity) for job, known in self.kept.items() for one in known}

    def of(self, job: str | None) -> list[Kept]:
        """Return what is kept for a job."""
        return [] if job is None else self.kept.get(job, [])

    def pieces_for(self, job: OpenJob) -> list[tuple[str, str, str, int]]:
        """Return (part, place, job, whole pieces) that are kept for what a job needs."""
        needs = dict(job.parts)
        found = (
            (one.part, one.place, job.number, ceil(need) if one.quantity >= need else floor(one.quantity))
            for one in self.of(job.number)
            if (need := needs.get(one.part))
        )
        return sorted(one for one in found if one[-1])


def shelves(session: Session, regions: Collection[str]) -> Shelves:
    """Return what a plan for regions may use of all stock; reads the whole network.

    What is reserved counts until it is released or expired. What is to go elsewhere than to the job that it is
    reserved for, and what is reserved for anything but a job, is nobody's.
    """
    free = {(part, place): quantity for part, place, quantity in serviceable_stock(session)}
    kept: defaultdict[str, list[Kept]] = defaultdict(list)
    for one in _reserved(session):
        free[one.part, one.place] -= one.quantity
        if one.job:  # what is nobody's covers no other plan's claim
            kept[one.job].append(one)
    there = Shelves(free, dict(kept))
    for cell, pieces in claimed_elsewhere(session, regions, there.own).items():
        free[cell] = free.get(cell, NOTHING) - pieces
    return replace(there, free={cell: max(quantity, NOTHING) for cell, quantity in free.items()})


def beyond_own(uses: Iterable[Use], own: Mapping[tuple[str, str, str], int]) -> Counter[Cell]:
    """Return how many pieces uses take of what is free.

    A job takes first what is its `own`, {(job, part, place): pieces}.
    """
    left, taken = Counter(own), Counter[Cell]()
    for job, part, place, pieces in uses:
        mine = 0 if job is None else min(pieces, left[job, part, place])
        if mine and job is not None:
            left[job, part, place] -= mine
        taken[part, place] += pieces - mine
    return taken


def _reserved(session: Session) -> Iterator[Kept]:
    """Yield what of the usable stock is reserved, added up by job, part and place; of no job as of ""."""
    query = (
        select(
            Reservation.cell,
            Job.number.label("job"),
            Part.part_number.label("part"),
            Place.code.label("place"),
            Reservation.quantity,
            StockBalance.quantity.label("there"),
            Reservation.aircraft,
        )
        .join(StockBalance, StockBalance.cell == Reservation.cell)
        .join(Part, Part.id == Reservation.part_id)
        .join(Place, Place.id == StockBalance.place_id)
        .outerjoin(Job, and_(Job.number == Reservation.demand, Job.place_id == Reservation.destination_id))
        .where(Reservation.state == ReservationState.HELD, *usable())
        .order_by(Reservation.kind, Reservation.id)  # hard before soft
    )
    left: dict[UUID, Decimal] = {}
    sums: dict[tuple[str, str, str], Kept] = {}
    for row in session.execute(query):
        quantity = min(row.quantity, left.setdefault(row.cell, row.there))
        left[row.cell] -= quantity
        key = (row.job or "", row.part, row.place)
        before = sums.get(key)
        sums[key] = Kept(*key, quantity + (before.quantity if before else NOTHING), row.aircraft)
    yield from sums.values()


def needing_what_is_kept(session: Session, job: OpenJob, kept: Iterable[Kept], day: date) -> OpenJob:
    """Return a job that needs what is kept for it: a part that may stand in for another takes its place."""
    needs = dict(job.parts)
    for one in kept:
        if one.part in needs or not one.quantity:
            continue
        aircraft = None if one.aircraft is None else ForAircraft.model_validate(one.aircraft).value()
        for part, quantity in list(needs.items()):
            if quantity and one.part in {way.part for way in replacements_of(session, part, aircraft, day)}:
                taken = min(one.quantity, quantity)
                needs[one.part], needs[part] = taken, quantity - taken
                break
    return replace(job, parts=tuple(sorted((part, quantity) for part, quantity in needs.items() if quantity)))
