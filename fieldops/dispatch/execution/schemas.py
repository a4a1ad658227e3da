"""Events of jobs as they come in and go out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from fieldops.dispatch.checklists.schemas import StepAnswer
from fieldops.dispatch.execution.lifecycle import OFFICE, EventKind, JobState
from fieldops.dispatch.execution.models import Decision
from fieldops.finance.control.schemas import VerdictOut
from fieldops.finance.costing.labour import Fare, Interval
from inventory.cores.models import RemovalKind
from inventory.kernel.fields import Code, Day, Instant, Price, QuantityAboveZero, Text
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import OWN
from inventory.ledger.schemas import Owner
from inventory.traceability.condition import Condition

BATCH_MAX = 500

_KEY = "0195e6a4-6f0a-4c0e-9d0e-0d8f5c1f2a31"
_EVENT: dict[str, Any] = {
    "id": _KEY,
    "job": "J-104",
    "kind": "labour",
    "happened_at": "2026-03-03T03:00:00Z",
    "device": "tablet-7",
    "sequence": 12,
    "work": {"start": "2026-03-03T01:30:00Z", "end": "2026-03-03T03:00:00Z"},
}
_DEFECT: dict[str, Any] = {
    "reference": "DDL-0042",
    "category": "C",
    "due_on": "2026-03-12",
    "text": "Left landing light inoperative, MEL 33-10-1",
}


class IssuedPart(BaseModel):
    """A part taken from a kit or depot for the job; `replaces` is the part that it asked for, where this is another."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Code
    quantity: QuantityAboveZero
    origin: Code
    lot: Code | None = None
    condition: Condition = Condition.SERVICEABLE
    owner: Owner = OWN
    replaces: Code | None = None
    reservation: UUID | None = None


class Removal(BaseModel):
    """A unit taken off the aircraft. It enters the stock of `place`, or of the job's place, in condition as removed.

    Without an owner it is the operator's; `value` is what is charged where the unit never comes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Code
    serial: Code | None = None
    kind: RemovalKind
    reason: Text
    position: Code | None = None
    tag: Code | None = None
    owner: Owner | None = None
    place: Code | None = None
    value: Price | None = None
    due_on: Day | None = None


class Journey(Interval):
    """A way to or from a job, with what it cost beside the time."""

    km: Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=2)] = Decimal(0)
    fares: Annotated[tuple[Fare, ...], Field(max_length=20)] = ()
    nights: Annotated[int, Field(ge=0, le=31)] = 0
    allowance_days: Annotated[int, Field(ge=0, le=31)] = 0


class OpenDefect(BaseModel):
    """A defect that stays open: where it is entered, its MEL category where it has one, the last day to mend it."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [_DEFECT]},
    )

    reference: Code
    category: Literal["A", "B", "C", "D"] | None = None
    due_on: Day | None = None
    text: Text


class NewEvent(BaseModel):
    """Something that happened in the field. `id` is the sender's: the same one counts once.

    `technician` is who did it, where a dispatcher sends it. `sequence` counts the events of a device, and shows a clock
    that was set back. What else is told depends on the kind: a `reason`, `work`, `journey`, `issue`, `removal`, an
    `answer` to a step of the checklist, the words of a release.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_EVENT]})

    id: UUID
    job: Code
    kind: EventKind
    happened_at: Instant
    technician: Code | None = None
    device: Annotated[str, Field(max_length=48, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    sequence: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    reason: Text | None = None
    part: Code | None = None
    title: Text | None = None
    work: Interval | None = None
    journey: Journey | None = None
    issue: IssuedPart | None = None
    removal: Removal | None = None
    answer: StepAnswer | None = None
    approval: Code | None = None
    data_reference: Text | None = None
    data_revision: Code | None = None
    limitations: Text | None = None
    deferrals: Annotated[tuple[OpenDefect, ...], Field(max_length=50)] = ()
    operator_release: Text | None = None

    @model_validator(mode="after")
    def _is_of_the_field(self) -> Self:
        if self.kind in OFFICE:
            raise ValueError(_("{kind} is done by the office; use its own route").format(kind=self.kind))
        for kind, name in _BOOKED.items():
            if (self.kind is kind) != (getattr(self, name) is not None):
                raise ValueError(
                    _("an event {kind} tells {name}, and no other does; correct the event").format(kind=kind, name=name)
                )
        return self


_BOOKED = {
    EventKind.LABOUR: "work",
    EventKind.TRAVEL: "journey",
    EventKind.PART_ISSUED: "issue",
    EventKind.UNIT_REMOVED: "removal",
    EventKind.STEP_ANSWERED: "answer",
}


class Standing(StrEnum):
    """What became of an event."""

    APPLIED = "applied"
    QUARANTINED = "quarantined"
    KNOWN = "known"
    """It came in before; nothing was done again."""
    REFUSED = "refused"
    """It cannot be read, and is not kept; it may be sent again once it is corrected."""


class EventOutcome(BaseModel):
    """What became of an event; one that does not fit waits for a person, and `reason` and `detail` tell why.

    `id` is null where the sender told none.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": _KEY, "job": "J-104", "standing": "applied", "reason": None, "detail": None}]
        }
    )

    id: UUID | None
    job: str
    standing: Standing
    reason: str | None = None
    detail: str | None = None


