"""Schedules as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from fieldops.operations.rules import cron_trigger
from inventory.kernel.fields import Code
from inventory.kernel.texts import gettext as _
from inventory.network.schemas import TimeZone

SCHEDULABLE = (("plan", "day"),)
"""What a schedule may start: the first words of a command of this program. Nothing else is ever run."""


class NewSchedule(BaseModel):
    """A schedule to add: `cron` is minute, hour, day, month and weekday in `time_zone`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Code
    arguments: list[str]
    cron: Annotated[str, Field(max_length=64)]
    time_zone: TimeZone
    enabled: bool = True

    @field_validator("arguments")
    @classmethod
    def _may_be_scheduled(cls, arguments: list[str]) -> list[str]:
        if tuple(arguments[:2]) not in SCHEDULABLE:
            raise ValueError(_("only “plan day” can be scheduled"))
        return arguments

    @field_validator("cron")
    @classmethod
    def _can_be_followed(cls, cron: str) -> str:
        cron_trigger(cron, "UTC")
        return cron


class ScheduleOut(BaseModel):
    """A schedule, when it last started and how that ended (0: done)."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    arguments: list[str]
    cron: str
    time_zone: str
    enabled: bool
    last_started_at: datetime | None
    last_exit_status: int | None
