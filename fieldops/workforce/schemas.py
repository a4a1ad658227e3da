"""Technicians as they come in and go out."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from inventory.kernel.fields import Code, Currency, Day, Price, Text
from inventory.kernel.texts import gettext as _
from inventory.network.schemas import TimeZone


class NewQualification(BaseModel):
    """A qualification to add."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"code": "B1", "name": "Line release, mechanical"}]},
    )

    code: Code
    name: Text


class QualificationOut(BaseModel):
    """A qualification."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "B1", "name": "Line release, mechanical"}]})

    code: str
    name: str


class Held(BaseModel):
    """A qualification held from one date until another, both included, in the technician's time zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Code
    valid_from: date
    valid_until: date

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_until < self.valid_from:
            raise ValueError(_("{code} ends before it begins; correct the dates").format(code=self.code))
        return self


class Duty(BaseModel):
    """One shift in local wall-clock time; `ends` at or before `starts` means the next day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    work_date: Day
    starts: time
    ends: time

    @model_validator(mode="after")
    def _is_local(self) -> Self:
        if self.starts.tzinfo is not None or self.ends.tzinfo is not None:
            raise ValueError(_("the times of a shift are local to the technician; give them without a UTC offset"))
        return self


class NewTechnician(BaseModel):
    """A technician to add; time zone and base are needed, since shifts are local."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "code": "T-9",
                    "name": "Nguyễn An",
                    "base": "VTE",
                    "time_zone": "Asia/Vientiane",
                    "cost_per_h": "21.50",
                    "currency": "USD",
                    "qualifications": [{"code": "B1", "valid_from": "2026-01-01", "valid_until": "2026-12-31"}],
                    "shifts": [{"work_date": "2026-03-02", "starts": "08:00:00", "ends": "16:00:00"}],
                }
            ]
        },
    )

    code: Code
    name: Text
    base: Code
    time_zone: TimeZone
    cost_per_h: Price
    currency: Currency
    qualifications: tuple[Held, ...] = ()
    shifts: tuple[Duty, ...] = ()

    @model_validator(mode="after")
    def _nothing_stands_twice(self) -> Self:
        if len({(held.code, held.valid_from) for held in self.qualifications}) < len(self.qualifications):
            raise ValueError(
                _("technician {code} holds a qualification twice from the same date; name it once").format(
                    code=self.code
                )
            )
        if len({(duty.work_date, duty.starts) for duty in self.shifts}) < len(self.shifts):
            raise ValueError(
                _("technician {code} has two shifts with the same start; name each once").format(code=self.code)
            )
        return self


class TechnicianOut(BaseModel):
    """A technician."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "T-9",
                    "name": "Nguyễn An",
                    "base": "VTE",
                    "time_zone": "Asia/Vientiane",
                    "cost_per_h": "21.50",
                    "currency": "USD",
                    "qualifications": [{"code": "B1", "valid_from": "2026-01-01", "valid_until": "2026-12-31"}],
                    "region": "SEA",
                }
            ]
        }
    )

    code: str
    name: str
    base: str
    region: str | None
    time_zone: str
    cost_per_h: Decimal
    currency: str
    qualifications: list[Held]
