"""Questions for an appointment as they come in, and the answers as they go out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fieldops.planning.desk.rules import WINDOWS_MAX
from fieldops.planning.desk.schemas import COST_EXAMPLE, SEAT_EXAMPLE, TRAVEL_EXAMPLE, PriceOut, SeatPlace
from fieldops.planning.schemas import ReasonOut, TravelOut
from inventory.kernel.fields import Day, Instant
from inventory.kernel.texts import gettext as _


class AskedWindow(BaseModel):
    """A span in which the work is to begin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    starts_at: Instant
    ends_at: Instant

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at < self.starts_at:
            raise ValueError(_("the window ends before it starts; correct ends_at"))
        return self


class AppointmentQuestion(BaseModel):
    """Which appointment can be promised: `windows`, or those of `length_min` minutes of a `day` at the job's place."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"day": "2026-03-03", "length_min": 120}]}
    )

    windows: Annotated[tuple[AskedWindow, ...], Field(max_length=WINDOWS_MAX)] = ()
    day: Day | None = None
    length_min: Annotated[int, Field(ge=30, le=1440)] = 120

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.windows) == (self.day is not None):
            raise ValueError(_("give windows or a day, one of both"))
        return self


class AppointmentOut(BaseModel):
    """A window in which the work could begin: with whom and for how much more, or why nobody can keep it.

    It is taken as `option` of the answer; null where nobody can, or where it lies outside the job's own window
    (`outside_window`), which has to be changed first.
    """

    starts_at: datetime
    ends_at: datetime
    option: int | None
    outside_window: bool
    seats: list[SeatPlace]
    cost: PriceOut | None
    reasons: list[ReasonOut]


class AppointmentsOut(BaseModel):
    """What each window would cost the plan in force at least; nobody else is moved for it.

    Until `expires_at` one of them can be taken by the `key`, as the options of a recommendation are.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a31",
                    "job": "J-104",
                    "plan": "P-000001",
                    "age_s": 12.5,
                    "unfit": [],
                    "time_zone": "Asia/Vientiane",
                    "travel": TRAVEL_EXAMPLE,
                    "expires_at": "2026-03-02T08:05:00Z",
                    "appointments": [
                        {
                            "starts_at": "2026-03-03T01:00:00Z",
                            "ends_at": "2026-03-03T03:00:00Z",
                            "option": 1,
                            "outside_window": False,
                            "seats": [{**SEAT_EXAMPLE, "travel_min": 40}],
                            "cost": COST_EXAMPLE,
                            "reasons": [],
                        }
                    ],
                }
            ]
        }
    )

    key: UUID | None
    job: str
    plan: str
    age_s: float
    unfit: list[str]
    time_zone: str
    travel: TravelOut
    expires_at: datetime
    appointments: list[AppointmentOut]
