"""Reads of the ledger: balances, moves, and the proof that the balances are the sum of the moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from inventory.catalogue.models import Part
from inventory.catalogue.schemas import ForAircraft
from inventory.kernel.scope import actor_of
from inventory.kernel.types import Quantity
from inventory.ledger.models import OWN, StockBalance, StockIssue, StockMove
from inventory.ledger.schemas import BalanceOut, MoveOut
from inventory.network.models import VIRTUAL_TIERS, Place
from inventory.network.scope import places_seen
from inventory.traceability.condition import USABLE, Hold
from inventory.traceability.models import Lot

FIRST_KEY = UUID(int=0)


def usable() -> list[ColumnElement[bool]]:
    """Return the criteria of stock that we may use as we like: on a shelf, usable, without hold, our own."""
    return [
        StockBalance.is_virtual.is_(False),
        StockBalance.quantity > 0,
        StockBalance.condition.in_(sorted(USABLE)),
        StockBalance.hold == Hold.NONE,
        StockBalance.owner == OWN,
    ]


def serviceable_stock(session: Session) -> list[tuple[str, str, Decimal]]:
    """Return (part number, place code, quantity) of all stock that plans may use, in that order."""
    rows = session.execute(
        select(Part.part_number, Place.code, type_coerce(func.sum(StockBalance.quantity), Quantity))
        .join(Part, Part.id == StockBalance.part_id)
        .join(Place, Place.id == StockBalance.place_id)
        .where(*usable())
        .group_by(Part.part_number, Place.code)
        .order_by(Part.part_number, Place.code)
    )
    return list(rows)


BalanceKey = tuple[str, str, UUID]
"""Place code, part number and cell: the order of the list of balances."""


def balance_page(
    session: Session,
    *,
    after: BalanceKey = ("", "", FIRST_KEY),
    limit: int,
    place: str | None = None,
    part: str | None = None,
) -> list[tuple[BalanceKey, BalanceOut]]:
    """Return up to `limit` balances on shelves that hold something, after a key, each with its own, in that order."""
    query = (
        select(
            StockBalance.cell,
            Part.part_number.label("part"),
            Place.code.label("place"),
            StockBalance.condition,
            StockBalance.hold,
            StockBalance.owner,
            Lot.number.label("lot"),
            StockBalance.quantity,
        )
        .join(Part, Part.id == StockBalance.part_id)
        .join(Place, Place.id == StockBalance.place_id)
        .outerjoin(Lot, Lot.id == StockBalance.lot_id)
        .where(
            StockBalance.is_virtual.is_(False),
            StockBalance.quantity > 0,
        )
        .limit(limit)
    )
    if place is None:
        order: tuple[Any, ...] = (Place.code, Part.part_number, StockBalance.cell)
        query = query.where(tuple_(*order) > tuple_(*after))
    else:  # the databases may go through the parts in their order, and stop at the limit
        order = (Part.part_number, StockBalance.cell)
        shelf = select(Place.id).where(Place.code == place).scalar_subquery()
        later = tuple_(*order) > tuple_(*after[1:])
        query = query.where(StockBalance.place_id == shelf, Part.part_number >= after[1], later)
    query = query.order_by(*order)
    if part is not None:
        query = query.where(Part.part_number == part)
    return [
        ((place, part, cell), BalanceOut(part=part, place=place, **rest))
        for cell, part, place, rest in _told(session.execute(query).mappings())
    ]


def _told(rows: Iterable[RowMapping]) -> Iterator[tuple[UUID, str, str, dict[str, Any]]]:
    for row in rows:
        rest = dict(row)
        yield rest.pop("cell"), rest.pop("part"), rest.pop("place"), rest


def move_page(
    session: Session,
    *,
    after: int = 0,
    before: int | None = None,
    limit: int,
    part: str | None = None,
    lot: str | None = None,
    place: str | None = None,
    document: str | None = None,
) -> list[MoveOut]:
    """Return up to `limit` moves with a number after `after`, as they were recorded; a serial number's are its life.

    With `before` they are those with a lower number, the newest first.
    """
    origin, destination = aliased(Place), aliased(Place)
    told = (
        StockMove.id,
        StockMove.move_id,
        StockMove.condition,
        StockMove.to_condition,
        StockMove.hold,
        StockMove.to_hold,
        StockMove.owner,
        StockMove.to_owner,
        StockMove.quantity,
        StockMove.document,
        StockMove.actor,
        StockMove.moved_at,
        StockMove.recorded_at,
        StockMove.reverses,
    )
    query = (
        select(
            *told,
            Part.part_number.label("part"),
            Lot.number.label("lot"),
            origin.code.label("origin"),
            destination.code.label("destination"),
            StockIssue,
        )
        .join(Part, Part.id == StockMove.part_id)
        .join(origin, origin.id == StockMove.from_place_id)
        .join(destination, destination.id == StockMove.to_place_id)
        .outerjoin(Lot, Lot.id == StockMove.lot_id)
        .outerjoin(StockIssue, StockIssue.move_id == StockMove.move_id)
        .where(StockMove.id > after if before is None else StockMove.id < before)
        .order_by(StockMove.id if before is None else StockMove.id.desc())
        .limit(limit)
    )
    if part is not None:
        query = query.where(Part.part_number == part)
    if lot is not None:
        query = query.where(Lot.number == lot)
    if place is not None:
        query = query.where(or_(origin.code == place, destination.code == place))
    if document is not None:
        query = query.where(StockMove.document == document)
    return [_moved(dict(row)) for row in session.execute(query).mappings()]


def _moved(row: dict[str, Any]) -> MoveOut:
    issue: StockIssue | None = row.pop("StockIssue")
    if issue is None:
        return MoveOut(**row)
    return MoveOut(**row, aircraft=aircraft_of(issue), replaces=issue.replaces, without_aircraft=issue.without_aircraft)


def aircraft_of(issue: StockIssue) -> ForAircraft | None:
    """Return the aircraft that an issue was judged for, None where it was for none."""
    if issue.aircraft_type is None:
        return None
    return ForAircraft(
        type=issue.aircraft_type,
        serial=issue.aircraft_serial,
        registry_authority=issue.registry_authority,
        operator=issue.operator,
        modifications=tuple(issue.modifications),
    )


def stock_at(session: Session, part: str, instant: datetime) -> list[BalanceOut]:
    """Return what shelves held of a part at a past instant, by what was recorded until now."""
    sides = union_all(
        *(
            select(
                getattr(StockMove, f"{end}_place_id").label("place_id"),
                getattr(StockMove, f"{prefix}condition").label("condition"),
                getattr(StockMove, f"{prefix}hold").label("hold"),
                getattr(StockMove, f"{prefix}owner").label("owner"),
                StockMove.lot_id,
                (StockMove.quantity if end == "to" else -StockMove.quantity).label("moved"),
            )
            .join(Part, Part.id == StockMove.part_id)
            .where(Part.part_number == part, StockMove.moved_at <= instant)
            for end, prefix in (("from", ""), ("to", "to_"))
        )
    ).subquery()
    held = type_coerce(func.sum(sides.c.moved), Quantity)
    cell = (Place.code, sides.c.condition, sides.c.hold, sides.c.owner, Lot.number)
    query = (
        select(*cell, held)
        .join(Place, Place.id == sides.c.place_id)
        .outerjoin(Lot, Lot.id == sides.c.lot_id)
        .where(Place.tier.not_in(VIRTUAL_TIERS))
        .group_by(*cell)
        .having(held > 0)
        .order_by(*cell)
    )
    scope = actor_of(session).scope
    if not scope.everything:  # of other places only what went to and fro is seen, which adds up to nothing true
        query = query.where(Place.id.in_(places_seen(scope)))
    return [
        BalanceOut(part=part, place=place, condition=condition, hold=hold, owner=owner, lot=lot, quantity=quantity)
        for place, condition, hold, owner, lot, quantity in session.execute(query)
    ]
