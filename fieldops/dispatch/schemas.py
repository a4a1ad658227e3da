"""Jobs as they come in and go out."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from fieldops.dispatch.models import JobKind, JobStatus
from inventory.kernel.fields import Code, Currency, Instant, Price, QuantityAboveZero, Text
from inventory.kernel.priority import Priority
from inventory.kernel.texts import gettext as _


class PartNeed(BaseModel):
    """A part that must be at the place before the job starts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Code
    quantity: QuantityAboveZero


class NewJob(BaseModel):
    """A job to add: it must start between `window_start` and `window_end`; lateness counts from `due_at`."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "number": "J-104",
                    "work_order": "W-104",
                    "title": "Landing light is out",
                    "title_zh": "着陆灯不亮",
                    "kind": "defect",
                    "priority": "CRITICAL",
                    "place": "VTE",
                    "aircraft": "B-3721",
                    "duration_min": 90,
                    "window_start": "2026-03-03T01:00:00Z",
                    "window_end": "2026-03-04T11:00:00Z",
                    "due_at": "2026-03-03T05:00:00Z",
                    "delay_cost_per_h": "150.00",
                    "currency": "USD",
                    "qualifications": ["B1"],
                    "parts": [{"part": "LAMP-1", "quantity": "1"}],
                }
            ]
        },
    )

    number: Code
    work_order: Code
    title: Text
    title_zh: Text | None = None
    kind: JobKind
    priority: Priority
    place: Code
    aircraft: Code | None = None
    duration_min: Annotated[int, Field(gt=0, le=24 * 60)]
    window_start: Instant
    window_end: Instant
    due_at: Instant
    delay_cost_per_h: Price
    currency: Currency
    qualifications: tuple[Code, ...] = ()
    parts: tuple[PartNeed, ...] = ()

    @model_validator(mode="after")
    def _window_and_needs_make_sense(self) -> Self:
        if self.window_end < self.window_start:
            raise ValueError(
                _("the window of job {number} ends before it starts; correct window_start or window_end").format(
                    number=self.number
                )
            )
        if len({need.part for need in self.parts}) < len(self.parts):
            raise ValueError(_("job {number} names a part twice; add up its quantities").format(number=self.number))
        if len(set(self.qualifications)) < len(self.qualifications):
            raise ValueError(_("job {number} names a qualification twice; name it once").format(number=self.number))
        return self


class JobChange(BaseModel):
    """What to change of a job; what is left out stays. A closed job is planned no more, until it is opened again."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"priority": "CRITICAL", "due_at": "2026-03-04T08:00:00Z"}]},
    )

    title: Text | None = None
    title_zh: Text | None = None
    priority: Priority | None = None
    status: JobStatus | None = None
    window_start: Instant | None = None
    window_end: Instant | None = None
    due_at: Instant | None = None
    delay_cost_per_h: Price | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(_("name at least one field to change"))
        empty = sorted(name for name in self.model_fields_set - {"title_zh"} if getattr(self, name) is None)
        if empty:
            raise ValueError(_("{field} cannot be empty; leave it out to keep it").format(field=empty[0]))
        return self


class JobOut(BaseModel):
    """A job; `version` is its ETag."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 1,
                    "number": "J-104",
                    "work_order": "W-104",
                    "title": "Landing light is out",
                    "title_zh": "着陆灯不亮",
                    "kind": "defect",
                    "priority": "CRITICAL",
                    "place": "VTE",
                    "aircraft": "B-3721",
                    "duration_min": 90,
                    "window_start": "2026-03-03T01:00:00Z",
                    "window_end": "2026-03-04T11:00:00Z",
                    "due_at": "2026-03-03T05:00:00Z",
                    "delay_cost_per_h": "150.0000",
                    "currency": "USD",
                    "qualifications": ["B1"],
                    "parts": [{"part": "LAMP-1", "quantity": "1"}],
                    "status": "open",
                    "region": "SEA",
                }
            ]
        }
    )

    version: int
    number: str
    work_order: str
    title: str
    title_zh: str | None
    kind: JobKind
    status: JobStatus
    priority: Priority
    place: str
    region: str | None
    aircraft: str | None
    duration_min: int
    window_start: AwareDatetime
    window_end: AwareDatetime
    due_at: AwareDatetime
    delay_cost_per_h: Decimal
    currency: str
    qualifications: list[str]
    parts: list[PartNeed]
