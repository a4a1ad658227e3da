"""Many rows at once through the driver, for ledgers that take thousands of lines in a transaction.

A statement is made once and a value converted once, however many rows hold it: several times as fast as one bound
parameter set a row. PostgreSQL is sent one array a column. Nothing here looks at the scope: the caller has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Dialect
from sqlalchemy.orm import Session

from inventory.kernel.base import Base

Rows = Sequence[tuple[Any, ...]]


def insert_rows(session: Session, table: type[Base], columns: Sequence[str], rows: Rows) -> int:
    """Insert rows, their values in the order of `columns`, but none that is in conflict with another.

    Returns how many were inserted.
    """
    kept = _columns(table, columns)
    into = f"INSERT INTO {table.__tablename__} ({', '.join(columns)})"
    if _arrays(session):
        text = f"{into} SELECT * FROM {_unnested(session, kept)} ON CONFLICT DO NOTHING"
    else:
        text = f"{into} VALUES ({', '.join('?' * len(kept))}) ON CONFLICT DO NOTHING"
    return _run(session, text, kept, rows)


def add_to_rows(session: Session, table: type[Base], key: str, columns: Sequence[str], rows: Rows) -> None:
    """Add amounts to columns of rows; each of `rows` holds the amounts in the order of `columns`, then the key."""
    kept = _columns(table, (*columns, key))
    name = table.__tablename__
    if _arrays(session):
        summed = ", ".join(f"{column} = {name}.{column} + told.{column}" for column in columns)
        told = f"{_unnested(session, kept)} AS told({', '.join((*columns, key))})"
        text = f"UPDATE {name} SET {summed} FROM {told} WHERE {name}.{key} = told.{key}"
    else:
        summed = ", ".join(f"{column} = {column} + ?" for column in columns)
        text = f"UPDATE {name} SET {summed} WHERE {key} = ?"
    _run(session, text, kept, rows)


def rows_by_key(
    session: Session, table: type[Base], key: str, columns: Sequence[str], keys: Sequence[UUID], *, lock: bool
) -> dict[UUID, tuple[Any, ...]]:
    """Return {key: columns} of the rows that there are; with `lock` they are kept from others, in the order of keys."""
    asked = ", ".join((key, *columns))
    select = f"SELECT {asked} FROM {table.__tablename__} WHERE {key}"
    session.flush()
    connection = session.connection()
    dialect = connection.dialect
    known: dict[Any, UUID] = {}
    if _arrays(session):
        text = f"{select} = ANY(%s::uuid[]) ORDER BY {key}{' FOR UPDATE' if lock else ''}"
        rows = connection.exec_driver_sql(text, (list(keys),)).all()
    else:
        known = {one.hex: one for one in keys}
        text = f"{select} IN (SELECT value FROM json_each(?))"
        rows = connection.exec_driver_sql(text, (json.dumps(list(known)),)).all()
    values = []
    for column, told in zip(_columns(table, columns), list(zip(*rows, strict=True))[1:], strict=bool(rows)):
        process = column.type.dialect_impl(dialect).result_processor(dialect, None)
        values.append(told if process is None else list(map(process, told)))
    found: list[UUID] = [known[row[0]] if known else row[0] for row in rows]
    return dict(zip(found, zip(*values, strict=True) if columns else ((),) * len(found), strict=True))


def _columns(table: type[Base], names: Iterable[str]) -> list[Any]:
    return [table.__table__.c[name] for name in names]


def _arrays(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _unnested(session: Session, columns: Iterable[Any]) -> str:
    dialect = session.get_bind().dialect
    return f"unnest({', '.join(f'%s::{column.type.compile(dialect)}[]' for column in columns)})"


def _run(session: Session, text: str, columns: Sequence[Any], rows: Rows) -> int:
    if not rows:
        return 0
    session.flush()
    dialect = session.get_bind().dialect
    told = [
        _converted(column, dialect, values) for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]
    asked: Any = tuple(told) if _arrays(session) else list(zip(*told, strict=True))
    return session.connection().exec_driver_sql(text, asked).rowcount


def _converted(column: Any, dialect: Dialect, values: Sequence[Any]) -> list[Any]:
    """Return values as the driver takes them, each object converted once; it is found again by its identity."""
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return list(values)
    keys = list(map(id, values))
    known = {key: process(value) for key, value in dict(zip(keys, values, strict=True)).items()}
    return [known[key] for key in keys]
