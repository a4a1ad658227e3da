"""Life limits, acceptance rules, the watch list and verdicts as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from inventory.catalogue.models import UsageDriver
from inventory.kernel.fields import Code, Day, QuantityAboveZero, Text
from inventory.kernel.texts import gettext as _
from inventory.traceability.condition import Condition
from inventory.traceability.kinds import Form, PartGroup, Usage, WatchKind

Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")
]
"""Why somebody does something, on one line."""

_KEY = "0196d2f0-7c3a-7bd1-a7a4-0d3f0c9c8a11"
_LIMIT: dict[str, Any] = {
    "part": "PUMP-1",
    "driver": "landings",
    "most": "20000.000000",
    "source": "ALS rev 31, 05-10-29",
}
_TERMS: dict[str, Any] = {
    "authority": "EASA",
    "part_group": "component",
    "usage": "used",
    "forms": ["easa_form_1"],
    "dual_forms": ["faa_8130_3"],
    "batch_trace": False,
    "excluded_remarks": ["not eligible for installation"],
    "source": "Regulation (EU) No 1321/2014, 145.A.42",
    "edition": "checked by the quality department on 2026-01-12",
    "starts_on": None,
    "ends_on": None,
}
_ENTRY: dict[str, Any] = {
    "kind": "certificate",
    "value": "RX-20931",
    "part": None,
    "reason": "signature not known to the shop",
    "source": "letter of the shop, 2026-02-26",
}


class NewLimit(BaseModel):
    """How long a part may be used, by one driver: hours, a count of landings, or days since it was made (calendar)."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_LIMIT]})

    part: Code
    driver: UsageDriver
    most: QuantityAboveZero
    source: Text


class LimitOut(BaseModel):
    """A life limit of a part."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LIMIT]})

    part: str
    driver: UsageDriver
    most: Decimal
    source: str


class RuleTerms(BaseModel):
    """Which papers make a part fit for aircraft under an authority, from a day to a day.

    `forms` are accepted as they are, `dual_forms` if they release under the authority, too; without any form no
    paper is asked for. Every rule in force must be met. `source` and `edition` say where the rule stands.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_TERMS]})

    authority: Code
    part_group: PartGroup
    usage: Usage
    forms: Annotated[tuple[Form, ...], Field(max_length=10)] = ()
    dual_forms: Annotated[tuple[Form, ...], Field(max_length=10)] = ()
    batch_trace: bool = False
    excluded_remarks: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    source: Text
    edition: Text
    starts_on: Day | None = None
    ends_on: Day | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValueError(_("the rule ends before it starts; correct the days"))
        if self.batch_trace and not (self.forms or self.dual_forms):
            raise ValueError(_("a batch is traced by a document; name the forms that are accepted"))
        return self


class NewRule(RuleTerms):
    """An acceptance rule; `code` is what its failures name."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"code": "EASA-COMPONENT-USED", **_TERMS}]}
    )

    code: Code


class RuleOut(BaseModel):
    """An acceptance rule."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"examples": [{"code": "EASA-COMPONENT-USED", "version": 1, **_TERMS}]},
    )

    code: str
    version: int
    authority: str
    part_group: PartGroup
    usage: Usage
    forms: list[Form]
    dual_forms: list[Form]
    batch_trace: bool
    excluded_remarks: list[str]
    source: str
    edition: str
    starts_on: date | None
    ends_on: date | None


class NewEntry(BaseModel):
    """A number, batch, certificate or organisation to be watched for; with a part, only that part's is meant."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_ENTRY]})

    kind: WatchKind
    value: Text
    part: Code | None = None
    reason: Reason
    source: Text


class EntryClosing(BaseModel):
    """Why an entry of the watch list is closed."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "the shop confirms the signature"}]}
    )

    reason: Reason


class EntryOut(BaseModel):
    """An entry of the watch list."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _ENTRY
                | {
                    "id": _KEY,
                    "version": 1,
                    "opened_by": "inspector",
                    "opened_at": "2026-02-27T08:00:00Z",
                    "closed_by": None,
                    "closed_at": None,
                    "closing_reason": None,
                }
            ]
        }
    )

    id: UUID
    version: int
    kind: WatchKind
    value: str
    part: str | None
    reason: str
    source: str
    opened_by: str
    opened_at: datetime
    closed_by: str | None
    closed_at: datetime | None
    closing_reason: str | None


class FailureOut(BaseModel):
    """Why a unit may not be issued: a stable code, the rule that says so, and what to do."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "code": "dual_release_missing",
                    "rule": "EASA-COMPONENT-USED",
                    "text": "RX-20931 does not release under EASA; get a dual release",
                }
            ]
        },
    )

    code: str
    rule: str
    text: str


class RemainingOut(BaseModel):
    """What is used and left of a life limit; null while the use is not known."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [{"driver": "landings", "most": "20000.000000", "used": "5210.000000", "left": "14790.000000"}]
        },
    )

    driver: UsageDriver
    most: Decimal
    used: Decimal | None
    left: Decimal | None


class VerdictOut(BaseModel):
    """Whether a unit may be issued: it may where nothing fails."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "part": "PUMP-1",
                    "number": "SN-1047",
                    "condition": "overhauled",
                    "registry_authority": "EASA",
                    "at": "2026-03-02T08:00:00Z",
                    "acceptable": True,
                    "failures": [],
                    "remaining": [],
                }
            ]
        }
    )

    part: str
    number: str
    condition: Condition
    registry_authority: str | None
    at: datetime
    acceptable: bool
    failures: list[FailureOut]
    remaining: list[RemainingOut]
