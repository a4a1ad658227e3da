"""Jobs as they come in and go out."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from fieldops.dispatch.models import JobKind, JobStatus, Priority
from inventory.kernel.fields import Code, Currency, Instant, Price, QuantityAboveZero, Text
from inventory.kernel.texts import gettext as _


class PartNeed(BaseModel):
    """A part that must be at the place before the job starts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Code
    quantity: QuantityAboveZero


class NewJob(BaseModel):
    """A job to add: it must start between `window_start` and `window_end`; lateness counts from `due_at`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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


class JobOut(BaseModel):
    """A job."""

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
