"""The way of an order: between which places it goes, over which lane, when it arrives and what the freight costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.kernel.errors import Invalid
from inventory.kernel.texts import gettext as _
from inventory.network.arrival import arrive
from inventory.network.calendar_queries import links
from inventory.network.models import VIRTUAL_TIERS, Place, Tier
from inventory.network.routing import Link, carries
from inventory.orders.rules import OrderKind
from inventory.orders.schemas import NewOrderLine

_CENT = Decimal("0.01")
_FREIGHT_MAX = Decimal(10**12)


@dataclass(frozen=True, slots=True)
class Ends:
    """The places of an order; a purchase may have no origin yet."""

    origin: Place | None
    destination: Place

    @property
    def shelf(self) -> Place:
        """The origin of a transfer, which always has one."""
        assert self.origin is not None  # noqa: S101 - the schema and the table ask for it
        return self.origin


def require_ends(kind: OrderKind, ends: Ends) -> None:
    """Raise Invalid for an end that an order of this kind cannot have."""
    origin, destination = ends.origin, ends.destination
    sent = destination.tier is Tier.REPAIR_SHOP if kind is OrderKind.REPAIR else destination.tier not in VIRTUAL_TIERS
    if not sent:
        raise Invalid(
            _("An order of this kind does not go to {place}; name a shelf, for a repair a repair shop").format(
                place=destination.code
            ),
            code="wrong_end",
            field="destination",
        )
    bought = kind is OrderKind.PURCHASE
    if origin is not None and (origin.tier is not Tier.SUPPLIER if bought else origin.tier in VIRTUAL_TIERS):
        raise Invalid(
            _("An order of this kind does not come from {place}; name a shelf, for a purchase a supplier").format(
                place=origin.code
            ),
            code="wrong_end",
            field="origin",
        )
    if origin is not None and origin.id == destination.id:
        raise Invalid(
            _("An order from {place} to itself moves nothing; name another destination").format(place=origin.code),
            code="same_place",
            field="destination",
        )


def parts_of(session: Session, numbers: Iterable[str]) -> dict[str, Part]:
    """Return {part number: part}; raises Invalid for an unknown one."""
    keys = part_ids(session, numbers)
    found = session.scalars(select(Part).where(Part.id.in_(keys.values())))
    return {one.part_number: one for one in found if keys.get(one.part_number) == one.id}


def lane_of(session: Session, origin: str, destination: str, mode: str | None) -> Link | None:
    """Return the lane in use of a mode, None where there is none."""
    for one in links(session):
        if (one.origin, one.destination, one.mode) == (origin, destination, mode):
            return one
    return None


def refused_by(lane: Link | None, parts: Collection[Part]) -> list[Part]:
    """Return the parts that a lane does not take: for their weight or as dangerous goods; all where there is none."""
    return [one for one in parts if lane is None or not carries(lane, one.weight_kg, one.dg_limit)]


def require_lane(session: Session, ends: Ends, mode: str | None, parts: Collection[Part]) -> Link:
    """Return the lane of a transfer; raises Invalid where there is none that takes every part."""
    lane = lane_of(session, ends.shelf.code, ends.destination.code, mode)
    if lane is None:
        raise Invalid(
            _("There is no lane from {origin} to {destination} by {mode}; choose another mode").format(
                origin=ends.shelf.code, destination=ends.destination.code, mode=mode
            ),
            code="no_lane",
            field="mode",
        )
    for part in refused_by(lane, parts):
        raise Invalid(
            _("The lane from {origin} to {destination} by {mode} does not take {part}; choose another mode").format(
                origin=lane.origin, destination=lane.destination, mode=lane.mode, part=part.part_number
            ),
            code="lane_refuses",
            field="mode",
        )
    return lane


def freight_of(lane: Link, lines: Sequence[NewOrderLine], parts: dict[str, Part]) -> Decimal:
    """Return what the freight of lines costs on a lane, to the cent; raises Invalid for more than can be kept."""
    total = sum(
        ((lane.cost_per_kg * parts[one.part].weight_kg + lane.cost_per_piece) * one.quantity for one in lines),
        Decimal(0),
    )
    if total > _FREIGHT_MAX:
        raise Invalid(
            _("The freight of so much would be beyond what is kept; order less"),
            code="freight_too_large",
            field="lines",
        )
    return total.quantize(_CENT, ROUND_HALF_UP)


def arrival_of(kind: OrderKind, lane: Link | None, parts: Collection[Part], departs_at: datetime) -> datetime:
    """Return when an order arrives, at the median: by the lane, the lead time or the turn-around of its parts."""
    if lane is not None:
        return arrive(departs_at, lane.legs).at
    days = (one.turn_around_days or 0 if kind is OrderKind.REPAIR else one.lead_time_days for one in parts)
    return departs_at + timedelta(days=max(days, default=0))
