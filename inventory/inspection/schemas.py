"""Inspections, freezes and the history of a number as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from inventory.kernel.fields import Code, QuantityAboveZero
from inventory.ledger.models import OWN
from inventory.ledger.schemas import Owner
from inventory.traceability.condition import Condition, Hold
from inventory.traceability.rule_schemas import EntryOut

Remark = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""What is said about a check, on one line; may be empty."""

_KEY = "0196d2f0-7c3a-7bd1-a7a4-0d3f0c9c8a11"
_PASSED: dict[str, Any] = {"passed": True, "remark": ""}
_CHECKS: dict[str, Any] = {
    "identity": _PASSED,
    "documents": _PASSED,
    "trace": _PASSED,
    "shelf_life": _PASSED,
    "packaging": {"passed": True, "remark": "outer box dented, contents checked"},
}
_INSPECTION: dict[str, Any] = {
    "part": "PUMP-1",
    "place": "VTE",
    "lot": "SN-1047",
    "condition": "serviceable",
    "hold": "receiving",
    "owner": "own",
    "quantity": "1.000000",
    "checks": _CHECKS,
    "to_condition": "overhauled",
    "ordered_by": "buyer",
    "document": "RI-2026-0312",
}
_ENTRY: dict[str, Any] = {
    "id": _KEY,
    "version": 1,
    "kind": "certificate",
    "value": "RX-20931",
    "part": None,
    "reason": "signature not known to the shop",
    "source": "letter of the shop, 2026-02-26",
    "opened_by": "inspector",
    "opened_at": "2026-02-27T08:00:00Z",
    "closed_by": None,
    "closed_at": None,
    "closing_reason": None,
}


class Check(BaseModel):
    """Whether one thing was found right, and what is to be said about it."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_PASSED]})

    passed: bool
    remark: Remark = ""


class Checks(BaseModel):
    """What an inspector looks at."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_CHECKS]})

    identity: Check
    documents: Check
    trace: Check
    shelf_life: Check
    packaging: Check

    @property
    def passed(self) -> bool:
        """True where all were found right."""
        return all(getattr(self, name).passed for name in type(self).model_fields)


class NewInspection(BaseModel):
    """What was found of a quantity that waits in the receiving hold or in quarantine.

    It is accepted when every check passed; else it goes to quarantine, or stays there. `to_condition` is the condition
    that its papers certify, if that is told more exactly now. `ordered_by` is the login of who ordered it, where known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_INSPECTION]})

    part: Code
    place: Code
    lot: Code | None = None
    condition: Condition = Condition.SERVICEABLE
    hold: Literal[Hold.RECEIVING, Hold.QUARANTINE] = Hold.RECEIVING
    owner: Owner = OWN
    quantity: QuantityAboveZero
    checks: Checks
    to_condition: Condition | None = None
    ordered_by: Code | None = None
    document: Code


class InspectionOut(BaseModel):
    """An inspection. `move_id` is the move that followed, null where the stock stayed in quarantine."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _INSPECTION
                | {
                    "id": _KEY,
                    "accepted": True,
                    "inspector": "inspector",
                    "inspected_at": "2026-03-02T08:00:00Z",
                    "move_id": "0196d2f0-7c3a-7bd1-a7a4-0d3f0c9c8a12",
                }
            ]
        }
    )

    id: UUID
    part: str
    place: str
    lot: str | None
    condition: Condition
    hold: Hold
    owner: str
    quantity: Decimal
    checks: Checks
    accepted: bool
    to_condition: Condition
    ordered_by: str | None
    document: str
    inspector: str
    inspected_at: datetime
    move_id: UUID | None


class FoundOut(BaseModel):
    """Where a suspected number lies now."""

    part: str
    lot: str
    place: str
    condition: Condition
    hold: Hold
    owner: str
    quantity: Decimal


class UsedOut(BaseModel):
    """An issue of a suspected number to a customer, and what it was for."""

    part: str
    lot: str
    origin: str
    destination: str
    quantity: Decimal
    document: str
    moved_at: datetime
    aircraft_type: str | None
    aircraft_serial: str | None
    registry_authority: str | None
    operator: str | None
    replaces: str | None
    without_aircraft: str | None


class EvidenceOut(BaseModel):
    """What is known about an entry of the watch list: where its stock lies, where it was used, and its papers.

    `demands` lost their reservations by the freeze; told in the answer to the freeze only.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "entry": _ENTRY,
                    "found": [
                        {
                            "part": "PUMP-1",
                            "lot": "SN-1047",
                            "place": "VTE",
                            "condition": "overhauled",
                            "hold": "suspected_unapproved",
                            "owner": "own",
                            "quantity": "1.000000",
                        }
                    ],
                    "used": [],
                    "documents": ["easa_form_1 RX-20931, Component Shop GmbH (DE.145.0000)"],
                    "demands": ["J-5"],
                }
            ]
        }
    )

    entry: EntryOut
    found: list[FoundOut]
    used: list[UsedOut]
    documents: list[str]
    demands: list[str]


class HistoryKind(StrEnum):
    """What an entry of a history is."""

    DOCUMENT = "document"
    INSPECTION = "inspection"
    LINK = "link"
    MADE = "made"
    MOVE = "move"
    PERIOD = "period"
    READING = "reading"


class HistoryOut(BaseModel):
    """One thing that happened to a number; `told` are its particulars by name, `place` is where a piece is now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "at": "2026-03-02T08:00:00Z",
                    "kind": "move",
                    "key": "00000000000000000017",
                    "document": "T-000017",
                    "place": "VTE",
                    "told": {"origin": "XIY", "destination": "VTE", "condition": "overhauled", "hold": "none"},
                }
            ]
        }
    )

    at: datetime
    kind: HistoryKind
    key: str
    document: str | None
    place: str | None
    told: dict[str, str | None]
