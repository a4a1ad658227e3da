"""Certificates, experience, rates, and what authorisations need, as they come in and go out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fieldops.workforce.kinds import CertificateKind
from fieldops.workforce.schemas import Held
from inventory.kernel.fields import Code, Currency, Day, Price, Text
from inventory.kernel.texts import gettext as _

Factor = Annotated[Decimal, Field(gt=0, le=10, max_digits=10, decimal_places=4)]
"""What an hour costs as a multiple of a regular one."""

_STANDARD: dict[str, Any] = {
    "code": "PART-66",
    "authority": "EASA",
    "name": "Aircraft maintenance licence",
    "edition": "checked on 2026-01-12",
    "source": "Regulation (EU) No 1321/2014, Annex III",
}
_CERTIFICATE: dict[str, Any] = {
    "technician": "T-9",
    "code": "TH60",
    "valid_from": "2026-01-01",
    "valid_until": "2027-12-31",
    "issued_on": "2025-12-20",
    "issuer": "Training centre XIY",
    "reference": "TR-0042",
    "evidence": "certificate 42, page 1",
    "limits": None,
}
_EXPERIENCE: dict[str, Any] = {
    "technician": "T-9",
    "aircraft_type": "TH60",
    "starts_on": "2025-01-01",
    "ends_on": "2025-09-30",
}
_RATE: dict[str, Any] = {
    "technician": "T-9",
    "valid_from": "2026-01-01",
    "per_h": "21.5000",
    "currency": "USD",
    "overtime": "1.5",
    "rest_day": "2",
    "holiday": "3",
}
_NEED: dict[str, Any] = {
    "authorisation": "CRS-LINE",
    "qualification": None,
    "kind": "type_rating",
    "aircraft_type": "TH60",
    "experience_months": None,
    "within_months": None,
    "source": "our manual, 3.4",
}


class Standard(BaseModel):
    """A standard by which an authority licenses people, in one edition."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, from_attributes=True, json_schema_extra={"examples": [_STANDARD]}
    )

    code: Code
    authority: Code
    name: Text
    edition: Text
    source: Text


class NewCertificate(Held):
    """A certificate of a technician; the same one with the same first day is renewed by it."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_CERTIFICATE]})

    technician: Code


class NewExperience(BaseModel):
    """A technician worked on an aircraft type from one date to another, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_EXPERIENCE]})

    technician: Code
    aircraft_type: Code
    starts_on: Day
    ends_on: Day

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError(
                _("the experience of {code} ends before it begins; correct the dates").format(code=self.technician)
            )
        return self


class NewCostRate(BaseModel):
    """What an hour of a technician costs from a day on; overtime and other hours cost a multiple of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_RATE]})

    technician: Code
    valid_from: Day
    per_h: Price
    currency: Currency
    overtime: Factor = Decimal("1.5")
    rest_day: Factor = Decimal(2)
    holiday: Factor = Decimal(3)


class NewNeed(BaseModel):
    """One thing that must be in place before an authorisation is given.

    A certain qualification; or any certificate of a kind, of a type where one is named; or so many months of experience
    on a type within so many months.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_NEED]})

    authorisation: Code
    qualification: Code | None = None
    kind: CertificateKind | None = None
    aircraft_type: Code | None = None
    experience_months: Annotated[int, Field(ge=1, le=120)] | None = None
    within_months: Annotated[int, Field(ge=1, le=120)] | None = None
    source: Text

    @model_validator(mode="after")
    def _asks_for_one_thing(self) -> Self:
        asked = (self.qualification, self.kind, self.experience_months)
        if sum(one is not None for one in asked) != 1:
            raise ValueError(_("name one thing: a qualification, a kind of certificate, or months of experience"))
        if self.experience_months is not None and (
            self.aircraft_type is None or self.within_months is None or self.within_months < self.experience_months
        ):
            raise ValueError(_("experience is on a type, and fits into within_months; correct that"))
        return self


class NeedOut(NewNeed):
    """One thing that an authorisation needs."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"examples": [{"id": "01900000-0000-7000-8000-0000000000e1", **_NEED}]},
    )

    id: UUID


class Missing(BaseModel):
    """One thing that a technician lacks for an authorisation: it was never there, or ended on a day."""

    what: str
    held_until: date | None
    experience_days: int | None
    needed_days: int | None
    source: str


class Gap(BaseModel):
    """What a technician lacks on a day for an authorisation; nothing missing: it can be given."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "technician": "T-9",
                    "authorisation": "CRS-LINE",
                    "on": "2026-03-02",
                    "missing": [
                        {
                            "what": "TH60",
                            "held_until": "2026-02-10",
                            "experience_days": None,
                            "needed_days": None,
                            "source": "our manual, 3.4",
                        }
                    ],
                }
            ]
        }
    )

    technician: str
    authorisation: str
    on: date
    missing: list[Missing]
