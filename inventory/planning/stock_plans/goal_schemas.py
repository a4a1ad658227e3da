"""What target plans are to reach beside the least waiting, as it is asked for and told."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from inventory.catalogue.models import Essentiality
from inventory.kernel.fields import Code

FLOORS_MAX = 50
Served = Annotated[Decimal, Field(ge=0, lt=1, max_digits=7, decimal_places=6)]
"""A share of pieces that is served at once; all of them never are for certain."""

_FLOOR: dict[str, Any] = {"region": "SEA", "essentiality": "NO_GO", "share": "0.95"}


class WantedFloor(BaseModel):
    """The share of pieces that must be served at once, of a region and an essentiality; what is left out is all."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_FLOOR]})

    region: Code | None = None
    essentiality: Essentiality | None = None
    share: Served

    @property
    def name(self) -> str:
        """The region and the essentiality, as the command takes them."""
        return f"{self.region or ''}:{self.essentiality or ''}"


class FloorOut(BaseModel):
    """What a floor reaches: the share served at once, and whether that is enough.

    `multiplier` is what one more piece a day that it may miss would save of the goal, `costs` the money that would
    bring the goal back to where it is without floors, as far as this one took it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_FLOOR | {"reached": 0.951, "met": True, "multiplier": 0.8, "costs": "1200.0000"}]
        }
    )

    region: str | None
    essentiality: Essentiality | None
    share: Decimal
    reached: float
    met: bool
    multiplier: float
    costs: Decimal


class WayOutOf(BaseModel):
    """Money of a budget for which targets were found that meet all floors."""

    budget: str
    money: Decimal


class FleetOut(BaseModel):
    """Aircraft of a type based at a place: mean pieces that they wait for, and the share of them that miss none.

    Counted are the parts that they do not fly without, as far as these are planned.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "aircraft_type": "MA60",
                    "place": "VTE",
                    "region": "SEA",
                    "aircraft": 4.0,
                    "waiting_before": 0.31,
                    "waiting_after": 0.12,
                    "availability_before": 0.92,
                    "availability_after": 0.97,
                }
            ]
        }
    )

    aircraft_type: str
    place: str
    region: str
    aircraft: float
    waiting_before: float
    waiting_after: float
    availability_before: float
    availability_after: float
