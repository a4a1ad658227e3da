"""Tells what became of reservations to those of the shelf and those of the destination."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from inventory.catalogue.models import Part
from inventory.kernel.outbox import NETWORK_ONLY, emit
from inventory.ledger.models import Reservation
from inventory.network.models import Place, Region


def tell(
    session: Session,
    kind: str,
    changed: Iterable[Reservation],
    now: datetime,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Emit an event for each end of each reservation; both know of it."""
    session.flush()
    shelf, home = aliased(Place), aliased(Place)
    keys = [one.id for one in changed]
    rows = (
        select(
            Reservation, Part.part_number, shelf.code, shelf.area, shelf.region_id, home.code, home.area, home.region_id
        )
        .join(Part, Part.id == Reservation.part_id)
        .join(shelf, shelf.id == Reservation.place_id)
        .join(home, home.id == Reservation.destination_id)
        .where(Reservation.id.in_(keys))
        .order_by(Reservation.id)
    )
    regions: dict[Any, str] = dict(session.execute(select(Region.id, Region.code)).all())
    for one, part, place, area, region, destination, its_area, its_region in session.execute(rows).all():
        payload = {
            "reservation": str(one.id),
            "part": part,
            "place": place,
            "destination": destination,
            "demand": one.demand,
            "state": one.state,
            "stage": one.stage,
            **(more or {}),
        }
        for code, of, within in {(place, area, region), (destination, its_area, its_region)}:
            emit(session, kind, payload, now, audience=regions.get(within, NETWORK_ONLY), area=of, place=code)
