"""Reads of utilisation."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from fieldops.fleet.utilisation.models import WHOLE_TYPE, Utilisation
from fieldops.fleet.utilisation.schemas import UtilisationOut
from inventory.network.models import Place

Key = tuple[str, str, str, date]
"""Place code, aircraft type, registration and month: the order of the list."""
FIRST: Key = ("", "", "", date(1970, 1, 1))


def utilisation_page(
    session: Session,
    *,
    after: Key = FIRST,
    limit: int,
    aircraft_type: str | None = None,
    place: str | None = None,
) -> list[UtilisationOut]:
    """Return up to `limit` rows after a key, by place, type, registration and month."""
    key = (Place.code, Utilisation.aircraft_type, Utilisation.tail, Utilisation.month)
    query = (
        select(Utilisation, Place.code)
        .join(Place, Place.id == Utilisation.place_id)
        .where(tuple_(*key) > tuple_(*after))
        .order_by(*key)
        .limit(limit)
    )
    if aircraft_type is not None:
        query = query.where(Utilisation.aircraft_type == aircraft_type)
    if place is not None:
        query = query.where(Place.code == place)
    return [
        UtilisationOut(
            aircraft_type=one.aircraft_type,
            tail=None if one.tail == WHOLE_TYPE else one.tail,
            place=code,
            month=one.month,
            flight_hours=one.flight_hours,
            cycles=one.cycles,
            landings=one.landings,
            apu_hours=one.apu_hours,
        )
        for one, code in session.execute(query)
    ]


def key_of(one: UtilisationOut) -> Key:
    """Return what a row is found again by."""
    return one.place, one.aircraft_type, one.tail or WHOLE_TYPE, one.month
