"""Where each serial number is: at one place at most, kept in the transaction that posts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _
from inventory.ledger.balances import Deltas
from inventory.ledger.models import Cell
from inventory.network.models import Place
from inventory.traceability.models import Lot

_table: Any = Lot.__table__


def send(
    session: Session,
    serials: Mapping[UUID, Lot],
    cells: Mapping[UUID, Cell],
    deltas: Deltas,
    virtual: Collection[UUID],
) -> None:
    """Keep where the serial numbers of a batch are after it, their rows locked in the order of their keys.

    Raises Conflict for one that is not where it is taken from: a second receipt, or a piece that is elsewhere.
    """
    if not serials:
        return
    taken = _ends(serials, cells, deltas, Decimal(-1))
    given = _ends(serials, cells, deltas, Decimal(1))
    at = _locked(session, sorted(serials))
    for lot, origin in taken.items():
        if at[lot] != origin and not (at[lot] is None and origin in virtual):
            raise _elsewhere(session, serials[lot], origin, at[lot])
    sent = [{"lot": lot, "place": place} for lot, place in sorted(given.items()) if place != at[lot]]
    if sent:
        # where a piece is belongs to the ledger, and makes no new version of what people say of it
        change = update(_table).where(_table.c.id == bindparam("lot")).values(place_id=bindparam("place"))
        session.execute(change, sent)


def _ends(serials: Mapping[UUID, Lot], cells: Mapping[UUID, Cell], deltas: Deltas, wanted: Decimal) -> dict[UUID, UUID]:
    """Return {serial number: the place} that the batch takes it from (-1), or brings it to (+1), in all."""
    ends: dict[UUID, UUID] = {}
    for key, delta in deltas.items():
        lot = cells[key].lot_id
        if lot not in serials or delta * wanted <= 0:
            continue
        if lot in ends or delta != wanted:
            raise Conflict(
                _("Serial number {lot} is one piece, and would go two ways at once; send its moves as a chain").format(
                    lot=serials[lot].number
                ),
                code="serial_twice",
                field="lot",
            )
        ends[lot] = cells[key].place_id
    return ends


def _locked(session: Session, keys: list[UUID]) -> dict[UUID, UUID | None]:
    at: dict[UUID, UUID | None] = {}
    for some in portions(keys):
        rows = select(_table.c.id, _table.c.place_id).where(_table.c.id.in_(some)).order_by(_table.c.id)
        at.update((key, place) for key, place in session.execute(rows.with_for_update(key_share=True)))
    return at


def _elsewhere(session: Session, lot: Lot, origin: UUID, at: UUID | None) -> Conflict:
    wanted = session.get_one(Place, origin).code
    if at is None:
        return Conflict(
            _("Serial number {lot} was never received; receive it before it leaves {place}").format(
                lot=lot.number, place=wanted
            ),
            code="serial_elsewhere",
            field="lot",
        )
    return Conflict(
        _("Serial number {lot} is at {at}, not at {place}; a piece is at one place: move it from there").format(
            lot=lot.number, at=session.get_one(Place, at).code, place=wanted
        ),
        code="serial_elsewhere",
        field="lot",
    )
