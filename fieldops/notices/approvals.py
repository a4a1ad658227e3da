"""Mails about approvals: what waits, to those who may decide and their substitutes; what was decided, to who asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.events.schemas import EventOut
from fieldops.finance.approvals.models import OPEN_STATES, ApprovalState
from fieldops.finance.approvals.queries import approval_page, substitutes_of
from fieldops.finance.approvals.schemas import ApprovalOut
from fieldops.identity.models import User, UserRole
from fieldops.notices.mail import Reader, members, queue

LISTED_MAX = 20
"""How many requests one mail names; a plan of a large network may hold hundreds."""


def tell_of_approvals(session: Session, events: Sequence[EventOut], now: datetime, address: str) -> None:
    """Queue the mails of changed approvals: each reader has one for all that wait, and one for each decision."""
    waiting: defaultdict[Reader, list[ApprovalOut]] = defaultdict(list)
    readers: dict[tuple[str, str], list[Reader]] = {}
    known = {one.number: one for one in approval_page(session, numbers={one.payload["approval"] for one in events})}
    for event in events:
        told = known[event.payload["approval"]]
        if event.payload["state"] in OPEN_STATES:
            audience = (told.region, event.payload["role"])
            if audience not in readers:
                readers[audience] = _deciders(session, *audience, now)
            for reader in readers[audience]:
                if reader.name != told.requested_by:
                    waiting[reader].append(told)
        elif event.payload["state"] in (ApprovalState.APPROVED, ApprovalState.REJECTED):
            _tell_of_decision(session, event, told, now, address)
    last = events[-1].number if events else 0
    for reader, requests in waiting.items():
        _tell_of_requests(session, reader, requests, now, address, f"approvals/{last}/{reader.name}")


def _deciders(session: Session, region: str, role: str, now: datetime) -> list[Reader]:
    """Return those of a role in a region, and those who decide in their stead today."""
    found = {Reader(*row) for row in session.execute(members(region).where(UserRole.role == role))}
    others = substitutes_of(session, {one.name for one in found}, now.date())
    users = select(User.name, User.email, User.language).where(User.name.in_(others), User.enabled)
    return sorted(found | {Reader(*row) for row in session.execute(users)}, key=lambda one: one.name)


def _tell_of_requests(
    session: Session, reader: Reader, requests: list[ApprovalOut], now: datetime, address: str, key: str
) -> None:
    told = [_values(one, address) for one in requests]
    if len(told) == 1:
        queue(session, reader, "approval_requested", told[0], now, key)
        return
    values = {"requests": told, "most": LISTED_MAX, "address": f"{address}/api/v1/approvals/inbox"}
    queue(session, reader, "approvals_requested", values, now, key)


def _tell_of_decision(session: Session, event: EventOut, told: ApprovalOut, now: datetime, address: str) -> None:
    asked = select(User.name, User.email, User.language).where(User.name == told.requested_by, User.enabled)
    for row in session.execute(asked):
        values = _values(told, address) | {"state": event.payload["state"]}
        queue(session, Reader(*row), "approval_decided", values, now, f"approvals/{event.number}/decided")


def _values(told: ApprovalOut, address: str) -> dict[str, Any]:
    return {
        "number": told.number,
        "requester": told.requested_by,
        "document": told.document,
        "priority": told.priority,
        "amount": f"{told.amount:.2f} {told.currency}",
        "region": told.region,
        "reason": told.reason,
        "decided_by": told.decided_by,
        "note": told.note,
        "due_at": told.due_at,
        "zone": "UTC",
        "address": f"{address}/api/v1/approvals/{told.number}",
    }
