"""What the stock is worth, now and at any past instant.

A past instant is reached from its nearer end: the balances of now without what was moved since, or what was moved until
then. The average of a part then is the one that its first change since found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, String, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.kernel.installation import CURRENCY, fact
from inventory.kernel.lookup import portions
from inventory.kernel.scope import actor_of, unscoped
from inventory.kernel.types import Money, Quantity
from inventory.ledger.cost_models import CostChange, PartCost
from inventory.ledger.costs import assets_in_force, is_asset
from inventory.ledger.models import OWN, StockBalance, StockMove
from inventory.network.models import Place, Region
from inventory.network.scope import places_seen
from inventory.traceability.models import Lot
from inventory.valuation.models import AssetAddition, DepreciationPolicy
from inventory.valuation.rules import Cost, Depreciation, amount, book_value
from inventory.valuation.schemas import By, StockValue, ValueLine

_Key = Any
"""A key as the driver gives it: making UUIDs of a million of them takes longer than reading them."""


class _Priced(NamedTuple):
    number: str
    part_class: str
    price: int
    key: UUID


class _Held(NamedTuple):
    """What a cell holds, in the smallest units of quantity."""

    place: _Key
    part: _Key
    owner: str
    lot: _Key
    quantity: int


def stock_value(session: Session, by: By, at: datetime | None, now: datetime) -> StockValue:
    """Return what own stock on the shelves that the actor looks into is worth, and others' quantities, by key.

    The value of each cell is rounded by itself, so that the sums agree whatever they are added up by.
    """
    scope = actor_of(session).scope
    seen = None if scope.everything else places_seen(scope)
    quantities: defaultdict[tuple[str, str], int] = defaultdict(int)
    values: defaultdict[str, int] = defaultdict(int)
    # the averages and the numbers are the whole network's; of quantities only those at the places seen are asked for
    with unscoped(session):
        parts = _prices(session, at)
        assets = _assets(session)
        names, of_place = _names(session, by, parts)
        pieces = []
        for held in _held(session, seen, at):
            place, part, owner, lot, quantity = held
            name = names[place if of_place else part]
            quantities[name, owner] += quantity
            if owner != OWN:
                continue
            if lot in assets:
                pieces.append(held)
            else:
                values[name] += amount(quantity, parts[part].price)
        for piece, value in _book_values(session, pieces, assets, parts, at or now):
            values[names[piece.place if of_place else piece.part]] += value
    lines = [
        ValueLine(
            key=key,
            owner=owner,
            quantity=_decimal(quantity, Quantity),
            value=_decimal(values[key], Money) if owner == OWN else None,
        )
        for (key, owner), quantity in sorted(quantities.items())
    ]
    total = _decimal(sum(values.values()), Money)
    return StockValue(at=at or now, by=by, currency=fact(session, CURRENCY), total=total, items=lines)


def _names(session: Session, by: By, parts: dict[_Key, _Priced]) -> tuple[dict[_Key, str], bool]:
    """Return {place or part: what it is added up under}, and whether it is by place."""
    if by is By.PART:
        return {key: part.number for key, part in parts.items()}, False
    if by is By.PART_CLASS:
        return {key: part.part_class for key, part in parts.items()}, False
    name = Place.code if by is By.PLACE else func.coalesce(Region.code, "")
    query = select(_raw(Place.id), name).outerjoin(Region, Region.id == Place.region_id)
    return dict(session.execute(query).all()), True


def _prices(session: Session, at: datetime | None) -> dict[_Key, _Priced]:
    """Return {part: what is to know of it}, its price in the smallest units of money."""
    price = type_coerce(func.coalesce(PartCost.average, Part.standard_cost), BigInteger)
    query = select(_raw(Part.id), Part.part_number, type_coerce(Part.part_class, String), price, Part.id).outerjoin(
        PartCost, PartCost.part_id == Part.id
    )
    found = {key: _Priced(*told) for key, *told in session.execute(query)}
    if at is not None:
        first = select(func.min(CostChange.id)).where(CostChange.recorded_at > at).group_by(CostChange.part_id)
        before = select(_raw(CostChange.part_id), type_coerce(CostChange.average_before, BigInteger))
        for key, then in session.execute(before.where(CostChange.id.in_(first))):
            found[key] = found[key]._replace(price=then)
    return found


def _assets(session: Session) -> dict[_Key, UUID]:
    """Return the numbers whose pieces have a value of their own."""
    query = select(_raw(Lot.id), Lot.id).join(Part, Part.id == Lot.part_id).where(is_asset())
    return dict(session.execute(query).all())


def _held(session: Session, seen: Select[Any] | None, at: datetime | None) -> Iterator[_Held]:
    """Yield what each cell on the shelves holds, now or at a past instant."""
    cell, held = _raw(StockBalance.cell), type_coerce(StockBalance.quantity, BigInteger)
    key = (_raw(StockBalance.place_id), _raw(StockBalance.part_id), StockBalance.owner, _raw(StockBalance.lot_id))
    shelves = [StockBalance.is_virtual.is_(False)]
    if seen is not None:
        shelves.append(StockBalance.place_id.in_(seen))
    if at is None:
        query = select(*key, held).where(*shelves, StockBalance.quantity != 0)
        yield from map(_Held._make, session.execute(query))
        return
    middle = select(StockMove.moved_at).where(StockMove.id >= select(func.max(StockMove.id) / 2).scalar_subquery())
    turn = session.scalar(middle.order_by(StockMove.id).limit(1))
    # whichever is less: what was moved since is taken off the balances, or what was moved until then is added up
    back = turn is None or at >= turn
    moved = _moved(session, seen, StockMove.moved_at > at if back else StockMove.moved_at <= at)
    for one, place, part, owner, lot, now in session.execute(select(cell, *key, held).where(*shelves)):
        quantity = now - moved.get(one, 0) if back else moved.get(one, 0)
        if quantity:
            yield _Held(place, part, owner, lot, quantity)


def _moved(session: Session, seen: Select[Any] | None, when: ColumnElement[bool]) -> dict[_Key, int]:
    """Return {cell: what moves brought to it in all}; added up here, which reads each of them once."""
    ends = [] if seen is None else [or_(StockMove.from_place_id.in_(seen), StockMove.to_place_id.in_(seen))]
    quantity = type_coerce(StockMove.quantity, BigInteger)
    moved: defaultdict[_Key, int] = defaultdict(int)
    query = select(_raw(StockMove.from_cell), _raw(StockMove.to_cell), quantity).where(when, *ends)
    for origin, destination, brought in session.execute(query):
        moved[origin] -= brought
        moved[destination] += brought
    return moved


def _book_values(
    session: Session,
    pieces: Sequence[_Held],
    assets: Mapping[_Key, UUID],
    parts: Mapping[_Key, _Priced],
    at: datetime,
) -> Iterator[tuple[_Held, int]]:
    """Yield what each piece is worth in the smallest units of money; one whose cost nobody knows at the average."""
    policies = _policies(session)
    for some in portions(pieces):
        lots = [assets[piece.lot] for piece in some]
        known = {value.lot_id: value for value in assets_in_force(session, lots, at)}
        added: defaultdict[UUID, list[Cost]] = defaultdict(list)
        for one in session.scalars(select(AssetAddition).where(AssetAddition.lot_id.in_(lots))):
            added[one.lot_id].append(Cost(one.added_at, one.amount))
        for piece, lot in zip(some, lots, strict=True):
            part, value = parts[piece.part], known.get(lot)
            if value is None:
                yield piece, part.price
                continue
            costs = [Cost(value.acquired_at, value.cost), *(one for one in added[lot] if one.at >= value.acquired_at)]
            policy = policies.get(part.key) or policies.get(part.part_class)
            yield piece, int(book_value(costs, policy, at).scaleb(Money.digits))


def _policies(session: Session) -> dict[UUID | str, Depreciation]:
    return {
        one.part_id or str(one.part_class): Depreciation(one.life_months, one.residual_share, one.starts)
        for one in session.scalars(select(DepreciationPolicy))
    }


def _raw(key: Any) -> Any:
    return type_coerce(key, String)


def _decimal(whole: int, kind: type[Money] | type[Quantity]) -> Decimal:
    return Decimal(whole).scaleb(-kind.digits)
