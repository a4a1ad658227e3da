"""The audit trail as a file: JSON Lines or CSV, streamed page by page, ended by a line that makes it whole."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import Any

from sqlalchemy import Engine

from fieldops.audit.queries import end_of_export, sealed_rows, waiting_rows
from fieldops.audit.rules import FIELDS
from fieldops.audit.schemas import Head, LastLine
from inventory.kernel.actor import Actor
from inventory.kernel.engine import reading
from inventory.kernel.errors import Invalid
from inventory.kernel.texts import gettext as _

COLUMNS = ("position", "hash", *FIELDS, "sealed_at")
_LINES_AT_ONCE = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""


def as_json_lines(engine: Engine, actor: Actor, since: datetime | None = None) -> Iterator[str]:
    """Yield what the actor may see, one JSON object a line; the last is a LastLine."""
    return _joined(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in _rows(engine, actor, since))


def as_csv(engine: Engine, actor: Actor, since: datetime | None = None) -> Iterator[str]:
    """Yield what the actor may see as CSV, where no cell is a formula; before and after are JSON.

    The last record is the word “head”, the position, the hash and the number of rows.
    """
    return _joined(_csv_lines(_rows(engine, actor, since)))


def head_in(lines: Iterator[str]) -> Head | None:
    """Return the head that an export in JSON Lines ends with; raises Invalid for a file that is not whole."""
    last = ""
    for line in lines:
        last = line.strip() or last
    try:
        return LastLine.model_validate_json(last).head
    except ValueError:
        raise Invalid(
            _("This file does not end like an export; take one that “fieldops audit export” has written to its end"),
            code="no_export",
            field="head",
        ) from None


def _rows(engine: Engine, actor: Actor, since: datetime | None) -> Iterator[dict[str, Any]]:
    """Read page by page, each in a session of its own: a slow reader must not keep a connection, and no row changes."""
    with reading(engine, actor) as session:
        end = end_of_export(session)
    count = 0
    for read, key in ((sealed_rows, "position"), (waiting_rows, "id")):
        after = 0
        while True:
            with reading(engine, actor) as session:
                page = read(session, after, end, since)
            if not page:
                break
            yield from page
            count, after = count + len(page), page[-1][key]
    yield LastLine(head=end.head, rows=count).model_dump(mode="json")


def _csv_lines(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    line = StringIO()
    write = csv.writer(line).writerow
    write(COLUMNS)
    for row in rows:
        if "rows" in row:
            head = row["head"] or {"position": None, "hash": None}
            write(("head", head["position"], head["hash"], row["rows"]))
        else:
            write([_cell(row[name]) for name in COLUMNS])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _joined(lines: Iterator[str]) -> Iterator[str]:
    """Yield the lines in larger pieces, since each piece goes through the server by itself."""
    piece: list[str] = []
    for line in lines:
        piece.append(line)
        if len(piece) == _LINES_AT_ONCE:
            yield "".join(piece)
            piece.clear()
    yield "".join(piece)
