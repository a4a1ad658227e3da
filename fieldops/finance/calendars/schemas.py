"""Fiscal calendars as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fieldops.finance.budgets.schemas import Why
from fieldops.finance.calendars.models import PeriodState
from fieldops.finance.calendars.rules import Pattern, starts_well
from inventory.kernel.fields import Code, Day, Text
from inventory.kernel.texts import gettext as _


class NewCalendar(BaseModel):
    """A fiscal calendar with its first year; without a region it holds for all that have none of their own."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"code": "GROUP", "name": "Calendar of the group", "pattern": "months", "first_day": "2026-01-01"}
            ]
        },
    )

    code: Code
    name: Text
    pattern: Pattern
    first_day: Day
    weeks: Literal[52, 53] = 52
    region: Code | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.pattern is not Pattern.WEEKS_445 and not starts_well(self.first_day):
            raise ValueError(_("not every month has that day; let the year begin on a day up to the 28th"))
        return self


class NewYear(BaseModel):
    """The next year of a calendar; `weeks` counts for a calendar of weeks only."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"weeks": 52}]})

    weeks: Literal[52, 53] = 52


class PeriodChange(BaseModel):
    """Why a period is closed or opened again."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "Month of March is complete"}]}
    )

    reason: Why


class PeriodOut(BaseModel):
    """A period; `period_end` is the first day after it, `version` the one that a change must name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "2026-P03",
                    "period_start": "2026-03-01",
                    "period_end": "2026-04-01",
                    "state": "closed",
                    "changed_by": "li.na",
                    "changed_at": "2026-04-03T08:00:00Z",
                    "reason": "Month of March is complete",
                    "version": 2,
                }
            ]
        }
    )

    code: str
    period_start: date
    period_end: date
    state: PeriodState
    changed_by: str | None
    changed_at: datetime | None
    reason: str | None
    version: int


class CalendarOut(BaseModel):
    """A fiscal calendar with its periods."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "GROUP",
                    "name": "Calendar of the group",
                    "pattern": "months",
                    "region": None,
                    "periods": [PeriodOut.model_config["json_schema_extra"]["examples"][0]],  # type: ignore[index]
                }
            ]
        }
    )

    code: str
    name: str
    pattern: Pattern
    region: str | None
    periods: Annotated[list[PeriodOut], Field(description="By their first day.")]
