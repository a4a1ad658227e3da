"""Operations and schedules as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from fieldops.operations.ends import stage_of, text_of
from fieldops.operations.rules import cron_trigger
from inventory.kernel.fields import Code
from inventory.kernel.operations import Operation, OperationState, Schedule
from inventory.network.schemas import TimeZone


def _can_be_followed(cron: str) -> str:
    cron_trigger(cron, "UTC")
    return cron


Cron = Annotated[str, Field(max_length=64), AfterValidator(_can_be_followed)]
"""Minute, hour, day, month and weekday, as in crontab(5)."""


class NewSchedule(BaseModel):
    """A schedule to add: at each slot of `cron` in `time_zone` it submits work of a kind with the parameters."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "name": "day-plan",
                    "kind": "plan.day",
                    "parameters": {"region": "SEA"},
                    "cron": "0 5 * * *",
                    "time_zone": "Asia/Vientiane",
                    "enabled": True,
                }
            ]
        },
    )

    name: Code
    kind: Code
    parameters: dict[str, Any] = {}
    cron: Cron
    time_zone: TimeZone
    enabled: bool = True


class ScheduleChange(BaseModel):
    """What to change of a schedule; what is left out stays."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"enabled": False}]})

    parameters: dict[str, Any] | None = None
    cron: Cron | None = None
    time_zone: TimeZone | None = None
    enabled: bool | None = None


class RunOut(BaseModel):
    """One run of a schedule: the slot that it was due at, or asked for where `manual`, and what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "slot": "2026-03-02T05:00:00Z",
                    "fired_at": "2026-03-02T05:00:01Z",
                    "manual": False,
                    "operation": "01900000-0000-7000-8000-000000000081",
                    "state": "done",
                    "code": None,
                    "text": None,
                }
            ]
        }
    )

    slot: datetime
    fired_at: datetime
    manual: bool
    operation: UUID | None
    state: OperationState | None
    code: str | None
    text: str | None


class ScheduleOut(BaseModel):
    """A schedule and its last run; it runs in the name of `owner`, who made or changed it last."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "day-plan",
                    "kind": "plan.day",
                    "parameters": {"region": "SEA"},
                    "cron": "0 5 * * *",
                    "time_zone": "Asia/Vientiane",
                    "enabled": True,
                    "owner": "lin",
                    "version": 1,
                    "last_run": {
                        "slot": "2026-03-02T05:00:00Z",
                        "fired_at": "2026-03-02T05:00:01Z",
                        "manual": False,
                        "operation": "01900000-0000-7000-8000-000000000081",
                        "state": "done",
                        "code": None,
                        "text": None,
                    },
                }
            ]
        }
    )

    name: str
    kind: str
    parameters: dict[str, Any]
    cron: str
    time_zone: str
    enabled: bool
    owner: str
    version: int
    last_run: RunOut | None

    @classmethod
    def of(cls, schedule: Schedule, last_run: RunOut | None) -> Self:
        """Return the schedule as it is told."""
        names = cls.model_fields.keys() - {"last_run"}
        return cls(**{name: getattr(schedule, name) for name in names}, last_run=last_run)


class OperationOut(BaseModel):
    """Long work and where it stands: `done` of `total` in its `stage`; `code` and `text` say why it is not done.

    `region` is who sees it beside `actor`; "-" is work across regions. The lowest `urgency` goes first.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-000000000081",
                    "kind": "plan.day",
                    "state": "running",
                    "actor": "01900000-0000-7000-8000-000000000007",
                    "region": "SEA",
                    "urgency": 10,
                    "submitted_at": "2026-03-02T06:00:00Z",
                    "started_at": "2026-03-02T06:00:01Z",
                    "ended_at": None,
                    "stage": "Dispatch",
                    "done": 40,
                    "total": 100,
                    "code": None,
                    "text": None,
                    "cancel_requested": False,
                    "attempts": 1,
                }
            ]
        }
    )

    id: UUID
    kind: str
    state: OperationState
    actor: str
    region: str
    urgency: int
    submitted_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    stage: str | None
    done: int
    total: int
    code: str | None
    text: str | None
    cancel_requested: bool
    attempts: int

    @classmethod
    def of(cls, operation: Operation) -> Self:
        """Return the operation as it is told, in the reader's language."""
        told: dict[str, Any] = {name: getattr(operation, name) for name in cls.model_fields}
        return cls(**told | {"stage": stage_of(operation), "text": text_of(operation)})


class OperationDetail(OperationOut):
    """An operation with what it was given and what it found: `incumbent` is the best result so far."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-000000000081",
                    "kind": "plan.day",
                    "state": "running",
                    "actor": "01900000-0000-7000-8000-000000000007",
                    "region": "SEA",
                    "urgency": 10,
                    "submitted_at": "2026-03-02T06:00:00Z",
                    "started_at": "2026-03-02T06:00:01Z",
                    "ended_at": None,
                    "stage": "Dispatch",
                    "done": 40,
                    "total": 100,
                    "code": None,
                    "text": None,
                    "cancel_requested": False,
                    "attempts": 1,
                    "parameters": {"region": "SEA"},
                    "incumbent": None,
                    "result": None,
                }
            ]
        }
    )

    parameters: dict[str, Any]
    incumbent: dict[str, Any] | None
    result: dict[str, Any] | None
