"""Operators as they come in and go out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from inventory.kernel.fields import Code, Text


class NewOperator(BaseModel):
    """An operator to add; `country` is an ISO 3166 code of two letters."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"code": "LAO", "name": "Mekong Air", "country": "LA"}]},
    )

    code: Code
    name: Text
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class OperatorOut(BaseModel):
    """An operator; `id` is what users and contracts refer to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": "01900000-0000-7000-8000-000000000041", "code": "LAO", "name": "Mekong Air", "country": "LA"}
            ]
        }
    )

    id: UUID
    code: str
    name: str
    country: str
