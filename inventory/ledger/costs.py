"""What own stock cost: the perpetual moving average of a part, and the acquisition cost of a numbered piece.

A piece with a serial number of a rotable, a repairable or a tool is an asset with a cost of its own. All other stock of
a part is worth its average, which a priced receipt changes in the order of recording.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, not_, or_, select, type_coerce, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.catalogue.models import Part, PartClass
from inventory.kernel.engine import dialect_insert
from inventory.kernel.locks import Lock, in_order
from inventory.kernel.lookup import portions
from inventory.kernel.types import Money, Quantity
from inventory.ledger.cost_models import AssetValue, CostChange, PartCost
from inventory.ledger.models import NO_LOT, OWN, StockBalance
from inventory.traceability.models import Lot, LotKind

ASSET_CLASSES = frozenset({PartClass.ROTABLE, PartClass.REPAIRABLE, PartClass.TOOL})
"""Classes of parts whose serial numbers are assets; those of others are worth the average."""
_CENT = Decimal(1).scaleb(-Money.digits)
_costs: Any = PartCost.__table__


@dataclass(frozen=True, slots=True)
class Receipt:
    """Own stock that came onto a shelf from a place without shelf; a quantity below zero takes a receipt back.

    `unit_cost` is in the installation's currency; None is a receipt without a price.
    """

    part_id: UUID
    lot_id: UUID | None
    quantity: Decimal
    unit_cost: Decimal | None
    move_id: UUID
    moved_at: datetime


def is_asset() -> ColumnElement[bool]:
    """Return the criterion of numbers, joined with their parts, whose pieces have a cost of their own."""
    return and_(Lot.kind == LotKind.SERIAL, Part.part_class.in_(sorted(ASSET_CLASSES)))


def moving_average(held: Decimal, average: Decimal, received: Decimal, unit_cost: Decimal) -> Decimal:
    """Return the average after a receipt, rounded to the digits of money; it stays where nothing is left to price."""
    with localcontext() as exact:
        exact.prec = 60
        after = held + received
        if after <= 0:
            return average
        amount = max(held * average + received * unit_cost, Decimal(0))
        return (amount / after).quantize(_CENT, ROUND_HALF_EVEN)


def receive(session: Session, receipts: Sequence[Receipt], now: datetime) -> None:
    """Take receipts into the costs, in their order, after the balances hold them; call it beyond the scope.

    The rows of the averages are locked in the order of the parts' keys.
    """
    in_order(session, Lock.STOCK)
    assets = _assets(session, {one.lot_id for one in receipts if one.lot_id is not None})
    _acquire(session, [one for one in receipts if one.lot_id in assets], now)
    pooled: defaultdict[UUID, list[tuple[Receipt, Decimal]]] = defaultdict(list)
    for one in receipts:
        if one.lot_id not in assets and one.unit_cost is not None:
            pooled[one.part_id].append((one, one.unit_cost))
    if pooled:
        _average(session, pooled, now)


def prices(session: Session, moves: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Return {move: what a unit cost} of the receipts that changed a cost; call it beyond the scope."""
    told: dict[UUID, Decimal] = {}
    for some in portions(moves):
        for table, cost in ((CostChange, CostChange.unit_cost), (AssetValue, AssetValue.cost)):
            told.update(session.execute(select(table.move_id, cost).where(table.move_id.in_(some))).all())
    return told


def unit_costs(session: Session, wanted: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Decimal]:
    """Return {(part, lot): the cost of one unit now}: of an asset what it was acquired for, else the average."""
    pairs = set(wanted)
    parts = sorted({part for part, _lot in pairs})
    average = {part: cost for some in portions(parts) for part, cost in _averages(session, some)}
    lots = sorted({lot for _part, lot in pairs} - {NO_LOT})
    asset = {one.lot_id: one.cost for some in portions(lots) for one in assets_in_force(session, some)}
    return {(part, lot): asset.get(lot, average[part]) for part, lot in pairs}


def assets_in_force(session: Session, lots: Sequence[UUID], at: datetime | None = None) -> Iterator[AssetValue]:
    """Yield the value that holds for each of the pieces, at an instant, or now."""
    query = select(AssetValue).where(AssetValue.lot_id.in_(lots)).order_by(AssetValue.acquired_at, AssetValue.id)
    if at is None:
        query = query.where(AssetValue.ended_at.is_(None))
    else:
        query = query.where(AssetValue.acquired_at <= at, or_(AssetValue.ended_at.is_(None), AssetValue.ended_at > at))
    yield from {one.lot_id: one for one in session.scalars(query)}.values()


