"""What a job card and the paper that ends a job say: plain values, which those who print them need and no others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from fieldops.dispatch.checklists.schemas import ANSWERED, AnsweredStep
from fieldops.dispatch.execution.schemas import OpenDefect


@dataclass(frozen=True, slots=True)
class CardTail:
    """The aircraft that work is on, and whose it is."""

    registration: str
    aircraft_type: str | None
    serial: str | None
    authority: str | None
    operator: str | None
    customer: str | None


@dataclass(frozen=True, slots=True)
class CardSeat:
    """Who sits on a job, and from when to when, with the licences that hold on the day; nobody yet where it is null."""

    seat: str
    technician: str | None
    name: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    licences: tuple[str, ...]
    authorisations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardPart:
    """A part that a job needs, or that was used; `lot` is the number of the piece or lot, `document` its release."""

    part: str
    description: str
    quantity: Decimal
    unit: str
    alternates: tuple[str, ...]
    used: bool
    lot: str | None
    document: str | None


@dataclass(frozen=True, slots=True)
class CardTool:
    """A tool that is kept for a job, with the last day that its calibration holds for; None needs none."""

    kind: str
    name: str
    serial: str
    calibration_due: date | None


@dataclass(frozen=True, slots=True)
class CardLabour:
    """Work of one person as it was booked."""

    technician: str
    name: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """Somebody signed: for the work, its inspection, or its release."""

    step: str
    technician: str
    name: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What is known of a job for its card, pinned to the data in its revision.

    `approval` is the number under which the organisation may work on the aircraft.
    """

    __pydantic_config__: ClassVar[Any] = {
        "json_schema_extra": {
            "examples": [
                {
                    "job": "J-104",
                    "work_order": "W-104",
                    "title": "Landing light is out",
                    "title_zh": "着陆灯不亮",
                    "state": "inspected",
                    "place": "VTE",
                    "place_name": "Vientiane",
                    "time_zone": "Asia/Vientiane",
                    "starts_at": "2026-03-03T01:00:00Z",
                    "ends_at": "2026-03-03T02:00:00Z",
                    "approval": "D.4001",
                    "tail": None,
                    "task": "33-41-01",
                    "task_title": "Replace landing light",
                    "task_title_zh": "更换着陆灯",
                    "critical": False,
                    "ata": "33-41",
                    "system": None,
                    "data_reference": "AMM 33-41-01",
                    "data_revision": "42",
                    "release_level": "line",
                    "inspection_required": False,
                    "seats": [],
                    "parts": [],
                    "tools": [],
                    "labour": [],
                    "signatures": [],
                    "checklist": [ANSWERED],
                    "certificate": None,
                }
            ]
        }
    }

    job: str
    work_order: str
    title: str
    title_zh: str | None
    state: str
    place: str
    place_name: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    approval: str | None
    tail: CardTail | None
    task: str | None
    task_title: str | None
    task_title_zh: str | None
    critical: bool
    ata: str | None
    system: str | None
    data_reference: str | None
    data_revision: str | None
    release_level: str | None
    inspection_required: bool
    seats: tuple[CardSeat, ...]
    parts: tuple[CardPart, ...]
    tools: tuple[CardTool, ...]
    labour: tuple[CardLabour, ...]
    signatures: tuple[Signature, ...]
    checklist: tuple[AnsweredStep, ...]
    certificate: str | None


@dataclass(frozen=True, slots=True)
class ReleaseSheet:
    """A certificate of release to service, with the work that it releases."""

    __pydantic_config__: ClassVar[Any] = {
        "json_schema_extra": {
            "examples": [
                {
                    "number": "CRS-000001",
                    "approval": "D.4001",
                    "signatory": "T-9",
                    "name": "Nguyễn An",
                    "licences": ["CCAR-66 0093417"],
                    "authorisations": ["CRS-LINE"],
                    "data_reference": "AMM 33-41-01",
                    "data_revision": "42",
                    "limitations": None,
                    "deferrals": [
                        {
                            "reference": "DDL-0042",
                            "category": "C",
                            "due_on": "2026-03-12",
                            "text": "Left landing light inoperative, MEL 33-10-1",
                        }
                    ],
                    "released_at": "2026-03-03T03:00:00Z",
                    "withdrawn_at": None,
                    "card": CardFacts.__pydantic_config__["json_schema_extra"]["examples"][0],
                }
            ]
        }
    }

    number: str
    approval: str
    signatory: str
    name: str
    licences: tuple[str, ...]
    authorisations: tuple[str, ...]
    data_reference: str
    data_revision: str
    limitations: str | None
    deferrals: tuple[OpenDefect, ...]
    released_at: datetime
    withdrawn_at: datetime | None
    card: CardFacts


@dataclass(frozen=True, slots=True)
class AdviceSheet:
    """How a job ended that only advised: by the operator's own release, of which `reference` is the number."""

    reference: str
    adviser: str
    name: str
    licences: tuple[str, ...]
    authorisations: tuple[str, ...]
    closed_at: datetime
    card: CardFacts
