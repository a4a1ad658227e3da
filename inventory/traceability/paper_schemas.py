"""The papers of serial and lot numbers as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from inventory.catalogue.models import UsageDriver
from inventory.kernel.fields import Code, Day, Instant, QuantityOrZero, Text
from inventory.kernel.texts import gettext as _
from inventory.traceability.kinds import Form, LinkKind, PeriodStatus, WorkStatus

NUMBERS_MAX = 200
"""How many numbers one document may be attached to at once."""

Lines = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"),
]
"""What stands in a block of a form, on any number of lines."""

Sha256 = Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256, in lower-case hexadecimal."""

_KEY = "0196d2f0-7c3a-7bd1-a7a4-0d3f0c9c8a11"
_PIECE: dict[str, Any] = {"part": "PUMP-1", "number": "SN-1047"}
_READING: dict[str, Any] = _PIECE | {
    "driver": "flight_hours",
    "read_at": "2026-02-27T00:00:00Z",
    "since_new": "4180.500000",
    "since_overhaul": "212.000000",
    "document": "LOG-2291",
}
_DOCUMENT: dict[str, Any] = {
    "form": "easa_form_1",
    "tracking_number": "RX-20931",
    "dated": "2026-02-20",
    "authority": "EASA",
    "organisation": "Component Shop GmbH",
    "approval": "DE.145.0000",
    "signatory": "A. Example",
    "releases_under": ["FAA"],
    "status": "overhauled",
    "batch": None,
    "remarks": "Overhauled in accordance with CMM 29-11-03 rev 14",
    "limitations": "",
    "file_sha256": None,
}
_PERIOD: dict[str, Any] = _PIECE | {
    "operator": "OP-A",
    "starts_on": "2019-04-02",
    "ends_on": "2024-11-30",
    "hours": "3968.500000",
    "cycles": "5210.000000",
    "status": "in_service",
    "document": "LLP-77",
}
_LINK: dict[str, Any] = {
    "part": "PUMP-1",
    "number": "SN-1047",
    "kind": "renumbered",
    "other_part": "PUMP-2",
    "other_number": "SN-1047A",
    "linked_at": "2026-02-20T08:00:00Z",
    "document": "SB-29-11-031",
}


def _example(*told: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": list(told)})


def _given(*told: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": list(told)})


class Numbered(BaseModel):
    """A serial number, or the number of a lot."""

    model_config = _given(_PIECE)

    part: Code
    number: Code


class LotDates(Numbered):
    """The days of a number as its papers tell them; one that is left out stays as it is."""

    model_config = _given(_PIECE | {"made_on": "2024-05-17"})

    made_on: Day | None = None
    expires_on: Day | None = None


class NewReading(Numbered):
    """How much a piece was used, by one driver, as a document tells it for an instant: hours, or a count of cycles."""

    model_config = _given(_READING)

    driver: UsageDriver
    read_at: Instant
    since_new: QuantityOrZero
    since_overhaul: QuantityOrZero | None = None
    document: Code

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if self.driver is UsageDriver.CALENDAR:
            raise ValueError(_("days are counted from the day on which it was made; give no reading of them"))
        if self.since_overhaul is not None and self.since_overhaul > self.since_new:
            raise ValueError(_("the use since overhaul is more than that since new; correct one of them"))
        return self


class ReadingOut(BaseModel):
    """A reading of a piece's use; `place` is where the piece is now."""

    model_config = _example(_READING | {"id": _KEY, "place": "VTE"})

    id: UUID
    part: str
    number: str
    place: str | None
    driver: UsageDriver
    read_at: datetime
    since_new: Decimal
    since_overhaul: Decimal | None
    document: str


class NewDocument(BaseModel):
    """A release or conformity document of one or more numbers.

    `authority` is the one under whose approval it is signed; `releases_under` are others that it releases under, too.
    `batch` is the maker's batch or heat that it names.
    """

    model_config = _given(_DOCUMENT | {"lots": [_PIECE]})

    form: Form
    tracking_number: Code
    dated: Day
    authority: Code
    organisation: Text
    approval: Code
    signatory: Text
    releases_under: Annotated[tuple[Code, ...], Field(max_length=10)] = ()
    status: WorkStatus
    batch: Code | None = None
    remarks: Lines = ""
    limitations: Lines = ""
    file_sha256: Sha256 | None = None
    lots: Annotated[tuple[Numbered, ...], Field(min_length=1, max_length=NUMBERS_MAX)]


class DocumentOut(BaseModel):
    """A document as one number's paper; `place` is where a piece is now."""

    model_config = _example(_DOCUMENT | _PIECE | {"id": _KEY, "place": "VTE"})

    id: UUID
    part: str
    number: str
    place: str | None
    form: Form
    tracking_number: str
    dated: date
    authority: str
    organisation: str
    approval: str
    signatory: str
    releases_under: list[str]
    status: WorkStatus
    batch: str | None
    remarks: str
    limitations: str
    file_sha256: str | None


class AddedDocument(BaseModel):
    """The key of a document that was added, and what looks wrong about the numbers that it is of."""

    model_config = _example({"id": _KEY, "warnings": []})

    id: UUID
    warnings: list[str]


class Attachment(BaseModel):
    """More numbers that a known document is of."""

    model_config = _given({"lots": [_PIECE]})

    lots: Annotated[tuple[Numbered, ...], Field(min_length=1, max_length=NUMBERS_MAX)]


class NewPeriod(Numbered):
    """What a piece did in a time of its life, both days included; without an end it is still doing it.

    `operator` is a code, “own” for ourselves.
    """

    model_config = _given(_PERIOD)

    operator: Code
    starts_on: Day
    ends_on: Day | None = None
    hours: QuantityOrZero = Decimal(0)
    cycles: QuantityOrZero = Decimal(0)
    status: PeriodStatus
    document: Code

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError(_("the period ends before it starts; correct the days"))
        return self


class PeriodOut(BaseModel):
    """A period of a piece's life; `place` is where the piece is now."""

    model_config = _example(_PERIOD | {"id": _KEY, "place": "VTE"})

    id: UUID
    part: str
    number: str
    place: str | None
    operator: str
    starts_on: date
    ends_on: date | None
    hours: Decimal
    cycles: Decimal
    status: PeriodStatus
    document: str


class NewLink(Numbered):
    """What became of a piece or lot with another: its new number, its assembly, or what was taken off."""

    model_config = _given(_LINK)

    kind: LinkKind
    other_part: Code
    other_number: Code
    linked_at: Instant
    document: Code


class LinkOut(BaseModel):
    """A link between two numbers; `place` is where the first of them is now."""

    model_config = _example(_LINK | {"id": _KEY, "place": "VTE"})

    id: UUID
    part: str
    number: str
    place: str | None
    kind: LinkKind
    other_part: str
    other_number: str
    linked_at: datetime
    document: str


class SuspicionOut(BaseModel):
    """A serial number that stands under two parts of one manufacturer: one of them may be false.

    `place` is where the first of them is now.
    """

    model_config = _example(_PIECE | {"other_part": "PUMP-2", "manufacturer_code": "TEST0", "place": "VTE"})

    part: str
    number: str
    other_part: str
    manufacturer_code: str
    place: str | None
