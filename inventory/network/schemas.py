"""Regions, places and lanes as they come in and go out."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from inventory.kernel.fields import Code, Currency, Price, Text
from inventory.kernel.texts import gettext as _
from inventory.network.models import VIRTUAL_TIERS, Tier

# each call reads the folders of the time zone database anew
_time_zones = cache(available_timezones)


def _known_time_zone(name: str) -> str:
    if name not in _time_zones():
        raise ValueError(_("“{name}” is not an IANA time zone; give one such as Asia/Shanghai").format(name=name))
    return name


TimeZone = Annotated[str, AfterValidator(_known_time_zone)]
"""An IANA time zone name."""


LEAD_H_MAX = 24 * 366
"""Longest lead time of a lane; more is a slip of the pen."""


class NewRegion(BaseModel):
    """A region to add."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"code": "SEA", "name": "South-East Asia"}]}
    )

    code: Code
    name: Text


class RegionOut(BaseModel):
    """A region."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "SEA", "name": "South-East Asia"}]})

    code: str
    name: str


class NewPlace(BaseModel):
    """A place to add; physical places need region, area, coordinates in degrees and time zone."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "code": "PKZ",
                    "name": "Pakse",
                    "name_local": "ປາກເຊ",
                    "tier": "outlet",
                    "region": "SEA",
                    "area": "SEA",
                    "parent": "VTE",
                    "latitude": 15.13,
                    "longitude": 105.78,
                    "time_zone": "Asia/Vientiane",
                    "country": "LA",
                }
            ]
        },
    )

    code: Code
    name: Text
    name_local: Text | None = None
    tier: Tier
    region: Code | None = None
    area: Code | None = None
    parent: Code | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    longitude: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    time_zone: TimeZone | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None

    @model_validator(mode="after")
    def _physical_places_are_somewhere(self) -> Self:
        if self.tier in VIRTUAL_TIERS:
            return self
        for field in ("region", "area", "latitude", "longitude", "time_zone"):
            if getattr(self, field) is None:
                raise ValueError(
                    _("{field} is missing: place {code} has a shelf, so say where it is").format(
                        field=field, code=self.code
                    )
                )
        return self


class PlaceOut(BaseModel):
    """A place."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "PKZ",
                    "name": "Pakse",
                    "name_local": "ປາກເຊ",
                    "tier": "outlet",
                    "region": "SEA",
                    "area": "SEA",
                    "parent": "VTE",
                    "latitude": 15.13,
                    "longitude": 105.78,
                    "time_zone": "Asia/Vientiane",
                    "country": "LA",
                }
            ]
        }
    )

    code: str
    name: str
    name_local: str | None
    tier: Tier
    region: str | None
    area: str | None
    parent: str | None
    latitude: float | None
    longitude: float | None
    time_zone: str | None
    country: str | None


class NewLane(BaseModel):
    """A lane to add: door-to-door lead time in hours, cost per kg and per piece."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "origin": "XIY",
                    "destination": "VTE",
                    "mode": "aog",
                    "lead_h": 32.0,
                    "cost_per_kg": "9.0000",
                    "cost_per_piece": "5.0000",
                    "currency": "USD",
                }
            ]
        },
    )

    origin: Code
    destination: Code
    mode: Code
    lead_h: float = Field(ge=0, le=LEAD_H_MAX)
    cost_per_kg: Price
    cost_per_piece: Price = Decimal(0)
    currency: Currency

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.origin == self.destination:
            raise ValueError(
                _("a lane from {place} to itself leads nowhere; correct its ends").format(place=self.origin)
            )
        return self


class LaneOut(BaseModel):
    """A lane: door-to-door lead time in hours, cost per kg and per piece."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "origin": "XIY",
                    "destination": "VTE",
                    "mode": "aog",
                    "lead_h": 32.0,
                    "cost_per_kg": "9.0000",
                    "cost_per_piece": "5.0000",
                    "currency": "USD",
                }
            ]
        }
    )

    origin: str
    destination: str
    mode: str
    lead_h: float
    cost_per_kg: Decimal
    cost_per_piece: Decimal
    currency: str
