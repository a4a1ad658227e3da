"""The audit trail: who changed what, when, from where, before and after, in the transaction of the change.

Rows are written unchained; `fieldops.audit` chains the committed ones by hash, so that nobody can edit the past unseen.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pydantic_core import to_json, to_jsonable_python
from sqlalchemy import JSON, BigInteger, ClauseElement, ColumnElement, String, event, func, insert, inspect, or_, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Mapped, Mapper, ORMExecuteState, Session, mapped_column
from structlog.contextvars import get_contextvars

from inventory.kernel.base import Base
from inventory.kernel.clock import present
from inventory.kernel.scope import Declaration, ScopedSession, actor_of, audience_rule, declaration, declare
from inventory.kernel.types import BigIdentity

ROWS_MAX = 100
"""A bulk insert of more rows is written down as their number and a hash."""
_HIDDEN = "…"
_NUMBERED = re.compile(r"_m?\d+$")
_AS_JSON: dict[str, Any] = {"fallback": str, "bytes_mode": "base64"}


@declare(audience_rule("audience"), audited=False)
class AuditRow(Base):
    """One change of one record, or one action that changed none, such as a failed login.

    On PostgreSQL `xid` is the number of the transaction that wrote it: rows are seen in the order of commits, which is
    not that of their ids. SQLite has one writer at a time. `audience` is the region of the actor where there is exactly
    one, else "-": for those who see the whole network.
    """

    __tablename__ = "audit_row"

    id: Mapped[int] = mapped_column(BigIdentity, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64), index=True)
    origin: Mapped[str] = mapped_column(String(200))
    request_id: Mapped[str | None] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    subject_key: Mapped[str] = mapped_column(String(200), index=True)
    audience: Mapped[str] = mapped_column(String(48))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    xid: Mapped[int | None] = mapped_column(BigInteger, index=True)


@dataclass(frozen=True, slots=True)
class Mark:
    """How much of the trail is seen: the rows up to `latest`, but for those of transactions `under_way` then."""

    latest: int
    under_way: tuple[int, ...] = ()


def mark(session: Session) -> Mark:
    """Return how much of the trail a session sees; it is one that reads on one snapshot."""
    latest = session.scalar(select(func.max(AuditRow.id))) or 0
    if session.get_bind().dialect.name != "postgresql":
        return Mark(latest)
    under_way = select(_as_number(func.pg_snapshot_xip(func.pg_current_snapshot())))
    return Mark(latest, tuple(session.scalars(under_way)))


def since(mark: Mark) -> ColumnElement[bool]:
    """Return the criterion of the rows that a mark does not see: later ones, and earlier ones committed later."""
    later = AuditRow.id > mark.latest
    return or_(later, AuditRow.xid.in_(mark.under_way)) if mark.under_way else later


def record(
    session: Session,
    action: str,
    subject: str,
    key: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down an action that no change of a record shows, such as a login or an override."""
    _write(session, [_row(session, action, subject, key, before, after)])


class WritingSession(ScopedSession):
    """A scoped session that writes down every change of an audited table, at the instants of its clock."""


def _flushed(session: Session, _context: Any) -> None:
    rows = []
    for action, changed in (("created", session.new), ("changed", session.dirty), ("deleted", session.deleted)):
        for one in changed:
            told = declaration(type(one))
            if not told.audited or (action == "changed" and not session.is_modified(one)):
                continue
            before, after = _difference(one, action, told.secret)
            key = "/".join(str(getattr(one, column.key)) for column in inspect(type(one)).primary_key)
            rows.append(_row(session, action, type(one).__tablename__, key, before, after))
    _write(session, rows)


def _difference(one: Any, action: str, secret: frozenset[str]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for attribute in inspect(type(one)).column_attrs:
        name = attribute.key
        history = inspect(one).attrs[name].history
        if action == "changed" and not history.has_changes():
            continue
        hide = name in secret
        if action != "created":
            old = (history.deleted or history.unchanged or [None])[0]
            before[name] = _HIDDEN if hide else old
        if action != "deleted":
            after[name] = _HIDDEN if hide else getattr(one, name)
    return (before or None, after or None)


def _executed(state: ORMExecuteState) -> None:
    """Write down what bulk statements of the ORM do, which pass by the flush."""
    if not (state.is_insert or state.is_update or state.is_delete) or state.bind_mapper is None:
        return
    table = state.bind_mapper.class_
    told = declaration(table)
    if not told.audited:
        return
    session, name = state.session, table.__tablename__
    connection = session.connection()
    if connection.dialect.name == "postgresql":  # so that no row's id is drawn before its transaction is under way
        connection.execute(select(func.pg_current_xact_id()))
    given = state.parameters
    rows = [given] if isinstance(given, Mapping) else list(given or ())
    if state.is_insert and 0 < len(rows) <= ROWS_MAX:
        keys = [str(column.key) for column in state.bind_mapper.primary_key]
        _write(
            session,
            [
                _row(session, "created", name, "/".join(str(row.get(key, "")) for key in keys), None, _plain(row, told))
                for row in rows
            ],
        )
        return
    if len(rows) > ROWS_MAX:
        after = {"rows": len(rows), "sha256": hashlib.sha256(to_json(rows, **_AS_JSON)).hexdigest()}
    else:
        in_statement = cast(ClauseElement, state.statement).compile().params
        after = {"values": [_plain(row, told) for row in rows] or _named(in_statement, state.bind_mapper, told)}
    if not state.is_insert:
        after["statement"] = str(state.statement)
    action = "created" if state.is_insert else "changed" if state.is_update else "deleted"
    _write(session, [_row(session, f"bulk_{action}", name, "", None, after)])


def _plain(values: Mapping[str, Any], told: Declaration) -> dict[str, Any]:
    return {name: _HIDDEN if name in told.secret else value for name, value in values.items()}


def _named(values: Mapping[str, Any], mapper: Mapper[Any], told: Declaration) -> dict[str, Any]:
    """Hide the secrets among a statement's own values, which are named for their column and numbered.

    Beside a secret column, a value that is named for no column could be a secret.
    """
    known = {name for name in mapper.columns.keys() if name not in told.secret}  # noqa: SIM118 - it is no dict
    return {
        name: value if not told.secret or name in known or _NUMBERED.sub("", name) in known else _HIDDEN
        for name, value in values.items()
    }


def _row(
    session: Session,
    action: str,
    subject: str,
    key: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> dict[str, Any]:
    actor = actor_of(session)
    regions = sorted(actor.scope.regions or ())
    return {
        "at": present(session),
        "actor": actor.id,
        "origin": actor.origin[:200],
        "request_id": get_contextvars().get("request_id"),
        "action": action,
        "subject": subject,
        "subject_key": key[:200],
        "audience": regions[0] if len(regions) == 1 else "-",
        "before": to_jsonable_python(before, **_AS_JSON),
        "after": to_jsonable_python(after, **_AS_JSON),
    }


def _write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        # on the connection: the trail is written whatever the scope of the session
        connection, statement = session.connection(), insert(AuditRow)
        if connection.dialect.name == "postgresql":
            statement = statement.values(xid=_as_number(func.pg_current_xact_id()))
        connection.execute(statement, rows)


def _as_number(xid: ColumnElement[Any]) -> ColumnElement[int]:
    """Return a transaction's number, for which PostgreSQL has a type of its own, as a whole number."""
    return sql_cast(sql_cast(xid, String), BigInteger)


event.listen(WritingSession, "after_flush", _flushed)
event.listen(WritingSession, "do_orm_execute", _executed)
