"""Stock moves and balances as they come in and go out."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from uuid_utils.compat import uuid7

from inventory.kernel.fields import Code, QuantityAboveZero
from inventory.ledger.models import Condition


class NewMove(BaseModel):
    """A quantity to move from one place to another. `move_id` is the sender's: the same one is posted once only."""

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
    quantity: QuantityAboveZero
    document: Code


class BalanceOut(BaseModel):
    """What lies at a place."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"part": "LAMP-1", "place": "VTE", "condition": "serviceable", "quantity": "5.000000"}]
        }
    )

    part: str
    place: str
    condition: Condition
    quantity: Decimal
