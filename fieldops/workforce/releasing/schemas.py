"""The rules by which people may work and sign, as they come in and go out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fieldops.workforce.kinds import SIGNING, CertificateKind, Seat
from fieldops.workforce.schemas import Country, Words
from inventory.kernel.fields import Code, Day, Text
from inventory.kernel.texts import gettext as _

Hours = Annotated[Decimal, Field(gt=0, le=744, max_digits=9, decimal_places=2)]
"""A number of hours."""
Months = Annotated[int, Field(ge=0, le=120)]
ClockHour = Annotated[int, Field(ge=0, le=23)]
_SOURCED: dict[str, Any] = {"source": "our manual, 3.4", "edition": "rev 7", "starts_on": None, "ends_on": None}
_RELEASE: dict[str, Any] = {
    "authority": "CAAC",
    "seat": "release_signatory",
    "standards": ["CCAR-66"],
    "categories": [],
    "validation": True,
    "rating": True,
    "authorisation": True,
    "scope": None,
    "approval": True,
    "experience_months": 6,
    "within_months": 24,
    "trainings": ["HUMAN_FACTORS"],
    "margin_days": 1,
    **_SOURCED,
}
_ACCESS: dict[str, Any] = {
    "place": None,
    "country": "LA",
    "kinds": ["work_permit", "visa"],
    "security_level": 0,
    **_SOURCED,
}
_REST: dict[str, Any] = {
    "country": "CN",
    "authority": "MOHRSS",
    "duty_max_h": "11.000000",
    "break_h": "2.000000",
    "rest_min_h": "11.000000",
    "night_from_h": 23,
    "night_to_h": 6,
    "night_rest_h": "12.000000",
    "weekly_rest_h": "24.000000",
    "travel_counts": True,
    "regular_day_h": "8.000000",
    "overtime_month_h": "36.000000",
    **_SOURCED,
}
_APPROVAL: dict[str, Any] = {
    "number": "D.0123",
    "authority": "CAAC",
    "aircraft_types": ["TH60"],
    "levels": ["line"],
    "valid_from": "2025-01-01",
    "valid_until": "2026-12-31",
    "source": "certificate of 2024-12-12",
}


class Sourced(BaseModel):
    """Where a rule stands, and from when to when it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Text
    edition: Text
    starts_on: Day | None = None
    ends_on: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValueError(_("the rule ends before it starts; correct the days"))
        return self


class ReleaseRuleTerms(Sourced):
    """What the holder of a signing seat needs on aircraft of a registry; several rules for the same are alternatives.

    A licence by one of `standards`, in one of `categories` where some are named, or any other with a `validation` of
    the registry. `scope` is the word that the company authorisation must cover; empty: the level of the job. All must
    hold through the release and `margin_days` more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_RELEASE]})

    authority: Code
    seat: Seat
    standards: Annotated[Words, Field(min_length=1)]
    categories: Words = ()
    validation: bool = True
    rating: bool = True
    authorisation: bool = True
    scope: Code | None = None
    approval: bool = True
    experience_months: Months = 0
    within_months: Months = 0
    trainings: Words = ()
    margin_days: Annotated[int, Field(ge=0, le=90)] = 0

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.seat not in SIGNING:
            raise ValueError(_("only signatories and inspectors sign; name one of these seats"))
        if self.within_months < self.experience_months:
            raise ValueError(_("so many months of experience do not fit into within_months; correct one of them"))
        return self


class NewReleaseRule(ReleaseRuleTerms):
    """A release rule to add."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"code": "OWN-RELEASE", **_RELEASE}]}
    )

    code: Code


class AccessRuleTerms(Sourced):
    """What everybody who works at a place must hold, or who comes into a country from elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_ACCESS]})

    place: Code | None = None
    country: Country | None = None
    kinds: Annotated[tuple[CertificateKind, ...], Field(max_length=10)] = ()
    security_level: Annotated[int, Field(ge=0, le=9)] = 0

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if (self.place is None) == (self.country is None):
            raise ValueError(_("name either a place or a country"))
        return self


class NewAccessRule(AccessRuleTerms):
    """An access rule to add."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"code": "LA-FOREIGNERS", **_ACCESS}]}
    )

    code: Code


class RestRuleTerms(Sourced):
    """How long people may work and must rest in a country, in hours; without one, where no rule of the country holds.

    Duties at most `break_h` apart are one. Night is from `night_from_h` to `night_to_h` by the person's clock.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_REST]})

    country: Country | None = None
    authority: Code
    duty_max_h: Hours
    break_h: Annotated[Decimal, Field(ge=0, le=24, max_digits=9, decimal_places=2)] = Decimal(2)
    rest_min_h: Hours
    night_from_h: ClockHour = 23
    night_to_h: ClockHour = 6
    night_rest_h: Hours
    weekly_rest_h: Hours
    travel_counts: bool = True
    regular_day_h: Hours = Decimal(8)
    overtime_month_h: Hours | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.break_h >= self.rest_min_h:
            raise ValueError(_("a break must be shorter than the rest between duties; correct break_h or rest_min_h"))
        return self


class NewRestRule(RestRuleTerms):
    """A rest rule to add."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"code": "OWN-REST", **_REST}]}
    )

    code: Code


class ReleaseRuleOut(BaseModel):
    """A release rule; `version` is its ETag."""

    model_config = ConfigDict(
        from_attributes=True, json_schema_extra={"examples": [{"code": "OWN-RELEASE", "version": 1, **_RELEASE}]}
    )

    code: str
    version: int
    authority: str
    seat: Seat
    standards: list[str]
    categories: list[str]
    validation: bool
    rating: bool
    authorisation: bool
    scope: str | None
    approval: bool
    experience_months: int
    within_months: int
    trainings: list[str]
    margin_days: int
    source: str
    edition: str
    starts_on: date | None
    ends_on: date | None


class AccessRuleOut(BaseModel):
    """An access rule; `version` is its ETag."""

    model_config = ConfigDict(
        from_attributes=True, json_schema_extra={"examples": [{"code": "LA-FOREIGNERS", "version": 1, **_ACCESS}]}
    )

    code: str
    version: int
    place: str | None
    country: str | None
    kinds: list[CertificateKind]
    security_level: int
    source: str
    edition: str
    starts_on: date | None
    ends_on: date | None


class RestRuleOut(BaseModel):
    """A rest rule; `version` is its ETag."""

    model_config = ConfigDict(
        from_attributes=True, json_schema_extra={"examples": [{"code": "OWN-REST", "version": 1, **_REST}]}
    )

    code: str
    version: int
    country: str | None
    authority: str
    duty_max_h: Decimal
    break_h: Decimal
    rest_min_h: Decimal
    night_from_h: int
    night_to_h: int
    night_rest_h: Decimal
    weekly_rest_h: Decimal
    travel_counts: bool
    regular_day_h: Decimal
    overtime_month_h: Decimal | None
    source: str
    edition: str
    starts_on: date | None
    ends_on: date | None


class NewApproval(BaseModel):
    """An authority lets the organisation maintain aircraft of some types (none named: all), at levels such as line."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, from_attributes=True, json_schema_extra={"examples": [_APPROVAL]}
    )

    number: Code
    authority: Code
    aircraft_types: Words = ()
    levels: Annotated[Words, Field(min_length=1)]
    valid_from: Day
    valid_until: Day
    source: Text

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_until < self.valid_from:
            raise ValueError(_("approval {number} ends before it begins; correct the dates").format(number=self.number))
        return self
