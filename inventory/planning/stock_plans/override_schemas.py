"""Other targets than a plan's, as they are asked for and told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

from inventory.kernel.fields import Code, QuantityOrZero
from inventory.planning.stock_plans.schemas import Reason

_CELL: dict[str, Any] = {"part": "BRAKE-1", "place": "VTE"}


class NewOverride(BaseModel):
    """Another target than the plan's for a part at a place, and why."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [_CELL | {"quantity": "4", "reason": "the operator keeps its own spare there"}]},
    )

    part: Code
    place: Code
    quantity: QuantityOrZero
    reason: Reason


class OverrideOut(BaseModel):
    """What another target than the plan's means: money, and waiting there and for the part in the whole network.

    Waiting is reckoned with the demand and the times as they are known now, everything else standing as the plan says.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _CELL
                | {
                    "planned": "3.000000",
                    "quantity": "4.000000",
                    "costs": "18000.0000",
                    "currency": "USD",
                    "waits_planned": 0.12,
                    "waits": 0.04,
                    "weighted_planned": 0.31,
                    "weighted": 0.25,
                }
            ]
        }
    )

    part: str
    place: str
    planned: Decimal
    quantity: Decimal
    costs: Decimal
    currency: str
    waits_planned: float
    waits: float
    weighted_planned: float
    weighted: float
