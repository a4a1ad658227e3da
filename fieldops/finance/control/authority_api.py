"""Routes of what goes beyond the control: overrides and their review, envelopes, holds of trade compliance."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from fieldops.finance.control import authority, queries
from fieldops.finance.control.authority_schemas import (
    AuthorityOut,
    ComplianceHoldOut,
    Lift,
    NewAuthority,
    NewComplianceHold,
    OverrideRecord,
    Review,
)
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

router = APIRouter(tags=["budget control"], route_class=Route)

Key = Annotated[UUID, Path(description="Key of the record, as its list tells it.")]


@router.get("/budgets/overrides", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def overrides(session: Reading, paging: Paged, to_review: bool | None = None) -> Page[OverrideRecord]:
    """List what passed beyond its line, by whose leave and why; `to_review` keeps what waits for a review."""
    (after,) = paging.after((queries.NO_KEY,))
    rows = queries.override_page(session, after=after, limit=paging.rows, to_review=to_review)
    return paging.page(rows, lambda one: (one.id,))


@router.get("/budgets/overrides/{key}", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def override(session: Reading, response: Response, key: Key) -> OverrideRecord:
    """Return one of them."""
    return _override(session, response, key)


@router.post("/budgets/overrides/{key}/review", dependencies=[needs("budget.approve", Elsewhere.HIDDEN)])
def review(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, key: Key, wanted: Review
) -> OverrideRecord:
    """Write down what the review the day after found, as somebody else than who let it pass."""
    authority.review_override(session, actor, key, wanted.finding, edge.clock(), version=version)
    return _override(session, response, key)


@router.get("/budgets/standing-authorities", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def standing_authorities(session: Reading, paging: Paged) -> Page[AuthorityOut]:
    """List the pre-funded envelopes of AOG documents."""
    (after,) = paging.after((queries.NO_KEY,))
    return paging.page(queries.authority_page(session, after=after, limit=paging.rows), lambda one: (one.id,))


@router.post("/budgets/standing-authorities", status_code=201, dependencies=[needs("budget.limits", Elsewhere.REFUSED)])
def grant_authority(session: Writing, actor: Acting, edge: Here, wanted: NewAuthority) -> AuthorityOut:
    """Give a region an envelope: a line from which AOG documents that do not fit theirs are paid at once."""
    made = authority.grant_authority(session, actor, wanted, edge.clock())
    (told,) = queries.authority_page(session, key=made.id)
    return told


@router.post("/budgets/standing-authorities/{key}/end", dependencies=[needs("budget.limits", Elsewhere.HIDDEN)])
def end_authority(session: Writing, actor: Acting, edge: Here, key: Key) -> AuthorityOut:
    """End an envelope before its day."""
    authority.end_authority(session, actor, key, edge.clock())
    (told,) = queries.authority_page(session, key=key)
    return told


@router.get("/compliance-holds", dependencies=[needs("compliance.read", Elsewhere.HIDDEN)])
def compliance_holds(
    session: Reading,
    paging: Paged,
    document: str | None = None,
    lifted: bool | None = None,
) -> Page[ComplianceHoldOut]:
    """List what trade compliance stops, or stopped."""
    (after,) = paging.after((queries.NO_KEY,))
    rows = queries.compliance_page(session, after=after, limit=paging.rows, document=document, lifted=lifted)
    return paging.page(rows, lambda one: (one.id,))


@router.post("/compliance-holds", status_code=201, dependencies=[needs("compliance.hold", Elsewhere.REFUSED)])
def place_hold(
    session: Writing, actor: Acting, edge: Here, response: Response, wanted: NewComplianceHold
) -> ComplianceHoldOut:
    """Stop a document: no approval, override or envelope lets it pass until the hold is lifted."""
    return _hold(session, response, authority.place_hold(session, actor, wanted, edge.clock()).id)


@router.get("/compliance-holds/{key}", dependencies=[needs("compliance.read", Elsewhere.HIDDEN)])
def compliance_hold(session: Reading, response: Response, key: Key) -> ComplianceHoldOut:
    """Return a hold."""
    return _hold(session, response, authority.hold_by_id(session, key).id)


@router.post("/compliance-holds/{key}/lift", dependencies=[needs("compliance.hold", Elsewhere.HIDDEN)])
def lift_hold(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, key: Key, wanted: Lift
) -> ComplianceHoldOut:
    """Lift a hold, and say why."""
    authority.lift_hold(session, actor, key, wanted.reason, edge.clock(), version=version)
    return _hold(session, response, key)


def _override(session: Session, response: Response, key: UUID) -> OverrideRecord:
    tag(response, authority.override_by_id(session, key).version)
    (told,) = queries.override_page(session, key=key)
    return told


def _hold(session: Session, response: Response, key: UUID) -> ComplianceHoldOut:
    (told,) = queries.compliance_page(session, key=key)
    tag(response, told.version)
    return told
