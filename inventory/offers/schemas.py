"""Offers and grants as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from inventory.kernel.fields import Code, Instant, QuantityAboveZero
from inventory.kernel.texts import gettext as _
from inventory.offers.models import GrantKind, GrantState

Purpose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]


class AogWait(BaseModel):
    """How many minutes an AOG request waits for the region that is asked, before the AOG controller may grant it."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"minutes": 30}]})

    minutes: Annotated[int, Field(ge=0, le=1_440)]


class OfferOut(BaseModel):
    """What another region could lend: between `at_least` and `at_most` pieces (null: no end), to be there `arrives`.

    Arrival and cost of one piece are estimates along the fastest lanes. The central depot needs nobody's grant.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "part": "PUMP-1",
                    "region": "CN",
                    "at_least": 1,
                    "at_most": 4,
                    "arrives": "2026-03-03T14:00:00Z",
                    "cost": "310.00",
                    "currency": "USD",
                    "needs_grant_of": "CN",
                }
            ]
        }
    )

    part: str
    region: str
    at_least: int
    at_most: int | None
    arrives: datetime
    cost: Decimal
    currency: str
    needs_grant_of: str | None


class NewGrant(BaseModel):
    """A request for help: `stock` names a part, a quantity and where it shall go, `access` nothing but the region."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "kind": "stock",
                    "asking_region": "SEA",
                    "granting_region": "CN",
                    "part": "BRAKE-1",
                    "quantity": "1",
                    "destination": "UTH",
                    "purpose": "AOG at UTH, brake seized",
                    "aog": True,
                    "ends_at": "2026-03-04T00:00:00Z",
                }
            ]
        },
    )

    kind: GrantKind
    asking_region: Code
    granting_region: Code
    part: Code | None = None
    quantity: QuantityAboveZero | None = None
    destination: Code | None = None
    purpose: Purpose
    aog: bool = False
    starts_at: Instant | None = None
    ends_at: Instant

    @model_validator(mode="after")
    def _names_what_it_asks_for(self) -> Self:
        stock = (self.part, self.quantity, self.destination)
        if self.kind is GrantKind.STOCK and None in stock:
            raise ValueError(_("a request for stock names part, quantity and destination"))
        if self.kind is GrantKind.ACCESS and any(one is not None for one in stock):
            raise ValueError(_("a request for access names no part, quantity or destination; leave them out"))
        if self.kind is GrantKind.ACCESS and self.aog:
            raise ValueError(_("only a request for stock can be AOG"))
        if self.asking_region == self.granting_region:
            raise ValueError(_("a region does not ask itself; name another granting_region"))
        return self


class Decision(BaseModel):
    """Whether a request is granted; a refusal says why."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"granted": True, "note": "One piece, not more"}]}
    )

    granted: bool
    note: Purpose | None = None

    @model_validator(mode="after")
    def _says_why_not(self) -> Self:
        if not self.granted and self.note is None:
            raise ValueError(_("say in note why the request is refused"))
        return self


class Remark(BaseModel):
    """Why a request is taken, or what its review found."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"note": "Aircraft on ground, next departure 14:20"}]},
    )

    note: Purpose


class GrantOut(BaseModel):
    """A grant: who asks whom for what, until when, and what was decided. Its cost is charged to the asking region."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": "G-000012",
                    "version": 2,
                    "kind": "stock",
                    "asking_region": "SEA",
                    "granting_region": "CN",
                    "part": "PUMP-1",
                    "quantity": "1.000000",
                    "destination": "VTE",
                    "purpose": "AOG of B-3721",
                    "aog": True,
                    "starts_at": "2026-03-02T00:00:00Z",
                    "ends_at": "2026-03-05T00:00:00Z",
                    "state": "granted",
                    "asked_by": "noi",
                    "asked_at": "2026-03-02T06:00:00Z",
                    "takeable_at": None,
                    "decided_by": "wei",
                    "decided_at": "2026-03-02T06:20:00Z",
                    "note": None,
                    "withdrawn_by": None,
                    "withdrawn_at": None,
                    "review_by": None,
                    "reviewed_by": None,
                    "reviewed_at": None,
                    "review": None,
                }
            ]
        }
    )

    number: str
    version: int
    kind: GrantKind
    asking_region: str
    granting_region: str
    part: str | None
    quantity: Decimal | None
    destination: str | None
    purpose: str
    aog: bool
    starts_at: datetime
    ends_at: datetime
    state: GrantState
    asked_by: str
    asked_at: datetime
    takeable_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    review_by: datetime | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    review: str | None
