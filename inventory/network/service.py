"""Use cases of the network: add regions, places and lanes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.kernel.actor import Actor
from inventory.kernel.clock import present
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.installation import require_currency
from inventory.kernel.locks import Lock, locked
from inventory.kernel.lookup import keys_by_code, refuse_taken
from inventory.kernel.outbox import EVERYONE, emit
from inventory.kernel.texts import gettext as _
from inventory.network.events import NAMED_MAX
from inventory.network.models import SITE_TIERS, Lane, Place, Region
from inventory.network.schemas import NewLane, NewPlace, NewRegion


def region_ids(session: Session, codes: Iterable[str]) -> dict[str, UUID]:
    """Return {code: key}; raises Invalid for an unknown region."""
    return keys_by_code(session, Region.code, Region.id, codes, _unknown_region)


def place_ids(session: Session, codes: Iterable[str]) -> dict[str, UUID]:
    """Return {code: key}; raises Invalid for an unknown place."""
    return keys_by_code(session, Place.code, Place.id, codes, _unknown_place)


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


def lock_regions(session: Session) -> None:
    """Make whoever else calls this wait until the caller's transaction ends: one plan at a time is put in force."""
    locked(session, Lock.REGION, select(Region.id).order_by(Region.id), key_share=True)


def add_regions(session: Session, _actor: Actor, regions: Sequence[NewRegion]) -> None:
    """Add regions; raises Conflict for a code that exists."""
    refuse_taken(session, Region.code, (region.code for region in regions), _code_exists)
    session.add_all(Region(code=region.code, name=region.name) for region in regions)
    session.flush()
    _tell(session, "region.added", (region.code for region in regions))


def add_places(session: Session, _actor: Actor, places: Sequence[NewPlace]) -> None:
    """Add places; a parent may come in the same call. Raises Conflict for a code that exists."""
    refuse_taken(session, Place.code, (place.code for place in places), _code_exists)
    regions = region_ids(session, (place.region for place in places if place.region))
    keys = {place.code: uuid7() for place in places}
    parents = place_ids(session, (place.parent for place in places if place.parent and place.parent not in keys)) | keys
    rows = [
        place.model_dump(exclude={"region", "parent"})
        | {
            "id": keys[place.code],
            "region_id": regions[place.region] if place.region else None,
            "parent_id": parents[place.parent] if place.parent else None,
        }
        for place in _parents_first(places)
    ]
    if rows:
        session.execute(insert(Place), rows)
        _tell(session, "place.added", keys)


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
    rows = [
        {
            "id": uuid7(),
            "origin_id": places[lane.origin],
            "destination_id": places[lane.destination],
            "mode": lane.mode,
            "lead_s": round(lane.lead_h * 3600),
            "cost_per_kg": lane.cost_per_kg,
            "cost_per_piece": lane.cost_per_piece,
            "currency": lane.currency,
        }
        for lane in lanes
    ]
    if rows:
        session.execute(insert(Lane), rows)


def _tell(session: Session, kind: str, codes: Iterable[str]) -> None:
    """Tell everybody what was added to the network."""
    added = sorted(codes)
    emit(session, kind, {"what": added[:NAMED_MAX], "count": len(added)}, present(session), audience=EVERYONE)


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


def _code_exists(code: str) -> Conflict:
    return Conflict(_("{code} exists already; choose another code").format(code=code), code="code_exists", field="code")
