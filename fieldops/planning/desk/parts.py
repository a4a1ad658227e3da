"""When the parts of a job can be there and from where, by the one promise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from fieldops.dispatch.queries import OpenJob
from fieldops.finance.categories import Category
from fieldops.finance.rates.rules import Rates
from fieldops.fleet.queries import aircraft_by_registration
from fieldops.fleet.schemas import AircraftOut
from fieldops.planning.costing import CENT, EXPEDITED, NOTHING
from inventory.availability.promise import Wanted, promises
from inventory.availability.reservation_queries import reservation_by_key, reservation_page
from inventory.availability.reservation_schemas import NewReservation
from inventory.availability.schemas import SourceOut
from inventory.availability.service import release
from inventory.catalogue.schemas import ForAircraft
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import ReservationState, Stage

KEPT = timedelta(days=7)
"""So long after they are needed the parts of an answer that is taken stay reserved."""

RESERVED_MAX = 200
"""So many reservations of a job are given back at most."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A quantity that comes from a shelf; `freight` in the source's currency."""

    source: SourceOut
    quantity: Decimal
    freight: Decimal

    @property
    def category(self) -> Category:
        """Which budget pays for its way."""
        return Category.EXPEDITE if any(one.mode == EXPEDITED for one in self.source.lanes) else Category.FREIGHT


@dataclass(frozen=True, slots=True)
class Supplied:
    """A part that a job needs: when it is there (None: never, `short` pieces), and from where it comes."""

    job: str
    part: str
    quantity: Decimal
    ready_at: datetime | None
    short: Decimal
    picked: tuple[Picked, ...]
    aircraft: ForAircraft | None


def supplied(session: Session, jobs: Sequence[OpenJob], now: datetime) -> list[Supplied]:
    """Return how each part of some jobs comes, as far as the session's actor may reserve it without a grant."""
    known = aircraft_by_registration(session, {job.aircraft for job in jobs if job.aircraft and job.parts})
    tails = {job.number: _for_aircraft(known.get(job.aircraft or "")) for job in jobs}
    needs = [(job, part, quantity, tails[job.number]) for job in jobs for part, quantity in job.parts]
    wanted = [
        Wanted(part, job.place, quantity, None if tail is None else tail.value()) for job, part, quantity, tail in needs
    ]
    return [
        Supplied(
            job=job.number,
            part=part,
            quantity=quantity,
            ready_at=told.arrives,
            short=told.short,
            picked=tuple(_picked(told.sources, quantity)) if told.arrives is not None else (),
            aircraft=tail,
        )
        for (job, part, quantity, tail), told in zip(
            needs, promises(session, wanted, now) if wanted else (), strict=True
        )
    ]


def _for_aircraft(tail: AircraftOut | None) -> ForAircraft | None:
    if tail is None:
        return None
    return ForAircraft(
        type=tail.aircraft_type, serial=tail.serial, registry_authority=tail.authority, operator=tail.operator
    )


def _picked(sources: Sequence[SourceOut], quantity: Decimal) -> Iterator[Picked]:
    """Yield the soonest shelves that need nobody's grant, until they suffice."""
    missing = quantity
    for one in sources:
        if one.needs_grant_of is not None or not one.free or missing <= 0:
            continue
        taken = min(one.free, missing)
        missing -= taken
        yield Picked(one, taken, (one.freight * taken / quantity).quantize(CENT, ROUND_HALF_UP))


def reservations(job: OpenJob, parts: Sequence[Supplied], starts: datetime) -> list[NewReservation]:
    """Return what is reserved when an answer is taken by which a job begins then."""
    return [
        NewReservation(
            part=picked.source.part,
            place=picked.source.place or "",
            destination=job.place,
            quantity=picked.quantity,
            demand=job.number,
            priority=job.priority,
            aircraft=one.aircraft,
            needed_at=starts,
            expires_at=starts + KEPT,
        )
        for one in parts
        if one.job == job.number
        for picked in one.picked
    ]


def reserved_for(session: Session, job: str) -> list[UUID]:
    """Return the reservations of a job that can be given back."""
    found = reservation_page(session, demand=job, state=ReservationState.HELD, limit=RESERVED_MAX)
    return [one.id for one in found if one.stage is Stage.RESERVED]


def give_back(session: Session, actor: Actor, key: UUID, now: datetime) -> NewReservation:
    """Give a reservation back, and return how it is made again.

    Raises NotFound for an unknown one, Conflict for one that has ended or is on its way out of the door.
    """
    one = reservation_by_key(session, key)
    if one.stage is not Stage.RESERVED:
        raise Conflict(
            _("{quantity} of {part} for {demand} are {stage} by now").format(
                quantity=one.quantity, part=one.part, demand=one.demand, stage=one.stage
            ),
            code="wrong_stage",
        )
    release(session, actor, key, one.version, None, now)
    again = one.model_dump(include=set(NewReservation.model_fields))
    return NewReservation.model_validate(again)


def freight_of(job: str, parts: Sequence[Supplied], rates: Rates, currency: str, day: date) -> dict[Category, Decimal]:
    """Return what the ways of a job's parts cost in a currency, by the budget that pays."""
    costs = {Category.FREIGHT: NOTHING, Category.EXPEDITE: NOTHING}
    for one in parts:
        for picked in one.picked if one.job == job else ():
            costs[picked.category] += rates.convert(picked.freight, picked.source.currency, currency, day)
    return costs
