"""What is wrong with a move by itself, whatever the shelves hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from inventory.catalogue.consistency import require_countable
from inventory.catalogue.models import Tracking
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import OWN, Cell
from inventory.ledger.schemas import NewMove
from inventory.network.models import VIRTUAL_TIERS, Place, Tier
from inventory.traceability.condition import Hold
from inventory.traceability.models import Lot, LotKind

OUTSIDE = frozenset({Tier.SUPPLIER, Tier.REPAIR_SHOP, Tier.CUSTOMER})
"""Where a receipt comes from: what arrives from there waits for its inspection."""

GUARDED = (Hold.NONE, Hold.RECEIVING, Hold.QUARANTINE, Hold.SUSPECTED_UNAPPROVED)
"""From the least to the strictest: a move alone may make such a hold stricter, an inspection alone lift it."""

WAITING = GUARDED[1:]
"""The holds that wait for an inspection."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How a part is counted."""

    id: UUID
    unit: str
    tracking: Tracking


@dataclass(frozen=True, slots=True)
class Told:
    """A move with what it names: from which cell to which, between which places, and when."""

    move: NewMove
    part: Counted
    lot: Lot | None
    origin: Place
    destination: Place
    taken: Cell
    given: Cell
    moved_at: datetime

    @property
    def receipt(self) -> bool:
        """Tell whether it brings onto a shelf what was on none."""
        return self.origin.tier in VIRTUAL_TIERS and self.destination.tier not in VIRTUAL_TIERS


def refuse_twice(moves: Sequence[NewMove]) -> None:
    """Raise Invalid where the same move is given twice."""
    if len({move.move_id for move in moves}) < len(moves):
        raise Invalid(_("The same move stands twice in this batch; send it once"), code="move_twice", field="move_id")


def refuse_wrong(told: Told, now: datetime, open_from: datetime | None, lifting: Collection[Hold]) -> None:
    """Raise Invalid for a move that contradicts itself or its part, Conflict for one that is not allowed."""
    _refuse_senseless(told)
    _refuse_time(told.moved_at, now, open_from)
    _refuse_number(told)
    if told.taken.hold != told.given.hold:
        refuse_lifting(told.move.part, told.taken.hold, told.given.hold, lifting)
    if told.move.to_hold is Hold.NONE and told.origin.tier in OUTSIDE and told.receipt:
        raise Conflict(
            _("What {place} receives waits for its inspection; leave to_hold out, then have it inspected").format(
                place=told.move.destination
            ),
            code="receipt_needs_inspection",
            field="to_hold",
        )
    if told.destination.tier is Tier.CUSTOMER and told.move.hold is not Hold.NONE:
        raise Conflict(
            _("Part {part} at {place} is on hold ({hold}); have the hold lifted before it is issued").format(
                part=told.move.part, place=told.move.origin, hold=told.move.hold
            ),
            code="on_hold",
            field="hold",
        )


def refuse_lifting(part: str, before: str, after: str, lifting: Collection[Hold]) -> None:
    """Raise Conflict where a hold that only an inspection lifts would become less strict."""
    if before in WAITING and before not in lifting:
        stricter = GUARDED[GUARDED.index(Hold(before)) + 1 :]
        if after not in stricter:
            raise Conflict(
                _(
                    "The hold of part {part} ({hold}) is lifted by an inspection, not by a move; have it inspected"
                ).format(part=part, hold=before),
                code="hold_needs_inspection",
                field="to_hold",
            )


def _refuse_senseless(told: Told) -> None:
    move = told.move
    if told.taken == told.given:
        raise Invalid(
            _("A move from {place} to itself moves nothing; name another destination").format(place=move.origin),
            code="same_place",
            field="destination",
        )
    if move.unit is not None and move.unit != told.part.unit:
        raise Invalid(
            _("Part {part} is counted in {unit}, not in {told}; convert the quantity").format(
                part=move.part, unit=told.part.unit, told=move.unit
            ),
            code="unit_mismatch",
            field="unit",
        )
    require_countable(move.part, told.part.unit, move.quantity)
    if move.unit_cost is not None and not (told.receipt and told.given.owner == OWN):
        raise Invalid(
            _("Only the receipt of our own stock has a unit cost; leave it out"),
            code="not_a_receipt",
            field="unit_cost",
        )
    _refuse_purpose(told)


def _refuse_purpose(told: Told) -> None:
    """Raise Invalid where it is not clear what an issue is for, or where that is told of another move."""
    named = [name for name in ("aircraft", "without_aircraft") if getattr(told.move, name) is not None]
    if told.destination.tier is Tier.CUSTOMER and len(named) != 1:
        raise Invalid(
            _(
                "Name the aircraft that the issue is for, so that its rules can be asked; "
                "for a sale or a return say under without_aircraft why there is none"
            ),
            code="aircraft_needed",
            field="aircraft",
        )
    if told.destination.tier is not Tier.CUSTOMER and named:
        raise Invalid(
            _("Only an issue to a customer is for an aircraft; leave it out, or name the customer as destination"),
            code="not_an_issue",
            field=named[0],
        )
    if told.move.replaces is not None and told.move.aircraft is None:
        raise Invalid(
            _("A part stands in for another on an aircraft only; name the aircraft, or leave replaces out"),
            code="not_an_issue",
            field="replaces",
        )


def _refuse_time(moved_at: datetime, now: datetime, open_from: datetime | None) -> None:
    if moved_at > now:
        raise Invalid(
            _("A move cannot happen in the future; leave moved_at out for now, or give an instant before"),
            code="moved_ahead",
            field="moved_at",
        )
    if open_from is not None and moved_at < open_from:
        raise Conflict(
            _("The days before {day} are closed; date the move later, or have the period opened").format(
                day=open_from.date()
            ),
            code="period_closed",
            field="moved_at",
        )


def _refuse_number(told: Told) -> None:
    """Raise Invalid where a part that is followed by number moves without, or with a number of the wrong kind.

    Stock from before the part was followed may leave by way of an adjustment, to come back with its numbers.
    """
    move, lot = told.move, told.lot
    if lot is None:
        if told.part.tracking is not Tracking.NONE and told.destination.tier is not Tier.ADJUSTMENT:
            raise Invalid(
                _("Part {part} is followed by {tracking} number; name the number that moves").format(
                    part=move.part, tracking=told.part.tracking
                ),
                code="number_needed",
                field="lot",
            )
        return
    if told.part.tracking is Tracking.SERIAL and lot.kind is not LotKind.SERIAL:
        raise Invalid(
            _("Part {part} is followed by serial number, and {lot} is a lot; add each piece by its number").format(
                part=move.part, lot=lot.number
            ),
            code="number_needed",
            field="lot",
        )
    if lot.kind is LotKind.SERIAL and move.quantity != 1:
        raise Invalid(
            _("Serial number {lot} is one piece; move a quantity of 1").format(lot=lot.number),
            code="serial_quantity",
            field="quantity",
        )
