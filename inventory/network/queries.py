"""Reads of the network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from inventory.kernel.errors import NotFound
from inventory.kernel.lookup import named_like, nearest, portions
from inventory.kernel.scope import actor_of
from inventory.kernel.texts import gettext as _
from inventory.network.calendar_schemas import SourcesOut
from inventory.network.models import SITE_TIERS, Calendar, Lane, LaneLeg, Place, Region, Source, Tier
from inventory.network.schemas import LaneOut, LegOut, PlaceOut, RegionOut
from inventory.network.scope import shelves_seen


@dataclass(frozen=True, slots=True)
class Site:
    """A physical place as plans see it; latitude and longitude in degrees."""

    id: UUID
    code: str
    tier: Tier
    region: str
    area: str
    latitude: float
    longitude: float
    time_zone: str
    country: str | None


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A lane as plans see it; costs in `currency`."""

    origin: str
    destination: str
    mode: str
    lead_s: int
    cost_per_kg: Decimal
    cost_per_piece: Decimal
    currency: str


def sites(session: Session) -> list[Site]:
    """Return every depot, centre and outlet, by code."""
    rows = session.execute(
        select(
            Place.id,
            Place.code,
            Place.tier,
            Region.code,
            Place.area,
            Place.latitude,
            Place.longitude,
            Place.time_zone,
            Place.country,
        )
        .join(Region, Region.id == Place.region_id)
        .where(Place.tier.in_(SITE_TIERS))
        .order_by(Place.code)
    )
    return [Site(*row) for row in rows]  # type: ignore[arg-type]  # NewPlace demands them of every shelf


@dataclass(frozen=True, slots=True)
class Shelf:
    """A place whose stock the actor may see."""

    id: UUID
    code: str
    name: str
    name_local: str | None
    tier: Tier
    region: str
    time_zone: str


def shelves(
    session: Session, *, region: str | None = None, tiers: Collection[Tier] = SITE_TIERS, code: str | None = None
) -> list[Shelf]:
    """Return the places whose stock the actor may see: the central depot, then by region, tier and code.

    The central depot serves every region, and is among those of each.
    """
    rank = case({tier: number for number, tier in enumerate(Tier)}, value=Place.tier)
    query = (
        select(Place.id, Place.code, Place.name, Place.name_local, Place.tier, Region.code, Place.time_zone)
        .join(Region, Region.id == Place.region_id)
        .where(Place.tier.in_(tiers))
        .order_by(Place.tier != Tier.CENTRAL, Region.code, rank, Place.code)
    )
    scope = actor_of(session).scope
    if not scope.everything:
        query = query.where(Place.id.in_(shelves_seen(scope)))
    if region is not None:
        query = query.where(or_(Region.code == region, Place.tier == Tier.CENTRAL))
    if code is not None:
        query = query.where(Place.code == code)
    return [Shelf(*row) for row in session.execute(query)]  # type: ignore[arg-type]  # NewPlace demands the zone


def lanes(session: Session, *, at: str | None = None) -> list[LaneRow]:
    """Return every lane in use, or those from and to a place, by its ends and mode."""
    origin, destination = aliased(Place), aliased(Place)
    query = (
        select(
            origin.code,
            destination.code,
            Lane.mode,
            Lane.lead_s,
            Lane.cost_per_kg,
            Lane.cost_per_piece,
            Lane.currency,
        )
        .join(origin, origin.id == Lane.origin_id)
        .join(destination, destination.id == Lane.destination_id)
        .where(Lane.active)
        .order_by(origin.code, destination.code, Lane.mode)
    )
    if at is not None:
        query = query.where(or_(origin.code == at, destination.code == at))
    return [LaneRow(*row) for row in session.execute(query)]


def region_codes(session: Session) -> dict[UUID, str]:
    """Return {key: code} of all regions, by code."""
    return dict(session.execute(select(Region.id, Region.code).order_by(Region.code)).all())


def region_page(session: Session, *, after: str, limit: int) -> list[RegionOut]:
    """Return up to `limit` regions with a code after `after`, by code."""
    rows = session.execute(
        select(Region.code, Region.name).where(Region.code > after).order_by(Region.code).limit(limit)
    )
    return [RegionOut(code=code, name=name) for code, name in rows]


def place_by_code(session: Session, code: str) -> PlaceOut:
    """Return a place; raises NotFound for an unknown code."""
    found = place_page(session, code=code)
    if not found:
        raise NotFound(
            _("There is no place {code}; the list of places shows those there are").format(code=code),
            code="unknown_place",
            field="code",
        )
    return found[0]


def place_page(
    session: Session, *, after: str = "", limit: int = 1, region: str | None = None, code: str | None = None
) -> Sequence[PlaceOut]:
    """Return up to `limit` places with a code after `after`, by code."""
    query = _places().where(Place.code > after).order_by(Place.code).limit(limit)
    if region is not None:
        query = query.where(Region.code == region)
    if code is not None:
        query = query.where(Place.code == code)
    return _told(session, query)


