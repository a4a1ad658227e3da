"""What the papers of a job are made of; every text is printed as it is, every instant is aware."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Tail:
    """An aircraft."""

    registration: str
    type: str
    serial: str
    operator: str


@dataclass(frozen=True, slots=True)
class Site:
    """A place and its time zone, an IANA name."""

    code: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class DataReference:
    """Maintenance data, and the revision to which the work is done."""

    reference: str
    revision: str
    revised_on: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the work; `inspected` where somebody independent inspects it, too."""

    number: str
    text: str
    critical: bool = False
    inspected: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """Who takes part as what: one of the kinds that `words.seat` names; nobody yet where `name` is None.

    `signed_at` is when the person signed with the own login, None where that is left to the hand.
    """

    kind: str
    name: str | None
    licences: tuple[str, ...] = ()
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PartLine:
    """A part to be fitted: which piece of it, what may be fitted instead, and the document it was released with."""

    number: str
    description: str
    quantity: Decimal
    unit: str
    serial: str | None = None
    alternates: tuple[str, ...] = ()
    release_document: str | None = None


@dataclass(frozen=True, slots=True)
class ToolLine:
    """A tool; `calibration_due` is None where it needs none."""

    number: str
    description: str
    serial: str | None = None
    calibration_due: date | None = None


@dataclass(frozen=True, slots=True)
class Deferral:
    """A defect that stays open, with its MEL category where it has one, and the day by which it must be mended."""

    reference: str
    text: str
    category: str | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class LabourLine:
    """Work of one person, as it was booked; `ended_at` is None while it goes on."""

    name: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Statement:
    """The words with which an authority has work certified, as they stand in an edition of a source."""

    authority: str
    text: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who releases, by which licence and which authorisation of the organisation."""

    name: str
    licence: str
    authorisation: str


@dataclass(frozen=True, slots=True)
class OperatorRelease:
    """The operator's own release of work that was only advised."""

    reference: str
    released_by: str
