"""Tasks as they come in and go out."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from inventory.kernel.fields import Code, Text
from inventory.kernel.texts import gettext as _

Ata = Annotated[str, StringConstraints(pattern=r"^\d{2}(-\d{2}){0,2}$")]
"""An ATA chapter, with section and subject where they are known."""
Minutes = Annotated[int, Field(gt=0, le=100 * 60)]

_TASK: dict[str, Any] = {
    "code": "33-41-01",
    "title": "Replace landing light",
    "title_zh": "更换着陆灯",
    "ata": "33-41",
    "critical": False,
    "inspection": False,
    "data_reference": "AMM 33-41-01",
    "data_revision": "42",
    "estimate_min": 90,
    "estimate_p90_min": 140,
}


class NewTask(BaseModel):
    """Work that jobs repeat. The minutes are those of one person: the median, and what nine of ten stay below.

    Different people do a `critical` one on different systems of an aircraft.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_TASK]})

    code: Code
    title: Text
    title_zh: Text | None = None
    ata: Ata
    critical: bool = False
    inspection: bool = False
    data_reference: Text | None = None
    data_revision: Code | None = None
    estimate_min: Minutes
    estimate_p90_min: Minutes

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.estimate_p90_min < self.estimate_min:
            raise ValueError(
                _("task {code}: nine of ten cannot stay below less than half do; correct estimate_p90_min").format(
                    code=self.code
                )
            )
        return self


class TaskOut(BaseModel):
    """A task; `learned_min` and `learned_p90_min` are what the `learned_from` closed jobs made of its estimate."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_TASK | {"version": 1, "learned_min": 96, "learned_p90_min": 150, "learned_from": 7}]
        }
    )

    version: int
    code: str
    title: str
    title_zh: str | None
    ata: str
    critical: bool
    inspection: bool
    data_reference: str | None
    data_revision: str | None
    estimate_min: int
    estimate_p90_min: int
    learned_min: int
    learned_p90_min: int
    learned_from: int
