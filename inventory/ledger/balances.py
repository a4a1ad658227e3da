"""The projection of the moves: what each cell holds, kept in the transaction that posts, and made anew from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, literal, select, type_coerce, union_all, update
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.kernel.errors import Conflict
from inventory.kernel.locks import Lock, in_order
from inventory.kernel.lookup import portions
from inventory.kernel.rows import add_to_rows, insert_rows, rows_by_key
from inventory.kernel.texts import gettext as _
from inventory.kernel.types import Quantity
from inventory.ledger.batch import Batch
from inventory.ledger.models import CHECK_BITS, NO_LOT, Cell, Reservation, StockBalance, StockMove
from inventory.ledger.reserved import expire, in_force, use_up
from inventory.network.models import VIRTUAL_TIERS, Place
from inventory.traceability.condition import Hold
from inventory.traceability.models import Lot

_table: Any = StockBalance.__table__
_BY_KEY = attrgetter("int")
"""Sorts keys as the databases do, without comparing them one by one in Python."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a cell holds, and how much of it hard reservations keep."""

    quantity: Decimal
    reserved: Decimal

    @property
    def free(self) -> Decimal:
        """What nobody has reserved."""
        return self.quantity - self.reserved


Deltas = Mapping[UUID, Decimal]
"""What is added to the balance of a cell, or taken from it where negative, by the key of the cell."""


def apply(session: Session, batch: Batch) -> None:
    """Change the balances by what a batch comes to, and the reservations that it uses up.

    The rows are locked in the order of their keys, so that no two batches wait for each other. Raises Conflict where a
    shelf holds less than is taken from it, or less that is not reserved.
    """
    keys = sorted(batch.cells, key=_BY_KEY)
    _open(session, batch, keys)
    held = lock(session, keys)
    freed = use_up(session, batch.uses, batch.actor, batch.now) if batch.uses else {}
    scarce = {key: -batch.deltas[key] for key in keys if batch.scarce(key)}
    kept = _require_free(session, held, scarce, freed, batch.now)
    nothing = Decimal(0)
    _change(session, [(batch.deltas[key], kept.get(key, nothing), batch.checksums[key], key) for key in keys])


def keep(session: Session, wanted: Deltas, now: datetime) -> None:
    """Keep quantities of cells for hard reservations; what is negative is given back.

    Raises Conflict where less is free.
    """
    keys = sorted(wanted, key=_BY_KEY)
    held = lock(session, keys)
    scarce = {key: quantity for key, quantity in wanted.items() if quantity > 0}
    freed = _require_free(session, held, scarce, {}, now)
    _change(session, [(Decimal(0), wanted[key] + freed.get(key, 0), 0, key) for key in keys])


def lock(session: Session, keys: Sequence[UUID]) -> dict[UUID, Held]:
    """Lock cells in the order of their keys, which are sorted; returns what each holds."""
    in_order(session, Lock.STOCK)
    rows = rows_by_key(session, StockBalance, "cell", ("quantity", "reserved"), keys, lock=True)
    return {key: Held(quantity, reserved) for key, (quantity, reserved) in rows.items()}


def _require_free(
    session: Session, held: Mapping[UUID, Held], wanted: Deltas, freed: Deltas, now: datetime
) -> dict[UUID, Decimal]:
    """Return what reservations keep no longer, as what changes by it, once those that have expired are let go of.

    Raises Conflict where a cell holds less than is wanted of it, or less that is free.
    """
    kept = {key: -quantity for key, quantity in freed.items()}
    short = [key for key, quantity in wanted.items() if held[key].free - kept.get(key, 0) < quantity]
    for key, quantity in (expire(session, short, now) if short else {}).items():
        kept[key] = kept.get(key, Decimal(0)) - quantity
    for key in short:
        if held[key].quantity < wanted[key]:
            raise _too_little(session, _cell(session, key), held[key].quantity, wanted[key])
        free = held[key].free - kept.get(key, 0)
        if free < wanted[key]:
            raise _reserved(session, _cell(session, key), free, wanted[key])
    return kept


def _change(session: Session, rows: Sequence[tuple[Decimal, Decimal, int, UUID]]) -> None:
    add_to_rows(session, StockBalance, "cell", ("quantity", "reserved", "checksum"), rows)


def _open(session: Session, batch: Batch, keys: Sequence[UUID]) -> None:
    """Add the rows of cells that hold something for the first time, empty, in the order of their keys."""
    known = rows_by_key(session, StockBalance, "cell", (), keys, lock=False)
    nothing = Decimal(0)
    columns = ("cell", *(one.name for one in fields(Cell)), "quantity", "reserved", "checksum", "is_virtual")
    rows = []
    for key in keys:
        if key not in known:
            cell = batch.cells[key]
            row = (key, cell.part_id, cell.place_id, cell.condition, cell.hold, cell.owner, cell.lot_id)
            rows.append((*row, nothing, nothing, 0, cell.place_id in batch.virtual))
    insert_rows(session, StockBalance, columns, rows)


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
                entries.c.digest.bitwise_and(CHECK_BITS).label("bits"),
            )
            for end, prefix in (("from", ""), ("to", "to_"))
        )
    ).subquery()
    dimensions = [sides.c[name] for name in ("cell", "part_id", "place_id", "condition", "hold", "owner", "lot_id")]
    place: Any = Place.__table__
    summed = (
        select(*dimensions, func.sum(sides.c.moved), func.sum(sides.c.bits), place.c.tier.in_(sorted(VIRTUAL_TIERS)))
        .join(place, place.c.id == sides.c.place_id)
        .group_by(*dimensions, place.c.tier)
    )
    columns = [*(column.name for column in dimensions), "quantity", "checksum", "is_virtual"]
    session.execute(_table.insert().from_select(columns, summed))
    session.execute(
        update(_table)
        .where(_table.c.cell.in_(select(Reservation.cell).where(*in_force())))
        .values(
            reserved=select(func.sum(Reservation.quantity))
            .where(Reservation.cell == _table.c.cell, *in_force())
            .scalar_subquery()
        )
    )
    return session.scalar(select(func.count()).select_from(_table)) or 0


def _too_little(session: Session, cell: Cell, held: Decimal, wanted: Decimal) -> Conflict:
    told = {
        "place": session.get_one(Place, cell.place_id).code,
        "part": _named(session, cell),
        "held": _plain(held),
        "wanted": _plain(wanted),
    }
    if cell.hold != Hold.NONE:
        return Conflict(
            _(
                "{place} holds {held} of part {part} on hold ({hold}), {wanted} are wanted; "
                "reverse first the inspection or the move that took it from there"
            ).format(hold=cell.hold, **told),
            code="too_little_stock",
            field="quantity",
        )
    return Conflict(
        _("{place} holds {held} of part {part}, {wanted} are wanted; move less, or bring stock in first").format(
            **told
        ),
        code="too_little_stock",
        field="quantity",
    )


def _reserved(session: Session, cell: Cell, free: Decimal, wanted: Decimal) -> Conflict:
    return Conflict(
        _(
            "Of part {part} at {place} {free} are free, {wanted} are wanted, and the rest is reserved; "
            "name the reservation that you take it for, or have one released"
        ).format(
            part=_named(session, cell),
            place=session.get_one(Place, cell.place_id).code,
            free=_plain(free),
            wanted=_plain(wanted),
        ),
        code="stock_reserved",
        field="quantity",
    )


def _cell(session: Session, key: UUID) -> Cell:
    columns = [_table.c[one.name] for one in fields(Cell)]
    return Cell(*session.execute(select(*columns).where(_table.c.cell == key)).one())


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
