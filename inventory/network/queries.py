"""Reads of the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, aliased

from inventory.kernel.errors import NotFound
from inventory.kernel.texts import gettext as _
from inventory.network.models import SITE_TIERS, Lane, Place, Region, Tier
from inventory.network.schemas import LaneOut, PlaceOut, RegionOut


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
        )
        .join(Region, Region.id == Place.region_id)
        .where(Place.tier.in_(SITE_TIERS))
        .order_by(Place.code)
    )
    return [Site(*row) for row in rows]  # type: ignore[arg-type]  # NewPlace demands them of every shelf


def lanes(session: Session) -> list[LaneRow]:
    """Return every lane, by its ends and mode."""
    origin, destination = aliased(Place), aliased(Place)
    rows = session.execute(
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
        .order_by(origin.code, destination.code, Lane.mode)
    )
    return [LaneRow(*row) for row in rows]


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
    parent = aliased(Place)
    query = (
        select(Place, Region.code, parent.code)
        .outerjoin(Region, Region.id == Place.region_id)
        .outerjoin(parent, parent.id == Place.parent_id)
        .where(Place.code > after)
        .order_by(Place.code)
        .limit(limit)
    )
    if region is not None:
        query = query.where(Region.code == region)
    if code is not None:
        query = query.where(Place.code == code)
    return [
        PlaceOut(
            code=place.code,
            name=place.name,
            name_local=place.name_local,
            tier=place.tier,
            region=region_code,
            area=place.area,
            parent=parent_code,
            latitude=place.latitude,
            longitude=place.longitude,
            time_zone=place.time_zone,
            country=place.country,
        )
        for place, region_code, parent_code in session.execute(query)
    ]


def lane_page(session: Session, *, after: tuple[str, str, str], limit: int) -> list[LaneOut]:
    """Return up to `limit` lanes after `after`, by origin, destination and mode."""
    origin, destination = aliased(Place), aliased(Place)
    way = (origin.code, destination.code, Lane.mode)
    rows = session.execute(
        select(
            origin.code.label("origin"),
            destination.code.label("destination"),
            Lane.mode,
            Lane.lead_s,
            Lane.cost_per_kg,
            Lane.cost_per_piece,
            Lane.currency,
        )
        .join(origin, origin.id == Lane.origin_id)
        .join(destination, destination.id == Lane.destination_id)
        .where(tuple_(*way) > tuple_(*after))
        .order_by(*way)
        .limit(limit)
    )
    return [LaneOut(**row, lead_h=row["lead_s"] / 3600) for row in rows.mappings()]
