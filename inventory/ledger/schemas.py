"""Stock moves and balances as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from uuid_utils.compat import uuid7

from inventory.catalogue.schemas import ForAircraft
from inventory.kernel.fields import Code, Day, Instant, Price, QuantityAboveZero, Text
from inventory.ledger.models import OWN
from inventory.traceability.condition import Condition, Hold

Owner = Annotated[
    str,
    StringConstraints(max_length=64, pattern=r"^(own|(customer|consignment|pool|loaned_in):[^\s\x00-\x1f\x7f]{1,48})$"),
]
"""Whose stock it is: “own”, or customer, consignment, pool or loaned_in with a code after a colon."""


class NewMove(BaseModel):
    """A quantity to move from one place to another, or at one place into another condition, hold or ownership.

    `condition`, `hold` and `owner` are those it is taken with; it keeps what no `to_…` changes. `lot` is the serial
    number of one piece, or the number of a lot. `unit`, where given, must be the part's own. `moved_at` is when it
    happened: now where it is left out. `move_id` is the sender's: the same one is posted once only.

    What comes from a supplier, repair shop or customer goes on the hold “receiving”, until an inspection lifts it.
    `unit_cost` is what one unit of a receipt cost, in the installation's currency. `reservation` is one that the move
    uses up. `aircraft` is what an issue to a customer is for: its rules decide whether the piece is acceptable.
    `replaces` is the part that its job asked for, where this one stands in for it: a link between the two must allow it
    on that aircraft, and its operator have accepted it where the link needs that. `without_aircraft` says why an issue
    is for none that is known, as a sale or the return of the customer's own piece.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "move_id": "01900000-0000-7000-8000-000000000001",
                    "part": "LAMP-1",
                    "origin": "XIY",
                    "destination": "VTE",
                    "condition": "serviceable",
                    "quantity": "2",
                    "document": "T-000017",
                }
            ]
        },
    )

    move_id: UUID = Field(default_factory=uuid7)
    part: Code
    origin: Code
    destination: Code
    condition: Condition = Condition.SERVICEABLE
    hold: Hold = Hold.NONE
    owner: Owner = OWN
    lot: Code | None = None
    to_condition: Condition | None = None
    to_hold: Hold | None = None
    to_owner: Owner | None = None
    quantity: QuantityAboveZero
    reservation: UUID | None = None
    unit_cost: Price | None = None
    aircraft: ForAircraft | None = None
    replaces: Code | None = None
    without_aircraft: Text | None = None
    unit: Annotated[str, Field(min_length=1, max_length=8)] | None = None
    document: Code
    moved_at: Instant | None = None


class Reversal(BaseModel):
    """Moves to take back by moves the other way, and why."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"moves": ["01900000-0000-7000-8000-000000000001"], "document": "CORRECTION-3"}]
        },
    )

    moves: Annotated[list[UUID], Field(min_length=1, max_length=1_000)]
    document: Code


class MoveOut(BaseModel):
    """A move as it was posted. `reverses` is the move that it takes back.

    Of an issue, `aircraft` is what it was judged for, and `replaces` the part that was asked for, where it was another;
    or `without_aircraft` says why there was none.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 17,
                    "move_id": "01900000-0000-7000-8000-000000000001",
                    "part": "LAMP-1",
                    "lot": None,
                    "origin": "XIY",
                    "destination": "VTE",
                    "condition": "serviceable",
                    "to_condition": "serviceable",
                    "hold": "none",
                    "to_hold": "none",
                    "owner": "own",
                    "to_owner": "own",
                    "quantity": "2.000000",
                    "document": "T-000017",
                    "actor": "keeper",
                    "moved_at": "2026-03-02T08:00:00Z",
                    "recorded_at": "2026-03-02T08:00:00Z",
                    "reverses": None,
                    "aircraft": None,
                    "replaces": None,
                    "without_aircraft": None,
                }
            ]
        }
    )

    id: int
    move_id: UUID
    part: str
    lot: str | None
    origin: str
    destination: str
    condition: Condition
    to_condition: Condition
    hold: Hold
    to_hold: Hold
    owner: str
    to_owner: str
    quantity: Decimal
    document: str
    actor: str
    moved_at: datetime
    recorded_at: datetime
    reverses: UUID | None
    aircraft: ForAircraft | None = None
    replaces: str | None = None
    without_aircraft: str | None = None


class BalanceOut(BaseModel):
    """What lies at a place in one condition, hold and ownership; `lot` null is stock without a number."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "part": "LAMP-1",
                    "place": "VTE",
                    "condition": "serviceable",
                    "hold": "none",
                    "owner": "own",
                    "lot": None,
                    "quantity": "5.000000",
                }
            ]
        }
    )

    part: str
    place: str
    condition: Condition
    hold: Hold
    owner: str
    lot: str | None
    quantity: Decimal


class StockThen(BaseModel):
    """What shelves held of a part at an instant."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "at": "2026-03-01T00:00:00Z",
                    "items": [
                        {
                            "part": "LAMP-1",
                            "place": "VTE",
                            "condition": "serviceable",
                            "hold": "none",
                            "owner": "own",
                            "lot": None,
                            "quantity": "5.000000",
                        }
                    ],
                }
            ]
        }
    )

    at: datetime
    items: list[BalanceOut]


class Closing(BaseModel):
    """The last day that is closed, in UTC: nothing is posted on it or before any more; null where none is."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"closed_through": "2026-01-31"}]}
    )

    closed_through: Day | None
