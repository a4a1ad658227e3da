"""Mails about plans that wait to be put in force: to those of the region who may do that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from fieldops.events.schemas import EventOut
from fieldops.identity.models import RolePermission, UserRole
from fieldops.notices.mail import Reader, members, queue


def tell_of_plan(session: Session, event: EventOut, now: datetime, address: str) -> None:
    """Tell those who may publish a plan that was made by itself what it does otherwise, and why it waits."""
    told = event.payload
    deciders = (
        members(told["region"])
        .join(RolePermission, RolePermission.role == UserRole.role)
        .where(RolePermission.permission == "plan.make")
    )
    number = told["plan"]
    values = {
        "number": number,
        "region": told["region"],
        "why": None if told["why"] is None else told["why"]["text"],
        "counts": told["counts"],
        "jobs": told["jobs"],
        "more": told["more"],
        "address": f"{address}/api/v1/plans/{number}/difference",
    }
    for row in session.execute(deciders).all():
        reader = Reader(*row)
        queue(session, reader, "plan_undecided", values, now, f"{number}/{told['region']}/{reader.name}")
