"""What every shelf of the network holds of some parts, and what reservations keep of it.

It is read beyond the actor's scope. What is not `seen` is told as the band of a region, never as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.kernel.priority import Priority
from inventory.kernel.scope import actor_of, unscoped
from inventory.ledger.models import (
    OWN,
    Reservation,
    ReservationKind,
    ReservationState,
    Stage,
    StockBalance,
)
from inventory.network.models import Place, Region, Tier
from inventory.network.scope import places_seen, shelves_seen
from inventory.traceability.condition import USABLE, Condition, Hold
from inventory.traceability.models import Lot
from inventory.traceability.verdicts import Failure

ON_ITS_WAY = (Stage.PACKED, Stage.CLEARED)
"""The stages in which a reservation does not expire any more."""


def counting(now: datetime) -> list[ColumnElement[bool]]:
    """Return the criteria of the reservations that keep something at an instant."""
    return [
        Reservation.state == ReservationState.HELD,
        or_(Reservation.expires_at > now, Reservation.stage.in_(ON_ITS_WAY)),
    ]


@dataclass(frozen=True, slots=True)
class Keeping:
    """What one reservation keeps of a cell. `seen` tells whether the actor may know for whom."""

    cell: UUID
    demand: str
    priority: Priority
    kind: ReservationKind
    quantity: Decimal
    expires_at: datetime
    stage: Stage
    seen: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """What one cell on a shelf holds, and what is kept of it; `refused` is why a rule forbids its use, once asked."""

    cell: UUID
    part_id: UUID
    part: str
    place: str
    tier: Tier
    region: str
    condition: Condition
    hold: Hold
    owner: str
    lot_id: UUID | None
    lot: str | None
    made_on: date | None
    expires_on: date | None
    quantity: Decimal
    seen: bool
    kept: Sequence[Keeping]
    refused: Failure | None = None

    @property
    def usable(self) -> bool:
        """Tell whether we may use it as we like: in a usable condition, without hold, our own, refused by no rule."""
        return self.condition in USABLE and self.hold is Hold.NONE and self.owner == OWN and self.refused is None

    @property
    def free(self) -> Decimal:
        """What no reservation keeps, hard or soft."""
        return max(self.quantity - sum((one.quantity for one in self.kept), Decimal(0)), Decimal(0))


def holdings(session: Session, parts: Collection[UUID], now: datetime) -> list[Holding]:
    """Return what each cell on a shelf holds of some parts, by part, place and cell; in two statements."""
    scope = actor_of(session).scope
    shelves = true() if scope.everything else StockBalance.place_id.in_(shelves_seen(scope))
    ends = (
        true()
        if scope.everything
        else or_(
            Reservation.place_id.in_(places_seen(scope)),
            Reservation.destination_id.in_(places_seen(scope)),
            *((Reservation.priority == Priority.AOG,) if scope.aog_everywhere else ()),
        )
    )
    cells = (
        select(
            StockBalance.cell,
            StockBalance.part_id,
            Part.part_number,
            Place.code,
            Place.tier,
            Region.code,
            StockBalance.condition,
            StockBalance.hold,
            StockBalance.owner,
            Lot.id,
            Lot.number,
            Lot.made_on,
            Lot.expires_on,
            StockBalance.quantity,
            shelves.label("seen"),
        )
        .join(Part, Part.id == StockBalance.part_id)
        .join(Place, Place.id == StockBalance.place_id)
        .join(Region, Region.id == Place.region_id)
        .outerjoin(Lot, Lot.id == StockBalance.lot_id)
        .where(StockBalance.part_id.in_(parts), StockBalance.is_virtual.is_(False), StockBalance.quantity > 0)
        .order_by(Part.part_number, Place.code, StockBalance.cell)
    )
    reserved = (
        select(
            Reservation.cell,
            Reservation.demand,
            Reservation.priority,
            Reservation.kind,
            Reservation.quantity,
            Reservation.expires_at,
            Reservation.stage,
            ends.label("seen"),
        )
        .where(Reservation.part_id.in_(parts), *counting(now))
        .order_by(Reservation.id)
    )
    kept: defaultdict[UUID, list[Keeping]] = defaultdict(list)
    with unscoped(session):
        for row in session.execute(reserved):
            kept[row.cell].append(Keeping(*row))
        return [
            Holding(*row, kept=kept[row.cell])  # type: ignore[call-arg]  # the columns above
            for row in session.execute(cells)
        ]


@dataclass(frozen=True, slots=True)
class Shelves:
    """What is free in the region of `place`, or at the central depot, that can be sent: {place: free quantity}."""

    region: str
    central: bool
    free: Mapping[str, Decimal]


def elsewhere(found: Collection[Holding], region: str) -> list[Shelves]:
    """Return what other regions than one could lend: those of a region together, the central depot for itself."""
    shelves: defaultdict[tuple[str, bool], defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in found:
        if one.region != region and one.usable and one.free >= 1:
            shelves[one.region, one.tier is Tier.CENTRAL][one.place] += one.free
    return [Shelves(of, central, dict(free)) for (of, central), free in sorted(shelves.items())]
