"""Assignments as they come in and go out."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator

from fieldops.workforce.kinds import Seat
from inventory.kernel.fields import Code, Instant
from inventory.kernel.texts import gettext as _

_ASSIGNMENT: dict[str, Any] = {
    "technician": "T-9",
    "seat": "release_signatory",
    "starts_at": "2026-03-03T01:00:00Z",
    "ends_at": "2026-03-03T02:30:00Z",
}


class NewAssignment(BaseModel):
    """A technician is to take a seat of a job for a span; without an end, as long as the job takes."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_ASSIGNMENT]})

    technician: Code
    seat: Seat
    starts_at: Instant
    ends_at: Instant | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError(_("the seat ends before it starts; correct ends_at"))
        return self


class AssignmentOut(BaseModel):
    """Somebody has a seat of a job; `job_version` is the ETag of the job."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _ASSIGNMENT
                | {
                    "id": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a31",
                    "job": "J-104",
                    "job_version": 3,
                    "name": "Nguyễn An",
                    "made_by": "li.na",
                    "made_at": "2026-03-02T08:00:00Z",
                }
            ]
        }
    )

    id: UUID
    job: str
    job_version: int
    technician: str
    name: str
    seat: Seat
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    made_by: str
    made_at: AwareDatetime


class Crew(BaseModel):
    """Who sits on a job, and which of its seats are empty still; `version` is the job's ETag."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"job": "J-104", "version": 3, "assignments": [], "empty": ["mechanic"]},
            ]
        }
    )

    job: str
    version: int
    assignments: list[AssignmentOut]
    empty: list[Seat]


class PublishedSeat(BaseModel):
    """A seat that a plan gives, and to whom."""

    technician: str
    seat: Seat


class PublishedJob(BaseModel):
    """Whether the crew of a plan got its seats of a job, all or none; if not, `code` and `detail` tell why.

    `crew` are the seats that were not given yet, `by_hand` those that the plan does not give and that are empty still.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "job": "J-104",
                    "crew": [
                        {"technician": "T-9", "seat": "mechanic"},
                        {"technician": "T-4", "seat": "release_signatory"},
                    ],
                    "by_hand": [],
                    "assigned": True,
                    "code": None,
                    "detail": None,
                }
            ]
        }
    )

    job: str
    crew: list[PublishedSeat]
    by_hand: list[Seat]
    assigned: bool
    code: str | None = None
    detail: str | None = None
