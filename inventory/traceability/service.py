"""Use cases of serial and lot numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Bundle, Session

from inventory.catalogue.models import Part, Tracking
from inventory.catalogue.service import unlisted_part
from inventory.kernel.actor import Actor
from inventory.kernel.clock import present
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.lookup import keys_by_code
from inventory.kernel.scope import check_rows, unscoped
from inventory.kernel.texts import gettext as _
from inventory.traceability.models import Lot, LotReading
from inventory.traceability.paper_schemas import LotDates
from inventory.traceability.queries import known_lots, lots_by_number
from inventory.traceability.schemas import NewLot
from inventory.traceability.watch import tell_of_watched


def add_lots(session: Session, _actor: Actor, lots: Sequence[NewLot]) -> None:
    """Add serial and lot numbers, and tell the network of those that meet the watch list.

    Without a day of its own a number expires when the shelf life of its part is over. Raises Conflict for one that
    exists, Invalid for an unknown part and for a kind of number other than the part is tracked by.
    """
    parts = _parts(session, (lot.part for lot in lots))
    keys = [(parts[lot.part].id, lot.number) for lot in lots]
    with unscoped(session):  # a number of another region is taken, too
        taken = set(known_lots(session, keys))
    new: list[Lot] = []
    for lot, key in zip(lots, keys, strict=True):
        if key in taken:
            raise Conflict(
                _("Number {lot} of part {part} is known already; correct the number").format(
                    lot=lot.number, part=lot.part
                ),
                code="lot_exists",
                field="number",
            )
        taken.add(key)
        part = parts[lot.part]
        _refuse_kind(lot, part.tracking)
        expires_on = lot.expires_on or _expiry(lot.made_on, part.shelf_life_days)
        new.append(Lot(part_id=part.id, number=lot.number, kind=lot.kind, made_on=lot.made_on, expires_on=expires_on))
    session.add_all(new)
    session.flush()
    tell_of_watched(session, new, present(session))


def set_dates(session: Session, _actor: Actor, dates: LotDates) -> None:
    """Enter the days of a number that are given, from its papers; the others stay.

    Whoever may write its readings may write them. Raises Invalid for an unknown number, and for one that would expire
    before it was made.
    """
    part = _parts(session, [dates.part])[dates.part]
    (lot,) = lots_by_number(session, [dates])
    check_rows(session, LotReading, {"lot_id": {lot.id}})
    lot.made_on = dates.made_on or lot.made_on
    lot.expires_on = dates.expires_on or lot.expires_on or _expiry(lot.made_on, part.shelf_life_days)
    if lot.made_on and lot.expires_on and lot.expires_on < lot.made_on:
        raise Invalid(
            _("{number} expires before it was made; correct the dates").format(number=lot.number),
            code="dates_disagree",
            field="expires_on",
        )
    session.flush()


def _parts(session: Session, numbers: Iterable[str]) -> dict[str, Any]:
    told: Bundle[Any] = Bundle("kept", Part.id, Part.tracking, Part.shelf_life_days)
    return keys_by_code(session, Part.part_number, told, numbers, unlisted_part)


def _refuse_kind(lot: NewLot, tracking: Tracking) -> None:
    # numbers may come before the part is tracked by them
    if tracking is not Tracking.NONE and tracking.value != lot.kind.value:
        raise Invalid(
            _("Part {part} is tracked by {tracking} number, not by {kind}; correct the kind of number").format(
                part=lot.part, tracking=tracking, kind=lot.kind
            ),
            code="not_tracked_so",
            field="kind",
        )


def _expiry(made_on: date | None, shelf_life_days: int | None) -> date | None:
    return None if made_on is None or shelf_life_days is None else made_on + timedelta(days=shelf_life_days)
