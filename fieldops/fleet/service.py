"""Use cases of the fleet: aircraft, rotations, and what becomes of rotations that cannot be true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.customers.models import Operator
from fieldops.fleet.models import Aircraft, Quarantine, QuarantinedRotation, Resolution, Rotation
from fieldops.fleet.queries import no_rotation, quarantined, quarantined_out, unknown_aircraft
from fieldops.fleet.rules import Stay, first_overlap
from fieldops.fleet.schemas import AircraftChange, Correction, NewAircraft, NewRotation, RotationChange, Taken
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.locks import Lock, locked
from inventory.kernel.lookup import keys_by_code, portions, refuse_taken
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell
from inventory.network.models import SITE_TIERS, Place
from inventory.network.service import site_ids


def add_aircraft(session: Session, _actor: Actor, aircraft: Sequence[NewAircraft]) -> None:
    """Add aircraft; raises Invalid for an unknown operator or base, Conflict for a registration that exists."""
    refuse_taken(session, Aircraft.registration, (one.registration for one in aircraft), _taken)
    bases = site_ids(session, (one.base for one in aircraft))
    operators = _operators(session, [one.operator for one in aircraft if one.operator])
    rows = [
        one.model_dump(exclude={"operator", "base"})
        | {"id": uuid7(), "base_id": bases[one.base], "operator_id": operators.get(one.operator or "")}
        for one in aircraft
    ]
    if rows:
        session.execute(insert(Aircraft), rows)
    added: defaultdict[UUID, list[str]] = defaultdict(list)
    for one in aircraft:
        added[bases[one.base]].append(one.registration)
    tell(session, "aircraft.added", added)


def change_aircraft(session: Session, actor: Actor, registration: str, change: AircraftChange, version: int) -> None:
    """Change what the request names of an aircraft; raises NotFound, Stale, Invalid."""
    aircraft = session.scalar(select(Aircraft).where(Aircraft.registration == registration))
    if aircraft is None:
        raise unknown_aircraft(registration)
    require_version(aircraft.version, version)
    change_fleet(session, actor, {registration: change})
    tell(session, "aircraft.changed", {aircraft.base_id: [registration]})


def change_fleet(session: Session, _actor: Actor, changes: Mapping[str, AircraftChange]) -> None:
    """Change what is set of each aircraft, {registration: change}; raises Invalid for an unknown operator or base."""
    bases = site_ids(session, {one.base for one in changes.values() if one.base})
    operators = _operators(session, [one.operator for one in changes.values() if one.operator])
    for some in portions(sorted(changes)):
        for aircraft in session.scalars(select(Aircraft).where(Aircraft.registration.in_(some))):
            change = changes[aircraft.registration]
            if change.base is not None and "base" in change.model_fields_set:
                aircraft.base_id = bases[change.base]
            if "operator" in change.model_fields_set:
                aircraft.operator_id = operators.get(change.operator or "")
            if change.authority is not None and "authority" in change.model_fields_set:
                aircraft.authority = change.authority
    session.flush()


_DAY = timedelta(days=1)


@dataclass(slots=True)
class _There:
    """A stay that stands, or is to be added: its row."""

    stay: Stay
    flight: str | None
    row: Rotation | dict[str, Any]


@dataclass(slots=True)
class _Known:
    """What new rotations are compared with: aircraft, stations, and the stays of each aircraft."""

    aircraft: Mapping[str, tuple[UUID, UUID]]
    stations: Mapping[str, UUID]
    there: defaultdict[str, list[_There]]
    fits: list[dict[str, Any]] = field(default_factory=list)
    aside: list[QuarantinedRotation] = field(default_factory=list)


def take_rotations(session: Session, actor: Actor, rotations: Sequence[NewRotation], now: datetime) -> Taken:
    """Take in rotations in their order: what fits is added, what cannot be true is set aside with the reason.

    The same rotation told again changes nothing; the same flight at the same station on the same UTC day, but later,
    is a delay, and takes the place of what stood. The aircraft are locked until the transaction ends, so that what is
    told of one at the same time is compared, too.
    """
    known = _known(session, rotations)
    delayed = [_take(known, actor, one, now) for one in rotations].count(_DELAYED)
    if known.fits:
        session.execute(insert(Rotation), known.fits)
    session.add_all(known.aside)
    session.flush()
    aside = [quarantined_out(one) for one in known.aside]
    return Taken(added=len(known.fits), delayed=delayed, quarantined=aside)


_DELAYED = "delayed"


def _known(session: Session, rotations: Sequence[NewRotation]) -> _Known:
    names = {one.registration for one in rotations}
    aircraft: dict[str, tuple[UUID, UUID]] = {}
    for some in portions(sorted(names)):
        query = select(Aircraft).where(Aircraft.registration.in_(some)).order_by(Aircraft.id)
        aircraft.update((one.registration, (one.id, one.base_id)) for one in locked(session, Lock.AIRCRAFT, query))
    stations: dict[str, UUID] = {}
    for codes in portions(sorted({one.station for one in rotations})):
        sites = select(Place.code, Place.id).where(Place.code.in_(codes), Place.tier.in_(SITE_TIERS))
        stations.update(session.execute(sites).all())
    there: defaultdict[str, list[_There]] = defaultdict(list)
    if rotations:
        first = min(min(one.arrives_at, one.departs_at) for one in rotations) - _DAY
        last = max(max(one.arrives_at, one.departs_at) for one in rotations) + _DAY
        for some in portions(sorted(names)):
            rows = (
                select(Aircraft.registration, Place.code, Rotation)
                .select_from(Rotation)
                .join(Aircraft, Aircraft.id == Rotation.aircraft_id)
                .join(Place, Place.id == Rotation.station_id)
                .where(Aircraft.registration.in_(some), Rotation.departs_at > first, Rotation.arrives_at < last)
                .order_by(Rotation.arrives_at)
                .execution_options(populate_existing=True)
            )
            for name, station, row in session.execute(rows):
                there[name].append(_There(Stay(station, row.arrives_at, row.departs_at), row.flight, row))
    return _Known(aircraft, stations, there)


def _take(known: _Known, actor: Actor, one: NewRotation, now: datetime) -> str | None:
    stay = Stay(one.station, one.arrives_at, one.departs_at)
    there = known.there[one.registration]
    if any(other.stay == stay for other in there):
        return None
    late = next((other for other in there if one.flight == other.flight is not None and stay.delays(other.stay)), None)
    wrong = _fault(known, one, stay, beside=late)
    if wrong is None and late is not None:
        late.stay = stay
        times = {"arrives_at": stay.arrives_at, "departs_at": stay.departs_at}
        if isinstance(late.row, Rotation):
            late.row.arrives_at, late.row.departs_at = stay.arrives_at, stay.departs_at
        else:
            late.row |= times
        return _DELAYED
    if wrong is None:
        row = {
            "id": uuid7(),
            "aircraft_id": known.aircraft[one.registration][0],
            "station_id": known.stations[one.station],
            "arrives_at": one.arrives_at,
            "departs_at": one.departs_at,
            "flight": one.flight,
        }
        there.append(_There(stay, one.flight, row))
        known.fits.append(row)
        return None
    reason, detail = wrong
    base = known.aircraft.get(one.registration)
    known.aside.append(
        QuarantinedRotation(
            **one.model_dump(),
            id=uuid7(),
            version=1,
            reason=reason,
            detail=detail[:400],
            state=Resolution.OPEN,
            base_id=base[1] if base else known.stations.get(one.station),
            found_by=actor.id,
            found_at=now,
        )
    )
    return None


def _fault(
    known: _Known, one: NewRotation, stay: Stay, *, beside: _There | None = None
) -> tuple[Quarantine, str] | None:
    """Return why a rotation cannot be true beside one whose place it takes, None where nothing is against it."""
    if one.registration not in known.aircraft:
        return Quarantine.UNKNOWN_REGISTRATION, _("There is no aircraft {registration}; add it, or correct it").format(
            registration=one.registration
        )
    if one.station not in known.stations:
        return Quarantine.UNKNOWN_STATION, _("There is no station {station}; add the place, or correct it").format(
            station=one.station
        )
    if one.departs_at <= one.arrives_at:
        return Quarantine.ENDS_BEFORE_START, _("It departs at {departs}, not after it arrives at {arrives}").format(
            departs=_told(one.departs_at), arrives=_told(one.arrives_at)
        )
    other = first_overlap([told.stay for told in known.there[one.registration] if told is not beside], stay)
    if other is not None:
        return Quarantine.OVERLAPS, _("{registration} is at {station} from {arrives} until {departs}").format(
            registration=one.registration,
            station=other.station,
            arrives=_told(other.arrives_at),
            departs=_told(other.departs_at),
        )
    return None


def change_rotation(session: Session, _actor: Actor, key: UUID, change: RotationChange, *, version: int) -> None:
    """Change a rotation, such as a delayed one; raises NotFound, Stale, Conflict for what cannot be true."""
    row, told = _rotation(session, key, version)
    wanted = told.model_copy(update=change.model_dump(exclude_unset=True))
    known = _known(session, [told, wanted])
    own = next(one for one in known.there[told.registration] if one.row is row)
    stay = Stay(wanted.station, wanted.arrives_at, wanted.departs_at)
    wrong = _fault(known, wanted, stay, beside=own)
    if wrong is not None:
        raise Conflict(_("That cannot be true: {detail}. Correct it").format(detail=wrong[1]), code=wrong[0].value)
    row.station_id, row.flight = known.stations[wanted.station], wanted.flight
    row.arrives_at, row.departs_at = wanted.arrives_at, wanted.departs_at
    session.flush()
    tell(session, "aircraft.rotation_changed", {known.aircraft[told.registration][1]: [told.registration]})


def cancel_rotation(session: Session, _actor: Actor, key: UUID, *, version: int) -> None:
    """Take a rotation out that does not take place; the audit trail keeps it. Raises NotFound, Stale."""
    row, told = _rotation(session, key, version)
    known = _known(session, [told])
    session.delete(row)
    session.flush()
    tell(session, "aircraft.rotation_cancelled", {known.aircraft[told.registration][1]: [told.registration]})


def _rotation(session: Session, key: UUID, version: int) -> tuple[Rotation, NewRotation]:
    query = (
        select(Rotation, Aircraft.registration, Place.code)
        .join(Aircraft, Aircraft.id == Rotation.aircraft_id)
        .join(Place, Place.id == Rotation.station_id)
        .where(Rotation.id == key)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise no_rotation()
    row, registration, station = found
    require_version(row.version, version)
    return row, NewRotation(
        registration=registration,
        station=station,
        arrives_at=row.arrives_at,
        departs_at=row.departs_at,
        flight=row.flight,
    )


def correct(
    session: Session, actor: Actor, key: UUID, correction: Correction, now: datetime, *, version: int
) -> QuarantinedRotation:
    """Take in a rotation that was set aside as it is in truth; raises Conflict where that cannot be true, either."""
    one = _open(session, key, version)
    given = correction.model_dump(exclude={"note"}, exclude_none=True)
    names = ("registration", "station", "arrives_at", "departs_at", "flight")
    rotation = NewRotation.model_validate({name: getattr(one, name) for name in names} | given)
    known = _known(session, [rotation])
    wrong = _fault(known, rotation, Stay(rotation.station, rotation.arrives_at, rotation.departs_at))
    if wrong is not None:
        raise Conflict(
            _("It still cannot be true: {detail}. Correct that, or discard it").format(detail=wrong[1]),
            code=wrong[0].value,
        )
    _take(known, actor, rotation, now)
    if known.fits:
        session.execute(insert(Rotation), known.fits)
    return _resolved(session, one, actor, Resolution.CORRECTED, correction.note, now)


def discard(
    session: Session, actor: Actor, key: UUID, note: str, now: datetime, *, version: int
) -> QuarantinedRotation:
    """Say that a rotation which was set aside is not true; it is kept as discarded."""
    return _resolved(session, _open(session, key, version), actor, Resolution.DISCARDED, note, now)


def _open(session: Session, key: UUID, version: int) -> QuarantinedRotation:
    one = quarantined(session, key)
    require_version(one.version, version)
    if one.state is not Resolution.OPEN:
        raise Conflict(
            _("It was {state} by {who} already").format(state=one.state, who=one.resolved_by), code="resolved"
        )
    return one


def _resolved(
    session: Session, one: QuarantinedRotation, actor: Actor, state: Resolution, note: str, now: datetime
) -> QuarantinedRotation:
    one.state, one.note, one.resolved_by, one.resolved_at = state, note, actor.id, now
    session.flush()
    return one


def _operators(session: Session, codes: Sequence[str]) -> dict[str, UUID]:
    return keys_by_code(session, Operator.code, Operator.id, codes, _unknown_operator)


def _unknown_operator(code: str) -> Invalid:
    return Invalid(
        _("Operator {code} does not exist; add it first or correct the code").format(code=code),
        code="unknown_operator",
        field="operator",
    )


def _taken(registration: str) -> Conflict:
    return Conflict(
        _("Aircraft {registration} exists already; correct the registration").format(registration=registration),
        code="aircraft_exists",
        field="registration",
    )


def _told(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%MZ}"