def _averages(session: Session, parts: Sequence[UUID]) -> Iterator[tuple[UUID, Decimal]]:
    average = type_coerce(func.coalesce(PartCost.average, Part.standard_cost), Money)
    query = select(Part.id, average).outerjoin(PartCost, PartCost.part_id == Part.id).where(Part.id.in_(parts))
    yield from session.execute(query)


def _assets(session: Session, lots: set[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for some in portions(sorted(lots)):
        found.update(
            session.scalars(select(Lot.id).join(Part, Part.id == Lot.part_id).where(Lot.id.in_(some), is_asset()))
        )
    return found


def _acquire(session: Session, receipts: Sequence[Receipt], now: datetime) -> None:
    """Keep what pieces cost: the price, or at the first receipt without one the standard cost of the part."""
    back = [(one.lot_id, one.unit_cost) for one in receipts if one.quantity < 0 and one.unit_cost is not None]
    held = [one.lot_id for one in receipts if one.lot_id is not None]
    known = {one.lot_id: one for some in portions(held) for one in assets_in_force(session, some)}
    for lot, cost in back:
        if lot in known and known[lot].cost == cost:
            known.pop(lot).ended_at = now
    new = [one for one in receipts if one.quantity > 0 and (one.unit_cost is not None or one.lot_id not in known)]
    standard: dict[UUID, Decimal] = {}
    for parts in portions(sorted({one.part_id for one in new if one.unit_cost is None})):
        standard.update(session.execute(select(Part.id, Part.standard_cost).where(Part.id.in_(parts))).all())
    rows = [
        {
            "id": uuid7(),
            "lot_id": one.lot_id,
            "move_id": one.move_id,
            "acquired_at": one.moved_at,
            "cost": standard[one.part_id] if one.unit_cost is None else one.unit_cost,
            "ended_at": None,
        }
        for one in new
    ]
    if rows:
        session.execute(insert(AssetValue), rows)


def _average(session: Session, pooled: Mapping[UUID, Sequence[tuple[Receipt, Decimal]]], now: datetime) -> None:
    keys = sorted(pooled)
    average = _locked(session, keys)
    held = _held(session, keys)
    changes: dict[UUID, list[dict[str, Any]]] = {}
    for part in keys:
        # what else the batch moved counts as if it had come before
        before = max(held[part] - sum(one.quantity for one, _cost in pooled[part]), Decimal(0))
        changes[part] = []
        for one, unit_cost in pooled[part]:
            after = moving_average(before, average[part], one.quantity, unit_cost)
            changes[part].append(
                {
                    "part_id": part,
                    "move_id": one.move_id,
                    "recorded_at": now,
                    "quantity_before": before,
                    "received": one.quantity,
                    "unit_cost": unit_cost,
                    "average_before": average[part],
                    "average": after,
                }
            )
            before, average[part] = before + one.quantity, after
    session.execute(insert(CostChange), [change for some in changes.values() for change in some])
    change = update(_costs).where(_costs.c.part_id == bindparam("of")).values(average=bindparam("now", type_=Money()))
    session.execute(change, [{"of": part, "now": average[part]} for part in keys])


def _locked(session: Session, parts: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Return the averages, locked in the order of the keys; a part's first one is its standard cost."""
    averages = {part: cost for some in portions(parts) for part, cost in _averages(session, some)}
    rows = [{"part_id": part, "average": averages[part]} for part in parts]
    session.execute(dialect_insert(session, PartCost).on_conflict_do_nothing(index_elements=["part_id"]), rows)
    for some in portions(parts):
        query = select(_costs.c.part_id, _costs.c.average).where(_costs.c.part_id.in_(some))
        locked = session.execute(query.order_by(_costs.c.part_id).with_for_update())
        averages.update((part, cost) for part, cost in locked)
    return averages


def _held(session: Session, parts: Sequence[UUID]) -> defaultdict[UUID, Decimal]:
    """Return what own shelves hold of each part in all, without the assets among it."""
    held: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for some in portions(parts):
        query = (
            select(StockBalance.part_id, type_coerce(func.sum(StockBalance.quantity), Quantity))
            .join(Part, Part.id == StockBalance.part_id)
            .outerjoin(Lot, Lot.id == StockBalance.lot_id)
            .where(
                StockBalance.part_id.in_(some),
                StockBalance.is_virtual.is_(False),
                StockBalance.owner == OWN,
                or_(Lot.id.is_(None), not_(is_asset())),
            )
            .group_by(StockBalance.part_id)
        )
        held.update((part, quantity) for part, quantity in session.execute(query))
    return held
