"""The rolling plan of a region as it comes in and goes out."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from fieldops.planning.models import PlanMode
from fieldops.planning.rules import FREEZE_MAX_MIN, SEARCH_ITERATIONS

_EXAMPLE: dict[str, Any] = {
    "enabled": True,
    "mode": "propose",
    "freeze_minutes": 120,
    "quiet_minutes": 10,
    "changes_max": 10,
    "iterations": 2000,
}


class RollingPlan(BaseModel):
    """How the plan of a region rolls.

    While it is `enabled`, events that disturb the plan in force have it made anew, not more often than each
    `quiet_minutes`. What begins within `freeze_minutes` keeps its people and its order. What comes out is proposed or
    put in force, as `mode` says; what changes more than `changes_max` jobs is proposed in any case. `iterations` is how
    long is searched.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]})

    enabled: bool
    mode: PlanMode = PlanMode.PROPOSE
    freeze_minutes: Annotated[int, Field(ge=0, le=FREEZE_MAX_MIN)] = 120
    quiet_minutes: Annotated[int, Field(ge=0, le=1_440)] = 10
    changes_max: Annotated[int, Field(ge=0, le=10_000)] = 10
    iterations: Annotated[int, Field(ge=1, le=1_000_000)] = SEARCH_ITERATIONS


class RollingPlanOut(RollingPlan):
    """How the plan of a region rolls; version 0 is what holds where nobody has said anything."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"region": "SEA", "version": 1, **_EXAMPLE}]}
    )

    region: str
    version: int
