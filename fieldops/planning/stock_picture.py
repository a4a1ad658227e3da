"""What places have of parts against what they should have, in one statement however many there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, and_, case, func, literal, or_, select, type_coerce, union_all
from sqlalchemy.orm import Session, aliased

from fieldops.planning.models import PlanRegion, PlanStatus
from inventory.availability.holdings import counting
from inventory.catalogue.models import Part
from inventory.ledger.models import Reservation, ReservationKind, StockBalance
from inventory.ledger.queries import usable
from inventory.network.models import Place, Region
from inventory.orders.due import ON_ITS_WAY, is_ordered, of_released, of_shipped, under_way
from inventory.orders.models import StockOrder, StockOrderLine
from inventory.planning.models import PlannedOrder, StockTarget

_ZERO = literal(0, BigInteger)
MICRO = 10**6
"""Quantities are whole numbers of millionths here: what the database adds up is told as it is."""


class By(StrEnum):
    """What the cells of a table are: one place, or all of a region or tier."""

    PLACE = "place"
    REGION = "region"
    TIER = "tier"


class Of(StrEnum):
    """What is told of: one part, or all of an ATA chapter, an essentiality or a class."""

    PART = "part"
    ATA = "ata"
    ESSENTIALITY = "essentiality"
    PART_CLASS = "part_class"


_ROW: dict[By, Any] = {By.PLACE: Place.code, By.REGION: Region.code, By.TIER: Place.tier}
_COLUMN: dict[Of, Any] = {
    Of.PART: Part.part_number,
    Of.ATA: func.substr(Part.ata_chapter, 1, 2),
    Of.ESSENTIALITY: Part.essentiality,
    Of.PART_CLASS: Part.part_class,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a row has of a column, in millionths: on shelves, kept there, free, due in, wanted, and missing.

    Free is what is usable and our own, less what reservations keep of it. Missing is what a target is short of beside
    what is free and due: of a group the sum of what single places are short of single parts.
    """

    row: str
    column: str
    on_hand: int
    reserved: int
    available: int
    due_in: int
    target: int
    shortage: int


def standings(
    session: Session,
    places: Collection[UUID] | Select[Any],
    parts: Collection[UUID] | Select[Any] | None,
    now: datetime,
    *,
    by: By = By.PLACE,
    of: Of = Of.PART,
    targets: bool = True,
) -> Iterator[Standing]:
    """Yield what there is or should be of some parts at some places, by row and column; nothing of what has nothing.

    No parts are all of them. Without `targets` nothing is wanted and nothing missing, for whoever may not know them.
    """
    pair = _pairs(places, parts, now, targets=targets)
    free = case((pair.c.usable > pair.c.reserved, pair.c.usable - pair.c.reserved), else_=_ZERO)
    missing = pair.c.target - free - pair.c.due_in
    figures = (pair.c.on_hand, pair.c.reserved, free, pair.c.due_in, pair.c.target)
    shortage = case((missing > 0, missing), else_=_ZERO)
    row, column = _ROW[by], _COLUMN[of]
    query = (
        select(row, column, *(func.sum(figure) for figure in (*figures, shortage)))
        .select_from(pair)
        .join(Part, Part.id == pair.c.part_id)
        .join(Place, Place.id == pair.c.place_id)
        .outerjoin(Region, Region.id == Place.region_id)
        .group_by(row, column)
    )
    for at, what, *told in session.execute(query):
        yield Standing(at, what, *map(int, told))


