"""Technicians as they come in and go out."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from fieldops.workforce.kinds import CertificateKind, Employment
from fieldops.workforce.rules import first_overlap
from inventory.kernel.fields import Code, Currency, Day, Price, Text
from inventory.kernel.texts import gettext as _
from inventory.network.schemas import TimeZone

Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$", max_length=2)]
"""An ISO 3166 code of two letters."""
Words = Annotated[tuple[Code, ...], Field(max_length=600)]
"""Codes or words, each once."""
Login = Annotated[str, StringConstraints(min_length=1, max_length=48, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
"""The name by which a user signs in."""

_QUALIFICATION: dict[str, Any] = {
    "code": "CRS-LINE",
    "name": "Line release, mechanical",
    "kind": "authorisation",
    "standard": None,
    "authority": "CAAC",
    "category": None,
    "aircraft_type": "TH60",
    "country": None,
    "places": [],
    "scope": ["line"],
}
_HELD: dict[str, Any] = {
    "code": "CRS-LINE",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "issued_on": "2025-12-20",
    "issuer": "Quality department",
    "reference": "CRS-0042",
    "evidence": "QM file 7/42",
    "limits": "no engine change",
}
_TECHNICIAN: dict[str, Any] = {
    "code": "T-9",
    "name": "Nguyễn An",
    "base": "VTE",
    "time_zone": "Asia/Vientiane",
    "cost_per_h": "21.50",
    "currency": "USD",
    "qualifications": [_HELD],
    "employment": "local",
    "home_country": "LA",
    "languages": ["lo", "en"],
    "security_level": 1,
    "advisory_only": False,
    "user_name": "an",
}


class QualificationTerms(BaseModel):
    """What a qualification is good for; an empty field sets no limit.

    `standard` is the licence's, `places` are those that a pass opens, `scope` the words of what an authorisation
    covers, such as line, base or inspection.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    kind: CertificateKind = CertificateKind.OTHER
    standard: Code | None = None
    authority: Code | None = None
    category: Code | None = None
    aircraft_type: Code | None = None
    country: Country | None = None
    places: Words = ()
    scope: Words = ()


class NewQualification(QualificationTerms):
    """A qualification to add: a licence, rating, authorisation, training, pass or permit that people can hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_QUALIFICATION]})

    code: Code

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> Self:
        if self.kind is CertificateKind.TYPE_RATING and self.aircraft_type is None:
            raise ValueError(_("type rating {code} names no aircraft type; name it").format(code=self.code))
        if self.kind in (CertificateKind.WORK_PERMIT, CertificateKind.VISA) and self.country is None:
            raise ValueError(_("{code} names no country; name the one that it is for").format(code=self.code))
        return self


class QualificationOut(BaseModel):
    """A qualification."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_QUALIFICATION]})

    code: str
    name: str
    kind: CertificateKind
    standard: str | None
    authority: str | None
    category: str | None
    aircraft_type: str | None
    country: str | None
    places: list[str]
    scope: list[str]


class Held(BaseModel):
    """A qualification held from one date until another, both included, in the technician's time zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Code
    valid_from: date
    valid_until: date
    issued_on: date | None = None
    issuer: Text | None = None
    reference: Text | None = None
    evidence: Text | None = None
    limits: Text | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_until < self.valid_from:
            raise ValueError(_("{code} ends before it begins; correct the dates").format(code=self.code))
        if self.issued_on is not None and self.valid_until < self.issued_on:
            raise ValueError(_("{code} expires before it was issued; correct the dates").format(code=self.code))
        if self.issued_on is not None and self.valid_from < self.issued_on:
            raise ValueError(_("{code} is valid before it is issued; correct the dates").format(code=self.code))
        return self


class Duty(BaseModel):
    """One shift in local wall-clock time; `ends` at or before `starts` means the next day."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"work_date": "2026-03-02", "starts": "08:00:00", "ends": "16:00:00"}]},
    )

    work_date: Day
    starts: time
    ends: time

    @model_validator(mode="after")
    def _is_local(self) -> Self:
        if self.starts.tzinfo is not None or self.ends.tzinfo is not None:
            raise ValueError(_("the times of a shift are local to the technician; give them without a UTC offset"))
        return self


class NewTechnician(BaseModel):
    """A technician to add; time zone and base are needed, since shifts are local."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                _TECHNICIAN | {"shifts": [{"work_date": "2026-03-02", "starts": "08:00:00", "ends": "16:00:00"}]}
            ]
        },
    )

    code: Code
    name: Text
    base: Code
    time_zone: TimeZone
    cost_per_h: Price
    currency: Currency
    qualifications: tuple[Held, ...] = ()
    shifts: tuple[Duty, ...] = ()
    employment: Employment = Employment.OWN
    home_country: Country | None = None
    languages: Words = ()
    security_level: Annotated[int, Field(ge=0, le=9)] = 0
    advisory_only: bool = False
    user_name: Login | None = None

    @model_validator(mode="after")
    def _nothing_stands_twice(self) -> Self:
        if len({(held.code, held.valid_from) for held in self.qualifications}) < len(self.qualifications):
            raise ValueError(
                _("technician {code} holds a qualification twice from the same date; name it once").format(
                    code=self.code
                )
            )
        overlap = first_overlap(self.shifts, self.time_zone)
        if overlap is not None:
            raise ValueError(
                _("technician {code}: the shift from {one} and the one from {other} overlap; correct one").format(
                    code=self.code, one=overlap[0], other=overlap[1]
                )
            )
        return self


class TechnicianChange(BaseModel):
    """What to change of a technician; what is left out stays.

    `user_name` takes who manages logins, and never one's own; null unbinds the login.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"base": "LPQ", "languages": ["lo", "en"]}]}
    )

    name: Text | None = None
    base: Code | None = None
    cost_per_h: Price | None = None
    employment: Employment | None = None
    home_country: Country | None = None
    languages: Words | None = None
    security_level: Annotated[int, Field(ge=0, le=9)] | None = None
    advisory_only: bool | None = None
    user_name: Login | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(_("name at least one field to change"))
        for name in sorted(self.model_fields_set - {"home_country", "user_name"}):
            if getattr(self, name) is None:
                raise ValueError(_("{field} cannot be empty; leave it out to keep it").format(field=name))
        return self


class TechnicianOut(BaseModel):
    """A technician; `version` is the ETag."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TECHNICIAN | {"region": "SEA", "version": 1}]})

    version: int
    code: str
    name: str
    base: str
    region: str | None
    time_zone: str
    cost_per_h: Decimal
    currency: str
    employment: Employment
    home_country: str | None
    languages: list[str]
    security_level: int
    advisory_only: bool
    user_name: str | None
    qualifications: list[Held]
