"""Turns events into mails to those whom they concern: requests for help, and the ends of long work."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.events.mailing import queue_mail
from fieldops.events.models import EventReader
from fieldops.events.queries import events_after
from fieldops.events.schemas import EventOut
from fieldops.identity.models import MemberKind, Membership, RolePermission, User, UserRole
from inventory.kernel.engine import dialect_insert
from inventory.kernel.operations import Operation
from inventory.offers.models import GrantState
from inventory.offers.queries import grant_by_number

LONG = timedelta(minutes=1)
"""Whoever submitted work that took less is still looking at the page."""
_READER = "notices"
_EVENTS_PER_STEP = 200


def tell_by_mail(session: Session, now: datetime, *, address: str) -> int:
    """Queue the mails of the events since the last call, each once; returns how many events were read.

    `address` is where people reach the product. The session is one of the whole network.
    """
    session.execute(dialect_insert(session, EventReader).values(name=_READER, number=0).on_conflict_do_nothing())
    position = session.scalars(select(EventReader).where(EventReader.name == _READER).with_for_update()).one()
    events = events_after(session, position.number, limit=_EVENTS_PER_STEP)
    for event in events:
        if event.kind == "grant.changed" and event.payload["state"] == GrantState.REQUESTED:
            _tell_of_request(session, event, now, address)
        elif event.kind == "operation.changed":
            _tell_of_end(session, event, now, address)
    if events:
        position.number = events[-1].number
    return len(events)


def _tell_of_request(session: Session, event: EventOut, now: datetime, address: str) -> None:
    """Tell those of the region that is asked who may decide."""
    grant = grant_by_number(session, event.payload["grant"])
    deciders = (
        select(User.name, User.email, User.language)
        .join(Membership, Membership.user_id == User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .join(RolePermission, RolePermission.role == UserRole.role)
        .where(
            User.enabled,
            Membership.kind == MemberKind.REGION,
            Membership.code == grant.granting_region,
            RolePermission.permission == "grants.decide",
        )
        .distinct()
    )
    values = {
        "number": grant.number,
        "requester": grant.asked_by,
        "requesting_region": grant.asking_region,
        "region": grant.granting_region,
        "purpose": grant.purpose,
        "starts_at": grant.starts_at,
        "ends_at": grant.ends_at,
        "zone": "UTC",
        "address": f"{address}/api/v1/grants/{grant.number}",
    }
    for name, email, reads in session.execute(deciders).all():
        if email is not None:
            queue_mail(session, email, "grant_requested", values, reads, now, key=f"{grant.number}/{name}")


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
    queue_mail(session, submitter.email, "operation_ended", values, submitter.language, now, key=f"{operation.id}/end")
