"""The projection of the moves: what each cell holds, kept in the transaction that posts, and made anew from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, literal, select, type_coerce, union_all, update
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.kernel.engine import dialect_insert
from inventory.kernel.errors import Conflict
from inventory.kernel.locks import Lock, in_order
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _
from inventory.kernel.types import Quantity
from inventory.ledger.models import NO_LOT, StockBalance, StockMove
from inventory.network.models import VIRTUAL_TIERS, Place
from inventory.traceability.models import Lot

_table: Any = StockBalance.__table__


@dataclass(frozen=True, slots=True)
class Cell:
    """What a balance is kept for."""

    part_id: UUID
    place_id: UUID
    condition: str
    hold: str
    owner: str
    lot_id: UUID


Deltas = Mapping[UUID, Decimal]
"""What is added to the balance of a cell, or taken from it where negative, by the key of the cell."""


def apply(session: Session, cells: Mapping[UUID, Cell], deltas: Deltas, virtual: Collection[UUID]) -> None:
    """Change the balances; the rows are locked in the order of their keys, so that no two batches wait for each other.

    Raises Conflict where a shelf holds less than is taken from it.
    """
    changed = sorted(key for key, delta in deltas.items() if delta)
    in_order(session, Lock.STOCK)
    _open(session, {key: cells[key] for key in changed}, virtual)
    held = _locked(session, changed)
    for key in changed:
        if held[key] + deltas[key] < 0 and cells[key].place_id not in virtual:
            raise _too_little(session, cells[key], held[key], -deltas[key])
    change = (
        update(_table)
        .where(_table.c.cell == bindparam("of"))
        .values(quantity=_table.c.quantity + bindparam("delta", type_=Quantity()))
    )
    if changed:
        session.execute(change, [{"of": key, "delta": deltas[key]} for key in changed])


def _open(session: Session, cells: Mapping[UUID, Cell], virtual: Collection[UUID]) -> None:
    """Add the rows of cells that hold something for the first time, in the order of their keys."""
    known: set[UUID] = set()
    for keys in portions(list(cells)):
        known.update(session.scalars(select(_table.c.cell).where(_table.c.cell.in_(keys))))
    rows = [
        {
            "cell": key,
            "part_id": cell.part_id,
            "place_id": cell.place_id,
            "condition": cell.condition,
            "hold": cell.hold,
            "owner": cell.owner,
            "lot_id": cell.lot_id,
            "quantity": Decimal(0),
            "is_virtual": cell.place_id in virtual,
        }
        for key, cell in cells.items()
        if key not in known
    ]
    if rows:
        session.execute(dialect_insert(session, _table).on_conflict_do_nothing(index_elements=["cell"]), rows)


def _locked(session: Session, keys: Sequence[UUID]) -> dict[UUID, Decimal]:
    held: dict[UUID, Decimal] = {}
    for some in portions(keys):
        rows = select(_table.c.cell, _table.c.quantity).where(_table.c.cell.in_(some)).order_by(_table.c.cell)
        held.update((key, quantity) for key, quantity in session.execute(rows.with_for_update()))
    return held


def never_short(session: Session, cells: Mapping[UUID, Cell], since: datetime) -> None:
    """Raise Conflict where a cell would have held less than nothing at an instant after `since`.

    It is asked after entries that are dated back: what was there later may have been used already.
    """
    for keys in portions(sorted(cells)):
        later = union_all(
            _sides(StockMove.to_cell, StockMove.quantity, keys, since),
            _sides(StockMove.from_cell, -StockMove.quantity, keys, since),
        ).subquery()
        at = select(later.c.cell, later.c.moved_at, type_coerce(func.sum(later.c.moved), Quantity))
        net: defaultdict[UUID, list[tuple[datetime, Decimal]]] = defaultdict(list)
        for key, moved_at, moved in session.execute(at.group_by(later.c.cell, later.c.moved_at)):
            net[key].append((moved_at, moved))
        rows = session.execute(select(_table.c.cell, _table.c.quantity).where(_table.c.cell.in_(keys)))
        held: dict[UUID, Decimal] = dict(rows.all())
        for key in keys:
            balance = held[key]
            for moved_at, moved in sorted(net[key], reverse=True):
                if balance < 0:
                    break
                balance, instant = balance - moved, moved_at
            if balance < 0:
                raise _short_then(session, cells[key], instant)


def _sides(cell: Any, quantity: Any, keys: Sequence[UUID], since: datetime) -> Any:
    return select(cell.label("cell"), StockMove.moved_at, quantity.label("moved")).where(
        cell.in_(keys), StockMove.moved_at > since
    )


def rebuild(session: Session) -> int:
    """Make every balance anew from the moves; returns how many cells there are."""
    in_order(session, Lock.STOCK)
    session.execute(delete(_table))
    entries: Any = StockMove.__table__
    nowhere = literal(NO_LOT, entries.c.move_id.type)
    sides = union_all(
        *(
            select(
                getattr(entries.c, f"{end}_cell").label("cell"),
                entries.c.part_id,
                getattr(entries.c, f"{end}_place_id").label("place_id"),
                getattr(entries.c, f"{prefix}condition").label("condition"),
                getattr(entries.c, f"{prefix}hold").label("hold"),
                getattr(entries.c, f"{prefix}owner").label("owner"),
                func.coalesce(entries.c.lot_id, nowhere).label("lot_id"),
                (entries.c.quantity if end == "to" else -entries.c.quantity).label("moved"),
            )
            for end, prefix in (("from", ""), ("to", "to_"))
        )
    ).subquery()
    dimensions = [sides.c[name] for name in ("cell", "part_id", "place_id", "condition", "hold", "owner", "lot_id")]
    place: Any = Place.__table__
    summed = (
        select(*dimensions, func.sum(sides.c.moved), place.c.tier.in_(sorted(VIRTUAL_TIERS)))
        .join(place, place.c.id == sides.c.place_id)
        .group_by(*dimensions, place.c.tier)
    )
    columns = [*(column.name for column in dimensions), "quantity", "is_virtual"]
    session.execute(_table.insert().from_select(columns, summed))
    return session.scalar(select(func.count()).select_from(_table)) or 0


def _too_little(session: Session, cell: Cell, held: Decimal, wanted: Decimal) -> Conflict:
    return Conflict(
        _("{place} holds {held} of part {part}, {wanted} are wanted; move less, or bring stock in first").format(
            place=session.get_one(Place, cell.place_id).code,
            held=_plain(held),
            part=_named(session, cell),
            wanted=_plain(wanted),
        ),
        code="too_little_stock",
        field="quantity",
    )


def _short_then(session: Session, cell: Cell, instant: datetime) -> Conflict:
    return Conflict(
        _(
            "{place} would have held too little of part {part} at {instant}; what is dated back was used later: "
            "date it after that, or correct the later move first"
        ).format(
            place=session.get_one(Place, cell.place_id).code,
            part=_named(session, cell),
            instant=instant.isoformat(timespec="seconds"),
        ),
        code="too_little_then",
        field="moved_at",
    )


def _named(session: Session, cell: Cell) -> str:
    number = session.get_one(Part, cell.part_id).part_number
    return number if cell.lot_id == NO_LOT else f"{number} {session.get_one(Lot, cell.lot_id).number}"


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
