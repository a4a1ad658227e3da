"""The reliability of parts as it comes in and goes out."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from inventory.kernel.fields import Code, Text
from inventory.kernel.texts import gettext as _
from inventory.network.models import SITE_TIERS, Tier

Share = Annotated[Decimal, Field(ge=0, le=1, max_digits=7, decimal_places=6)]
"""A share of all removals."""


def _has_a_shelf(tier: Tier) -> Tier:
    if tier not in SITE_TIERS:
        raise ValueError(_("repairs are done at one of {tiers}, or elsewhere").format(tiers=", ".join(SITE_TIERS)))
    return tier


ShopTier = Annotated[Tier, AfterValidator(_has_a_shelf)]
"""A tier whose places may have a shop."""

_ROW: dict[str, Any] = {
    "part": "BRAKE-1",
    "fits": [{"aircraft_type": "TH60", "quantity": 4}],
    "no_fault_found_share": "0.050000",
    "condemned_share": "0.040000",
    "repair_tier": "regional",
    "bench_days": "1.500000",
    "needs": [{"part": "SEAL-9", "share": "0.300000"}],
    "source": "Maker's reliability report 2025",
}


class Fit(BaseModel):
    """How many pieces one aircraft of a type has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    aircraft_type: Code
    quantity: Annotated[int, Field(ge=1, le=10_000)]


class Need(BaseModel):
    """A part that a share of repairs need."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Code
    share: Annotated[Decimal, Field(gt=0, le=1, max_digits=7, decimal_places=6)]


class NewReliability(BaseModel):
    """What is known of the removals of a part: on which aircraft it is, and what becomes of what was removed.

    Of removals a share proves to have no fault, and of the others a share is condemned. Repairs are done at the places
    of `repair_tier`, or above; without, in a shop outside the network or at the central depot. There each takes a bench
    for `bench_days`, the whole turn-around where that is not told, and a share of them need other parts (`needs`).
    `source` says who told.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_ROW]})

    part: Code
    fits: tuple[Fit, ...] = Field(default=(), max_length=200)
    no_fault_found_share: Share = Decimal(0)
    condemned_share: Share = Decimal(0)
    repair_tier: ShopTier | None = None
    bench_days: Annotated[Decimal, Field(gt=0, le=1_000, max_digits=10, decimal_places=6)] | None = None
    needs: tuple[Need, ...] = Field(default=(), max_length=100)
    source: Text

    @model_validator(mode="after")
    def _names_each_type_once(self) -> Self:
        types = [one.aircraft_type for one in self.fits]
        if len(set(types)) < len(types):
            raise ValueError(_("a type of aircraft stands twice; give each once, with all its pieces"))
        needed = [one.part for one in self.needs]
        if len(set(needed)) < len(needed) or self.part in needed:
            raise ValueError(_("repairs need other parts, each told once"))
        return self


class ReliabilityOut(BaseModel):
    """What is known of the removals of a part."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ROW]})

    part: str
    fits: list[Fit]
    no_fault_found_share: Decimal
    condemned_share: Decimal
    repair_tier: Tier | None
    bench_days: Decimal | None
    needs: list[Need]
    source: str
