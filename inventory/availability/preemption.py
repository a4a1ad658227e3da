"""Pre-emption: whose reservation a more urgent demand may take over, what that costs the other, and doing it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.availability.events import tell
from inventory.availability.fitness import judged
from inventory.availability.holdings import counting, holdings
from inventory.availability.promise import plain, promise
from inventory.availability.reservation_queries import reservation_page
from inventory.availability.reservation_schemas import NewReservation, Preemption, ReservationOut, Victim
from inventory.availability.rules import CONSENT, Claim, Kept, Rule, objections
from inventory.availability.schemas import SourceOut
from inventory.availability.service import cell_of, end, held, require_among, require_end, take, told_aircraft
from inventory.catalogue.link_queries import replacements_of
from inventory.catalogue.models import Part
from inventory.catalogue.rules import Aircraft
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict
from inventory.kernel.scope import actor_of, unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.balances import keep, lock
from inventory.ledger.models import Reservation, ReservationKind, ReservationState, Stage, StockBalance
from inventory.network.calendar_queries import router
from inventory.network.scope import places_within, reservable
from inventory.network.service import place_ids
from inventory.traceability.judging import not_issuable

SHOWN_MAX = 20
"""How many reservations a preview shows: for each of them it asks where else the part could come from."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The keys of what was taken over, of what was made of it, and of what the other demand got in its stead."""

    preempted: UUID
    made: UUID
    rebooked: list[UUID]


def preview(
    session: Session, part: str, destination: str, claim: Claim, now: datetime, *, aircraft: Aircraft | None = None
) -> list[Victim]:
    """Return whose reservations of a part, or of what may stand in for it, a claim could take over at a destination.

    Those that no rule forbids come first, then by urgency, the least first, and the shortest delay. Raises Invalid for
    an unknown part or place.
    """
    place_ids(session, [destination])
    numbers = [way.part for way in replacements_of(session, part, aircraft, now.date())]
    scope = actor_of(session).scope
    query = (
        select(Reservation.id, StockBalance.owner, StockBalance.hold, Reservation.part_id, Reservation.cell)
        .join(StockBalance, StockBalance.cell == Reservation.cell)
        .join(Part, Part.id == Reservation.part_id)
        .where(Part.part_number.in_(numbers), *counting(now))
    )
    if not scope.everything:
        query = query.where(Reservation.place_id.in_(reservable(scope)))
    stock = {key: (owner, hold, part, cell) for key, owner, hold, part, cell in session.execute(query)}
    refusals = _refusals(session, {part for _owner, _hold, part, _cell in stock.values()}, aircraft, now)
    found = []
    for one in reservation_page(session, keys=list(stock), limit=len(stock)):
        owner, hold, _part, cell = stock[one.id]
        kept = Kept(one.demand, one.priority, one.stage, one.contract, owner, hold)
        found.append((one, list(objections(claim, kept)), refusals.get(cell)))
    urgency = list(type(claim.priority))

    def in_the_way(told: tuple[ReservationOut, list[Rule], Conflict | None]) -> tuple[bool, bool, int, int]:
        one, rules, refusal = told
        return refusal is not None, not CONSENT.issuperset(rules), len(rules), -urgency.index(one.priority)

    found.sort(key=in_the_way)
    return [_victim(session, one, rules, refusal, now) for one, rules, refusal in found[:SHOWN_MAX]]


def _refusals(
    session: Session, parts: Collection[UUID], aircraft: Aircraft | None, now: datetime
) -> dict[UUID, Conflict]:
    """Return {cell: refusal} of the stock of parts that an acceptance rule forbids to use."""
    return {
        one.cell: not_issuable(one.part, one.lot, one.refused, "reservation")
        for one in judged(session, holdings(session, sorted(parts), now), aircraft, now)
        if one.refused is not None
    }


def _victim(
    session: Session, one: ReservationOut, rules: Collection[Rule], refusal: Conflict | None, now: datetime
) -> Victim:
    """Tell what becomes of a reservation if it is taken over."""
    part = session.scalars(select(Part).where(Part.part_number == one.part)).one()
    ways = router(session).earliest({one.place: now}, one.destination, part.weight_kg, part.dg_limit)
    route = ways.get(one.place)
    freight = None if route is None else (route.cost * one.quantity).quantize(Decimal("0.01"))
    forbidden = [rule for rule in rules if rule not in CONSENT]
    source = None if forbidden else _other(session, one, now)
    return Victim(
        reservation=one,
        forbidden_by=forbidden,
        needs_consent=[rule for rule in rules if rule in CONSENT],
        arrives=None if route is None else route.arrives,
        freight=freight,
        next=source,
        delay_h=(source.arrives - route.arrives).total_seconds() / 3600 if source and route else None,
        extra_freight=source.freight - freight if source and freight is not None else None,
        not_acceptable=None if refusal is None else refusal.message,
    )


def _other(session: Session, one: ReservationOut, now: datetime) -> SourceOut | None:
    """Return the soonest other source of all that is reserved: one that needs nobody's grant, or else an offer."""
    whole = [
        source
        for source in _sources(session, one, now)
        if (source.at_most is None or source.at_most >= one.quantity)
        and (source.free is None or source.free >= one.quantity)
    ]
    return min(whole, key=lambda source: (source.needs_grant_of is not None, source.arrives), default=None)


