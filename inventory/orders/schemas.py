"""Orders and their lines as they come in and go out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from inventory.kernel.fields import Code, Instant, Price, QuantityAboveZero, Text
from inventory.kernel.priority import Priority
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import OWN
from inventory.ledger.schemas import Owner
from inventory.orders.rules import OrderKind, OrderState
from inventory.traceability.condition import Condition

LINES_MAX = 200
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")
]
LineNumber = Annotated[int, Field(ge=1, le=LINES_MAX)]
_LINE: dict[str, Any] = {"part": "LAMP-1", "quantity": "2"}


class NewOrderLine(BaseModel):
    """A quantity of a part. `lot` is the serial or lot number that shall go, `condition` the condition it must have.

    `cost` is what its purchase or repair costs in all; a transfer has none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Code
    quantity: QuantityAboveZero
    lot: Code | None = None
    condition: Condition | None = None
    owner: Owner = OWN
    cost: Price = Decimal(0)
    serves_job: Code | None = None


def _told_apart(lines: Sequence[NewOrderLine]) -> Sequence[NewOrderLine]:
    """Raise ValueError where what arrives could not be told to be of one line."""
    lots: dict[str, set[str | None]] = {}
    for one in lines:
        known = lots.setdefault(one.part, set())
        if one.lot in known or (known and None in {one.lot, *known}):
            raise ValueError(
                _("Part {part} stands twice; add the quantities up, or name a lot in each").format(part=one.part)
            )
        known.add(one.lot)
    return lines


Lines = Annotated[tuple[NewOrderLine, ...], Field(min_length=1, max_length=LINES_MAX)]


class NewOrder(BaseModel):
    """An order to draft. Without `freight` it is that of the lane, without `arrives_at` the lane's median arrival.

    A transfer goes over the lane of its `mode`, from shelf to shelf. A purchase comes from a supplier, where one is
    named; a repair goes to a repair shop. `departs_at` is now where it is left out. `region` pays, that of the
    destination where it is not said, of a repair that of the origin.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"origin": "XIY", "destination": "VTE", "mode": "routine", "lines": [_LINE]}]},
    )

    kind: OrderKind = OrderKind.TRANSFER
    origin: Code | None = None
    destination: Code
    region: Code | None = None
    priority: Priority = Priority.ROUTINE
    mode: Code | None = None
    departs_at: Instant | None = None
    arrives_at: Instant | None = None
    freight: Price | None = None
    lines: Lines

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        _told_apart(self.lines)
        if self.kind is not OrderKind.PURCHASE and self.origin is None:
            raise ValueError(_("Name the place that it comes from"))
        if self.kind is OrderKind.TRANSFER and self.mode is None:
            raise ValueError(_("Name the mode of the lane that a transfer goes over"))
        if self.kind is OrderKind.TRANSFER and any(one.cost or one.owner != OWN for one in self.lines):
            raise ValueError(
                _("A transfer moves our own stock, which costs its freight only; leave cost and owner out")
            )
        return self


class OrderChange(BaseModel):
    """What shall be otherwise in a draft; `lines` take the place of all that there were. What is left out stays.

    Where the way, the time or the lines change, freight and arrival are reckoned anew unless they are told.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"mode": "aog", "priority": "AOG"}]}
    )

    region: Code | None = None
    priority: Priority | None = None
    mode: Code | None = None
    departs_at: Instant | None = None
    arrives_at: Instant | None = None
    freight: Price | None = None
    lines: Lines | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        _told_apart(self.lines or ())
        return self


class Proposals(BaseModel):
    """Which of the orders that a plan proposes shall be drafted: the key of the plan, and their numbers in it."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"plan": "01900000-0000-7000-8000-000000000001", "proposals": ["R-000001", "R-000002"]}]
        },
    )

    plan: UUID
    proposals: Annotated[tuple[Code, ...], Field(min_length=1, max_length=LINES_MAX)]


class ShippedLine(BaseModel):
    """How much of a line leaves, where that is not all of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    line: LineNumber
    quantity: QuantityAboveZero


