"""Use cases of the network: add regions, calendars, places and lanes, and say where places are replenished from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, require_version
from inventory.kernel.clock import present
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.installation import require_currency, set_fact
from inventory.kernel.locks import Lock, locked
from inventory.kernel.lookup import keys_by_code, refuse_taken
from inventory.kernel.outbox import EVERYONE, emit
from inventory.kernel.texts import gettext as _
from inventory.network.calendar_queries import LANES_REVISION
from inventory.network.calendar_schemas import NewCalendar
from inventory.network.entries import closure_rows, hours_rows, lane_row, leg_rows
from inventory.network.events import NAMED_MAX
from inventory.network.models import (
    SITE_TIERS,
    Calendar,
    CalendarClosure,
    CalendarHours,
    Lane,
    LaneLeg,
    Place,
    Region,
    Source,
    Tier,
)
from inventory.network.queries import place_by_code, replenishment
from inventory.network.schemas import NewLane, NewPlace, NewRegion


def region_ids(session: Session, codes: Iterable[str]) -> dict[str, UUID]:
    """Return {code: key}; raises Invalid for an unknown region."""
    return keys_by_code(session, Region.code, Region.id, codes, _unknown_region)


def place_ids(session: Session, codes: Iterable[str]) -> dict[str, UUID]:
    """Return {code: key}; raises Invalid for an unknown place."""
    return keys_by_code(session, Place.code, Place.id, codes, _unknown_place)


def places_by_code(session: Session, codes: Iterable[str]) -> dict[str, Place]:
    """Return {code: place}; raises Invalid for an unknown place."""
    return keys_by_code(session, Place.code, Place, codes, _unknown_place)


def first_of(session: Session, tier: Tier) -> Place | None:
    """Return the first place of a tier by its code, None where there is none: such as that of adjustments."""
    return session.scalars(select(Place).where(Place.tier == tier).order_by(Place.code).limit(1)).first()


def site_ids(session: Session, codes: Iterable[str]) -> dict[str, UUID]:
    """Return {code: key} of places where people work; raises Invalid for any other, and for an unknown place."""
    keys = place_ids(session, codes)
    no_site = select(Place.code).where(Place.code.in_(keys), Place.tier.not_in(SITE_TIERS)).order_by(Place.code)
    for code in session.scalars(no_site.limit(1)):
        raise Invalid(
            _("Nobody can work at place {code}; name a depot, a centre or an outlet").format(code=code),
            code="no_site",
            field="place",
        )
    return keys


def calendar_ids(session: Session, codes: Iterable[str]) -> dict[str, UUID]:
    """Return {code: key}; raises Invalid for an unknown calendar."""
    return keys_by_code(session, Calendar.code, Calendar.id, codes, _unknown_calendar)


def lock_regions(session: Session) -> None:
    """Make whoever else calls this wait until the caller's transaction ends: one plan at a time is put in force."""
    locked(session, Lock.REGION, select(Region.id).order_by(Region.id), key_share=True)


def add_regions(session: Session, _actor: Actor, regions: Sequence[NewRegion]) -> None:
    """Add regions; raises Conflict for a code that exists."""
    refuse_taken(session, Region.code, (region.code for region in regions), _code_exists)
    session.add_all(Region(code=region.code, name=region.name) for region in regions)
    session.flush()
    tell(session, "region.added", (region.code for region in regions))


def add_calendars(session: Session, _actor: Actor, calendars: Sequence[NewCalendar]) -> None:
    """Add calendars; raises Conflict for a code that exists."""
    refuse_taken(session, Calendar.code, (calendar.code for calendar in calendars), _code_exists)
    keys = {calendar.code: uuid7() for calendar in calendars}
    hours = [row for calendar in calendars for row in hours_rows(keys[calendar.code], calendar)]
    closures = [row for calendar in calendars for row in closure_rows(keys[calendar.code], calendar)]
    _insert(session, Calendar, [{"id": keys[one.code], "code": one.code, "name": one.name} for one in calendars])
    _insert(session, CalendarHours, hours)
    _insert(session, CalendarClosure, closures)


def add_places(session: Session, _actor: Actor, places: Sequence[NewPlace]) -> None:
    """Add places; a parent may come in the same call. Raises Conflict for a code that exists."""
    refuse_taken(session, Place.code, (place.code for place in places), _code_exists)
    regions = region_ids(session, (place.region for place in places if place.region))
    keys = {place.code: uuid7() for place in places}
    parents = place_ids(session, (place.parent for place in places if place.parent and place.parent not in keys)) | keys
    calendars = calendar_ids(session, (place.calendar for place in places if place.calendar))
    rows = [
        place.model_dump(exclude={"region", "parent", "calendar"})
        | {
            "id": keys[place.code],
            "region_id": regions[place.region] if place.region else None,
            "parent_id": parents[place.parent] if place.parent else None,
            "calendar_id": calendars[place.calendar] if place.calendar else None,
        }
        for place in _parents_first(places)
    ]
    _insert(session, Place, rows)
    if rows:
        tell(session, "place.added", keys)


