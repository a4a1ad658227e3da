"""Sealing the audit trail: committed rows become links of a chain, each covering the one before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from fieldops.audit.models import AuditSeal
from fieldops.audit.queries import head_of, unsealed
from fieldops.audit.rules import START, covered, link_hash

ROWS_PER_STATEMENT = 1_000
LATE_IDS = 100_000
"""A row is found whose transaction commits while up to so many later ones are sealed."""
_LOCK = 0x617564697473656C
"""The number of the sealer's advisory lock: “auditsel” in ASCII."""


def seal(session: Session, now: datetime) -> int:
    """Chain every committed row that has no seal, by id; returns how many.

    One sealer at a time: on SQLite writers wait for each other anyway. A row that commits later with a lower id is
    sealed by a later call. The session is one of the whole network.
    """
    first = (session.scalar(select(func.max(AuditSeal.audit_id))) or 0) - LATE_IDS
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock(_LOCK)))
    head = head_of(session)
    position, previous = (0, START) if head is None else (head.position, head.hash)
    before = position
    while rows := session.execute(unsealed(after=first).limit(ROWS_PER_STATEMENT)).mappings().all():
        links: list[dict[str, Any]] = []
        for row in rows:
            previous = link_hash(previous, covered({**row, "sealed_at": now}))
            position += 1
            links.append({"position": position, "audit_id": row["id"], "hash": previous, "sealed_at": now})
        session.execute(insert(AuditSeal), links)
        first = rows[-1]["id"]
    return position - before