class JobEventOut(BaseModel):
    """An event of a job. `in_force` is false for one that waits or was discarded."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": _KEY,
                    "job": "J-104",
                    "kind": "labour",
                    "happened_at": "2026-03-03T03:00:00Z",
                    "recorded_at": "2026-03-03T09:12:00Z",
                    "recorded_by": "an",
                    "technician": "T-9",
                    "in_force": True,
                    "told": {"work": {"start": "2026-03-03T01:30:00Z", "end": "2026-03-03T03:00:00Z"}},
                }
            ]
        }
    )

    id: UUID
    job: str
    kind: EventKind
    happened_at: AwareDatetime
    recorded_at: AwareDatetime
    recorded_by: str
    technician: str | None
    in_force: bool
    told: dict[str, Any]


class QuarantinedEventOut(BaseModel):
    """An event that waits for a person, or that one has decided about; `version` is its ETag."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": _KEY,
                    "version": 1,
                    "job": "J-104",
                    "event": _EVENT,
                    "recorded_by": "an",
                    "recorded_at": "2026-03-03T09:12:00Z",
                    "reason": "not_in_crew",
                    "detail": "T-9 had no seat of job J-104 for this at the time",
                    "state": "open",
                    "happened_at": None,
                    "resolved_by": None,
                    "resolved_at": None,
                    "note": None,
                }
            ]
        }
    )

    id: UUID
    version: int
    job: str
    event: dict[str, Any]
    recorded_by: str
    recorded_at: AwareDatetime
    reason: str
    detail: str
    state: Decision
    happened_at: AwareDatetime | None
    resolved_by: str | None
    resolved_at: AwareDatetime | None
    note: str | None


class EventDecision(BaseModel):
    """What to do with an event that waits: apply it, with its time or its job corrected where needed, or discard it.

    Its time is judged no more; the table of steps still is. What somebody booked who had a seat of the job
    before, and was taken off it, is applied as it was.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"apply": True, "happened_at": "2026-03-03T02:50:00Z", "note": "the tablet's clock was wrong"}]
        },
    )

    apply: bool
    happened_at: Instant | None = None
    job: Code | None = None
    note: Text

    @model_validator(mode="after")
    def _corrects_what_is_applied(self) -> Self:
        if not self.apply and (self.happened_at is not None or self.job is not None):
            raise ValueError(_("what is discarded needs no correction; leave happened_at and job out"))
        return self


class OfficeStep(BaseModel):
    """What the office does with a job: `recall`, `cancel` and `reopen` need a reason, `close` none."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"kind": "recall", "reason": "the aircraft departs early"}]},
    )

    kind: EventKind
    reason: Text | None = None

    @model_validator(mode="after")
    def _is_of_the_office(self) -> Self:
        if self.kind not in (EventKind.RECALL, EventKind.CANCEL, EventKind.CLOSE, EventKind.REOPEN):
            raise ValueError(_("the office recalls, cancels, closes or reopens a job; correct kind"))
        return self


class Dispatched(BaseModel):
    """Whether a job was dispatched; `verdict` is what the budget says, with the approval that it waits for, if any.

    A job whose cost is not held is not dispatched: dispatch it again once the approval is given.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"job": "J-104", "version": 4, "state": "dispatched", "dispatched": True, "verdict": None},
            ]
        }
    )

    job: str
    version: int
    state: JobState
    dispatched: bool
    verdict: VerdictOut | None


class CertificateOut(BaseModel):
    """A certificate of release to service; one whose release was discarded is withdrawn."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": "CRS-000001",
                    "job": "J-104",
                    "tail": "B-3721",
                    "approval": "D.4001",
                    "signatory": "T-9",
                    "name": "Nguyễn An",
                    "data_reference": "AMM 33-41-01",
                    "data_revision": "42",
                    "limitations": None,
                    "deferrals": [_DEFECT],
                    "released_at": "2026-03-03T03:00:00Z",
                    "withdrawn_at": None,
                }
            ]
        }
    )

    number: str
    job: str
    tail: str | None
    approval: str
    signatory: str
    name: str
    data_reference: str
    data_revision: str
    limitations: str | None
    deferrals: list[OpenDefect]
    released_at: AwareDatetime
    withdrawn_at: AwareDatetime | None


class OwnJob(BaseModel):
    """A job as the technician who sits on it sees it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "job": "J-104",
                    "version": 4,
                    "title": "Landing light is out",
                    "title_zh": "着陆灯不亮",
                    "state": "dispatched",
                    "place": "VTE",
                    "tail": "B-3721",
                    "seat": "release_signatory",
                    "starts_at": "2026-03-03T01:00:00Z",
                    "ends_at": "2026-03-03T02:30:00Z",
                    "day": "2026-03-03",
                }
            ]
        }
    )

    job: str
    version: int
    title: str
    title_zh: str | None
    state: JobState
    place: str
    tail: str | None
    seat: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    day: date
