"""Simulations of target plans, as they are asked for and told."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from inventory.kernel.fields import Code

PARTS_MAX = 200


class Simulate(BaseModel):
    """What of a plan to simulate: `parts`, or as many as `count` in which most waits, weighted.

    `variation` is the standard deviation of all times over their mean: 0 where they are always the same. More
    `replications` make intervals narrower. The same `seed` gives the same numbers.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"count": 20, "variation": 0.5}]}
    )

    parts: Annotated[tuple[Code, ...], Field(min_length=1, max_length=PARTS_MAX)] | None = None
    count: Annotated[int, Field(ge=1, le=PARTS_MAX)] = 20
    variation: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.0
    replications: Annotated[int, Field(ge=2, le=200)] = 20
    seed: Annotated[int, Field(ge=0, le=10**9)] = 0


_EFFECT: dict[str, Any] = {"cause": "approximation", "backorders": 0.03}
_LINE: dict[str, Any] = {
    "part": "BRAKE-1",
    "place": "VTE",
    "planned": 0.12,
    "simulated": 0.15,
    "half_width": 0.01,
    "causes": [_EFFECT],
}
_SIMULATION: dict[str, Any] = {
    "parts": ["BRAKE-1"],
    "days": 3650.0,
    "warm_up_days": 450.0,
    "replications": 20,
    "variation": 0.0,
    "seed": 0,
    "planned": 0.31,
    "simulated": 0.33,
    "half_width": 0.02,
    "compared": 4,
    "agreeing": 3,
    "lines": [_LINE],
    "plan_version": 1,
    "made_by": "li.na",
    "made_at": "2026-03-02T08:00:00Z",
}


class EffectOut(BaseModel):
    """A cause, and how many pieces more wait by it than the plan says."""

    cause: str
    backorders: float


class SimulatedLine(BaseModel):
    """What waits of a part at a place, orders of places below included: by the plan, and simulated ± `half_width`.

    Where they differ by more than 10 %, `causes` say why, the largest first.
    """

    part: str
    place: str
    planned: float
    simulated: float
    half_width: float
    causes: list[EffectOut]


class SimulationOut(BaseModel):
    """A simulation of the worst parts of a plan, with the demand and times as they were known then.

    `planned` and `simulated` are the weighted pieces waited for of all `parts`, the latter ± `half_width` (95 %).
    Compared are places of parts where more than .01 wait; `lines` are those that differ, then those in which most
    waits. `plan_version` tells of which version of the plan it is.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_SIMULATION]})

    parts: list[str]
    days: float
    warm_up_days: float
    replications: int
    variation: float
    seed: int
    planned: float
    simulated: float
    half_width: float
    compared: int
    agreeing: int
    lines: list[SimulatedLine]
    plan_version: int
    made_by: str
    made_at: AwareDatetime