def _sources(session: Session, one: ReservationOut, now: datetime) -> list[SourceOut]:
    """Return from where else what is reserved could come, acceptable to the aircraft that it is for."""
    aircraft = None if one.aircraft is None else one.aircraft.value()
    return promise(session, one.part, one.destination, now, one.quantity, aircraft=aircraft).sources


def preempt(session: Session, actor: Actor, wanted: Preemption, now: datetime) -> Taken:
    """Take over a reservation for a more urgent demand; what it kept beyond the quantity is free again.

    Raises NotFound for one that the actor does not see, Forbidden for stock or a destination elsewhere, Stale for
    another version, Conflict where a rule forbids it, also one of acceptance, a consent lacks, or it has ended.
    """
    cell = cell_of(session, wanted.reservation)
    place = session.scalars(select(Reservation.place_id).where(Reservation.id == wanted.reservation)).one()
    destination = place_ids(session, [wanted.destination])[wanted.destination]
    require_end(wanted.expires_at, now)
    require_among(session, actor, place, reservable)
    require_among(session, actor, destination, places_within)
    part = session.scalars(select(Reservation.part_id).where(Reservation.id == wanted.reservation)).one()
    # with what it may be booked on instead: cells are locked in one order, all at once
    others = [one.cell for one in holdings(session, [part], now) if one.seen] if wanted.rebook else []
    with unscoped(session):
        lock(session, sorted({cell, *others}))
        victim = held(session, wanted.reservation, wanted.version, now)
        _require_allowed(session, victim, wanted)
        _require_acceptable(session, victim, wanted, now)
        end(victim, ReservationState.PREEMPTED, actor, now, wanted.reason)
        victim.consent = wanted.consent
        made = _in_its_stead(victim, destination, wanted, actor, now)
        session.add(made)
        kept = victim.quantity if victim.kind is ReservationKind.HARD else Decimal(0)
        keep(session, {cell: wanted.quantity - kept}, now)
        tell(session, "reservation.changed", [made], now)
        told = {"priority": wanted.priority, "reason": wanted.reason}
        tell(session, "reservation.preempted", [victim], now, told)
        home, taken = victim.destination_id, Taken(victim.id, made.id, [])
    if wanted.rebook:
        (lost,) = reservation_page(session, keys=[victim.id])
        for again in _again(session, lost, now):
            places = place_ids(session, [again.place]) | {again.destination: home}
            taken.rebooked.extend(take(session, actor, again, part, places, now))
    return taken


def _require_allowed(session: Session, victim: Reservation, wanted: Preemption) -> None:
    """Raise Conflict where a rule forbids a pre-emption, or one that needs consent has none; and for too much."""
    balance = session.get_one(StockBalance, victim.cell)
    kept = Kept(victim.demand, victim.priority, victim.stage, victim.contract, balance.owner, balance.hold)
    rules = list(objections(Claim(wanted.demand, wanted.priority, wanted.contract), kept))
    forbidden = [rule for rule in rules if rule not in CONSENT]
    if forbidden:
        raise Conflict(
            _("What is reserved for {demand} cannot be taken over ({rules}); choose another source").format(
                demand=victim.demand, rules=", ".join(forbidden)
            ),
            code="preemption_forbidden",
            field="reservation",
        )
    if rules and wanted.consent is None:
        raise Conflict(
            _("What is reserved for {demand} needs consent ({rules}); write down who gave it").format(
                demand=victim.demand, rules=", ".join(rules)
            ),
            code="consent_needed",
            field="consent",
        )
    if wanted.quantity > victim.quantity:
        raise Conflict(
            _("{quantity} are reserved for {demand}; take over no more").format(
                quantity=plain(victim.quantity), demand=victim.demand
            ),
            code="beyond_reservation",
            field="quantity",
        )


def _require_acceptable(session: Session, victim: Reservation, wanted: Preemption, now: datetime) -> None:
    """Raise Conflict where the stock may not be issued to the aircraft, or to none."""
    aircraft = None if wanted.aircraft is None else wanted.aircraft.value()
    refusal = _refusals(session, [victim.part_id], aircraft, now).get(victim.cell)
    if refusal is not None:
        raise refusal


def _in_its_stead(
    victim: Reservation, destination: UUID, wanted: Preemption, actor: Actor, now: datetime
) -> Reservation:
    return Reservation(
        cell=victim.cell,
        part_id=victim.part_id,
        place_id=victim.place_id,
        destination_id=destination,
        quantity=wanted.quantity,
        kind=ReservationKind.HARD,
        state=ReservationState.HELD,
        stage=Stage.RESERVED,
        demand=wanted.demand,
        priority=wanted.priority,
        contract=wanted.contract,
        aircraft=told_aircraft(wanted.aircraft),
        reserved_by=actor.id,
        reserved_at=now,
        expires_at=wanted.expires_at,
        consent=wanted.consent,
    )


def _again(session: Session, lost: ReservationOut, now: datetime) -> Iterator[NewReservation]:
    """Yield the reservations that replace a lost one as far as stock is free that needs nobody's grant."""
    missing = lost.quantity
    for source in _sources(session, lost, now):
        if missing > 0 and source.part == lost.part and source.place is not None and source.needs_grant_of is None:
            quantity = min(missing, source.free or Decimal(0))
            missing -= quantity
            yield NewReservation(
                part=lost.part,
                place=source.place,
                destination=lost.destination,
                quantity=quantity,
                kind=lost.kind,
                demand=lost.demand,
                priority=lost.priority,
                contract=lost.contract,
                aircraft=lost.aircraft,
                needed_at=source.arrives,
                expires_at=lost.expires_at,
            )
