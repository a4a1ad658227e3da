"""Reads of calendars, and of the lanes with the hours of their legs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from inventory.kernel.installation import fact
from inventory.network import hours
from inventory.network.arrival import Leg
from inventory.network.calendar_schemas import CalendarOut, Closure, OpenHours
from inventory.network.models import (
    Calendar,
    CalendarClosure,
    CalendarHours,
    Lane,
    LaneEnd,
    LaneLeg,
    LegKind,
    Place,
)
from inventory.network.queries import clock
from inventory.network.routing import Link, Router

LANES_REVISION = "lanes_revision"
"""Installation fact: another text after every change of the lanes."""
_ROUTERS_MAX = 4
_routers: dict[str, Router] = {}
_NOWHERE = "UTC"
"""The time zone of virtual places without one."""


def calendar_page(session: Session, *, after: str, limit: int) -> list[CalendarOut]:
    """Return up to `limit` calendars with a code after `after`, by code."""
    query = select(Calendar.id, Calendar.code, Calendar.name).where(Calendar.code > after)
    found = session.execute(query.order_by(Calendar.code).limit(limit)).all()
    keys = [key for key, _code, _name in found]
    opening, closed = _opening(session, keys), _closed(session, keys)
    return [
        CalendarOut(
            code=code,
            name=name,
            hours=[
                OpenHours(weekday=weekday, opens=clock(opens), closes=clock(closes))
                for weekday, opens, closes in opening[key]
            ],
            closures=[Closure(day=day, name=why) for day, why in closed[key]],
        )
        for key, code, name in found
    ]


def calendars(session: Session) -> dict[UUID, hours.Calendar]:
    """Return {key: hours and closures} of every calendar."""
    opening, closed = _opening(session), _closed(session)
    return {
        key: hours.Calendar(
            week=tuple(
                tuple((opens, closes) for weekday, opens, closes in intervals if weekday == number)
                for number in range(1, 8)
            ),
            closures=frozenset(day for day, _name in closed[key]),
        )
        for key, intervals in opening.items()
    }


def router(session: Session) -> Router:
    """Return the router over the lanes in use; it is made once in a process, until lanes change."""
    revision = fact(session, LANES_REVISION)
    if revision is None:
        return Router(links(session))
    found = _routers.get(revision)
    if found is None:
        found = Router(links(session))
        if len(_routers) >= _ROUTERS_MAX:
            _routers.clear()
        _routers[revision] = found
    return found


def links(session: Session) -> list[Link]:
    """Return every lane in use with its legs and their hours, by its ends and mode; in four statements.

    Picking and delivery keep the hours of their place unless the leg has its own. A lane without legs is one of
    transport that takes its lead time always.
    """
    origin, destination = aliased(Place), aliased(Place)
    known = calendars(session)
    stages: defaultdict[UUID, list[tuple[LegKind, int, int, UUID | None, int | None, LaneEnd]]] = defaultdict(list)
    legs = select(
        LaneLeg.lane_id,
        LaneLeg.kind,
        LaneLeg.median_s,
        LaneLeg.p90_s,
        LaneLeg.calendar_id,
        LaneLeg.cut_off_min,
        LaneLeg.zone,
    ).order_by(LaneLeg.lane_id, LaneLeg.sequence)
    for lane, *stage in session.execute(legs):
        stages[lane].append(tuple(stage))  # type: ignore[arg-type]  # the columns above
    rows = session.execute(
        select(
            Lane.id,
            origin.code,
            origin.time_zone,
            origin.calendar_id,
            destination.code,
            destination.time_zone,
            destination.calendar_id,
            Lane.mode,
            Lane.lead_s,
            Lane.cost_per_kg,
            Lane.cost_per_piece,
            Lane.currency,
            Lane.dg_allowed,
            Lane.max_weight_kg,
        )
        .join(origin, origin.id == Lane.origin_id)
        .join(destination, destination.id == Lane.destination_id)
        .where(Lane.active)
        .order_by(origin.code, destination.code, Lane.mode)
    )
    found = []
    for key, start, start_zone, start_hours, end, end_zone, end_hours, mode, lead_s, *rest in rows:
        zones = {LaneEnd.ORIGIN: start_zone or _NOWHERE, LaneEnd.DESTINATION: end_zone or _NOWHERE}
        at_place = {LegKind.PICK: start_hours, LegKind.DELIVERY: end_hours}
        on_the_way = []
        for kind, median_s, p90_s, calendar, cut_off, zone in stages[key]:
            kept = calendar or at_place.get(kind)
            on_the_way.append(Leg(kind, median_s, p90_s, known[kept] if kept else None, cut_off, zones[zone]))
        whole = (Leg(LegKind.TRANSPORT, lead_s, lead_s),)
        found.append(Link(start, end, mode, tuple(on_the_way) or whole, *rest))
    return found


def _opening(session: Session, keys: Collection[UUID] | None = None) -> defaultdict[UUID, list[tuple[int, int, int]]]:
    query = select(
        CalendarHours.calendar_id, CalendarHours.weekday, CalendarHours.opens_min, CalendarHours.closes_min
    ).order_by(CalendarHours.weekday, CalendarHours.opens_min)
    if keys is not None:
        query = query.where(CalendarHours.calendar_id.in_(keys))
    found: defaultdict[UUID, list[tuple[int, int, int]]] = defaultdict(list)
    for key, weekday, opens, closes in session.execute(query):
        found[key].append((weekday, opens, closes))
    return found


def _closed(session: Session, keys: Collection[UUID] | None = None) -> defaultdict[UUID, list[tuple[date, str]]]:
    query = select(CalendarClosure.calendar_id, CalendarClosure.day, CalendarClosure.name).order_by(CalendarClosure.day)
    if keys is not None:
        query = query.where(CalendarClosure.calendar_id.in_(keys))
    found: defaultdict[UUID, list[tuple[date, str]]] = defaultdict(list)
    for key, day, name in session.execute(query):
        found[key].append((day, name))
    return found
