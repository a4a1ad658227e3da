"""Use cases of reservations: make, extend, advance and release them, and let go of those whose time is over.

Whoever may write the ends of a reservation passes the scope first; then all is done beyond it, since others' keep
part of the same stock. The cells are locked, in the order of their keys, before what keeps them is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from inventory.availability.events import tell
from inventory.availability.fitness import judged
from inventory.availability.holdings import ON_ITS_WAY, Holding, holdings
from inventory.availability.promise import plain, told_keepers
from inventory.availability.reservation_queries import unknown_reservation
from inventory.availability.reservation_schemas import NewReservation
from inventory.catalogue.consistency import require_countable
from inventory.catalogue.models import Part
from inventory.catalogue.schemas import ForAircraft
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor, Scope
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Forbidden, Invalid
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.balances import keep, lock
from inventory.ledger.models import Reservation, ReservationKind, ReservationState, Stage
from inventory.ledger.reserved import expire as end_expired
from inventory.network.models import Place
from inventory.network.scope import places_within, reservable
from inventory.network.service import place_ids
from inventory.traceability.judging import not_issuable

LONGEST = timedelta(days=30)
"""How far ahead a reservation may expire."""
_STAGES = list(Stage)


def reserve(session: Session, actor: Actor, wanted: NewReservation, now: datetime) -> list[UUID]:
    """Keep stock on a shelf for a demand: one reservation for each cell that it takes from, all or nothing.

    What expires first is taken first, of the rest the oldest. A hard reservation takes the place of the soft ones that
    the same demand has on the shelf. Returns the keys. Raises Invalid for an unknown part or place and a wrong end,
    Forbidden for a shelf or a destination elsewhere, Conflict where too little is free.
    """
    part = part_ids(session, [wanted.part])[wanted.part]
    require_countable(wanted.part, session.get_one(Part, part).unit, wanted.quantity)
    places = place_ids(session, [wanted.place, wanted.destination])
    require_end(wanted.expires_at, now)
    require_among(session, actor, places[wanted.place], reservable)
    require_among(session, actor, places[wanted.destination], places_within)
    return take(session, actor, wanted, part, places, now)


def take(
    session: Session, actor: Actor, wanted: NewReservation, part: UUID, places: Mapping[str, UUID], now: datetime
) -> list[UUID]:
    """Do as `reserve` for what has passed the scope; `places` are {code: key} of the shelf and the destination."""
    found = [one for one in holdings(session, [part], now) if one.place == wanted.place]
    with unscoped(session):
        cells = sorted(one.cell for one in found)
        lock(session, cells)
        let_go(session, cells, now)
        if wanted.kind is ReservationKind.HARD:
            soft = [Reservation.demand == wanted.demand, Reservation.kind == ReservationKind.SOFT]
            for one in locked(session, Reservation.cell.in_(cells), Reservation.state == ReservationState.HELD, *soft):
                end(one, ReservationState.RELEASED, actor, now, _("Made hard"))
        session.flush()
    found = [one for one in holdings(session, [part], now) if one.cell in cells]
    aircraft = None if wanted.aircraft is None else wanted.aircraft.value()
    taken = picked(judged(session, found, aircraft, now), wanted)
    with unscoped(session):
        made = [
            Reservation(
                cell=cell,
                part_id=part,
                place_id=places[wanted.place],
                destination_id=places[wanted.destination],
                quantity=quantity,
                kind=wanted.kind,
                state=ReservationState.HELD,
                stage=Stage.RESERVED,
                demand=wanted.demand,
                priority=wanted.priority,
                contract=wanted.contract,
                aircraft=told_aircraft(wanted.aircraft),
                reserved_by=actor.id,
                reserved_at=now,
                expires_at=wanted.expires_at,
            )
            for cell, quantity in taken.items()
        ]
        session.add_all(made)
        if wanted.kind is ReservationKind.HARD:
            keep(session, taken, now)
        tell(session, "reservation.changed", made, now)
        return [one.id for one in made]


def extend(session: Session, actor: Actor, key: UUID, version: int, expires_at: datetime, now: datetime) -> None:
    """Let a reservation last until another instant; raises Conflict where it has ended, Invalid for a wrong end."""
    require_end(expires_at, now)

    def change(one: Reservation) -> None:
        one.expires_at = expires_at

    _change(session, actor, key, version, now, "destination_id", change)


def advance(session: Session, actor: Actor, key: UUID, version: int, stage: Stage, now: datetime) -> None:
    """Say how far the stock is on its way out of the door; raises Conflict for a way back and a soft reservation."""

    def change(one: Reservation) -> None:
        if one.kind is ReservationKind.SOFT or _STAGES.index(stage) <= _STAGES.index(one.stage):
            raise Conflict(
                _("A {kind} reservation that is {stage} cannot become {next}; read it again").format(
                    kind=one.kind, stage=one.stage, next=stage
                ),
                code="wrong_stage",
                field="stage",
            )
        one.stage = stage

    _change(session, actor, key, version, now, "place_id", change)


def release(session: Session, actor: Actor, key: UUID, version: int, reason: str | None, now: datetime) -> None:
    """Give back what a reservation keeps; raises Conflict where it has ended."""

    def change(one: Reservation) -> None:
        end(one, ReservationState.RELEASED, actor, now, reason)
        if one.kind is ReservationKind.HARD:
            keep(session, {one.cell: -one.quantity}, now)

    _change(session, actor, key, version, now, "destination_id", change)


def give_back(session: Session, actor: Actor, demand: str, reason: str, now: datetime) -> None:
    """Give back all that reservations still keep for a demand, whose end the caller may decide."""
    held = [Reservation.demand == demand, Reservation.state == ReservationState.HELD]
    with unscoped(session):
        lock(session, sorted(set(session.scalars(select(Reservation.cell).where(*held)))))
        ended = locked(session, *held)
        freed: defaultdict[UUID, Decimal] = defaultdict(Decimal)
        for one in ended:
            end(one, ReservationState.RELEASED, actor, now, reason)
            if one.kind is ReservationKind.HARD:
                freed[one.cell] -= one.quantity
        session.flush()
        keep(session, freed, now)
        tell(session, "reservation.changed", ended, now)


def expire(session: Session, now: datetime) -> int:
    """Let go of what reservations keep whose time is over; returns of how many cells.

    Needs a session of the whole network.
    """
    over = select(Reservation.cell).where(
        Reservation.state == ReservationState.HELD,
        Reservation.expires_at <= now,
        Reservation.stage.not_in(ON_ITS_WAY),
    )
    cells = sorted(set(session.scalars(over)))
    lock(session, cells)
    let_go(session, cells, now)
    return len(cells)


def _change(
    session: Session,
    actor: Actor,
    key: UUID,
    version: int,
    now: datetime,
    side: Literal["place_id", "destination_id"],
    change: Callable[[Reservation], None],
) -> None:
    """Change a reservation that counts, for whoever may write one side of it: the shelf or the destination.

    Raises NotFound for one that the actor does not see, Forbidden where the side is elsewhere, Stale for another
    version, Conflict where it has ended.
    """
    cell = cell_of(session, key)
    one = session.scalars(select(Reservation).where(Reservation.id == key)).one()
    require_among(session, actor, getattr(one, side), places_within)
    with unscoped(session):
        lock(session, [cell])
        one = held(session, key, version, now)
        change(one)
        tell(session, "reservation.changed", [one], now)


def cell_of(session: Session, key: UUID) -> UUID:
    """Return the cell of a reservation; raises NotFound for one that the actor does not see."""
    cell = session.scalar(select(Reservation.cell).where(Reservation.id == key))
    if cell is None:
        raise unknown_reservation(key)
    return cell


def held(session: Session, key: UUID, version: int, now: datetime) -> Reservation:
    """Return a reservation, locked, of a locked cell; raises Stale for another version, Conflict for one that ended."""
    (one,) = locked(session, Reservation.id == key)
    require_version(one.version, version)
    if one.state is not ReservationState.HELD or (one.expires_at <= now and one.stage not in ON_ITS_WAY):
        raise Conflict(_("Reservation {key} has ended; reserve again").format(key=key), code="reservation_ended")
    return one


def locked(session: Session, *which: ColumnElement[bool]) -> Sequence[Reservation]:
    """Return reservations as they are now, locked; the caller holds the locks of their cells."""
    query = select(Reservation).where(*which).order_by(Reservation.id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).all()


def end(one: Reservation, state: ReservationState, actor: Actor, now: datetime, reason: str | None) -> None:
    """Say what became of a reservation."""
    one.state, one.ended_by, one.ended_at, one.reason = state, actor.id, now, reason


def let_go(session: Session, cells: Collection[UUID], now: datetime) -> None:
    """End the reservations of cells, which are locked, whose time is over, and give back what they kept."""
    freed = end_expired(session, cells, now)
    keep(session, {cell: -quantity for cell, quantity in freed.items()}, now)


def picked(found: Sequence[Holding], wanted: NewReservation) -> dict[UUID, Decimal]:
    """Return how much to take of each cell of a shelf.

    Raises Conflict where too little is free, naming the rule that forbids the rest where one does.
    """
    needed_on = (wanted.needed_at or wanted.expires_at).astimezone(UTC).date()
    fit = [
        one
        for one in found
        if one.usable
        and (one.expires_on is None or one.expires_on >= needed_on)
        and wanted.lot in (None, one.lot)
        and wanted.condition in (None, one.condition)
    ]
    fit.sort(key=lambda one: (one.expires_on or date.max, one.made_on or date.max, one.lot or "", one.cell))
    taken: dict[UUID, Decimal] = {}
    missing = wanted.quantity
    for one in fit:
        if missing > 0 and one.free > 0:
            taken[one.cell] = min(one.free, missing)
            missing -= taken[one.cell]
    refused = [(one, one.refused) for one in found if one.refused and wanted.lot in (None, one.lot)]
    if missing > 0 and refused:
        one, failure = refused[0]
        raise not_issuable(one.part, one.lot, failure, "quantity")
    if missing > 0:
        raise Conflict(
            _("Of {part} at {place} {free} are free, {wanted} are wanted; reserved: {kept}").format(
                part=wanted.part,
                place=wanted.place,
                free=plain(wanted.quantity - missing),
                wanted=plain(wanted.quantity),
                kept=told_keepers([keeping for one in fit for keeping in one.kept]) or _("none"),
            ),
            code="too_little_free",
            field="quantity",
        )
    return taken


def told_aircraft(aircraft: ForAircraft | None) -> dict[str, Any] | None:
    """Return what a reservation keeps of the aircraft that it is for."""
    return None if aircraft is None else aircraft.model_dump(mode="json")


def require_end(expires_at: datetime, now: datetime) -> None:
    """Raise Invalid for a reservation that would end before now, or too far ahead."""
    if not now < expires_at <= now + LONGEST:
        raise Invalid(
            _("A reservation lasts beyond now, and {days} days at most; correct expires_at").format(days=LONGEST.days),
            code="wrong_expiry",
            field="expires_at",
        )


def is_among(session: Session, actor: Actor, place: UUID | None, places: Callable[[Scope], Any]) -> bool:
    """Tell whether a place is among those that the actor's scope has by a rule; no place is among none."""
    if actor.scope.everything:
        return True
    found = select(Place.id).where(Place.id == place, Place.id.in_(places(actor.scope)))
    return session.scalar(found) is not None


def require_among(session: Session, actor: Actor, place: UUID, places: Callable[[Scope], Any]) -> None:
    """Raise Forbidden for a place that is not among those that the actor's scope has by a rule."""
    if not is_among(session, actor, place, places):
        raise Forbidden(
            _("This is outside your regions; ask the manager of the region, or request a grant"), code="outside_region"
        )
