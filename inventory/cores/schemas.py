"""Removed units as they come in and go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from inventory.cores.models import ObligationState, RemovalKind
from inventory.kernel.fields import Text


@dataclass(frozen=True, slots=True)
class NewRemoval:
    """A unit that was removed, as its work tells it; `source` is the record that it comes from, which makes it once."""

    source: str
    place_id: UUID
    part_id: UUID
    serial: str | None
    owner: str
    tail: str | None
    job: str
    kind: RemovalKind
    removed_at: datetime
    reason: str
    position: str | None
    tag: str | None
    value: Decimal | None
    currency: str | None
    due_on: date


class Settlement(BaseModel):
    """Why nothing is owed for a unit any more."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"note": "core accepted by the shop, RO-4711"}]}
    )

    note: Text


class RemovedUnitOut(BaseModel):
    """A unit taken from an aircraft and what is owed for it; `version` is its ETag."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": "RU-000001",
                    "version": 1,
                    "place": "VTE",
                    "region": "SEA",
                    "part": "PUMP-1",
                    "serial": "SN-1047",
                    "owner": "customer:OP-A",
                    "tail": "B-3721",
                    "job": "J-104",
                    "kind": "exchange_core",
                    "state": "open",
                    "removed_at": "2026-03-03T02:10:00Z",
                    "reason": "leaks",
                    "position": "LH",
                    "tag": "U-0042",
                    "value": "8000.0000",
                    "currency": "USD",
                    "due_on": "2026-04-02",
                    "closed_by": None,
                    "closed_at": None,
                    "note": None,
                }
            ]
        }
    )

    number: str
    version: int
    place: str
    region: str | None
    part: str
    serial: str | None
    owner: str
    tail: str | None
    job: str
    kind: RemovalKind
    state: ObligationState
    removed_at: AwareDatetime
    reason: str
    position: str | None
    tag: str | None
    value: Decimal | None
    currency: str | None
    due_on: date
    closed_by: str | None
    closed_at: AwareDatetime | None
    note: str | None
