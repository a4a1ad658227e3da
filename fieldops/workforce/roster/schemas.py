"""Patterns, rosters, absences, standby and secondments as they come in and go out."""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from fieldops.workforce.kinds import AbsenceKind
from fieldops.workforce.schemas import Duty
from inventory.kernel.fields import Code, Day, Instant, Text
from inventory.kernel.texts import gettext as _

DAYS_MAX = 400
_PATTERN: dict[str, Any] = {
    "code": "5-2-DAY",
    "name": "Five days, two off",
    "cycle_days": 7,
    "duties": [{"day": day, "starts": "08:00:00", "ends": "17:00:00"} for day in range(5)],
}
ABSENCE: dict[str, Any] = {
    "technician": "T-9",
    "kind": "leave",
    "starts_at": "2026-03-09T00:00:00Z",
    "ends_at": "2026-03-14T00:00:00Z",
    "note": None,
}
_STANDBY: dict[str, Any] = {
    "technician": "T-9",
    "starts_at": "2026-03-07T00:00:00Z",
    "ends_at": "2026-03-07T12:00:00Z",
    "callout_min": 60,
}
_SECONDMENT: dict[str, Any] = {
    "technician": "T-9",
    "region": "CN",
    "starts_at": "2026-03-09T00:00:00Z",
    "ends_at": "2026-03-14T00:00:00Z",
    "reason": "engine change at TSN",
}
_REMOVAL: dict[str, Any] = {
    "technician": "T-9",
    "first_day": "2026-03-16",
    "last_day": "2026-03-20",
    "reason": "course instead",
}
_ROSTER: dict[str, Any] = {
    "technician": "T-9",
    "pattern": "5-2-DAY",
    "begins": "2026-03-09",
    "first_day": "2026-03-09",
    "last_day": "2026-03-29",
}


class CycleDuty(BaseModel):
    """A duty on a day of the cycle, counted from 0, in local time; `ends` at or before `starts` is the next day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: Annotated[int, Field(ge=0, lt=366)]
    starts: time
    ends: time

    @model_validator(mode="after")
    def _is_local(self) -> Self:
        if self.starts.tzinfo is not None or self.ends.tzinfo is not None:
            raise ValueError(_("the times of a shift are local to the technician; give them without a UTC offset"))
        return self


class ShiftCycle(BaseModel):
    """Duties that come again after so many days."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, from_attributes=True, json_schema_extra={"examples": [_PATTERN]}
    )

    code: Code
    name: Text
    cycle_days: Annotated[int, Field(ge=1, le=366)]
    duties: Annotated[tuple[CycleDuty, ...], Field(min_length=1, max_length=400)]

    @model_validator(mode="after")
    def _fits_into_the_cycle(self) -> Self:
        beyond = [duty.day for duty in self.duties if duty.day >= self.cycle_days]
        if beyond:
            raise ValueError(
                _("pattern {code} has no day {day}; its days are 0 to {last}").format(
                    code=self.code, day=beyond[0], last=self.cycle_days - 1
                )
            )
        return self

    @model_validator(mode="after")
    def _has_no_two_duties_at_once(self) -> Self:
        told = sorted(self.duties, key=lambda duty: (duty.day, duty.starts))
        again = told[0].model_copy(update={"day": told[0].day + self.cycle_days})  # the cycle comes again
        for one, following in pairwise([*told, again]):
            last = one.day if one.ends > one.starts else one.day + 1
            if (following.day, following.starts) < (last, one.ends) or (one.day, one.starts) == (
                following.day,
                following.starts,
            ):
                raise ValueError(
                    _("pattern {code}: the duty on day {day} at {start} overlaps the one before; correct one").format(
                        code=self.code, day=following.day % self.cycle_days, start=f"{following.starts:%H:%M}"
                    )
                )
        return self


class RosterRequest(BaseModel):
    """A roster to make for a technician: day 0 of the pattern is on the date `begins`; both days are included."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_ROSTER]})

    technician: Code
    pattern: Code
    begins: Day
    first_day: Day
    last_day: Day

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if not 0 <= (self.last_day - self.first_day).days < DAYS_MAX:
            raise ValueError(
                _("a roster is for at least one day and at most {days}; correct the days").format(days=DAYS_MAX)
            )
        return self


class RosterFault(BaseModel):
    """What keeps a roster from being put in force: a code, and a sentence with the numbers."""

    code: str
    text: str


class Roster(BaseModel):
    """The shifts of a roster, and what keeps it from being put in force."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "technician": "T-9",
                    "shifts": [{"work_date": "2026-03-09", "starts": "08:00:00", "ends": "17:00:00"}],
                    "faults": [],
                }
            ]
        }
    )

    technician: str
    shifts: list[Duty]
    faults: list[RosterFault]


class Spanned(BaseModel):
    """A span of time of a technician; `ends_at` is exclusive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    technician: Code
    starts_at: Instant
    ends_at: Instant

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError(
                _("what is told of {code} ends before it starts; correct the instants").format(code=self.technician)
            )
        return self


class NewAbsence(Spanned):
    """A technician is not there."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [ABSENCE]})

    kind: AbsenceKind
    note: Text | None = None


class NewStandby(Spanned):
    """A technician can be called in, within `callout_min` minutes."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_STANDBY]})

    callout_min: Annotated[int, Field(ge=1, le=24 * 60)]


class NewSecondment(Spanned):
    """The region of a technician lends the person to another region."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_SECONDMENT]})

    region: Code
    reason: Text


class Ending(BaseModel):
    """Why what is told of a technician ends, and when: now, unless it says later."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "back early", "at": None}]}
    )

    reason: Text
    at: Instant | None = None


class ShiftsToRemove(BaseModel):
    """The shifts of some days that a technician does not work, both days included, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_REMOVAL]})

    technician: Code
    first_day: Day
    last_day: Day
    reason: Text

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if not 0 <= (self.last_day - self.first_day).days < DAYS_MAX:
            raise ValueError(
                _("a roster is for at least one day and at most {days}; correct the days").format(days=DAYS_MAX)
            )
        return self


class AbsenceOut(BaseModel):
    """An absence."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "01900000-0000-7000-8000-0000000000c1", **ABSENCE}]}
    )

    id: UUID
    technician: str
    kind: AbsenceKind
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    note: str | None


class StandbyOut(BaseModel):
    """A standby duty."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "01900000-0000-7000-8000-0000000000c2", **_STANDBY}]}
    )

    id: UUID
    technician: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    callout_min: int


class SecondmentOut(BaseModel):
    """A technician lent to another region, and who granted it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "01900000-0000-7000-8000-0000000000c3", **_SECONDMENT, "granted_by": "manager.sea"}]
        }
    )

    id: UUID
    technician: str
    region: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str
    granted_by: str


class RosterDay(BaseModel):
    """A shift of a technician, in local time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"technician": "T-9", "work_date": "2026-03-09", "starts": "08:00:00", "ends": "17:00:00"}]
        }
    )

    technician: str
    work_date: date
    starts: time
    ends: time
