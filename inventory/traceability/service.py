"""Use cases of serial and lot numbers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.clock import present
from inventory.kernel.errors import Conflict
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.traceability.models import Lot
from inventory.traceability.queries import known_lots
from inventory.traceability.schemas import NewLot
from inventory.traceability.watch import tell_of_watched


def add_lots(session: Session, _actor: Actor, lots: Sequence[NewLot]) -> None:
    """Add serial and lot numbers, and tell the network of those that meet the watch list.

    Raises Conflict for one that exists, Invalid for an unknown part.
    """
    parts = part_ids(session, (lot.part for lot in lots))
    keys = [(parts[lot.part], lot.number) for lot in lots]
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
        new.append(
            Lot(
                part_id=key[0],
                number=lot.number,
                kind=lot.kind,
                made_on=lot.made_on,
                expires_on=lot.expires_on,
            )
        )
    session.add_all(new)
    session.flush()
    tell_of_watched(session, new, present(session))
