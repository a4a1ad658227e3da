"""The use case of utilisation: to be told it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from fieldops.fleet.queries import aircraft_by_registration, unknown_aircraft
from fieldops.fleet.utilisation.models import WHOLE_TYPE, Utilisation
from fieldops.fleet.utilisation.schemas import NewUtilisation
from inventory.kernel.actor import Actor
from inventory.kernel.engine import dialect_insert
from inventory.kernel.errors import Invalid
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell
from inventory.network.service import site_ids

_Key = tuple[UUID, str, str, date]
_KEY = ("place_id", "aircraft_type", "tail", "month")
_FIGURES = ("flight_hours", "cycles", "landings", "apu_hours")


def set_utilisation(session: Session, _actor: Actor, told: Sequence[NewUtilisation]) -> Counter[str]:
    """Keep what aircraft were used; it replaces what was told of the same aircraft or type, place and month before.

    Returns how many rows are added, changed and unchanged; what is unchanged is not written. Raises Invalid for an
    unknown place and an aircraft of another type, NotFound for an unknown aircraft.
    """
    if not told:
        return Counter()
    places = site_ids(session, (one.place for one in told))
    _require_known(session, told)
    last = {
        (places[one.place], one.aircraft_type, one.tail or WHOLE_TYPE, one.month): {
            name: getattr(one, name) for name in _FIGURES
        }
        for one in told
    }
    standing = _standing(session, last)
    new = {key: figures for key, figures in sorted(last.items()) if standing.get(key) != figures}
    if new:
        rows = [dict(zip(_KEY, key, strict=True)) | figures for key, figures in new.items()]
        upsert = dialect_insert(session, Utilisation)
        replaced = {name: upsert.excluded[name] for name in _FIGURES}
        session.execute(upsert.on_conflict_do_update(index_elements=list(_KEY), set_=replaced), rows)
        written: defaultdict[UUID, list[str]] = defaultdict(list)
        for place, kind, tail, _month in new:
            written[place].append(tail or kind)
        tell(session, "aircraft.used", written)
    added = len(last.keys() - standing.keys())
    return Counter(added=added, changed=len(new) - added, unchanged=len(told) - len(new))


def _standing(session: Session, keys: Collection[_Key]) -> dict[_Key, dict[str, Decimal]]:
    """Return the figures that stand, by key."""
    columns = [getattr(Utilisation, name) for name in (*_KEY, *_FIGURES)]
    found = {}
    for some in portions(sorted(keys)):
        rows = session.execute(select(*columns).where(tuple_(*columns[: len(_KEY)]).in_(some)))
        for place, kind, tail, month, *figures in rows:
            found[place, kind, tail, month] = dict(zip(_FIGURES, figures, strict=True))
    return found


def _require_known(session: Session, told: Sequence[NewUtilisation]) -> None:
    known = aircraft_by_registration(session, {one.tail for one in told if one.tail})
    for one in told:
        if one.tail is None:
            continue
        if one.tail not in known:
            refusal = unknown_aircraft(one.tail)
            refusal.field = "tail"
            raise refusal
        if known[one.tail].aircraft_type != one.aircraft_type:
            raise Invalid(
                _("{tail} is a {kind}, not a {told}; correct the type").format(
                    tail=one.tail, kind=known[one.tail].aircraft_type, told=one.aircraft_type
                ),
                code="other_type",
                field="aircraft_type",
            )
