"""Reads of offers and grants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.kernel.actor import Scope
from inventory.kernel.errors import NotFound
from inventory.kernel.scope import actor_of, unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import StockBalance
from inventory.ledger.queries import usable
from inventory.network.models import Place, Region, Tier
from inventory.network.queries import lanes
from inventory.offers.models import IN_FORCE, Grant, GrantKind, GrantState
from inventory.offers.rules import Way, band, ways_to
from inventory.offers.schemas import GrantOut, OfferOut

_Held = list[tuple[str, Decimal]]


def offers(session: Session, part: Part, destination: Place, now: datetime) -> list[OfferOut]:
    """Return what regions that the actor may not look into could send of a part, the soonest first.

    Of each region one offer is told: a band of what all its shelves hold, and the fastest way from one of them.
    """
    ways = ways_to(destination.code, lanes(session), part.weight_kg)
    scope = actor_of(session).scope
    told = []
    for (region, central), held in _shelves(session, part, destination, ways).items():
        way = min(ways[place] for place, _quantity in held)
        low, high = _band_of(held)
        told.append(
            OfferOut(
                part=part.part_number,
                region=region,
                at_least=low,
                at_most=high,
                arrives=now + timedelta(seconds=way.lead_s),
                cost=way.cost.quantize(Decimal("0.01")),
                currency=part.currency,
                needs_grant_of=None if central or scope.holds_region(region) else region,
            )
        )
    return sorted(told, key=lambda one: (one.arrives, one.cost, one.region))


def offered(session: Session, part: Part, destination: Place, region: str) -> tuple[int, int | None] | None:
    """Return the band of what a region could send by its own grant, None where that is nothing."""
    ways = ways_to(destination.code, lanes(session), part.weight_kg)
    held = _shelves(session, part, destination, ways).get((region, False))
    return _band_of(held) if held else None


def _shelves(
    session: Session, part: Part, destination: Place, ways: Mapping[str, Way]
) -> dict[tuple[str, bool], _Held]:
    """Return {(region, whether it is the central depot): what is held} in other regions, where there is a way from.

    The central depot serves every region: it stands for itself, and needs no grant.
    """
    with unscoped(session):
        rows = session.execute(
            select(Region.code, Place.code, Place.tier, StockBalance.quantity)
            .join(Place, Place.id == StockBalance.place_id)
            .join(Region, Region.id == Place.region_id)
            .where(
                StockBalance.part_id == part.id,
                *usable(),
                StockBalance.quantity >= 1,
                Place.region_id != destination.region_id,
            )
        ).all()
    shelves: defaultdict[tuple[str, bool], _Held] = defaultdict(list)
    for region, place, tier, quantity in rows:
        if place in ways:
            shelves[region, tier is Tier.CENTRAL].append((place, quantity))
    return shelves


def _band_of(held: _Held) -> tuple[int, int | None]:
    return band(sum((quantity for _place, quantity in held), Decimal(0)))


def grant_by_number(session: Session, number: str) -> Grant:
    """Return a grant; raises NotFound for a number that does not exist, or not for the actor."""
    grant = session.scalar(select(Grant).where(Grant.number == number))
    if grant is None:
        raise NotFound(
            _("There is no grant {number}; the list of grants shows yours").format(number=number),
            code="unknown_grant",
            field="number",
        )
    return grant


def grant_page(
    session: Session,
    *,
    after: str = "",
    limit: int = 1,
    number: str | None = None,
    state: GrantState | None = None,
    to_review: bool = False,
) -> list[GrantOut]:
    """Return up to `limit` grants with a number after `after`, by number; `to_review` keeps those that wait
    for a review, whatever became of them meanwhile.
    """
    query = (
        select(Grant, Part.part_number, Place.code)
        .outerjoin(Part, Part.id == Grant.part_id)
        .outerjoin(Place, Place.id == Grant.destination_id)
        .where(Grant.number > after)
        .order_by(Grant.number)
        .limit(limit)
    )
    if number is not None:
        query = query.where(Grant.number == number)
    if state is not None:
        query = query.where(Grant.state == state)
    if to_review:
        query = query.where(Grant.review_by.is_not(None), Grant.reviewed_at.is_(None))
    columns = set(GrantOut.model_fields) - {"part", "destination"}
    return [
        GrantOut(part=part, destination=place, **{name: getattr(grant, name) for name in columns})
        for grant, part, place in session.execute(query)
    ]


def granted_regions(session: Session, scope: Scope, now: datetime) -> frozenset[str]:
    """Return the regions that let those of the scope's regions read their data now."""
    if scope.regions is None or not scope.regions:
        return frozenset()
    query = select(Grant.granting_region).where(
        Grant.kind == GrantKind.ACCESS,
        Grant.state.in_(IN_FORCE),
        Grant.asking_region.in_(sorted(scope.regions)),
        Grant.starts_at <= now,
        Grant.ends_at > now,
    )
    return frozenset(session.scalars(query)) - scope.regions
