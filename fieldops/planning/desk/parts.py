"""When the parts of a job can be there and from where, by the one promise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from fieldops.dispatch.queries import OpenJob
from fieldops.finance.categories import Category
from fieldops.finance.control.replacing import held_by_category
from fieldops.finance.rates.rules import Rates
from fieldops.fleet.queries import aircraft_by_registration
from fieldops.fleet.schemas import AircraftOut
from fieldops.planning.costing import CENT, EXPEDITED, NOTHING
from fieldops.planning.queries import claims_elsewhere
from inventory.availability.promise import Wanted, promises, taken_from
from inventory.availability.reservation_queries import reservation_by_key, reservation_page, reserved_by_demand
from inventory.availability.reservation_schemas import NewReservation
from inventory.availability.schemas import SourceOut
from inventory.availability.service import release
from inventory.catalogue.schemas import ForAircraft
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict
from inventory.kernel.scope import unscoped
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
    """A part that a job needs: when it is there (None: never, `short` pieces), and from where it comes.

    `offers` are regions that could send it sooner, with their grant; `counted_on` are the jobs for which the plan in
    force counts on pieces of it, which are left alone.
    """

    job: str
    part: str
    quantity: Decimal
    ready_at: datetime | None
    short: Decimal
    picked: tuple[Picked, ...]
    offers: tuple[SourceOut, ...]
    counted_on: tuple[str, ...]
    aircraft: ForAircraft | None


def supplied(session: Session, jobs: Sequence[OpenJob], now: datetime) -> list[Supplied]:
    """Return how each part of some jobs comes, as far as the session's actor may reserve it without a grant.

    The jobs are looked at together, in their order: what one takes is not there for the next.
    """
    known = aircraft_by_registration(session, {job.aircraft for job in jobs if job.aircraft and job.parts})
    tails = {job.number: _for_aircraft(known.get(job.aircraft or "")) for job in jobs}
    needs = [(job, part, quantity, tails[job.number]) for job in jobs for part, quantity in job.parts]
    if not needs:
        return []
    wanted = [
        Wanted(part, job.place, quantity, None if tail is None else tail.value()) for job, part, quantity, tail in needs
    ]
    claims = claims_of_others(session, {job.number for job in jobs})
    claimed: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    counted_on: defaultdict[str, set[str]] = defaultdict(set)
    for (job, part, place), pieces in claims.items():
        claimed[part, place] += pieces
        counted_on[part].add(job)
    told = promises(session, wanted, now, claimed=claimed, together=True)
    return [
        Supplied(
            job=job.number,
            part=part,
            quantity=quantity,
            ready_at=one.arrives,
            short=one.short,
            picked=tuple(_picked(one.sources, quantity)) if one.arrives is not None else (),
            offers=tuple(
                source
                for source in one.sources
                if source.needs_grant_of is not None and (one.arrives is None or source.arrives < one.arrives)
            ),
            counted_on=tuple(sorted(counted_on[part])),
            aircraft=tail,
        )
        for (job, part, quantity, tail), one in zip(needs, told, strict=True)
    ]


def claims_of_others(session: Session, asked: Collection[str]) -> dict[tuple[str, str, str], Decimal]:
    """Return {(job, part, place): pieces} that plans in force count on for other jobs, beyond what these have reserved.

    What is to refill a target is nobody's: a job goes before it.
    """
    with unscoped(session):  # the pieces of other regions' jobs are no less theirs
        claims = claims_elsewhere(session)
        reserved = reserved_by_demand(session, {job for job, _part, _place in claims})
    found = {}
    for (job, part, place), pieces in claims.items():
        kept = min(pieces, reserved.get((job, part), NOTHING))
        if job and job not in asked and pieces > kept:
            found[job, part, place] = pieces - kept
            reserved[job, part] = reserved.get((job, part), NOTHING) - kept
    return found


def _for_aircraft(tail: AircraftOut | None) -> ForAircraft | None:
    if tail is None:
        return None
    return ForAircraft(
        type=tail.aircraft_type, serial=tail.serial, registry_authority=tail.authority, operator=tail.operator
    )


def _picked(sources: Sequence[SourceOut], quantity: Decimal) -> Iterator[Picked]:
    """Yield the soonest shelves that need nobody's grant, until they suffice."""
    for one, taken in taken_from(sources, quantity):
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


def freight_held(session: Session, plan_id: UUID, rates: Rates, currency: str, day: date) -> dict[str, Decimal]:
    """Return {job: what a plan in force holds in a currency for the ways of its parts}."""
    held = held_by_category(session, plan_id, (Category.FREIGHT, Category.EXPEDITE))
    return {
        job: sum((rates.convert(amount, line.currency, currency, day) for line, amount in mine), NOTHING)
        for job, mine in held.items()
    }


def freight_of(job: str, parts: Sequence[Supplied], rates: Rates, currency: str, day: date) -> dict[Category, Decimal]:
    """Return what the ways of a job's parts cost in a currency, by the budget that pays."""
    costs = {Category.FREIGHT: NOTHING, Category.EXPEDITE: NOTHING}
    for one in parts:
        for picked in one.picked if one.job == job else ():
            costs[picked.category] += rates.convert(picked.freight, picked.source.currency, currency, day)
    return costs
