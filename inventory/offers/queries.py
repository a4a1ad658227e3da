"""Reads of offers and grants."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.availability.fitness import judged
from inventory.availability.holdings import Shelves, elsewhere, holdings
from inventory.availability.rules import band
from inventory.catalogue.models import Part
from inventory.kernel.actor import Scope
from inventory.kernel.errors import NotFound
from inventory.kernel.scope import actor_of
from inventory.kernel.texts import gettext as _
from inventory.network.calendar_queries import router
from inventory.network.models import Place, Region
from inventory.network.routing import Route
from inventory.offers.models import IN_FORCE, Grant, GrantKind, GrantState
from inventory.offers.schemas import GrantOut, OfferOut


def offers(session: Session, part: Part, destination: Place, now: datetime) -> list[OfferOut]:
    """Return what regions other than the destination's could send of a part, the soonest first.

    Of each region one offer is told: a band of what is free on all its shelves, and the soonest way from one of them.
    """
    scope = actor_of(session).scope
    told = []
    for shelves, routes in _sendable(session, part, destination, now):
        route = min(routes, key=lambda one: (one.arrives, one.cost))
        low, high = band(sum(shelves.free.values(), Decimal(0)))
        told.append(
            OfferOut(
                part=part.part_number,
                region=shelves.region,
                at_least=low,
                at_most=high,
                arrives=route.arrives,
                cost=route.cost.quantize(Decimal("0.01")),
                currency=part.currency,
                needs_grant_of=None if shelves.central or scope.holds_region(shelves.region) else shelves.region,
            )
        )
    return sorted(told, key=lambda one: (one.arrives, one.cost, one.region))


def offered(
    session: Session, part: Part, destination: Place, region: str, now: datetime
) -> tuple[int, int | None] | None:
    """Return the band of what a region could send by its own grant, None where that is nothing."""
    for shelves, _routes in _sendable(session, part, destination, now):
        if shelves.region == region and not shelves.central:
            return band(sum(shelves.free.values(), Decimal(0)))
    return None


def _sendable(session: Session, part: Part, destination: Place, now: datetime) -> list[tuple[Shelves, list[Route]]]:
    """Return what is free in other regions on shelves that there is a route from, with the routes."""
    home = session.scalar(select(Region.code).where(Region.id == destination.region_id))
    free = elsewhere(judged(session, holdings(session, [part.id], now), None, now), home or "")
    origins = {place: now for shelves in free for place in shelves.free}
    routes = router(session).earliest(origins, destination.code, part.weight_kg, part.dg_limit)
    return [
        (Shelves(one.region, one.central, reached), [routes[place] for place in reached])
        for one in free
        if (reached := {place: quantity for place, quantity in one.free.items() if place in routes})
    ]


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
    granting: str | None = None,
    to_review: bool = False,
    newest: bool = False,
) -> list[GrantOut]:
    """Return up to `limit` grants with a number after `after`, by number, or the newest first; `to_review` keeps those
    that wait for a review, whatever became of them meanwhile.
    """
    query = (
        select(Grant, Part.part_number, Place.code)
        .outerjoin(Part, Part.id == Grant.part_id)
        .outerjoin(Place, Place.id == Grant.destination_id)
        .where(Grant.number > after)
        .order_by(Grant.number.desc() if newest else Grant.number)
        .limit(limit)
    )
    if number is not None:
        query = query.where(Grant.number == number)
    if state is not None:
        query = query.where(Grant.state == state)
    if granting is not None:
        query = query.where(Grant.granting_region == granting)
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