def _pairs(places: Any, parts: Any, now: datetime, *, targets: bool) -> Any:
    """Return the figures of each part at each place as a subquery; the scope's criteria hold in each of its arms."""

    def arm(table: Any, place: Any, query: Any, **figures: Any) -> Any:
        told = (
            type_coerce(figures.get(name, _ZERO), BigInteger).label(name)
            for name in ("on_hand", "usable", "reserved", "due_in", "target")
        )
        part = table.part_id
        found = query(select(part.label("part_id"), place.label("place_id"), *told)).where(place.in_(places))
        return found if parts is None else found.where(part.in_(parts))

    ours = and_(*usable())
    shelves = arm(
        StockBalance,
        StockBalance.place_id,
        lambda one: one.where(StockBalance.is_virtual.is_(False), StockBalance.quantity > 0),
        on_hand=StockBalance.quantity,
        usable=case((ours, StockBalance.quantity), else_=_ZERO),
        reserved=case((ours, StockBalance.reserved), else_=_ZERO),
    )
    softly = arm(
        Reservation,
        Reservation.place_id,
        lambda one: one.where(Reservation.kind == ReservationKind.SOFT, *counting(now)),
        reserved=Reservation.quantity,
    )
    due = arm(PlannedOrder, PlannedOrder.destination_id, _of_plans_in_force, due_in=PlannedOrder.quantity)
    ordered = arm(StockOrderLine, StockOrder.destination_id, of_released, due_in=StockOrderLine.quantity)
    shipped = arm(StockOrderLine, StockOrder.destination_id, of_shipped, due_in=ON_ITS_WAY)
    wanted = arm(StockTarget, StockTarget.place_id, lambda one: one, target=StockTarget.quantity)
    all_of_it = union_all(shelves, softly, due, ordered, shipped, *([wanted] if targets else [])).subquery()
    sums = (func.sum(all_of_it.c[name]).label(name) for name in ("on_hand", "usable", "reserved", "due_in", "target"))
    return (
        select(all_of_it.c.part_id, all_of_it.c.place_id, *sums)
        .group_by(all_of_it.c.part_id, all_of_it.c.place_id)
        .subquery()
    )


@dataclass(frozen=True, slots=True)
class Due:
    """An order of a plan in force, or one that is released or on its way; without origin it is a purchase."""

    number: str
    part: str
    origin: str | None
    destination: str
    quantity: Decimal
    mode: str
    departs_at: datetime
    arrives_at: datetime
    serves_job: str | None
    held: bool = False
    ordered: bool = False


def dues(session: Session, *, place: str | None = None, part: str | None = None, limit: int) -> list[Due]:
    """Return up to `limit` orders from or to a place, or of a part, by when they arrive: what plans in force propose,
    and what is released or on its way.
    """
    origin, one = aliased(Place), PlannedOrder
    query = (
        select(
            one.number,
            Part.part_number,
            origin.code,
            Place.code,
            one.quantity,
            one.mode,
            one.departs_at,
            one.arrives_at,
            one.serves_job,
            one.held,
        )
        .join(Part, Part.id == one.part_id)
        .outerjoin(origin, origin.id == one.origin_id)
        .order_by(one.arrives_at, one.number)
        .limit(limit)
    )
    query = _in_force(query)
    if place is not None:
        query = query.where(or_(origin.code == place, Place.code == place))
    if part is not None:
        query = query.where(Part.part_number == part)
    proposed = [Due(*row) for row in session.execute(query)]
    ordered = [
        Due(
            number=one.number,
            part=one.part,
            origin=one.origin,
            destination=one.destination,
            quantity=one.quantity,
            mode=one.mode or "",
            departs_at=one.departs_at,
            arrives_at=one.arrives_at,
            serves_job=one.serves_job,
            ordered=True,
        )
        for one in under_way(session, place=place, part=part, limit=limit)
    ]
    return sorted(proposed + ordered, key=lambda one: (one.arrives_at, one.number))[:limit]


def _of_plans_in_force(query: Any) -> Any:
    """Keep of planned orders those of the plan in force where they go, but for what waits for an approval."""
    return _in_force(query).where(PlannedOrder.held.is_(False))


def _in_force(query: Any) -> Any:
    return (
        query.join(Place, Place.id == PlannedOrder.destination_id)
        .join(Region, Region.id == Place.region_id)
        .join(PlanRegion, and_(PlanRegion.plan_id == PlannedOrder.plan_id, PlanRegion.region == Region.code))
        .where(PlanRegion.status == PlanStatus.CURRENT, ~is_ordered(PlannedOrder.plan_id, PlannedOrder.number))
    )
