"""Approvals as they are asked for, told and decided."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, model_validator

from fieldops.finance.approvals.models import ApprovalState
from fieldops.finance.budgets.schemas import Why
from inventory.kernel.fields import Code, Day
from inventory.kernel.texts import gettext as _


class Verdict(BaseModel):
    """Why a request is approved, refused or withdrawn."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"note": "Cheaper than a night more on ground"}]}
    )

    note: Why


class ApprovalOut(BaseModel):
    """A document that waits, or waited, for a named authority."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": "AR-000004",
                    "region": "SEA",
                    "document_kind": "order",
                    "document": "R-000017",
                    "plan_id": None,
                    "priority": "CRITICAL",
                    "amount": "355.5000",
                    "currency": "USD",
                    "categories": ["freight"],
                    "reason": "Brake for an aircraft on ground",
                    "approver_role": "regional_manager",
                    "two_needed": False,
                    "state": "pending",
                    "requested_by": "li.na",
                    "requested_at": "2026-03-02T08:00:00Z",
                    "due_at": "2026-03-03T08:00:00Z",
                    "escalated": 0,
                    "seconded_by": None,
                    "decided_by": None,
                    "decided_for": None,
                    "decided_at": None,
                    "note": None,
                    "version": 1,
                }
            ]
        }
    )

    number: str
    region: str
    document_kind: str
    document: str
    plan_id: UUID | None
    priority: str
    amount: Decimal
    currency: str
    categories: list[str]
    reason: str | None
    approver_role: str
    two_needed: bool
    state: ApprovalState
    requested_by: str
    requested_at: datetime
    due_at: datetime
    escalated: int
    seconded_by: str | None
    decided_by: str | None
    decided_for: str | None
    decided_at: datetime | None
    note: str | None
    version: int


class NewSubstitution(BaseModel):
    """For these days a substitute decides with one's own authority; `last_day` is included."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"substitute": "chen.wei", "first_day": "2026-04-01", "last_day": "2026-04-14"}]
        },
    )

    substitute: Code
    first_day: Day
    last_day: Day

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError(_("the last day is before the first; correct one of them"))
        return self


class SubstitutionOut(NewSubstitution):
    """Who decides for whom."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a71",
                    "person": "li.na",
                    "substitute": "chen.wei",
                    "first_day": "2026-04-01",
                    "last_day": "2026-04-14",
                    "ended_at": None,
                }
            ]
        }
    )

    id: UUID
    person: str
    ended_at: datetime | None
