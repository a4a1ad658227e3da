"""Reads of the audit trail: the verification of its chain, the rows of an export, pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, exists, func, null, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from fieldops.audit.models import AuditSeal
from fieldops.audit.rules import FIELDS, START, covered, link_hash, sealed_late
from fieldops.audit.schemas import AuditRowOut, Fault, Finding, Head, Verdict
from inventory.kernel.audit import AuditRow

FINDINGS_MAX = 1_000
"""A verification that found so many faults ends there."""
_ROWS_AT_ONCE = 1_000
_NAMES = ("number", "code", "name", "part_number", "registration")
"""The columns by which people call a record."""

# as the database keeps them: a value that somebody made unreadable must be a finding, not a failure
_ROW = [type_coerce(getattr(AuditRow, name), String).label(name) for name in FIELDS]
_SEAL = [type_coerce(getattr(AuditSeal, name), String).label(name) for name in ("position", "hash", "sealed_at")]


@dataclass(frozen=True, slots=True)
class End:
    """Where an export ends: the last link and the last row when it began, so that its pages tell of one instant."""

    head: Head | None
    row: int


def unsealed(*, after: int = 0) -> Select[*tuple[Any, ...]]:
    """Return the query of the rows without a seal and with an id above `after`, by id."""
    sealed = exists().where(AuditSeal.audit_id == AuditRow.id)
    return select(*_ROW).where(AuditRow.id > after, ~sealed).order_by(AuditRow.id)


def head_of(session: Session) -> Head | None:
    """Return the last link, None where nothing was sealed yet or the reader may not see it."""
    last = session.execute(select(AuditSeal.position, AuditSeal.hash).order_by(AuditSeal.position.desc()).limit(1))
    return next((Head.model_construct(position=position, hash=told) for position, told in last), None)


def verify(session: Session, head: Head | None = None) -> Verdict:
    """Recompute the chain in order, and compare it with a head that was exported earlier.

    Finds edits, deletions, swaps and insertions among the sealed rows and their seals. Only a head that was kept
    elsewhere shows that the end was cut off, or the whole chain made anew. The session is one of the whole network.
    """
    findings: list[Finding] = []
    links = place = late = 0
    previous = START
    for link in _links(session):
        links, place = links + 1, place + 1
        if link["position"] != place:
            findings.append(Finding(fault=Fault.WRONG_POSITION, position=place, audit_id=link["audit_id"]))
            place = max(place, link["position"])
        if link["id"] is None:
            findings.append(Finding(fault=Fault.ROW_MISSING, position=place, audit_id=link["audit_id"]))
        else:
            told = covered(link)
            late += sealed_late(told)
            if link["hash"] != link_hash(previous, told):
                findings.append(Finding(fault=Fault.ROW_CHANGED, position=place, audit_id=link["audit_id"]))
        previous = link["hash"]
        if head is not None and place == head.position and previous != head.hash:
            findings.append(Finding(fault=Fault.OTHER_HEAD, position=place, audit_id=link["audit_id"]))
        if len(findings) >= FINDINGS_MAX:
            break
    else:
        if head is not None and place < head.position:
            findings.append(Finding(fault=Fault.TRUNCATED, position=place + 1))
    tail = unsealed().with_only_columns(func.count(), func.min(AuditRow.at)).order_by(None)
    waiting, oldest = session.execute(tail).one()
    return Verdict(
        sound=not findings,
        sealed=links,
        sealed_late=late,
        unsealed=waiting,
        oldest_unsealed_at=oldest,
        head=Head(position=place, hash=previous) if links and not findings else None,
        findings=tuple(findings),
    )


def _links(session: Session) -> Iterator[Any]:
    query = (
        select(*_ROW, *_SEAL, AuditSeal.audit_id)
        .outerjoin_from(AuditSeal, AuditRow, AuditRow.id == AuditSeal.audit_id)
        .order_by(AuditSeal.position)
    )
    yield from session.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)).mappings()


def end_of_export(session: Session) -> End:
    """Return where an export that begins now ends."""
    return End(head_of(session), session.scalar(select(func.max(AuditRow.id))) or 0)


def sealed_rows(session: Session, after: int, end: End, since: datetime | None) -> list[dict[str, Any]]:
    """Return the next sealed rows after a position, in the order of the chain, none behind the end.

    Each is what its link covers, ready for JSON, and the link's `position` and `hash`. Whoever does not see the whole
    network gets none here, and all of his as rows that are not sealed.
    """
    if end.head is None:
        return []
    query = (
        select(*_ROW, *_SEAL)
        .join(AuditSeal, AuditSeal.audit_id == AuditRow.id)
        .where(AuditSeal.position > after, AuditSeal.position <= end.head.position)
        .order_by(AuditSeal.position)
    )
    return _exported(session, query, since)


def waiting_rows(session: Session, after: int, end: End, since: datetime | None) -> list[dict[str, Any]]:
    """Return the next rows after an id that were not sealed when the export began, by id, as `sealed_rows` does."""
    head = 0 if end.head is None else end.head.position
    sealed = exists().where(AuditSeal.audit_id == AuditRow.id, AuditSeal.position <= head)
    query = (
        select(*_ROW, *(null().label(column.name) for column in _SEAL))
        .where(AuditRow.id > after, AuditRow.id <= end.row, ~sealed)
        .order_by(AuditRow.id)
    )
    return _exported(session, query, since)


def _exported(session: Session, query: Select[*tuple[Any, ...]], since: datetime | None) -> list[dict[str, Any]]:
    wanted = query if since is None else query.where(AuditRow.at >= since)
    return [
        {"position": row["position"], "hash": row["hash"]} | covered(dict(row))
        for row in session.execute(wanted.limit(_ROWS_AT_ONCE)).mappings()
    ]


def audit_page(
    session: Session,
    *,
    before: int,
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
    document: str | None = None,
    **equal: str | None,
) -> list[AuditRowOut]:
    """Return up to `limit` rows with an id below `before`, the newest first.

    `until` is exclusive; `document` is the key of a record, or the number or name that it was given when it was made;
    `equal` names columns and the value that each must have, None for any.
    """
    query = select(AuditRow).where(AuditRow.id < before).order_by(AuditRow.id.desc()).limit(limit)
    query = query.filter_by(**{name: value for name, value in equal.items() if value is not None})
    if document is not None:
        made = aliased(AuditRow)
        named = or_(*(made.after[name].as_string() == document for name in _NAMES))
        keys = select(made.subject_key).where(made.action == "created", named)
        query = query.where(or_(AuditRow.subject_key == document, AuditRow.subject_key.in_(keys)))
    if since is not None:
        query = query.where(AuditRow.at >= since)
    if until is not None:
        query = query.where(AuditRow.at < until)
    return [AuditRowOut.model_validate(row) for row in session.scalars(query)]
