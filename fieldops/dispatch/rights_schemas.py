"""Questions about who may take a seat, and what runs out against what is planned, as they come in and go out."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from fieldops.workforce.kinds import AbsenceKind, Seat
from fieldops.workforce.roster.schemas import ABSENCE
from inventory.kernel.fields import Code, Instant
from inventory.kernel.texts import gettext as _


class CrewSeat(BaseModel):
    """Somebody who has a seat on the job."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    technician: Code
    seat: Seat


class SeatQuestion(BaseModel):
    """May a technician take a seat of a job from its start? Without an end, as long as the job takes."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "technician": "T-9",
                    "job": "J-104",
                    "seat": "release_signatory",
                    "starts_at": "2026-03-03T01:00:00Z",
                    "crew": [{"technician": "T-4", "seat": "mechanic"}],
                }
            ]
        },
    )

    technician: Code
    job: Code
    seat: Seat
    starts_at: Instant
    ends_at: Instant | None = None
    crew: Annotated[tuple[CrewSeat, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError(_("the seat ends before it starts; correct ends_at"))
        return self


class FailingRule(BaseModel):
    """A rule that stands against it; a soft one (`hard` false) only warns. `values` are the numbers of the text."""

    code: str
    text: str
    hard: bool
    values: dict[str, Any]


class SeatAnswer(BaseModel):
    """Whether the technician may take the seat, and every rule that stands against it or warns."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "permitted": False,
                    "failing": [
                        {
                            "code": "type_rating_missing",
                            "text": "type rating TH60: does not hold it",
                            "hard": True,
                            "values": {"name": "TH60", "needed": "2026-03-04T02:30:00Z"},
                        }
                    ],
                }
            ]
        }
    )

    permitted: bool
    failing: list[FailingRule]


class Expiring(BaseModel):
    """What runs out in a region in a month: how many of those who hold it then lose it, and how many jobs ask for it.

    `holders` hold it when the month begins, `expiring` lose it in the month and have not renewed it, `jobs` are open
    jobs of the region that may start in the month or later, and that ask for it: the job, a seat of it, or the release
    of its aircraft by a type rating or an authorisation.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"region": "SEA", "month": "2026-03", "code": "CRS-LINE", "holders": 4, "expiring": 1, "jobs": 12}
            ]
        }
    )

    region: str
    month: str
    code: str
    holders: int
    expiring: int
    jobs: int


class AbsenceKept(BaseModel):
    """An absence as it was added, with the numbers of the jobs that the person sits on meanwhile."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**ABSENCE, "jobs": ["J-104"]}]})

    technician: str
    kind: AbsenceKind
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    note: str | None
    jobs: list[str]