class Shipment(BaseModel):
    """What leaves: every line in full, or the quantities of those that are named; what does not leave is given up."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"carrier": "Lao Airlines", "waybill": "627-12345675"}]},
    )

    carrier: Text | None = None
    waybill: Code | None = None
    lines: Annotated[tuple[ShippedLine, ...], Field(max_length=LINES_MAX)] = ()


class ReceivedLine(BaseModel):
    """How much came of a line. With `inspect` it waits on the receiving hold for an inspection."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    line: LineNumber
    quantity: QuantityAboveZero
    lot: Code | None = None
    inspect: bool = False


class Receipt(BaseModel):
    """What came: all that is on its way, or the quantities of the lines that are named.

    `short` says why nothing more will come: what is missing then is written off, which needs the right to approve
    differences of stock.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"lines": [{"line": 1, "quantity": "1", "inspect": True}]}]},
    )

    lines: Annotated[tuple[ReceivedLine, ...], Field(max_length=LINES_MAX)] = ()
    short: Reason | None = None


class OrderCancellation(BaseModel):
    """Why an order is given up."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "The job was called off"}]}
    )

    reason: Reason


class OrderPieceOut(BaseModel):
    """What left of a line, and what became of it."""

    lot: str | None
    condition: Condition
    shipped: Decimal
    received: Decimal
    lost: Decimal


class OrderLineOut(BaseModel):
    """A line of an order, and the pieces that went."""

    line: int
    part: str
    quantity: Decimal
    lot: str | None
    condition: Condition | None
    owner: str
    cost: Decimal
    serves_job: str | None
    shipped: Decimal
    received: Decimal
    lost: Decimal
    pieces: list[OrderPieceOut]


class StockOrderOut(BaseModel):
    """An order. `plan` and `proposal` name what it was made from; `approval` is the request that its money waited for.

    While that is decided the order stays a draft, and is released once more after it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": "TO-000001",
                    "version": 1,
                    "kind": "transfer",
                    "state": "draft",
                    "origin": "XIY",
                    "destination": "VTE",
                    "region": "SEA",
                    "priority": "ROUTINE",
                    "mode": "routine",
                    "carrier": None,
                    "waybill": None,
                    "departs_at": "2026-03-02T08:00:00Z",
                    "arrives_at": "2026-03-06T08:00:00Z",
                    "currency": "USD",
                    "freight": "11.6000",
                    "plan": None,
                    "proposal": None,
                    "made_by": "noi",
                    "made_at": "2026-03-02T08:00:00Z",
                    "approval": None,
                    "released_by": None,
                    "released_at": None,
                    "shipped_by": None,
                    "shipped_at": None,
                    "received_by": None,
                    "received_at": None,
                    "cancelled_by": None,
                    "cancelled_at": None,
                    "reason": None,
                    "lines": [
                        {
                            "line": 1,
                            "part": "LAMP-1",
                            "quantity": "2.000000",
                            "lot": None,
                            "condition": None,
                            "owner": "own",
                            "cost": "0.0000",
                            "serves_job": None,
                            "shipped": "0.000000",
                            "received": "0.000000",
                            "lost": "0.000000",
                            "pieces": [],
                        }
                    ],
                }
            ]
        }
    )

    number: str
    version: int
    kind: OrderKind
    state: OrderState
    origin: str | None
    destination: str
    region: str
    priority: Priority
    mode: str | None
    carrier: str | None
    waybill: str | None
    departs_at: datetime
    arrives_at: datetime
    currency: str
    freight: Decimal
    plan: UUID | None
    proposal: str | None
    made_by: str
    made_at: datetime
    approval: str | None
    released_by: str | None
    released_at: datetime | None
    shipped_by: str | None
    shipped_at: datetime | None
    received_by: str | None
    received_at: datetime | None
    cancelled_by: str | None
    cancelled_at: datetime | None
    reason: str | None
    lines: list[OrderLineOut]
