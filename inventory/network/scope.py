"""Which regions and places, and what belongs to them, are within a scope."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, or_, select

from inventory.kernel.actor import Scope
from inventory.kernel.scope import readable_regions, within
from inventory.network.models import VIRTUAL_TIERS, Place, Region, Tier

_region, _place = Region.__table__, Place.__table__


def _regions(codes: Collection[str]) -> Select[Any]:
    return select(_region.c.id).where(_region.c.code.in_(sorted(codes)))


def _places(scope: Scope, regions: Collection[str], *tiers: Tier) -> Select[Any]:
    return select(_place.c.id).where(
        or_(
            _place.c.region_id.in_(_regions(regions)),
            _place.c.area.in_(sorted(scope.areas)),
            _place.c.code.in_(sorted(scope.places)),
            _place.c.tier.in_(sorted(tiers)),
        )
    )


def regions_within(scope: Scope) -> Select[Any]:
    """Return the keys of the regions that a scope may write."""
    return _regions(scope.regions or ())


def regions_seen(scope: Scope) -> Select[Any]:
    """Return the keys of the regions that a scope may read: its own, and those that granted it."""
    return _regions(readable_regions(scope))


def region_codes_within(scope: Scope) -> Collection[str]:
    """Return the codes of the regions that a scope may write."""
    return scope.regions or ()


def regions_around(scope: Scope) -> Select[Any]:
    """Return the codes of the regions that a scope may read something of, be it one place."""
    at = select(_place.c.region_id).where(_place.c.id.in_(places_seen(scope)))
    return select(_region.c.code).where(or_(_region.c.code.in_(readable_regions(scope)), _region.c.id.in_(at)))


def places_within(scope: Scope) -> Select[Any]:
    """Return the keys of the places that a scope may write: of its regions and areas, and its own."""
    return _places(scope, scope.regions or ())


def places_seen(scope: Scope) -> Select[Any]:
    """Return the keys of the places that a scope may look into: its own, and those of regions that granted it."""
    return _places(scope, readable_regions(scope))


def shelves_seen(scope: Scope) -> Select[Any]:
    """Return the keys of the places whose stock a scope may see: what it may look into, and the central depot."""
    return _places(scope, readable_regions(scope), Tier.CENTRAL)


def pieces_seen(scope: Scope) -> Select[Any]:
    """Return the keys of the places where a scope may see a single piece: its shelves' and the virtual ones."""
    return _places(scope, readable_regions(scope), Tier.CENTRAL, *VIRTUAL_TIERS)


def reservable(scope: Scope) -> Select[Any]:
    """Return the keys of the places whose stock a scope may reserve: its own and the central depot's."""
    return _places(scope, scope.regions or (), Tier.CENTRAL)


def move_ends(scope: Scope) -> Select[Any]:
    """Return the keys of the places that a scope may move stock between: its own and the virtual ones."""
    return _places(scope, scope.regions or (), *VIRTUAL_TIERS)


OF_REGION = within("region_id", regions_within, reading=regions_seen)
"""The rule of rows that belong to one region."""
OF_PLACE = within("place_id", places_within, reading=places_seen)
"""The rule of rows that belong to one place."""
