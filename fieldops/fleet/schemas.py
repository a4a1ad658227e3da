"""Aircraft and rotations as they come in and go out."""

from __future__ import annotations

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, model_validator

from fieldops.fleet.models import Quarantine, Resolution
from inventory.kernel.fields import Code, Instant
from inventory.kernel.texts import gettext as _

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
"""Why a record is corrected or discarded."""

_AIRCRAFT: dict[str, Any] = {
    "registration": "B-3721",
    "aircraft_type": "TH60",
    "serial": "6000012",
    "authority": "CAAC",
    "operator": "OP-001",
    "base": "VTE",
}
_ROTATION: dict[str, Any] = {
    "registration": "B-3721",
    "station": "VTE",
    "arrives_at": "2026-03-02T13:10:00Z",
    "departs_at": "2026-03-03T00:20:00Z",
    "flight": "QV301",
}
_SET_ASIDE: dict[str, Any] = {
    "id": "01900000-0000-7000-8000-0000000000f1",
    "version": 1,
    **_ROTATION,
    "reason": "overlaps",
    "detail": "B-3721 is at LPQ from 2026-03-02 12:00Z until 2026-03-02 14:00Z",
    "state": "open",
    "found_by": "li.na",
    "found_at": "2026-03-01T09:00:00Z",
    "resolved_by": None,
    "resolved_at": None,
    "note": None,
}


class NewAircraft(BaseModel):
    """An aircraft to add; `authority` is that of its registry, as the rules name it."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_AIRCRAFT]})

    registration: Code
    aircraft_type: Code
    serial: Code
    authority: Code
    operator: Code | None = None
    base: Code


class AircraftChange(BaseModel):
    """What to change of an aircraft; what is left out stays."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"base": "LPQ"}]})

    authority: Code | None = None
    operator: Code | None = None
    base: Code | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(_("name at least one field to change"))
        for name in sorted(self.model_fields_set - {"operator"}):
            if getattr(self, name) is None:
                raise ValueError(_("{field} cannot be empty; leave it out to keep it").format(field=name))
        return self


class AircraftOut(BaseModel):
    """An aircraft; `version` is its ETag, `operator` is empty where the reader sees it not."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1, **_AIRCRAFT, "region": "SEA"}]})

    version: int
    registration: str
    aircraft_type: str
    serial: str
    authority: str
    operator: str | None
    base: str
    region: str | None


class NewRotation(BaseModel):
    """A stay of an aircraft on ground, until it departs.

    It is taken as told, and set aside where it contradicts itself or what is known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_ROTATION]})

    registration: Code
    station: Code
    arrives_at: Instant
    departs_at: Instant
    flight: Code | None = None


class RotationChange(BaseModel):
    """What is true of a rotation now, such as a delay; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"departs_at": "2026-03-03T02:50:00Z"}]}
    )

    station: Code | None = None
    arrives_at: Instant | None = None
    departs_at: Instant | None = None
    flight: Code | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(_("name at least one field to change"))
        for name in sorted(self.model_fields_set - {"flight"}):
            if getattr(self, name) is None:
                raise ValueError(_("{field} cannot be empty; leave it out to keep it").format(field=name))
        return self


class RotationOut(BaseModel):
    """A stay of an aircraft on ground; `version` is its ETag."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "01900000-0000-7000-8000-0000000000f2", "version": 1, **_ROTATION}]}
    )

    id: UUID
    version: int
    registration: str
    station: str
    arrives_at: AwareDatetime
    departs_at: AwareDatetime
    flight: str | None


class Taken(BaseModel):
    """How many rotations were taken in, how many took the place of what stood, and which were set aside."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"added": 41, "delayed": 2, "quarantined": [_SET_ASIDE]}]}
    )

    added: int
    delayed: int
    quarantined: list[QuarantinedOut]


class QuarantinedOut(BaseModel):
    """A rotation that is set aside, and why; `version` is its ETag."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SET_ASIDE]})

    id: UUID
    version: int
    registration: str
    station: str
    arrives_at: AwareDatetime
    departs_at: AwareDatetime
    flight: str | None
    reason: Quarantine
    detail: str
    state: Resolution
    found_by: str
    found_at: AwareDatetime
    resolved_by: str | None
    resolved_at: AwareDatetime | None
    note: str | None


class Correction(BaseModel):
    """What the rotation is in truth; what is left out is as it was told."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"arrives_at": "2026-03-02T14:05:00Z", "note": "delayed, as the operator says"}]
        },
    )

    registration: Code | None = None
    station: Code | None = None
    arrives_at: Instant | None = None
    departs_at: Instant | None = None
    note: Note


class Discard(BaseModel):
    """Why a rotation is not true."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"note": "cancelled"}]})

    note: Note


class GroundTime(BaseModel):
    """Where an aircraft is on ground in a span, and when it departs next after its beginning."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "registration": "B-3721",
                    "next_departure": "2026-03-03T00:20:00Z",
                    "windows": [
                        {"station": "VTE", "starts_at": "2026-03-02T13:10:00Z", "ends_at": "2026-03-03T00:20:00Z"}
                    ],
                }
            ]
        }
    )

    registration: str
    next_departure: AwareDatetime | None
    windows: list[GroundWindow]


class GroundWindow(BaseModel):
    """A stay on ground, cut to the span that was asked about."""

    station: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime


Taken.model_rebuild()
GroundTime.model_rebuild()
