"""What goes beyond the control: standing authorities, holds of trade compliance, the review of overrides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.control.authority_schemas import NewAuthority, NewComplianceHold
from fieldops.finance.control.models import BudgetOverride, ComplianceHold, StandingAuthority
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from inventory.kernel.lookup import portions
from inventory.kernel.outbox import emit
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.service import region_ids

DocumentKey = tuple[str, str]
"""Kind and number of a document."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A standing authority in force: its line, how much a document may take of it, and why it was given."""

    line: UUID
    most: Decimal
    reason: str


def envelope_of(session: Session, region: str, day: date) -> Envelope | None:
    """Return the standing authority of a region on a day, the largest of several; None without one."""
    key = region_ids(session, [region])[region]
    found = session.scalars(
        select(StandingAuthority)
        .where(
            StandingAuthority.region_id == key,
            StandingAuthority.valid_from <= day,
            StandingAuthority.valid_until >= day,
            StandingAuthority.ended_at.is_(None),
        )
        .order_by(StandingAuthority.document_max.desc(), StandingAuthority.id)
        .limit(1)
    ).first()
    return None if found is None else Envelope(found.line_id, found.document_max, found.reason)


def grant_authority(session: Session, actor: Actor, wanted: NewAuthority, now: datetime) -> StandingAuthority:
    """Give a region a pre-funded envelope; raises Invalid for a line that is not the region's, or a wrong period."""
    actor.require_region(wanted.region)
    region = region_ids(session, [wanted.region])[wanted.region]
    line = session.get(BudgetLine, wanted.line)
    if line is None or line.region_id != region:
        raise Invalid(
            _("{line} is no budget line of {region}; name one of its lines").format(
                line=wanted.line, region=wanted.region
            ),
            code="wrong_line",
            field="line",
        )
    if wanted.valid_until < wanted.valid_from:
        raise Invalid(
            _("The authority ends before it begins; correct valid_until"), code="wrong_period", field="valid_until"
        )
    made = StandingAuthority(
        id=uuid7(),
        region_id=region,
        line_id=wanted.line,
        document_max=wanted.document_max,
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
        reason=wanted.reason,
        granted_by=actor.id,
        granted_at=now,
    )
    session.add(made)
    session.flush()
    return made


def end_authority(session: Session, actor: Actor, key: UUID, now: datetime) -> StandingAuthority:
    """End a standing authority; raises NotFound, and Conflict where it was ended."""
    found = session.get(StandingAuthority, key)
    if found is None:
        raise NotFound(
            _("There is no standing authority {key} here; the list shows them").format(key=key),
            code="unknown_authority",
        )
    if found.ended_at is not None:
        raise Conflict(_("This standing authority was ended already"), code="ended_already")
    found.ended_by, found.ended_at = actor.id, now
    session.flush()
    return found


def place_hold(session: Session, actor: Actor, wanted: NewComplianceHold, now: datetime) -> ComplianceHold:
    """Stop a document; raises Conflict where it is stopped already."""
    if stopped(session, [(wanted.document_kind, wanted.document)]):
        raise Conflict(
            _("{document} is on hold already; the list shows who placed it").format(document=wanted.document),
            code="on_hold_already",
        )
    made = ComplianceHold(
        id=uuid7(),
        region_id=region_ids(session, [wanted.region])[wanted.region],
        document_kind=wanted.document_kind,
        document=wanted.document,
        reason=wanted.reason,
        placed_by=actor.id,
        placed_at=now,
    )
    session.add(made)
    session.flush()
    emit(
        session,
        "compliance.held",
        {"region": wanted.region, "document": wanted.document, "kind": wanted.document_kind},
        now,
        audience=wanted.region,
    )
    return made


def hold_by_id(session: Session, key: UUID) -> ComplianceHold:
    """Return a hold; raises NotFound."""
    found = session.get(ComplianceHold, key)
    if found is None:
        raise NotFound(_("There is no hold {key} here; the list shows them").format(key=key), code="unknown_hold")
    return found


def lift_hold(session: Session, actor: Actor, key: UUID, reason: str, now: datetime, *, version: int) -> ComplianceHold:
    """Lift a hold; raises NotFound, Stale for another version, Conflict where it was lifted."""
    found = hold_by_id(session, key)
    require_version(found.version, version)
    if found.lifted_at is not None:
        raise Conflict(_("This hold was lifted already"), code="ended_already")
    found.lifted_by, found.lifted_at, found.lifted_because = actor.id, now, reason
    session.flush()
    return found


def stopped(session: Session, documents: Collection[DocumentKey]) -> set[DocumentKey]:
    """Return which documents trade compliance stops, wherever the hold was placed."""
    found: set[DocumentKey] = set()
    key = (ComplianceHold.document_kind, ComplianceHold.document)
    with unscoped(session):
        for some in portions(sorted(set(documents))):
            rows = session.execute(select(*key).where(tuple_(*key).in_(list(some)), ComplianceHold.lifted_at.is_(None)))
            found |= {(kind, document) for kind, document in rows}
    return found


def require_not_stopped(session: Session, documents: Sequence[DocumentKey]) -> None:
    """Raise Conflict for the first document that trade compliance stops."""
    for _kind, document in sorted(stopped(session, documents)):
        raise Conflict(
            _("{document} is on hold by trade compliance, which no approval or override lifts; ask them").format(
                document=document
            ),
            code="compliance_hold",
        )


def override_by_id(session: Session, key: UUID) -> BudgetOverride:
    """Return an override; raises NotFound."""
    found = session.get(BudgetOverride, key)
    if found is None:
        raise NotFound(
            _("There is no override {key} here; the list shows them").format(key=key), code="unknown_override"
        )
    return found


def review_override(
    session: Session, actor: Actor, key: UUID, finding: str, now: datetime, *, version: int
) -> BudgetOverride:
    """Write down what the review found; raises Forbidden for whoever gave it, Conflict where it was reviewed, Stale."""
    found = override_by_id(session, key)
    require_version(found.version, version)
    if found.reviewed_at is not None:
        raise Conflict(_("This override was reviewed already; its finding stands"), code="reviewed_already")
    if found.by == actor.id != SYSTEM.id:
        raise Forbidden(_("You let this pass yourself; let somebody else review it"), code="own_request")
    found.reviewed_by, found.reviewed_at, found.finding = actor.id, now, finding
    session.flush()
    return found
