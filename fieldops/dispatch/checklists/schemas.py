"""Checklists as they come in and go out, and how far that of a job is."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from fieldops.dispatch.checklists.rules import Step, StepKind
from fieldops.dispatch.models import JobKind
from inventory.kernel.fields import Code, Text
from inventory.kernel.texts import gettext as _

STEPS_MAX = 100
Measure = Annotated[Decimal, Field(max_digits=18, decimal_places=6)]
"""A measured value, in the unit of its step."""

_STEP: dict[str, Any] = {
    "name": "Torque of the wheel nuts",
    "name_zh": "机轮螺母力矩",
    "kind": "measure",
    "mandatory": True,
    "unit": "Nm",
    "lowest": "210",
    "highest": "230",
}
_TERMS: dict[str, Any] = {
    "title": "Brake of a main wheel",
    "title_zh": "主轮刹车",
    "task": "32-41-10",
    "job_kind": None,
    "active": True,
    "steps": [_STEP],
}


_LIST: dict[str, Any] = {"code": "BRAKE-MAIN"} | _TERMS
ANSWERED: dict[str, Any] = _STEP | {
    "number": 2,
    "settled": True,
    "answer": {"step": 2, "done": None, "value": "221.5", "text": None, "photo": None},
    "technician": "T-9",
    "name_of_technician": "Nguyễn An",
    "answered_at": "2026-03-03T02:40:00Z",
    "answers": 1,
}


class NewStep(BaseModel):
    """A step of the work, and how it is answered. Only a measured value has a unit and limits, and both belong to it.

    A job is not completed before its mandatory steps are answered; a value outside its limits does not answer its step.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_STEP]})

    name: Text
    name_zh: Text | None = None
    kind: StepKind
    mandatory: bool = True
    unit: Annotated[str, Field(min_length=1, max_length=16, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = None
    lowest: Measure | None = None
    highest: Measure | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        limits = (self.lowest, self.highest)
        if (self.unit is not None) != (self.kind is StepKind.MEASURE) or (self.unit is None and any(limits)):
            raise ValueError(_("step {name}: a measured value has a unit, and nothing else has").format(name=self.name))
        if self.lowest is not None and self.highest is not None and self.lowest > self.highest:
            raise ValueError(
                _("step {name}: no value lies above {lowest} and below {highest}; correct the limits").format(
                    name=self.name, lowest=self.lowest, highest=self.highest
                )
            )
        return self


class ChecklistTerms(BaseModel):
    """The steps of one task, or of every job of a kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_TERMS]})

    title: Text
    title_zh: Text | None = None
    task: Code | None = None
    job_kind: JobKind | None = None
    active: bool = True
    steps: Annotated[tuple[NewStep, ...], Field(min_length=1, max_length=STEPS_MAX)]

    @model_validator(mode="after")
    def _belongs(self) -> Self:
        if (self.task is None) == (self.job_kind is None):
            raise ValueError(_("a checklist is of a task or of a kind of job; name one of both"))
        return self


class NewChecklist(ChecklistTerms):
    """A checklist. New jobs get it; those that are there keep the steps that they were made with."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_LIST]})

    code: Code


class ChecklistOut(ChecklistTerms):
    """A checklist; `version` is its ETag."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LIST | {"version": 1}]})

    version: int
    code: str


class StepAnswer(BaseModel):
    """An answer to a step of the checklist of a job: what its kind asks for, or `done` false where it is open again."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"step": 2, "value": "221.5"}]}
    )

    step: Annotated[int, Field(ge=1, le=1_000)]
    done: bool | None = None
    value: Measure | None = None
    text: Text | None = None
    photo: UUID | None = None

    @model_validator(mode="after")
    def _tells_one_thing(self) -> Self:
        if sum(one is not None for one in (self.done, self.value, self.text, self.photo)) != 1:
            raise ValueError(_("an answer tells one of done, value, text and photo"))
        return self


class AnsweredStep(BaseModel):
    """A step of a job, with the answer that counts: the last one. `settled` tells that nothing is left to do.

    `answers` is how often it was answered; all answers are among the events of the job.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWERED]})

    number: int
    name: str
    name_zh: str | None
    kind: StepKind
    mandatory: bool
    unit: str | None
    lowest: Decimal | None
    highest: Decimal | None
    settled: bool
    answer: StepAnswer | None
    technician: str | None
    name_of_technician: str | None
    answered_at: AwareDatetime | None
    answers: int


def called(step: AnsweredStep) -> str:
    """Return what a step of a job is called, in the language in force."""
    return Step(step.number, step.name, step.kind, name_zh=step.name_zh).called


class JobChecklist(BaseModel):
    """The checklist of a job; `open` are the numbers of the mandatory steps with which it cannot be completed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"job": "J-104", "open": [], "steps": [ANSWERED]}]})

    job: str
    open: list[int]
    steps: list[AnsweredStep]
