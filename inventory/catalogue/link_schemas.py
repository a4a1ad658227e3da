"""What replaces what and what is built of what, as it comes in and goes out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from inventory.catalogue.models import InterchangeKind
from inventory.kernel.fields import Code, Day, QuantityAboveZero, Text
from inventory.kernel.texts import gettext as _

Serial = Annotated[int, Field(ge=0, le=10**9)]
"""The serial number of an aircraft, where it is a number."""

Position = Annotated[str, StringConstraints(strip_whitespace=True, max_length=48, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""Where in its assembly a component is, such as the item of a figure."""

_KEY = "0196d2f0-7c3a-7bd1-a7a4-0d3f0c9c8a11"
_INTERCHANGE: dict[str, Any] = {
    "part": "PUMP-1",
    "alternative": "PUMP-2",
    "kind": "supersedes",
    "source": "SB 29-11-031 rev 2",
    "starts_on": "2025-07-01",
    "ends_on": None,
    "effectivity": [{"aircraft_type": "TP60", "first_serial": 101, "last_serial": 180}],
    "modifications": ["MOD-2911"],
    "ship_set": False,
    "needs_acceptance": True,
    "accepted_by": ["OP-A"],
}
_COMPONENT: dict[str, Any] = {
    "assembly": "BRAKE-1",
    "component": "SEAL-9",
    "quantity": "4.000000",
    "position": "32-41-10 item 40",
}


class EffectiveOn(BaseModel):
    """Aircraft of a type, by serial number from first to last; an empty end is no limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    aircraft_type: Code
    first_serial: Serial | None = None
    last_serial: Serial | None = None

    @model_validator(mode="after")
    def _has_an_order(self) -> Self:
        if self.first_serial is not None and self.last_serial is not None and self.first_serial > self.last_serial:
            raise ValueError(
                _("the serial numbers of {aircraft_type} end before they begin; correct one of them").format(
                    aircraft_type=self.aircraft_type
                )
            )
        return self


class NewInterchange(BaseModel):
    """An alternative that may replace a part: both ways, one way, or as its new number from a date on.

    Both dates are included. It holds on the aircraft of `effectivity` (empty: all) that have all the `modifications`;
    where it needs acceptance, for the operators in `accepted_by`. `ship_set`: all of the aircraft's are replaced.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_INTERCHANGE]})

    part: Code
    alternative: Code
    kind: InterchangeKind
    source: Text
    starts_on: Day | None = None
    ends_on: Day | None = None
    effectivity: Annotated[tuple[EffectiveOn, ...], Field(max_length=200)] = ()
    modifications: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    ship_set: bool = False
    needs_acceptance: bool = False
    accepted_by: Annotated[tuple[Code, ...], Field(max_length=500)] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.part == self.alternative:
            raise ValueError(_("part {part} cannot replace itself; name another").format(part=self.part))
        if self.starts_on is not None and self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError(_("ends_on is before starts_on; correct one of them"))
        if self.kind is InterchangeKind.SUPERSEDES and self.starts_on is None:
            raise ValueError(_("a new number replaces the old one from a date on; add starts_on"))
        if self.accepted_by and not self.needs_acceptance:
            raise ValueError(_("operators accepted what needs no acceptance; set needs_acceptance or leave them out"))
        return self


class InterchangeOut(NewInterchange):
    """An alternative that may replace a part; `version` is its ETag."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": _KEY, "version": 1, **_INTERCHANGE}]})

    id: UUID
    version: int


class StepOut(BaseModel):
    """One link on the way to a replacement; `superseded_on`: since when `by` is the new number, where it is that."""

    model_config = ConfigDict(from_attributes=True)

    replaces: str
    by: str
    kind: InterchangeKind
    source: str
    ship_set: bool
    superseded_on: date | None


class ReplacementOut(BaseModel):
    """A part that may stand in, with the steps that lead to it; `ship_set`: all of the aircraft's are replaced."""

    model_config = ConfigDict(from_attributes=True)

    part: str
    ship_set: bool
    steps: list[StepOut]


class ReplacementsOut(BaseModel):
    """What may stand in for a part on a day, the part itself first, then the best of the others."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "part": "PUMP-1",
                    "on": "2026-03-02",
                    "replacements": [
                        {"part": "PUMP-1", "ship_set": False, "steps": []},
                        {
                            "part": "PUMP-2",
                            "ship_set": False,
                            "steps": [
                                {
                                    "replaces": "PUMP-1",
                                    "by": "PUMP-2",
                                    "kind": "supersedes",
                                    "source": "SB 29-11-031 rev 2",
                                    "ship_set": False,
                                    "superseded_on": "2025-07-01",
                                }
                            ],
                        },
                    ],
                }
            ]
        }
    )

    part: str
    on: date
    replacements: list[ReplacementOut]


class NewComponent(BaseModel):
    """A component that one next-higher assembly or kit holds a quantity of, at a position where that matters."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_COMPONENT]})

    assembly: Code
    component: Code
    quantity: QuantityAboveZero
    position: Position = ""

    @model_validator(mode="after")
    def _is_another(self) -> Self:
        if self.assembly == self.component:
            raise ValueError(_("part {part} cannot hold itself; name another").format(part=self.assembly))
        return self


class ComponentOut(NewComponent):
    """A component of an assembly or a kit; `version` is its ETag."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": _KEY, "version": 1, **_COMPONENT}]})

    id: UUID
    version: int


class ContainedOut(BaseModel):
    """How much of a part there is in all; `level` counts the levels between, along the longest way."""

    model_config = ConfigDict(from_attributes=True)

    part: str
    level: int
    quantity: Decimal


class ComponentsOut(BaseModel):
    """What one of an assembly or kit holds, through all its levels."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"part": "BRAKE-1", "components": [{"part": "SEAL-9", "level": 1, "quantity": "4.000000"}]}]
        }
    )

    part: str
    components: list[ContainedOut]


class UsesOut(BaseModel):
    """What holds a part, and how much of it one of each holds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"part": "SEAL-9", "assemblies": [{"part": "BRAKE-1", "level": 1, "quantity": "4.000000"}]}]
        }
    )

    part: str
    assemblies: list[ContainedOut]
