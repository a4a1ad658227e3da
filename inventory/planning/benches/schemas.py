"""Repair benches, as they come in and go out."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from inventory.kernel.fields import Code, Text

Chapter = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
"""The first two digits of an ATA chapter."""

_ROW: dict[str, Any] = {"place": "XIY", "chapter": "32", "benches": 3, "source": "Workshop plan 2026"}


class NewBenches(BaseModel):
    """How many pieces of an ATA chapter a place can repair at a time; without `chapter`, of all that it names none for.

    0 takes the row out: then any number is repaired at a time.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_ROW]})

    place: Code
    chapter: Chapter | None = None
    benches: Annotated[int, Field(ge=0, le=10_000)]
    source: Text


class BenchesOut(BaseModel):
    """How many pieces of an ATA chapter, or of all others, a place can repair at a time."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ROW]})

    place: str
    chapter: str | None
    benches: int
    source: str
