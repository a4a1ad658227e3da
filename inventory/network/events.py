"""Tells what happened at places to those who may look into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.kernel.clock import present
from inventory.kernel.outbox import NETWORK_ONLY, emit
from inventory.kernel.scope import actor_of
from inventory.network.models import Place, Region

NAMED_MAX = 50
"""How many things one event names; of more it tells the count."""


def tell(session: Session, kind: str, happened: Mapping[UUID, Sequence[str]]) -> None:
    """Emit one event for each place: `happened` is {key of the place: codes of what it happened to}.

    It tells whose doing it is, `by`.
    """
    places = (
        select(Place.id, Place.code, Place.area, Region.code)
        .outerjoin(Region, Region.id == Place.region_id)
        .where(Place.id.in_(list(happened)))
        .order_by(Place.code)
    )
    for key, place, area, region in session.execute(places).all():
        codes = sorted(set(happened[key]))
        emit(
            session,
            kind,
            {"place": place, "what": codes[:NAMED_MAX], "count": len(codes), "by": actor_of(session).id},
            present(session),
            audience=region or NETWORK_ONLY,
            area=area,
            place=place,
        )