def add_lanes(session: Session, _actor: Actor, lanes: Sequence[NewLane]) -> None:
    """Add lanes between existing places; raises Conflict for a lane that exists."""
    require_currency(session, (lane.currency for lane in lanes))
    places = place_ids(session, {code for lane in lanes for code in (lane.origin, lane.destination)})
    ways = select(Lane.origin_id, Lane.destination_id, Lane.mode)
    taken: set[tuple[UUID, UUID, str]] = set(session.execute(ways))
    for lane in lanes:
        way = (places[lane.origin], places[lane.destination], lane.mode)
        if way in taken:
            raise Conflict(
                _("The lane from {origin} to {destination} by {mode} exists already; correct its ends or mode").format(
                    origin=lane.origin, destination=lane.destination, mode=lane.mode
                ),
                code="lane_exists",
            )
        taken.add(way)
    calendars = calendar_ids(session, (leg.calendar for lane in lanes for leg in lane.legs if leg.calendar))
    keys = [uuid7() for _lane in lanes]
    rows = [
        lane_row(lane) | {"id": key, "origin_id": places[lane.origin], "destination_id": places[lane.destination]}
        for key, lane in zip(keys, lanes, strict=True)
    ]
    legs = [leg for key, lane in zip(keys, lanes, strict=True) for leg in leg_rows(key, lane, calendars)]
    _insert(session, Lane, rows)
    _insert(session, LaneLeg, legs)
    set_fact(session, LANES_REVISION, uuid7().hex)


def set_sources(session: Session, _actor: Actor, code: str, sources: Sequence[str], version: int) -> None:
    """Say which places a place is replenished from, the first choice first; none for its parent.

    Raises NotFound for an unknown place, Stale where it has another version, Invalid for an unknown source and for one
    that is itself replenished, however indirectly, from the place.
    """
    lock_regions(session)  # two changes at once could make a circle that neither sees
    place = place_by_code(session, code)
    keys = place_ids(session, {code, *sources})
    require_version(place.version, version)
    net = replenishment(session)
    if sources:
        net[code] = list(sources)
    elif place.parent:
        net[code] = [place.parent]
    for source in sources or net.get(code, []):
        _refuse_circle(code, source, net)
    session.execute(delete(Source).where(Source.place_id == keys[code]))
    rows = [
        {"place_id": keys[code], "sequence": sequence, "source_id": keys[source]}
        for sequence, source in enumerate(sources)
    ]
    _insert(session, Source, rows)
    session.execute(update(Place).where(Place.id == keys[code]).values(version=Place.version + 1))


def _refuse_circle(code: str, source: str, net: dict[str, list[str]]) -> None:
    """Refuse a source that is the place itself or gets its stock from it."""
    seen: set[str] = set()
    waiting = [source]
    while waiting:
        one = waiting.pop()
        if one == code:
            raise Invalid(
                _("Place {source} is itself replenished from {place}; choose another source").format(
                    source=source, place=code
                ),
                code="place_cycle",
                field="sources",
            )
        if one not in seen:
            seen.add(one)
            waiting += net.get(one, ())


def _insert(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), rows)


def tell(session: Session, kind: str, codes: Iterable[str]) -> None:
    """Tell everybody what became of places or regions."""
    named = sorted(codes)
    emit(session, kind, {"what": named[:NAMED_MAX], "count": len(named)}, present(session), audience=EVERYONE)


def _parents_first(places: Sequence[NewPlace]) -> list[NewPlace]:
    by_code = {place.code: place for place in places}
    ordered: dict[str, NewPlace] = {}
    for place in places:
        chain: list[NewPlace] = []
        link: NewPlace | None = place
        while link is not None and link.code not in ordered:
            if link in chain:
                raise Invalid(
                    _("Place {code} is its own replenishment source; correct the parents").format(code=link.code),
                    code="place_cycle",
                    field="parent",
                )
            chain.append(link)
            link = by_code.get(link.parent) if link.parent else None
        ordered.update((link.code, link) for link in reversed(chain))
    return list(ordered.values())


def _unknown_region(code: str) -> Invalid:
    return Invalid(
        _("Region {code} does not exist; add it first or correct the code").format(code=code),
        code="unknown_region",
        field="region",
    )


def _unknown_place(code: str) -> Invalid:
    return Invalid(
        _("Place {code} does not exist; add it first or correct the code").format(code=code),
        code="unknown_place",
        field="place",
    )


def _unknown_calendar(code: str) -> Invalid:
    return Invalid(
        _("Calendar {code} does not exist; add it first or correct the code").format(code=code),
        code="unknown_calendar",
        field="calendar",
    )


def _code_exists(code: str) -> Conflict:
    return Conflict(_("{code} exists already; choose another code").format(code=code), code="code_exists", field="code")
