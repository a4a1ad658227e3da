"""What goes beyond the control, as it comes in and goes out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from fieldops.finance.budgets.schemas import AmountAboveZero, Why
from fieldops.finance.categories import Category
from fieldops.finance.control.fields import Document, Kind
from fieldops.finance.control.models import OverrideKind
from inventory.kernel.fields import Code, Day


class OverrideRecord(BaseModel):
    """A document that passed beyond its line, and what its review found."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a41",
                    "kind": "named",
                    "region": "SEA",
                    "category": "freight",
                    "currency": "USD",
                    "document_kind": "order",
                    "document": "R-000017",
                    "amount": "300.0000",
                    "by": "li.na",
                    "reason": "Aircraft on ground in VTE",
                    "allowed_at": "2026-03-02T08:00:00Z",
                    "review_by": "2026-03-03T08:00:00Z",
                    "reviewed_by": None,
                    "reviewed_at": None,
                    "finding": None,
                    "version": 1,
                }
            ]
        }
    )

    id: UUID
    kind: OverrideKind
    region: str
    category: Category
    currency: str
    document_kind: str
    document: str
    amount: Decimal
    by: str
    reason: str
    allowed_at: datetime
    review_by: datetime | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    finding: str | None
    version: int


class Review(BaseModel):
    """What the review of an override found."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"finding": "Justified; lane was closed"}]}
    )

    finding: Why


class NewAuthority(BaseModel):
    """A standing authority: AOG documents of a region may take up to `document_max` each of an envelope line."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "region": "SEA",
                    "line": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a11",
                    "document_max": "5000.00",
                    "valid_from": "2026-03-01",
                    "valid_until": "2026-06-30",
                    "reason": "AOG desk at night",
                }
            ]
        },
    )

    region: Code
    line: UUID
    document_max: AmountAboveZero
    valid_from: Day
    valid_until: Day
    reason: Why


class AuthorityOut(NewAuthority):
    """A standing authority, and whether it was ended."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a51",
                    "region": "SEA",
                    "line": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a11",
                    "document_max": "5000.0000",
                    "valid_from": "2026-03-01",
                    "valid_until": "2026-06-30",
                    "reason": "AOG desk at night",
                    "granted_by": "chen.wei",
                    "granted_at": "2026-02-20T08:00:00Z",
                    "ended_by": None,
                    "ended_at": None,
                }
            ]
        }
    )

    id: UUID
    granted_by: str
    granted_at: datetime
    ended_by: str | None
    ended_at: datetime | None


class NewComplianceHold(BaseModel):
    """Stop a document until trade compliance lifts the hold."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "region": "SEA",
                    "document_kind": "order",
                    "document": "R-000017",
                    "reason": "End-use statement is missing",
                }
            ]
        },
    )

    region: Code
    document_kind: Kind
    document: Document
    reason: Why


class Lift(BaseModel):
    """Why a hold is lifted."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "Statement received"}]}
    )

    reason: Why


class ComplianceHoldOut(NewComplianceHold):
    """A hold of trade compliance."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a61",
                    "region": "SEA",
                    "document_kind": "order",
                    "document": "R-000017",
                    "reason": "End-use statement is missing",
                    "placed_by": "zhao.min",
                    "placed_at": "2026-03-02T08:00:00Z",
                    "lifted_by": None,
                    "lifted_at": None,
                    "lifted_because": None,
                    "version": 1,
                }
            ]
        }
    )

    id: UUID
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_because: str | None
    version: int
