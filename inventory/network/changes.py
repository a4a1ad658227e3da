"""Use cases that change the network: places, and what lanes and calendars say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from uuid_utils.compat import uuid7

from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Invalid
from inventory.kernel.installation import require_currency, set_fact
from inventory.kernel.texts import gettext as _
from inventory.network.calendar_queries import LANES_REVISION
from inventory.network.calendar_schemas import NewCalendar
from inventory.network.entries import closure_rows, hours_rows, lane_row, leg_rows
from inventory.network.models import VIRTUAL_TIERS, Calendar, CalendarClosure, CalendarHours, Lane, LaneLeg
from inventory.network.queries import place_by_code
from inventory.network.schemas import NewLane, PlaceChange
from inventory.network.service import calendar_ids, place_ids, places_by_code, tell

_SHELF_NEEDS = ("latitude", "longitude", "time_zone")


def change_place(session: Session, actor: Actor, code: str, change: PlaceChange, version: int) -> None:
    """Change what the request names of a place.

    Raises NotFound for an unknown place, Stale for another version, Invalid for an unknown calendar, and where a place
    with a shelf would be nowhere.
    """
    require_version(place_by_code(session, code).version, version)
    change_places(session, actor, {code: change})


def change_places(session: Session, _actor: Actor, changes: Mapping[str, PlaceChange]) -> None:
    """Change what is named of places.

    Raises Invalid for an unknown place or calendar, and where a place with a shelf would be nowhere.
    """
    places = places_by_code(session, changes)
    calendars = calendar_ids(session, {change.calendar for change in changes.values() if change.calendar})
    for code, change in changes.items():
        place = places[code]
        given = {name: getattr(change, name) for name in change.model_fields_set}
        if "calendar" in given:
            calendar = given.pop("calendar")
            place.calendar_id = calendars[calendar] if calendar else None
        for name, value in given.items():
            if value is None and name in _SHELF_NEEDS and place.tier not in VIRTUAL_TIERS:
                raise Invalid(
                    _("Place {code} has a shelf, so {field} cannot be empty; leave it out to keep it").format(
                        code=code, field=name
                    ),
                    code="cannot_be_empty",
                    field=name,
                )
            setattr(place, name, value)
        flag_modified(place, "name")  # a new version, even where nothing differs
    session.flush()
    _renew_lanes(session)
    tell(session, "place.changed", changes)


def replace_lanes(session: Session, _actor: Actor, lanes: Sequence[NewLane]) -> None:
    """Put lanes in the place of those between the same ends by the same mode; raises Invalid where there is none."""
    require_currency(session, (lane.currency for lane in lanes))
    places = place_ids(session, {code for lane in lanes for code in (lane.origin, lane.destination)})
    calendars = calendar_ids(session, (leg.calendar for lane in lanes for leg in lane.legs if leg.calendar))
    rows = session.execute(
        select(Lane.origin_id, Lane.destination_id, Lane.mode, Lane.id).where(Lane.origin_id.in_(places.values()))
    )
    known = {(origin, destination, mode): key for origin, destination, mode, key in rows}
    new: dict[UUID, NewLane] = {}
    for lane in lanes:
        key = known.get((places[lane.origin], places[lane.destination], lane.mode))
        if key is None or key in new:
            raise Invalid(
                _(
                    "There is no lane from {origin} to {destination} by {mode}, or it stands twice here; correct it"
                ).format(origin=lane.origin, destination=lane.destination, mode=lane.mode),
                code="unknown_lane",
                field="mode",
            )
        new[key] = lane
    session.execute(delete(LaneLeg).where(LaneLeg.lane_id.in_(list(new))))
    session.execute(update(Lane), [lane_row(lane) | {"id": key} for key, lane in new.items()])
    legs = [leg for key, lane in new.items() for leg in leg_rows(key, lane, calendars)]
    if legs:
        session.execute(insert(LaneLeg), legs)
    _renew_lanes(session)


def replace_calendars(session: Session, _actor: Actor, calendars: Sequence[NewCalendar]) -> None:
    """Put calendars in the place of those with the same codes; raises Invalid for one that there is not."""
    keys = calendar_ids(session, (calendar.code for calendar in calendars))
    last = {keys[calendar.code]: calendar for calendar in calendars}
    for table in (CalendarHours, CalendarClosure):
        session.execute(delete(table).where(table.calendar_id.in_(list(last))))
    session.execute(update(Calendar), [{"id": key, "name": one.name} for key, one in last.items()])
    session.execute(insert(CalendarHours), [row for key, one in last.items() for row in hours_rows(key, one)])
    closures = [row for key, one in last.items() for row in closure_rows(key, one)]
    if closures:
        session.execute(insert(CalendarClosure), closures)
    _renew_lanes(session)


def _renew_lanes(session: Session) -> None:
    set_fact(session, LANES_REVISION, uuid7().hex)
