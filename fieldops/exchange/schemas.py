"""Rows that no other capability has, and what is told of an import."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from inventory.kernel.fields import Code, Price, QuantityAboveZero
from inventory.ledger.models import OWN
from inventory.ledger.schemas import Owner
from inventory.network.calendar_schemas import Sources
from inventory.traceability.condition import Condition, Hold
from inventory.traceability.paper_schemas import NewDocument, Numbered

BAD_ROWS_MAX = 10_000
"""How many faults a report lists; it counts all."""


PAPER_NUMBERS_MAX = 10_000
"""How many numbers one row of documents may name."""


class PlaceSources(Sources):
    """The places that a place is replenished from, the first choice first."""

    place: Code


class Paper(NewDocument):
    """A release or conformity document with all the numbers that it is of."""

    lots: Annotated[tuple[Numbered, ...], Field(min_length=1, max_length=PAPER_NUMBERS_MAX)]


class OpeningStock(BaseModel):
    """What lies on a shelf on the day that the records begin; `lot` is a serial or lot number.

    `unit_cost` is for our own stock only; without it the standard cost of the part holds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    place: Code
    part: Code
    condition: Condition = Condition.SERVICEABLE
    hold: Hold = Hold.NONE
    owner: Owner = OWN
    lot: Code | None = None
    quantity: QuantityAboveZero
    unit_cost: Price | None = None


class BadRow(BaseModel):
    """A fault of one row: the value as it stands in the file, and why it is refused. `column` empty: the whole row."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str


class ImportReport(BaseModel):
    """What became of a file: of its rows, `ok` have no fault. All are applied or none.

    The rows without a fault are `added`, `changed` or `unchanged`, or would be. `bad_count` counts the faults, of which
    `bad` lists the first ten thousand in the order of the file. `encoding` is what its text was read as.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "lots",
                    "file": "lots.csv",
                    "encoding": "UTF-8",
                    "rows": 2,
                    "ok": 1,
                    "added": 1,
                    "changed": 0,
                    "unchanged": 0,
                    "bad": [
                        {
                            "sheet": "",
                            "row": 3,
                            "column": "part",
                            "value": "PUMP-9",
                            "reason": "PUMP-9 does not exist; add it first or correct it",
                        }
                    ],
                    "bad_count": 1,
                    "applied": False,
                }
            ]
        }
    )

    kind: str
    file: str
    encoding: str
    rows: int
    ok: int
    added: int
    changed: int
    unchanged: int
    bad: list[BadRow] = Field(max_length=BAD_ROWS_MAX)
    bad_count: int
    applied: bool
