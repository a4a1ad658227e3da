"""Turns events into mails to those whom they concern: requests for help and for money, the ends of long work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from fieldops.events.mailing import queue_mail
from fieldops.events.models import EventReader
from fieldops.events.queries import events_after, last_number
from fieldops.events.schemas import EventOut
from fieldops.finance.approvals.models import OPEN_STATES, ApprovalState
from fieldops.finance.approvals.queries import approval_page
from fieldops.identity.models import MemberKind, Membership, RolePermission, User, UserRole
from inventory.kernel.engine import dialect_insert
from inventory.kernel.errors import Invalid
from inventory.kernel.operations import Operation
from inventory.offers.models import GrantState
from inventory.offers.queries import grant_page

LONG = timedelta(minutes=1)
"""Whoever submitted work that took less is still looking at the page."""
_READER = "notices"
_KINDS = ("approval.changed", "grant.changed", "operation.changed")
_EVENTS_AT_ONCE = 200

_log = structlog.get_logger()


def tell_by_mail(session: Session, now: datetime, *, address: str) -> int:
    """Queue the mails of all events since the last call, each once; returns how many events could have caused one.

    `address` is where people reach the product. The session is one of the whole network.
    """
    session.execute(dialect_insert(session, EventReader).values(name=_READER, number=0).on_conflict_do_nothing())
    position = session.scalars(select(EventReader).where(EventReader.name == _READER).with_for_update()).one()
    # read before the events: what is numbered meanwhile must not be skipped
    last = last_number(session)
    read = 0
    while events := events_after(session, position.number, kinds=_KINDS, limit=_EVENTS_AT_ONCE):
        for event in events:
            if event.kind == "operation.changed":
                _tell_of_end(session, event, now, address)
            elif event.kind == "approval.changed":
                _tell_of_approval(session, event, now, address)
            elif event.payload["state"] == GrantState.REQUESTED:
                _tell_of_request(session, event, now, address)
        position.number = events[-1].number
        read += len(events)
    position.number = max(position.number, last)
    return read


def _tell_of_request(session: Session, event: EventOut, now: datetime, address: str) -> None:
    """Tell those who may decide for the region that is asked."""
    (grant,) = grant_page(session, number=event.payload["grant"])
    deciders = (
        _members(grant.granting_region)
        .join(RolePermission, RolePermission.role == UserRole.role)
        .where(RolePermission.permission == "grants.decide")
    )
    values = {
        "number": grant.number,
        "requester": grant.asked_by,
        "requesting_region": grant.asking_region,
        "region": grant.granting_region,
        "part": grant.part,
        "quantity": None if grant.quantity is None else f"{grant.quantity.normalize():f}",
        "destination": grant.destination,
        "purpose": grant.purpose,
        "takeable_at": grant.takeable_at,
        "starts_at": grant.starts_at,
        "ends_at": grant.ends_at,
        "zone": "UTC",
        "address": f"{address}/api/v1/grants/{grant.number}",
    }
    for name, email, reads in session.execute(deciders).all():
        if email is not None:
            _queue(session, email, "grant_requested", values, reads, now, f"{grant.number}/{name}")


def _tell_of_approval(session: Session, event: EventOut, now: datetime, address: str) -> None:
    """Tell those of the role that may decide of what waits, and whoever asked of what was decided."""
    (told,) = approval_page(session, number=event.payload["approval"])
    state = event.payload["state"]
    if state in OPEN_STATES:
        readers = _members(told.region).where(UserRole.role == event.payload["role"])
    elif state in (ApprovalState.APPROVED, ApprovalState.REJECTED):
        readers = select(User.name, User.email, User.language).where(User.name == told.requested_by, User.enabled)
    else:
        return
    values = {
        "number": told.number,
        "requester": told.requested_by,
        "state": state,
        "document": told.document,
        "amount": f"{told.amount:.2f} {told.currency}",
        "region": told.region,
        "reason": told.reason,
        "decided_by": told.decided_by,
        "note": told.note,
        "due_at": told.due_at,
        "zone": "UTC",
        "address": f"{address}/api/v1/approvals/{told.number}",
    }
    template = "approval_requested" if state in OPEN_STATES else "approval_decided"
    for name, email, reads in session.execute(readers).all():
        if email is not None and name != (told.requested_by if state in OPEN_STATES else None):
            _queue(session, email, template, values, reads, now, f"{event.id}/{name}")


def _members(region: str) -> Select[tuple[str, str | None, str]]:
    """Return the query of those of a region and of the whole network who can sign in, once for each of their roles."""
    return (
        select(User.name, User.email, User.language)
        .join(Membership, Membership.user_id == User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            User.enabled,
            or_(
                Membership.kind == MemberKind.NETWORK,
                and_(Membership.kind == MemberKind.REGION, Membership.code == region),
            ),
        )
        .distinct()
    )


def _tell_of_end(session: Session, event: EventOut, now: datetime, address: str) -> None:
    """Tell whoever submitted long work how it ended."""
    operation = session.get(Operation, UUID(event.payload["operation"]))
    if operation is None or operation.ended_at is None or operation.ended_at - operation.submitted_at < LONG:
        return
    submitter = session.scalar(select(User).where(User.name == operation.actor, User.enabled, User.email.is_not(None)))
    if submitter is None or submitter.email is None:
        return
    values = {
        "kind": operation.kind,
        "state": operation.state,
        "submitted_at": operation.submitted_at,
        "ended_at": operation.ended_at,
        "zone": "UTC",
        "reason": None,
        "address": f"{address}/api/v1/operations/{operation.id}",
    }
    _queue(session, submitter.email, "operation_ended", values, submitter.language, now, f"{operation.id}/end")


def _queue(
    session: Session, to: str, template: str, values: Mapping[str, Any], reads: str, now: datetime, key: str
) -> None:
    """Queue a mail; one that cannot be sent is left out, so that it does not keep the others waiting."""
    try:
        queue_mail(session, to, template, values, reads, now, key=key)
    except Invalid as error:
        _log.warning("notice_left_out", key=key, code=error.code)
