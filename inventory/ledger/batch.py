"""What is posted together: the lines of the moves, and what they come to cell by cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from inventory.catalogue.rules import Aircraft
from inventory.kernel.errors import Conflict
from inventory.kernel.texts import gettext as _
from inventory.ledger.costs import Receipt
from inventory.ledger.models import CHECK_BITS, Cell, StockIssue, cell_key, digest
from inventory.ledger.reserved import Use
from inventory.network.models import VIRTUAL_TIERS, Place
from inventory.traceability.models import Lot, LotKind


class Line(NamedTuple):
    """A row of the ledger, in the order of its columns."""

    move_id: UUID
    part_id: UUID
    lot_id: UUID | None
    from_cell: UUID
    to_cell: UUID
    from_place_id: UUID
    to_place_id: UUID
    condition: str
    to_condition: str
    hold: str
    to_hold: str
    owner: str
    to_owner: str
    quantity: Decimal
    document: str
    actor: str
    moved_at: datetime
    recorded_at: datetime
    reverses: UUID | None
    digest: int


@dataclass(slots=True)
class Batch:
    """Lines of moves, their net by cell, and what else they touch; `taken` are cells of moves that are dated back."""

    actor: str
    now: datetime
    places: Mapping[UUID, Place]
    lines: list[Line] = field(default_factory=list)
    cells: dict[UUID, Cell] = field(default_factory=dict)
    deltas: defaultdict[UUID, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    checksums: defaultdict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    moved: defaultdict[UUID, list[str]] = field(default_factory=lambda: defaultdict(list))
    serials: dict[UUID, Lot] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    issues: list[StockIssue] = field(default_factory=list)
    uses: dict[UUID, Use] = field(default_factory=dict)
    taken_since: datetime | None = None
    taken: dict[UUID, Cell] = field(default_factory=dict)
    virtual: set[UUID] = field(init=False)

    def __post_init__(self) -> None:
        self.virtual = {key for key, place in self.places.items() if place.tier in VIRTUAL_TIERS}

    def add(
        self,
        move_id: UUID,
        number: str,
        lot: Lot | None,
        origin: Cell,
        destination: Cell,
        quantity: Decimal,
        document: str,
        moved_at: datetime,
        reverses: UUID | None = None,
    ) -> None:
        """Add a move of a part, named by its number, from cell to cell."""
        from_cell, to_cell = self._key(origin), self._key(destination)
        self.deltas[from_cell] -= quantity
        self.deltas[to_cell] += quantity
        for cell in (origin, destination):
            if cell.place_id not in self.virtual:
                self.moved[cell.place_id].append(number)
        if lot is not None and lot.kind is LotKind.SERIAL:
            self.serials[lot.id] = lot
        if moved_at < self.now and origin.place_id not in self.virtual:
            self.taken[from_cell] = origin
            self.taken_since = min(self.taken_since or self.now, moved_at)
        actor, now = self.actor, self.now
        told = digest(move_id, from_cell, to_cell, quantity, document, actor, moved_at, now, reverses)
        self.checksums[from_cell] += told & CHECK_BITS
        self.checksums[to_cell] += told & CHECK_BITS
        self.lines.append(
            Line(
                move_id,
                origin.part_id,
                None if lot is None else lot.id,
                from_cell,
                to_cell,
                origin.place_id,
                destination.place_id,
                origin.condition,
                destination.condition,
                origin.hold,
                destination.hold,
                origin.owner,
                destination.owner,
                quantity,
                document,
                actor,
                moved_at,
                now,
                reverses,
                told,
            )
        )

    def receive(self, unit_cost: Decimal | None, *, back: bool = False) -> None:
        """Say that the last move is a receipt of our own stock at a cost (None: not told), or takes one back."""
        last = self.lines[-1]
        quantity = -last.quantity if back else last.quantity
        self.receipts.append(Receipt(last.part_id, last.lot_id, quantity, unit_cost, last.move_id, last.moved_at))

    def scarce(self, key: UUID) -> bool:
        """Tell whether the batch takes something off a shelf in all."""
        return self.deltas[key] < 0 and self.cells[key].place_id not in self.virtual

    def issue(self, aircraft: Aircraft | None, replaces: str | None, why_none: str | None) -> None:
        """Say what the last move is issued for: an aircraft, in the stead of which part, or none and why."""
        last = self.lines[-1]
        told = StockIssue(
            move_id=last.move_id, place_id=last.from_place_id, modifications=[], without_aircraft=why_none
        )
        if aircraft is not None:
            told.aircraft_type, told.aircraft_serial = aircraft.type, aircraft.serial
            told.registry_authority, told.operator = aircraft.registry_authority, aircraft.operator
            told.modifications, told.replaces = sorted(aircraft.modifications), replaces
        self.issues.append(told)

    def use(self, reservation: UUID) -> None:
        """Say that the last move takes what a reservation keeps; raises Conflict where it is named for two cells."""
        last = self.lines[-1]
        before = self.uses.get(reservation, Use(last.from_cell, Decimal(0)))
        if before.cell != last.from_cell:
            raise Conflict(
                _("Reservation {key} is named for different stock; name it for what it keeps").format(key=reservation),
                code="reservation_elsewhere",
                field="reservation",
            )
        self.uses[reservation] = Use(before.cell, before.quantity + last.quantity)

    def _key(self, cell: Cell) -> UUID:
        key = cell_key(cell.part_id, cell.place_id, cell.condition, cell.hold, cell.owner, cell.lot_id)
        self.cells[key] = cell
        return key
