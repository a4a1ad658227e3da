"""Regions, places and lanes as they come in and go out; `calendar_schemas` has the calendars."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from inventory.kernel.fields import Code, Currency, Price, QuantityAboveZero, Text
from inventory.kernel.texts import gettext as _
from inventory.network.models import VIRTUAL_TIERS, DangerousGoods, LaneEnd, LegKind, Tier

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

Hours = Annotated[float, Field(ge=0, le=LEAD_H_MAX)]
"""A duration in hours."""

ClockTime = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
"""A time of the local clock, hours and minutes; 24:00 is the end of the day."""

LEGS_MAX = 20

_PLACE: JsonDict = {
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
    "calendar": "OFFICE",
}
_PICK: JsonDict = {
    "kind": "pick",
    "median_h": 2.0,
    "p90_h": 4.0,
    "calendar": None,
    "cut_off": "17:00",
    "zone": "origin",
}
_LANE: JsonDict = {
    "origin": "XIY",
    "destination": "VTE",
    "mode": "aog",
    "lead_h": 32.0,
    "cost_per_kg": "9.0000",
    "cost_per_piece": "5.0000",
    "currency": "USD",
    "legs": [
        _PICK,
        {"kind": "transport", "median_h": 6.0, "p90_h": 9.0, "calendar": None, "cut_off": None, "zone": "origin"},
        {
            "kind": "import_clearance",
            "median_h": 24.0,
            "p90_h": 60.0,
            "calendar": "OFFICE",
            "cut_off": None,
            "zone": "destination",
        },
    ],
    "dg_allowed": "cargo",
    "max_weight_kg": "500.000000",
    "active": True,
}


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
    """A place to add; physical places need region, area, coordinates in degrees and time zone.

    `calendar` tells when parts are picked and received there; without one that is always.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_PLACE]})

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
    calendar: Code | None = None

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


class PlaceChange(BaseModel):
    """What to change of a place; what is left out stays, and null empties what may be empty.

    Tier, region, area and parent stay: stock, people and plans are kept by them. Its sources say who replenishes it.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"name": "Pakse airport", "calendar": None}]}
    )

    name: Text | None = None
    name_local: Text | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    longitude: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    time_zone: TimeZone | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    calendar: Code | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(_("name at least one field to change"))
        if "name" in self.model_fields_set and self.name is None:
            raise ValueError(_("{field} cannot be empty; leave it out to keep it").format(field="name"))
        return self


class PlaceOut(BaseModel):
    """A place."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PLACE | {"version": 1}]})

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
    calendar: str | None
    version: int


class NewLeg(BaseModel):
    """A leg of a lane: median and 90th percentile of its hours of work; without the latter it has no spread.

    Only the hours of the calendar count, in the time zone of one end: unless it is said, the destination for import
    clearance and delivery, the origin for the others. Without a calendar picking and delivery keep the hours of the
    place, and the other kinds go on always. What is ready after the cut-off starts on the next open day.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_PICK]})

    kind: LegKind
    median_h: Hours
    p90_h: Hours | None = None
    calendar: Code | None = None
    cut_off: ClockTime | None = None
    zone: LaneEnd | None = None

    @property
    def median_s(self) -> int:
        """The median in seconds."""
        return round(self.median_h * 3600)

    @property
    def p90_s(self) -> int:
        """The 90th percentile in seconds."""
        return self.median_s if self.p90_h is None else round(self.p90_h * 3600)

    @property
    def end(self) -> LaneEnd:
        """The end of the lane whose time zone holds."""
        arriving = self.kind in (LegKind.IMPORT_CLEARANCE, LegKind.DELIVERY)
        return self.zone or (LaneEnd.DESTINATION if arriving else LaneEnd.ORIGIN)

    @model_validator(mode="after")
    def _percentiles_are_in_order(self) -> Self:
        if self.p90_s < self.median_s:
            raise ValueError(
                _("the 90th percentile of leg {kind} is below its median; correct one of them").format(kind=self.kind)
            )
        return self


class LegOut(BaseModel):
    """A leg of a lane: median and 90th percentile of its hours of work."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PICK]})

    kind: LegKind
    median_h: float
    p90_h: float
    calendar: str | None
    cut_off: str | None
    zone: LaneEnd


class NewLane(BaseModel):
    """A lane to add: door-to-door lead time in hours or by its legs, cost per kg and per piece.

    Dangerous goods are taken only as far as it says.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_LANE]})

    origin: Code
    destination: Code
    mode: Code
    lead_h: Hours | None = None
    cost_per_kg: Price
    cost_per_piece: Price = Decimal(0)
    currency: Currency
    legs: list[NewLeg] = Field(default=[], max_length=LEGS_MAX)
    dg_allowed: DangerousGoods = DangerousGoods.NONE
    max_weight_kg: QuantityAboveZero | None = None
    active: bool = True

    @property
    def lead_s(self) -> int:
        """The median time from door to door in seconds."""
        return sum(leg.median_s for leg in self.legs) if self.legs else round((self.lead_h or 0) * 3600)

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.lead_h is None and not self.legs:
            raise ValueError(
                _("lead_h is missing: give it for the lane from {origin} to {destination}, or its legs").format(
                    origin=self.origin, destination=self.destination
                )
            )
        if self.lead_h is not None and self.legs and round(self.lead_h * 3600) != self.lead_s:
            raise ValueError(
                _("lead_h is not the sum of the legs from {origin} to {destination}; leave it out").format(
                    origin=self.origin, destination=self.destination
                )
            )
        return self

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.origin == self.destination:
            raise ValueError(
                _("a lane from {place} to itself leads nowhere; correct its ends").format(place=self.origin)
            )
        return self


class LaneOut(BaseModel):
    """A lane: door-to-door lead time in hours, cost per kg and per piece."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LANE]})

    origin: str
    destination: str
    mode: str
    lead_h: float
    cost_per_kg: Decimal
    cost_per_piece: Decimal
    currency: str
    legs: list[LegOut]
    dg_allowed: DangerousGoods
    max_weight_kg: Decimal | None
    active: bool