def find_places(session: Session, text: str, limit: int) -> list[tuple[str, str]]:
    """Return (code, name) of places whose code or name holds a text, the nearest first."""
    query = select(Place.code, Place.name).where(named_like(text, Place.code, Place.name, Place.name_local))
    return [(code, name) for code, name in session.execute(query.order_by(*nearest(text, Place.code)).limit(limit))]


def places_told(session: Session, codes: Collection[str]) -> dict[str, PlaceOut]:
    """Return {code: place} of those among some that there are."""
    queries = (_places().where(Place.code.in_(some)) for some in portions(sorted(codes)))
    return {place.code: place for query in queries for place in _told(session, query)}


def _places() -> Select[*tuple[Any, ...]]:
    parent = aliased(Place)
    return (
        select(
            Place.code,
            Place.name,
            Place.name_local,
            Place.tier,
            Region.code.label("region"),
            Place.area,
            parent.code.label("parent"),
            Place.latitude,
            Place.longitude,
            Place.time_zone,
            Place.country,
            Calendar.code.label("calendar"),
            Place.version,
        )
        .outerjoin(Region, Region.id == Place.region_id)
        .outerjoin(parent, parent.id == Place.parent_id)
        .outerjoin(Calendar, Calendar.id == Place.calendar_id)
    )


def _told(session: Session, query: Select[*tuple[Any, ...]]) -> list[PlaceOut]:
    # the values come from columns that hold what the schema wants
    return [PlaceOut.model_construct(**row) for row in session.execute(query).mappings()]


def lane_page(session: Session, *, after: tuple[str, str, str], limit: int) -> list[LaneOut]:
    """Return up to `limit` lanes after `after`, by origin, destination and mode."""
    origin, destination = aliased(Place), aliased(Place)
    way = (origin.code, destination.code, Lane.mode)
    rows = session.execute(
        select(
            Lane.id,
            origin.code.label("origin"),
            destination.code.label("destination"),
            Lane.mode,
            (Lane.lead_s / 3600.0).label("lead_h"),
            Lane.cost_per_kg,
            Lane.cost_per_piece,
            Lane.currency,
            Lane.dg_allowed,
            Lane.max_weight_kg,
            Lane.active,
        )
        .join(origin, origin.id == Lane.origin_id)
        .join(destination, destination.id == Lane.destination_id)
        .where(tuple_(*way) > tuple_(*after))
        .order_by(*way)
        .limit(limit)
    ).mappings()
    found = {row["id"]: LaneOut(**row, legs=[]) for row in rows}
    for lane, leg in _legs(session, found):
        found[lane].legs.append(leg)
    return list(found.values())


def _legs(session: Session, lanes: Collection[UUID]) -> Iterator[tuple[UUID, LegOut]]:
    rows = session.execute(
        select(
            LaneLeg.lane_id,
            LaneLeg.kind,
            LaneLeg.median_s,
            LaneLeg.p90_s,
            Calendar.code,
            LaneLeg.cut_off_min,
            LaneLeg.zone,
        )
        .outerjoin(Calendar, Calendar.id == LaneLeg.calendar_id)
        .where(LaneLeg.lane_id.in_(list(lanes)))
        .order_by(LaneLeg.lane_id, LaneLeg.sequence)
    )
    for lane, kind, median_s, p90_s, calendar, cut_off, zone in rows:
        yield (
            lane,
            LegOut(
                kind=kind,
                median_h=median_s / 3600,
                p90_h=p90_s / 3600,
                calendar=calendar,
                cut_off=None if cut_off is None else clock(cut_off),
                zone=zone,
            ),
        )


def clock(minutes: int) -> str:
    """Return minutes after midnight as a time such as 17:30."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def replenishment(session: Session) -> dict[str, list[str]]:
    """Return {place: the places it is replenished from, the first choice first}, which is its parent unless it is said.

    A place without either has no entry.
    """
    place, source = aliased(Place), aliased(Place)
    parents = select(place.code, source.code).join(source, source.id == place.parent_id)
    return {code: [parent] for code, parent in session.execute(parents)} | _given_sources(session)


def sources_of(session: Session, code: str) -> SourcesOut:
    """Return what a place is replenished from; raises NotFound for an unknown place."""
    place = place_by_code(session, code)
    given = _given_sources(session, code).get(code, [])
    default = [place.parent] if place.parent else []
    return SourcesOut(place=code, sources=given or default, default=not given, version=place.version)


def _given_sources(session: Session, code: str | None = None) -> dict[str, list[str]]:
    place, source = aliased(Place), aliased(Place)
    query = (
        select(place.code, source.code)
        .select_from(Source)
        .join(place, place.id == Source.place_id)
        .join(source, source.id == Source.source_id)
        .order_by(place.code, Source.sequence)
    )
    if code is not None:
        query = query.where(place.code == code)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one, other in session.execute(query):
        found[one].append(other)
    return dict(found)
