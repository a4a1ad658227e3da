"""Promises as they go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class SourceKind(StrEnum):
    """Where a part comes from."""

    OWN = "own"
    """A shelf in the region of the destination."""
    CENTRAL = "central"
    """The central depot, which serves every region."""
    REGION = "region"
    """Another region."""


class StageOut(BaseModel):
    """What one leg of a route takes at the median: from when its work begins until it ends."""

    kind: str
    starts: datetime
    ends: datetime


class LaneTaken(BaseModel):
    """A lane of a route."""

    origin: str
    destination: str
    mode: str


class SourceOut(BaseModel):
    """From where a part can come: when it arrives at the median and at the 90th percentile, and what that costs.

    `free` is what is free on a shelf that you may look into. Of another region a band is told instead, from `at_least`
    to `at_most` (null: no end), and neither shelf nor route; `needs_grant_of` is the region that must grant it.
    `freight` is for the quantity that was asked for, `unit_cost` the standard cost of one. With `ship_set` all of the
    aircraft's are replaced together.
    """

    part: str
    ship_set: bool
    kind: SourceKind
    region: str
    place: str | None
    free: Decimal | None
    at_least: int | None
    at_most: int | None
    needs_grant_of: str | None
    arrives: datetime
    arrives_p90: datetime
    freight: Decimal
    unit_cost: Decimal
    currency: str
    lanes: list[LaneTaken]
    stages: list[StageOut]


class LeftOutReason(StrEnum):
    """Why stock is no source."""

    RESERVED = "reserved"
    ON_HOLD = "on_hold"
    NOT_USABLE = "not_usable"
    OTHER_OWNER = "other_owner"
    NO_LANE = "no_lane"
    EXPIRED = "expired"
    NOT_ACCEPTABLE = "not_acceptable"


class LeftOut(BaseModel):
    """Stock that you may look into and that does not count, and why."""

    part: str
    place: str
    quantity: Decimal
    reason: LeftOutReason
    detail: str


class PromiseOut(BaseModel):
    """Where a part, or one that may stand in for it, can come from: the soonest first, of equally soon the cheapest.

    `arrives` is when the quantity is there from the shelves that need nobody's grant, null where they lack `short`.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "part": "PUMP-1",
                    "destination": "UTH",
                    "quantity": "1",
                    "ready_at": "2026-03-02T08:00:00Z",
                    "arrives": "2026-03-03T20:00:00Z",
                    "short": "0",
                    "sources": [
                        {
                            "part": "PUMP-1",
                            "ship_set": False,
                            "kind": "central",
                            "region": "CN",
                            "place": "XIY",
                            "free": "1.000000",
                            "at_least": None,
                            "at_most": None,
                            "needs_grant_of": None,
                            "arrives": "2026-03-03T20:00:00Z",
                            "arrives_p90": "2026-03-03T20:00:00Z",
                            "freight": "226.00",
                            "unit_cost": "9500.0000",
                            "currency": "USD",
                            "lanes": [
                                {"origin": "XIY", "destination": "VTE", "mode": "aog"},
                                {"origin": "VTE", "destination": "UTH", "mode": "aog"},
                            ],
                            "stages": [
                                {
                                    "kind": "transport",
                                    "starts": "2026-03-02T08:00:00Z",
                                    "ends": "2026-03-03T16:00:00Z",
                                },
                                {
                                    "kind": "transport",
                                    "starts": "2026-03-03T16:00:00Z",
                                    "ends": "2026-03-03T20:00:00Z",
                                },
                            ],
                        }
                    ],
                    "left_out": [
                        {
                            "part": "PUMP-1",
                            "place": "VTE",
                            "quantity": "1.000000",
                            "reason": "reserved",
                            "detail": "1 for J-5 (ROUTINE)",
                        }
                    ],
                }
            ]
        }
    )

    part: str
    destination: str
    quantity: Decimal
    ready_at: datetime
    arrives: datetime | None
    short: Decimal
    sources: list[SourceOut]
    left_out: list[LeftOut]


class BucketOut(BaseModel):
    """What changes on a day (UTC), what is free at its end, and what can be promised for it in all."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    change: Decimal
    on_hand: Decimal
    promisable: Decimal


class AvailabilityOut(BaseModel):
    """What a place can promise of a part and of those that may stand in for it, day by day where it changes.

    Until the next bucket's day what is told of a day holds. A quantity that is promised for a day is not there any
    more on the days after: reserve it, and ask again.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "part": "LAMP-1",
                    "place": "VTE",
                    "parts": ["LAMP-1", "LAMP-2"],
                    "buckets": [
                        {"day": "2026-03-02", "change": "5", "on_hand": "5", "promisable": "3"},
                        {"day": "2026-03-04", "change": "-2", "on_hand": "3", "promisable": "3"},
                    ],
                }
            ]
        }
    )

    part: str
    place: str
    parts: list[str]
    buckets: list[BucketOut]
