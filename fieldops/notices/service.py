"""Turns events into mails to those whom they concern: help, money, the ends of long work, plans, changed work."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.events.models import EventReader
from fieldops.events.queries import events_after, last_number
from fieldops.events.schemas import EventOut
from fieldops.identity.models import RolePermission, User, UserRole
from fieldops.notices.approvals import tell_of_approvals
from fieldops.notices.mail import Reader, members, queue
from fieldops.notices.plans import tell_of_plan
from fieldops.notices.work import tell_of_work
from inventory.kernel.engine import dialect_insert
from inventory.kernel.operations import Operation
from inventory.offers.models import GrantState
from inventory.offers.queries import grant_page

LONG = timedelta(minutes=1)
"""Whoever submitted work that took less is still looking at the page."""
_READER = "notices"
_KINDS = ("approval.changed", "grant.changed", "operation.changed", "plan.undecided", "assignment.changed")
_EVENTS_AT_ONCE = 200


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
            elif event.kind == "plan.undecided":
                tell_of_plan(session, event, now, address)
            elif event.kind == "grant.changed" and event.payload["state"] == GrantState.REQUESTED:
                _tell_of_request(session, event, now, address)
        tell_of_work(session, [one for one in events if one.kind == "assignment.changed"], now)
        tell_of_approvals(session, [one for one in events if one.kind == "approval.changed"], now, address)
        position.number = events[-1].number
        read += len(events)
    position.number = max(position.number, last)
    return read


def _tell_of_request(session: Session, event: EventOut, now: datetime, address: str) -> None:
    """Tell those who may decide for the region that is asked."""
    (grant,) = grant_page(session, number=event.payload["grant"])
    deciders = (
        members(grant.granting_region)
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
    for row in session.execute(deciders).all():
        reader = Reader(*row)
        queue(session, reader, "grant_requested", values, now, f"{grant.number}/{reader.name}")


def _tell_of_end(session: Session, event: EventOut, now: datetime, address: str) -> None:
    """Tell whoever submitted long work how it ended."""
    operation = session.get(Operation, UUID(event.payload["operation"]))
    if operation is None or operation.ended_at is None or operation.ended_at - operation.submitted_at < LONG:
        return
    submitter = session.scalar(select(User).where(User.name == operation.actor, User.enabled))
    if submitter is None:
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
    reader = Reader(submitter.name, submitter.email, submitter.language)
    queue(session, reader, "operation_ended", values, now, f"{operation.id}/end")
