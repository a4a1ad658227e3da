"""Tools as they come in and go out."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from fieldops.equipment.models import CalibrationVerdict
from inventory.kernel.fields import Code, Day, Instant, Text
from inventory.kernel.texts import gettext as _

_KIND: dict[str, Any] = {
    "code": "TORQUE-200",
    "name": "Torque wrench 40-200 Nm",
    "calibration_days": 365,
    "equivalents": ["TORQUE-250"],
    "source": "AMM 32-41-10, tool list",
}
_TOOL: dict[str, Any] = {
    "kind": "TORQUE-200",
    "serial": "TW-0042",
    "place": "VTE",
    "calibrated_on": "2025-10-01",
    "calibration_due": "2026-09-30",
}
_BOOKING: dict[str, Any] = {
    "document": "J-104",
    "starts_at": "2026-03-03T01:00:00Z",
    "ends_at": "2026-03-03T04:00:00Z",
}
_CALIBRATION: dict[str, Any] = {
    "calibrated_on": "2026-03-01",
    "verdict": "out",
    "due": None,
    "certificate": "CAL-881",
    "laboratory": "Metrology XIY",
}


class NewToolKind(BaseModel):
    """A kind of tool; without `calibration_days` it is not calibrated. `equivalents` do its work, as `source` says."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_KIND]})

    code: Code
    name: Text
    calibration_days: Annotated[int, Field(ge=1, le=3_650)] | None = None
    equivalents: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    source: Text | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.equivalents and self.source is None:
            raise ValueError(_("say in source where it stands that {code} has equivalents").format(code=self.code))
        if self.code in self.equivalents:
            raise ValueError(_("{code} is no equivalent of itself; name other kinds").format(code=self.code))
        return self


class NewTool(BaseModel):
    """A tool to add, at the place that it belongs to; its calibration holds through the day `calibration_due`."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_TOOL]})

    kind: Code
    serial: Code
    place: Code
    calibrated_on: Day | None = None
    calibration_due: Day | None = None

    @model_validator(mode="after")
    def _is_due_after_it_was_done(self) -> Self:
        if self.calibrated_on and self.calibration_due and self.calibration_due < self.calibrated_on:
            raise ValueError(
                _("the calibration of {serial} is due before it was done; correct the dates").format(serial=self.serial)
            )
        return self


class ToolOut(BaseModel):
    """A tool; `version` is its ETag, `lent_to` names who has it meanwhile."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-0000000000d1",
                    "version": 1,
                    **_TOOL,
                    "out_of_service": False,
                    "lent_to": None,
                    "lent_until": None,
                }
            ]
        }
    )

    id: UUID
    version: int
    kind: str
    serial: str
    place: str
    calibrated_on: date | None
    calibration_due: date | None
    out_of_service: bool
    lent_to: str | None
    lent_until: AwareDatetime | None


class NewBooking(BaseModel):
    """A tool to keep for a document, such as a job, for a span; `ends_at` is exclusive."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_BOOKING]})

    document: Code
    starts_at: Instant
    ends_at: Instant

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError(_("the booking ends before it starts; correct the instants"))
        return self


class BookingOut(BaseModel):
    """A booking; what was released stays, with when, and why where nobody gave the tool back."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-0000000000d2",
                    "kind": "TORQUE-200",
                    "serial": "TW-0042",
                    **_BOOKING,
                    "booked_by": "li.na",
                    "released_at": None,
                    "release_reason": None,
                }
            ]
        }
    )

    id: UUID
    kind: str
    serial: str
    document: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    booked_by: str
    released_at: AwareDatetime | None
    release_reason: str | None


class NewLoan(BaseModel):
    """Who has the tool, and until when."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"lent_to": "Mekong Air, line station", "lent_until": "2026-03-09T00:00:00Z"}]},
    )

    lent_to: Text
    lent_until: Instant


class NewCalibration(BaseModel):
    """What a calibration found; a good one holds through the day `due`, a tool that is out goes out of service."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_CALIBRATION]})

    calibrated_on: Day
    verdict: CalibrationVerdict
    due: Day | None = None
    certificate: Text
    laboratory: Text

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.verdict is CalibrationVerdict.OUT and self.due is not None:
            raise ValueError(_("a tool that is out of calibration is due no more; leave due empty"))
        if self.due is not None and self.due < self.calibrated_on:
            raise ValueError(_("the calibration is due before it was done; correct the dates"))
        return self


class CalibratedTool(ToolOut):
    """A tool after a calibration; `released` are the bookings to come that it does not keep any more."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-0000000000d1",
                    "version": 2,
                    **_TOOL,
                    "out_of_service": True,
                    "lent_to": None,
                    "lent_until": None,
                    "released": [],
                }
            ]
        }
    )

    released: list[BookingOut]


class ToolFinding(BaseModel):
    """What was done with a tool that was found out of calibration, since it was last found good.

    Everything listed is to be looked at again. Without `good_on` that is everything.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "TORQUE-200",
                    "serial": "TW-0042",
                    "found_on": "2026-03-01",
                    "good_on": "2025-10-01",
                    "bookings": [],
                }
            ]
        }
    )

    kind: str
    serial: str
    found_on: date
    good_on: date | None
    bookings: list[BookingOut]
