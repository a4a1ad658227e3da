"""What goes beyond the control: standing authorities, holds of trade compliance, the review of overrides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.earmarks import lock_documents
from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.budgets.posting import lock_lines
from fieldops.finance.budgets.service import told_account
from fieldops.finance.control.authority_schemas import NewAuthority, NewComplianceHold
from fieldops.finance.control.models import BudgetOverride, ComplianceHold, StandingAuthority
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from inventory.kernel.lookup import portions
from inventory.kernel.outbox import emit
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.queries import region_codes
from inventory.network.service import region_ids


@dataclass(frozen=True, slots=True)
class Envelope:
    """A standing authority in force: its line, how much a document may take of it, and why it was given."""

    line: UUID
    most: Decimal
    reason: str


def envelope_of(session: Session, actor: Actor, region: UUID, day: date) -> Envelope | None:
    """Return the standing authority of a region on a day, the largest of several; nobody uses an own grant."""
    found = session.scalars(
        select(StandingAuthority)
        .where(
            StandingAuthority.region_id == region,
            (StandingAuthority.granted_by != actor.id) | (StandingAuthority.granted_by == SYSTEM.id),
            StandingAuthority.valid_from <= day,
            StandingAuthority.valid_until >= day,
            StandingAuthority.ended_at.is_(None),
        )
        .order_by(StandingAuthority.document_max.desc(), StandingAuthority.id)
        .limit(1)
    ).first()
    return None if found is None else Envelope(found.line_id, found.document_max, found.reason)


def grant_authority(session: Session, actor: Actor, wanted: NewAuthority, now: datetime) -> StandingAuthority:
    """Give a region a pre-funded envelope; from then on its line pays for nothing else.

    Raises Invalid for a line that is not the region's or the general one of its category, or a wrong period; Conflict
    for a line that other documents hold or spent money of.
    """
    actor.require_region(wanted.region)
    region = region_ids(session, [wanted.region])[wanted.region]
    line = lock_lines(session, [wanted.line]).get(wanted.line)
    if line is None or line.region_id != region or not (line.area or line.cost_centre or line.programme):
        raise Invalid(
            _(
                "{line} is no line of {region} for an area, a cost centre or a programme; open one for the envelope"
            ).format(line=wanted.line, region=wanted.region),
            code="wrong_line",
            field="line",
        )
    if line.taken and not line.envelope:
        raise Conflict(
            _("Documents have taken money of {account} already; open a line of its own for the envelope").format(
                account=told_account(line)
            ),
            code="line_in_use",
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
    line.envelope = True
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
    """Stop a document, whatever kind it is said to be of; raises Conflict where it is stopped already."""
    lock_documents(session, [(wanted.document_kind, wanted.document)])
    if stopped(session, [wanted.document]):
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


def stopped(session: Session, documents: Collection[str]) -> set[str]:
    """Return which documents, by number, trade compliance stops, wherever the hold was placed."""
    found: set[str] = set()
    with unscoped(session):
        for some in portions(sorted(set(documents))):
            held = select(ComplianceHold.document).where(
                ComplianceHold.document.in_(some), ComplianceHold.lifted_at.is_(None)
            )
            found |= set(session.scalars(held))
    return found


def require_not_stopped(session: Session, documents: Sequence[str]) -> None:
    """Raise Conflict for the first document that trade compliance stops."""
    for document in sorted(stopped(session, documents)):
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


def remind_of_reviews(session: Session, now: datetime) -> int:
    """Tell once of each override whose review is due; returns how many. For the worker."""
    due = session.scalars(
        select(BudgetOverride)
        .where(
            BudgetOverride.review_by <= now,
            BudgetOverride.reviewed_at.is_(None),
            BudgetOverride.reminded_at.is_(None),
        )
        .order_by(BudgetOverride.id)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return 0
    regions = region_codes(session)
    lines = select(BudgetLine.id, BudgetLine.region_id).where(BudgetLine.id.in_({one.line_id for one in due}))
    region_of = {key: regions[region] for key, region in session.execute(lines)}
    for one in due:
        one.reminded_at = now
        code = region_of[one.line_id]
        emit(
            session,
            "budget.review_due",
            {"region": code, "override": str(one.id), "document": one.document, "by": one.by},
            now,
            audience=code,
        )
    session.flush()
    return len(due)
