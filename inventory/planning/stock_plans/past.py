"""What was asked for so far: issues of the ledger by month, and which parts may take the place of others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Select,
    Subquery,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from inventory.catalogue.models import Interchange, InterchangeKind, Part
from inventory.kernel.types import Quantity
from inventory.ledger.models import OWN, StockMove
from inventory.network.models import SITE_TIERS, Place, Tier
from inventory.traceability.condition import USABLE, Hold

MONTHS = 60
"""So far back the ledger is looked at, and what aircraft were used."""
MICRO = 10**6
"""Quantities are stored in millionths."""
MONTH_DAYS = 30
"""A month is that long, all alike; they are counted back from now."""


@dataclass(frozen=True, slots=True)
class Past:
    """Pieces that went from our places to customers and were not taken back: (part, place, month, pieces).

    Month 0 is the oldest; of the newest `whole` ones the ledger tells everything. A ledger younger than a month tells
    of none: for who has nothing better, it is taken to be as old as one. `flows` are pieces that came to be available
    at a place where the part was issued, and what they are beyond those that went: (part, place, month, came, more);
    month −1 is all that was before.
    """

    today: date
    issues: Sequence[tuple[UUID, UUID, int, float]]
    whole: int
    flows: Sequence[tuple[UUID, UUID, int, float, float]] = ()


def read_past(session: Session, now: datetime, chosen: Select[Any] | None) -> Past:
    """Return what was issued, of all parts or some."""
    first = session.scalar(select(func.min(StockMove.moved_at)))
    month = timedelta(days=MONTH_DAYS)
    whole = 0 if first is None else min(MONTHS, (now - first) // month)
    origin, destination, back = aliased(Place), aliased(Place), aliased(StockMove)
    seconds = int(now.timestamp()) - cast(extract("epoch", StockMove.moved_at), BigInteger)
    moves = (
        select(
            StockMove.part_id,
            StockMove.from_place_id,
            (seconds // (MONTH_DAYS * 86_400)).label("age"),
            StockMove.quantity,
        )
        .join(origin, origin.id == StockMove.from_place_id)
        .join(destination, destination.id == StockMove.to_place_id)
        .outerjoin(back, back.reverses == StockMove.move_id)
        .where(
            StockMove.moved_at > now - MONTHS * month,
            StockMove.moved_at <= now,
            origin.tier.in_(SITE_TIERS),
            destination.tier == Tier.CUSTOMER,
            back.id.is_(None),
        )
    )
    if chosen is not None:
        moves = moves.where(StockMove.part_id.in_(chosen))
    one = moves.subquery()
    key = (one.c.part_id, one.c.from_place_id, one.c.age)
    rows = session.execute(select(*key, type_coerce(func.sum(one.c.quantity), Quantity)).group_by(*key).order_by(*key))
    issues = [(part, place, MONTHS - 1 - int(age), float(quantity)) for part, place, age, quantity in rows]
    return Past(now.date(), issues, max(0, whole), _flows(session, now, one))


def _flows(session: Session, now: datetime, issues: Subquery) -> list[tuple[UUID, UUID, int, float, float]]:
    """Return what came to be available, and went, at the places and of the parts of issues, by month."""
    asked = select(issues.c.part_id, issues.c.from_place_id).distinct().subquery()
    seconds = int(now.timestamp()) - cast(extract("epoch", StockMove.moved_at), BigInteger)
    age = seconds // (MONTH_DAYS * 86_400)

    def arm(place: Any, condition: Any, hold: Any, owner: Any, came: Any, more: Any) -> Select[Any]:
        return (
            select(
                asked.c.part_id.label("part"),
                asked.c.from_place_id.label("place"),
                case((age < MONTHS, age), else_=MONTHS).label("age"),
                came.label("came"),
                more.label("more"),
            )
            .join(asked, and_(asked.c.part_id == StockMove.part_id, asked.c.from_place_id == place))
            .where(condition.in_(sorted(USABLE)), hold == Hold.NONE, owner == OWN, StockMove.moved_at <= now)
        )

    move = StockMove
    quantity, nothing = type_coerce(move.quantity, BigInteger), literal(0, BigInteger)
    both = union_all(
        arm(move.to_place_id, move.to_condition, move.to_hold, move.to_owner, quantity, quantity),
        arm(move.from_place_id, move.condition, move.hold, move.owner, nothing, -quantity),
    ).subquery()
    key = (both.c.part, both.c.place, both.c.age)
    rows = session.execute(select(*key, func.sum(both.c.came), func.sum(both.c.more)).group_by(*key))
    return [
        (part, place, MONTHS - 1 - int(months), float(came) / MICRO, float(more) / MICRO)
        for part, place, months, came, more in rows
    ]


@dataclass(frozen=True, slots=True)
class Replaced:
    """A part, and one that may take its place: see `InterchangeKind`. Numbers are part numbers."""

    old: UUID
    new: UUID
    old_number: str
    new_number: str
    kind: InterchangeKind = InterchangeKind.SUPERSEDES


def read_replaced(session: Session, today: date) -> list[Replaced]:
    """Return which parts replace others today everywhere: not on some aircraft, by acceptance or as ship sets alone."""
    old, new = aliased(Part), aliased(Part)
    rows = session.execute(
        select(Interchange, old.part_number, new.part_number)
        .join(old, old.id == Interchange.part_id)
        .join(new, new.id == Interchange.alternative_id)
        .where(
            or_(Interchange.starts_on.is_(None), Interchange.starts_on <= today),
            or_(Interchange.ends_on.is_(None), Interchange.ends_on >= today),
            ~Interchange.ship_set,
            ~Interchange.needs_acceptance,
        )
        .order_by(old.part_number, new.part_number, Interchange.kind)
    )
    return [
        Replaced(one.part_id, one.alternative_id, was, is_now, one.kind)
        for one, was, is_now in rows
        if not one.effectivity and not one.modifications
    ]


def with_kin(numbers: Collection[str], pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Return part numbers with those that hang together with them by pairs, however far."""
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        beside[one].add(other)
        beside[other].add(one)
    found, todo = set(numbers), list(numbers)
    while todo:
        more = beside[todo.pop()] - found
        found |= more
        todo += more
    return found
