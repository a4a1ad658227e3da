"""Jobs as they come in and go out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import JobKind, JobStatus
from fieldops.workforce.kinds import Seat
from inventory.kernel.fields import Code, Currency, Instant, Price, QuantityAboveZero, Text
from inventory.kernel.priority import Priority
from inventory.kernel.texts import gettext as _


class PartNeed(BaseModel):
    """A part that must be at the place before the job starts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Code
    quantity: QuantityAboveZero
    alternates: Annotated[tuple[Code, ...], Field(max_length=20)] = ()


class SeatNeed(BaseModel):
    """Seats of one kind on a job, and what each who takes one must hold beside what the rules ask."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seat: Seat
    count: Annotated[int, Field(ge=1, le=20)] = 1
    qualifications: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    security_level: Annotated[int, Field(ge=0, le=9)] = 0


class ToolNeed(BaseModel):
    """A kind of tool that a job needs, calibrated through its end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Code
    count: Annotated[int, Field(ge=1, le=20)] = 1


def _refuse_twice(
    parts: Sequence[PartNeed], seats: Sequence[SeatNeed], tools: Sequence[ToolNeed], after: Sequence[str]
) -> None:
    if len({need.part for need in parts}) < len(parts):
        raise ValueError(_("a part is named twice; add up its quantities"))
    for names in ([one.seat for one in seats], [one.kind for one in tools], after):
        if len(set(names)) < len(names):
            raise ValueError(_("a seat, a tool or a job before it is named twice; name it once"))


class NewJob(BaseModel):
    """A job to add: it must start between `window_start` and `window_end`; lateness counts from `due_at`.

    `tail` binds it to an aircraft of the fleet, which must be known; place, window and when it is due then follow from
    the aircraft's time on ground where they are left out. `aircraft` names the tail where they are not. A `task` tells
    the duration and the data where these are left out, and whether the job is inspected. Without `seats` one person
    does it. `after` are jobs that must be done before.
    """

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
    place: Code | None = None
    aircraft: Code | None = None
    duration_min: Annotated[int, Field(gt=0, le=24 * 60)] | None = None
    window_start: Instant | None = None
    window_end: Instant | None = None
    due_at: Instant | None = None
    delay_cost_per_h: Price
    currency: Currency
    qualifications: tuple[Code, ...] = ()
    parts: tuple[PartNeed, ...] = ()
    tail: Code | None = None
    task: Code | None = None
    system: Code | None = None
    release_level: Code | None = None
    inspection: bool | None = None
    data_reference: Text | None = None
    data_revision: Code | None = None
    seats: Annotated[tuple[SeatNeed, ...], Field(max_length=len(Seat))] = ()
    tools: Annotated[tuple[ToolNeed, ...], Field(max_length=50)] = ()
    after: Annotated[tuple[Code, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _window_and_needs_make_sense(self) -> Self:
        if self.window_start is not None and self.window_end is not None and self.window_end < self.window_start:
            raise ValueError(
                _("the window of job {number} ends before it starts; correct window_start or window_end").format(
                    number=self.number
                )
            )
        if len(set(self.qualifications)) < len(self.qualifications):
            raise ValueError(_("job {number} names a qualification twice; name it once").format(number=self.number))
        return self

    @model_validator(mode="after")
    def _names_nothing_twice(self) -> Self:
        _refuse_twice(self.parts, self.seats, self.tools, self.after)
        if self.number in self.after:
            raise ValueError(_("job {number} cannot come after itself; correct after").format(number=self.number))
        if self.tail is not None and self.aircraft not in (None, self.tail):
            raise ValueError(
                _("job {number} names two aircraft; leave aircraft out where tail is given").format(number=self.number)
            )
        return self

    @model_validator(mode="after")
    def _tells_where_when_and_how_long(self) -> Self:
        if self.duration_min is None and self.task is None:
            raise ValueError(_("job {number} needs duration_min, or a task that tells it").format(number=self.number))
        told = (self.place, self.window_start, self.window_end, self.due_at)
        if self.tail is None and None in told:
            raise ValueError(
                _("job {number} needs place, window_start, window_end and due_at, or a tail that tells them").format(
                    number=self.number
                )
            )
        return self


class JobChange(BaseModel):
    """What to change of a job; what is left out stays. A closed job is planned no more, until it is opened again.

    `after` takes the place of the jobs that had to be done before it, `seats`, `tools` and `parts` of what it needed.
    While it is planned it may get another `tail`, from which place, window and when it is due follow anew, and another
    `task`, from which duration, data and inspection follow, where the change does not name them. One that is under way
    may be told to take longer by `duration_min`: its crew is busy as much longer.
    """

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
    inspection: bool | None = None
    data_reference: Text | None = None
    data_revision: Code | None = None
    after: Annotated[tuple[Code, ...], Field(max_length=50)] | None = None
    tail: Code | None = None
    task: Code | None = None
    system: Code | None = None
    place: Code | None = None
    duration_min: Annotated[int, Field(gt=0, le=24 * 60)] | None = None
    seats: Annotated[tuple[SeatNeed, ...], Field(max_length=len(Seat))] | None = None
    tools: Annotated[tuple[ToolNeed, ...], Field(max_length=50)] | None = None
    parts: tuple[PartNeed, ...] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(_("name at least one field to change"))
        empty = sorted(
            name for name in self.model_fields_set - {"title_zh", "task", "system"} if getattr(self, name) is None
        )
        if empty:
            raise ValueError(_("{field} cannot be empty; leave it out to keep it").format(field=empty[0]))
        _refuse_twice(self.parts or (), self.seats or (), self.tools or (), self.after or ())
        return self


class JobOut(BaseModel):
    """A job; `version` is its ETag.

    `duration_min` is the median; nine of ten such jobs stay below `duration_p90_min`, as its task learned from
    `learned_from` closed jobs. A job without a task tells neither. Where somebody has locked it (`locked_by`), its
    people and its time stay in every plan.
    """

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
                    "state": "planned",
                    "tail": "B-3721",
                    "task": "33-41-01",
                    "system": None,
                    "release_level": "line",
                    "inspection": False,
                    "data_reference": "AMM 33-41-01",
                    "data_revision": "42",
                    "duration_p90_min": 141,
                    "learned_from": 7,
                    "seats": [{"seat": "release_signatory", "count": 1, "qualifications": ["B1"], "security_level": 0}],
                    "tools": [{"kind": "TORQUE-20", "count": 1}],
                    "after": [],
                    "locked_by": None,
                    "locked_at": None,
                    "lock_reason": None,
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
    state: JobState
    tail: str | None
    task: str | None
    system: str | None
    release_level: str | None
    inspection: bool
    data_reference: str | None
    data_revision: str | None
    duration_p90_min: int | None
    learned_from: int | None
    seats: list[SeatNeed]
    tools: list[ToolNeed]
    after: list[str]
    locked_by: str | None
    locked_at: AwareDatetime | None
    lock_reason: str | None
