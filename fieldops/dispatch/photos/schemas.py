"""Photos as they come in and go out."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from fieldops.dispatch.execution.schemas import EventOutcome
from inventory.kernel.fields import Instant, Text

_KEY = "0195e6a4-7a11-7c0e-9d0e-0d8f5c1f2a31"
_PHOTO: dict[str, Any] = {
    "id": _KEY,
    "version": 1,
    "job": "J-104",
    "step": 3,
    "note": "left brake, worn",
    "technician": "T-9",
    "taken_at": "2026-03-03T02:40:00Z",
    "recorded_at": "2026-03-03T09:12:00Z",
    "recorded_by": "an",
    "media_type": "image/jpeg",
    "width": 2560,
    "height": 1920,
    "size_bytes": 812345,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "struck_at": None,
    "struck_by": None,
    "struck_reason": None,
}


class NewPhoto(BaseModel):
    """What is told of a photo beside its picture. `id` is the sender's: the same one counts once.

    With `step` it answers that step of the checklist of the job.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: UUID
    taken_at: Instant
    note: Text | None = None
    step: Annotated[int, Field(ge=1, le=1_000)] | None = None


class PhotoOut(BaseModel):
    """A photo of a job; `version` is its ETag. One that is struck out tells by whom and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PHOTO]})

    id: UUID
    version: int
    job: str
    step: int | None
    note: str | None
    technician: str | None
    taken_at: AwareDatetime
    recorded_at: AwareDatetime
    recorded_by: str
    media_type: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    struck_at: AwareDatetime | None
    struck_by: str | None
    struck_reason: str | None


class AddedPhoto(BaseModel):
    """A photo that is kept, and what became of its answer to a step of the checklist, where it answers one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "photo": _PHOTO,
                    "answer": {"id": _KEY, "job": "J-104", "standing": "applied", "reason": None, "detail": None},
                }
            ]
        }
    )

    photo: PhotoOut
    answer: EventOutcome | None


class Strike(BaseModel):
    """Why a photo is struck out."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "shows another aircraft"}]}
    )

    reason: Text
