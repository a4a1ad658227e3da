"""The terms of the control as they come in and go out."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fieldops.finance.categories import Category
from fieldops.finance.control.fields import Kind, Role
from fieldops.finance.control.rules import Action
from inventory.kernel.fields import Code, Currency, Price
from inventory.kernel.texts import gettext as _


class ApprovalLimits(BaseModel):
    """The largest amount that each role may approve; null is no limit. `by_category` holds where it names the role."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "currency": "USD",
                    "limits": {"regional_manager": "20000.00", "finance": "100000.00", "administrator": None},
                    "by_category": {"capital": {"regional_manager": "0.00"}},
                }
            ]
        },
    )

    currency: Currency
    limits: Annotated[dict[Role, Price | None], Field(min_length=1)]
    by_category: dict[Category, dict[Role, Price | None]] = Field(default_factory=dict)


class BandTerms(BaseModel):
    """What happens when more than a limit is taken of a line: percent of its budget, or money beyond it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action
    percent: Annotated[Decimal, Field(ge=0, le=1000, decimal_places=2)] | None = None
    excess: Annotated[Decimal, Field(ge=-(10**12), le=10**12, decimal_places=4)] | None = None
    category: Category | None = None
    document_kind: Kind | None = None

    @model_validator(mode="after")
    def _has_limit(self) -> Self:
        if self.percent is None and self.excess is None:
            raise ValueError(_("a band needs a limit: percent of the budget, or an excess in money"))
        return self


class PersonalLimit(BaseModel):
    """What a role or a person may commit at once; a document above it needs an approval, whatever the line holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role | None = None
    person: Code | None = None
    category: Category | None = None
    amount: Price

    @model_validator(mode="after")
    def _has_holder(self) -> Self:
        if (self.role is None) is (self.person is None):
            raise ValueError(_("a personal limit is that of a role or of a person; name one of them"))
        return self


class Terms(BaseModel):
    """The terms of the control. Amounts of persons and of four eyes are in the reporting currency.

    A document above `four_eyes_above` needs two approvals. One that waits longer than `escalate_after_h` hours goes to
    the next authority.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "bands": [
                        {"action": "warn", "percent": "90"},
                        {"action": "approve", "percent": "100"},
                        {"action": "block", "percent": "115", "excess": "50000", "category": "freight"},
                    ],
                    "personal": [{"role": "technician", "amount": "2000"}],
                    "four_eyes_above": "100000",
                    "escalate_after_h": 24,
                }
            ]
        },
    )

    bands: Annotated[tuple[BandTerms, ...], Field(max_length=200)] = (
        BandTerms(action=Action.WARN, percent=Decimal(90)),
        BandTerms(action=Action.APPROVE, percent=Decimal(100)),
    )
    personal: Annotated[tuple[PersonalLimit, ...], Field(max_length=10_000)] = ()
    four_eyes_above: Price | None = None
    escalate_after_h: Annotated[int, Field(ge=1, le=24 * 31)] = 24
