"""Reads of the fleet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.customers.models import Operator
from fieldops.fleet.models import Aircraft, QuarantinedRotation, Resolution, Rotation
from fieldops.fleet.rules import Stay, ground_windows, next_departure
from fieldops.fleet.schemas import AircraftOut, GroundTime, GroundWindow, QuarantinedOut, RotationOut
from inventory.kernel.errors import NotFound
from inventory.kernel.lookup import named_like, nearest, portions
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region

FIRST_KEY = UUID(int=0)
FIRST_ROTATION = ("", datetime(1970, 1, 1, tzinfo=UTC))


def aircraft_page(
    session: Session, *, after: str = "", limit: int = 1, registration: str | None = None, region: str | None = None
) -> list[AircraftOut]:
    """Return up to `limit` aircraft with a registration after `after`, by registration."""
    query = (
        select(
            Aircraft.version,
            Aircraft.registration,
            Aircraft.aircraft_type,
            Aircraft.serial,
            Aircraft.authority,
            Operator.code.label("operator"),
            Place.code.label("base"),
            Region.code.label("region"),
        )
        .join(Place, Place.id == Aircraft.base_id)
        .outerjoin(Region, Region.id == Place.region_id)
        .outerjoin(Operator, Operator.id == Aircraft.operator_id)
        .where(Aircraft.registration > after)
        .order_by(Aircraft.registration)
        .limit(limit)
    )
    if registration is not None:
        query = query.where(Aircraft.registration == registration)
    if region is not None:
        query = query.where(Region.code == region)
    return [AircraftOut.model_validate(dict(row)) for row in session.execute(query).mappings()]


def find_aircraft(session: Session, text: str, limit: int) -> list[tuple[str, str]]:
    """Return (registration, type and serial) of aircraft of which one of them holds a text, the nearest first."""
    query = select(Aircraft.registration, Aircraft.aircraft_type, Aircraft.serial).where(
        named_like(text, Aircraft.registration, Aircraft.serial)
    )
    rows = session.execute(query.order_by(*nearest(text, Aircraft.registration)).limit(limit))
    return [(registration, f"{kind} {serial}") for registration, kind, serial in rows]


def aircraft_told(session: Session, registration: str) -> AircraftOut:
    """Return an aircraft; raises NotFound for an unknown registration."""
    found = aircraft_page(session, registration=registration)
    if not found:
        raise unknown_aircraft(registration)
    return found[0]


def aircraft_by_registration(session: Session, registrations: Collection[str]) -> dict[str, AircraftOut]:
    """Return {registration: aircraft} of those among some that there are."""
    found: dict[str, AircraftOut] = {}
    for some in portions(sorted(registrations)):
        query = (
            select(Aircraft, Operator.code, Place.code, Region.code)
            .join(Place, Place.id == Aircraft.base_id)
            .outerjoin(Region, Region.id == Place.region_id)
            .outerjoin(Operator, Operator.id == Aircraft.operator_id)
            .where(Aircraft.registration.in_(some))
        )
        for one, operator, base, region in session.execute(query):
            found[one.registration] = AircraftOut(
                version=one.version,
                registration=one.registration,
                aircraft_type=one.aircraft_type,
                serial=one.serial,
                authority=one.authority,
                operator=operator,
                base=base,
                region=region,
            )
    return found


@dataclass(frozen=True, slots=True)
class Tail:
    """What decides who may work on an aircraft."""

    aircraft_type: str
    authority: str


def tails(session: Session, registrations: Collection[str]) -> dict[str, Tail]:
    """Return {registration: type and registry} of those among some that there are."""
    found: dict[str, Tail] = {}
    for some in portions(sorted(registrations)):
        query = select(Aircraft.registration, Aircraft.aircraft_type, Aircraft.authority)
        for registration, kind, authority in session.execute(query.where(Aircraft.registration.in_(some))):
            found[registration] = Tail(kind, authority)
    return found


def stays(session: Session, registrations: Collection[str], start: datetime, end: datetime) -> dict[str, list[Stay]]:
    """Return {registration: stays on ground that touch a span, in order of time}, whole and not cut."""
    found: defaultdict[str, list[Stay]] = defaultdict(list)
    for some in portions(sorted(registrations)):
        query = (
            select(Aircraft.registration, Place.code, Rotation.arrives_at, Rotation.departs_at)
            .select_from(Rotation)
            .join(Aircraft, Aircraft.id == Rotation.aircraft_id)
            .join(Place, Place.id == Rotation.station_id)
            .where(Aircraft.registration.in_(some), Rotation.departs_at > start, Rotation.arrives_at < end)
            .order_by(Rotation.arrives_at)
        )
        for registration, station, arrives_at, departs_at in session.execute(query):
            found[registration].append(Stay(station, arrives_at, departs_at))
    return found


def ground_time(session: Session, registration: str, start: datetime, end: datetime) -> GroundTime:
    """Return where an aircraft is on ground in a span; raises NotFound for an unknown registration."""
    aircraft_told(session, registration)
    known = stays(session, [registration], start, end)[registration]
    return GroundTime(
        registration=registration,
        next_departure=next_departure(known, start),
        windows=[
            GroundWindow(station=one.station, starts_at=one.arrives_at, ends_at=one.departs_at)
            for one in ground_windows(known, start, end)
        ],
    )


def rotation_page(
    session: Session,
    *,
    after: tuple[str, datetime] = FIRST_ROTATION,
    limit: int = 1,
    registration: str | None = None,
    key: UUID | None = None,
) -> list[RotationOut]:
    """Return up to `limit` rotations after a registration and arrival, in that order."""
    query = (
        select(
            Rotation.id,
            Rotation.version,
            Aircraft.registration,
            Place.code.label("station"),
            Rotation.arrives_at,
            Rotation.departs_at,
            Rotation.flight,
        )
        .select_from(Rotation)
        .join(Aircraft, Aircraft.id == Rotation.aircraft_id)
        .join(Place, Place.id == Rotation.station_id)
        .order_by(Aircraft.registration, Rotation.arrives_at)
        .limit(limit)
    )
    name, then = after
    query = query.where((Aircraft.registration > name) | (Aircraft.registration == name) & (Rotation.arrives_at > then))
    if registration is not None:
        query = query.where(Aircraft.registration == registration)
    if key is not None:
        query = query.where(Rotation.id == key)
    return [RotationOut.model_validate(dict(row)) for row in session.execute(query).mappings()]


def rotation_told(session: Session, key: UUID) -> RotationOut:
    """Return a rotation; raises NotFound."""
    found = rotation_page(session, key=key)
    if not found:
        raise no_rotation()
    return found[0]


def no_rotation() -> NotFound:
    """Return the refusal of a rotation that does not exist, or not for the actor."""
    return NotFound(
        _("There is no such rotation; the list of rotations shows yours"), code="unknown_rotation", field="key"
    )


def rotation_key(one: RotationOut) -> tuple[str, datetime]:
    """Return what a rotation is found again by."""
    return one.registration, one.arrives_at


def quarantine_page(
    session: Session, *, after: UUID = FIRST_KEY, limit: int, state: Resolution | None = Resolution.OPEN
) -> list[QuarantinedOut]:
    """Return up to `limit` rotations that were set aside, in the order in which that happened."""
    query = select(QuarantinedRotation).where(QuarantinedRotation.id > after).order_by(QuarantinedRotation.id)
    if state is not None:
        query = query.where(QuarantinedRotation.state == state)
    return [quarantined_out(one) for one in session.scalars(query.limit(limit))]


def quarantined(session: Session, key: UUID) -> QuarantinedRotation:
    """Return a rotation that was set aside; raises NotFound."""
    found = session.get(QuarantinedRotation, key)
    if found is None:
        raise NotFound(
            _("There is no such rotation in quarantine; its list shows yours"), code="unknown_rotation", field="key"
        )
    return found


def quarantined_out(one: QuarantinedRotation) -> QuarantinedOut:
    """Return a rotation that was set aside as it is told."""
    return QuarantinedOut.model_validate(one, from_attributes=True)


def unknown_aircraft(registration: str) -> NotFound:
    """Return the refusal of an aircraft that does not exist, or not for the actor."""
    return NotFound(
        _("There is no aircraft {registration}; the list of aircraft shows yours").format(registration=registration),
        code="unknown_aircraft",
        field="registration",
    )
