"""From the tables of a file to checked rows, portion by portion, with every fault on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from fieldops.exchange.columns import Column, as_given, normal, text_of, values_at
from fieldops.exchange.existing import Existing
from fieldops.exchange.faults import translated
from fieldops.exchange.kinds import Kind, Update
from fieldops.exchange.queries import known, standing
from fieldops.exchange.schemas import BAD_ROWS_MAX, BadRow
from fieldops.locale.validation import told
from integrations.files.files import read_tables
from integrations.files.seen import Seen
from integrations.files.tables import Row, Sheet
from inventory.kernel.errors import Invalid
from inventory.kernel.texts import gettext as _

Report = Callable[[str, int, int], None]
"""Told the stage, how many rows of it are done and how many there are at most."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A row as the file has it: what it gives for the schema, and the cells as they stand there."""

    sheet: str
    number: int
    texts: Mapping[str, str]
    given: Mapping[str, Any]
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A row that fits the schema, with its cells as they stand in the file.

    `current` is the record that is there already, where it is to be changed.
    """

    sheet: str
    number: int
    texts: Mapping[str, str]
    record: BaseModel
    current: BaseModel | None


@dataclass(slots=True)
class Faults:
    """What is wrong with rows; the first are kept, all are counted."""

    bad: list[BadRow] = field(default_factory=list)
    count: int = 0
    rows: set[tuple[str, int]] = field(default_factory=set)

    def add(self, sheet: str, row: int, column: str, value: str, reason: str) -> None:
        """Add a fault."""
        self.count += 1
        self.rows.add((sheet, row))
        if len(self.bad) < BAD_ROWS_MAX:
            self.bad.append(BadRow(sheet=sheet, row=row, column=column, value=value, reason=reason))

    def of(self, line: Line, column: str, reason: str) -> None:
        """Add a fault of a row that fits the schema; `column` may be a path, or none of the file."""
        name = column.partition(".")[0]
        self.add(line.sheet, line.number, name, line.texts.get(name, ""), reason)

    def merge(self, later: Faults) -> None:
        """Add the faults that another pass found."""
        self.count += later.count
        self.rows |= later.rows
        self.bad = (self.bad + later.bad)[:BAD_ROWS_MAX]


@dataclass(slots=True)
class Reader:
    """Reads a file as rows of a kind; afterwards it knows its sheets, how many rows there were and in what encoding.

    Rows that have a fault already are passed over: a second pass reads those that the first found faultless, and may
    end early.
    """

    kind: Kind
    path: Path
    existing: Existing
    faults: Faults
    report: Report
    rows: int = 0
    encoding: str = ""
    sheets: dict[str, int] = field(default_factory=dict)
    """{name: its place among those that hold rows}"""

    def portions(self, session: Session, stage: str) -> Iterator[list[Line]]:
        """Yield the rows that fit the schema, in portions; raises Invalid for a file that cannot be read."""
        self.rows = 0
        drafts: list[Draft] = []
        with translated(self.path):
            for sheet in read_tables(self.path):
                self.encoding = sheet.encoding
                self.sheets.setdefault(sheet.name, len(self.sheets))
                named = _header(self.kind, sheet, self._updating)
                for row in sheet.rows:
                    self.rows += 1
                    draft = self._draft(sheet, named, row) if (sheet.name, row[0]) not in self.faults.rows else None
                    if draft is not None:
                        drafts.append(draft)
                    if len(drafts) >= self.kind.portion:
                        yield self._lines(session, drafts)
                        drafts = []
                        self.report(stage, self.rows, max(self.rows, sheet.rows_max))
        if drafts:
            yield self._lines(session, drafts)
        self.report(stage, self.rows, self.rows)

    def in_order(self) -> list[BadRow]:
        """Return the faults that are kept, in the order of sheets, rows and columns."""
        columns = {column.name: at for at, column in enumerate(self.kind.columns)}
        return sorted(
            self.faults.bad, key=lambda one: (self.sheets[one.sheet], one.row, columns.get(one.column, len(columns)))
        )

    @property
    def _updating(self) -> Update | None:
        return self.kind.update if self.existing is Existing.UPDATE else None

    def _draft(self, sheet: Sheet, named: Sequence[Column | None], row: Row) -> Draft | None:
        number, cells = row
        texts: dict[str, str] = {}
        given: dict[str, Any] = {}
        before = self.faults.count
        for at, cell in enumerate(cells):
            column = named[at] if at < len(named) else None
            if cell is None:
                continue
            if column is None:
                self.faults.add(sheet.name, number, "", str(cell), _("this cell stands under no column; empty it"))
                continue
            try:
                text = texts[column.name] = text_of(cell, column)
                given |= as_given({column.name: text}, {column.name: column})
            except ValueError as wrong:
                self.faults.add(sheet.name, number, column.name, str(cell), str(wrong))
        if self.faults.count > before:
            return None
        return Draft(sheet.name, number, texts, given, frozenset(column.name for column in named if column is not None))

    def _lines(self, session: Session, drafts: Sequence[Draft]) -> list[Line]:
        current: Mapping[str, BaseModel] = {}
        if self._updating is not None:
            codes = (str(draft.given.get(self.kind.key_column, "")).strip() for draft in drafts)
            current = self._updating.standing(session, {code for code in codes if code})
        return [line for draft in drafts if (line := self._line(draft, current)) is not None]

    def _line(self, draft: Draft, current: Mapping[str, BaseModel]) -> Line | None:
        there = current.get(str(draft.given.get(self.kind.key_column, "")).strip())
        kept = {}
        if there is not None:
            kept = {one.name: getattr(there, one.name) for one in self.kind.columns if one.name not in draft.columns}
        try:
            record = self.kind.schema.model_validate(kept | dict(draft.given))
        except ValidationError as wrong:
            for error in wrong.errors(include_url=False):
                name = str(error["loc"][0]) if error["loc"] else ""
                self.faults.add(draft.sheet, draft.number, name, draft.texts.get(name, ""), told(error))
            return None
        return Line(draft.sheet, draft.number, draft.texts, record, there)


def _header(kind: Kind, sheet: Sheet, updating: Update | None) -> list[Column | None]:
    """Return the column of each cell of a row; raises Invalid for a header that does not fit."""
    columns = {column.name: column for column in kind.columns}
    names = [normal(str(cell)) if cell is not None else "" for cell in sheet.header]
    given = [name for name in names if name]
    # what a row leaves out of a record that is there stays as it is
    needed = kind.key if updating is not None else [name for name, column in columns.items() if column.required]
    wrong = {
        _("unknown"): [name for name in given if name not in columns],
        _("missing"): [name for name in needed if name not in given],
        _("twice"): sorted({name for name in given if given.count(name) > 1}),
    }
    faults = "; ".join(f"{why}: {', '.join(found)}" for why, found in wrong.items() if found)
    if faults:
        raise Invalid(
            _("The columns of {sheet} are not those of {kind} ({faults}). They are: {columns}").format(
                sheet=sheet.name or _("the file"), kind=kind.name, faults=faults, columns=", ".join(columns)
            ),
            code="wrong_columns",
            field="file",
        )
    return [columns.get(name) for name in names]


class Checker:
    """Checks rows against each other and against what the database holds, without changing anything."""

    def __init__(self, session: Session, kind: Kind, faults: Faults) -> None:
        self._session, self._kind, self._faults = session, kind, faults
        self._seen = Seen()
        self._waiting: list[tuple[Line, str, str]] = []

    def check(self, lines: Sequence[Line]) -> None:
        """Check a portion of the rows."""
        kind = self._kind
        for line in lines:
            self._once(line)
            if kind.check is not None:
                try:
                    kind.check(line.record)
                except Invalid as refusal:
                    self._faults.of(line, kind.column_of(refusal.field or ""), refusal.message)
        for path, code in kind.refers.items():
            named = [(line, value) for line in lines for value in values_at(line.record, path)]
            there = known(self._session, code, (value for _line, value in named))
            unknown = [(line, path, value) for line, value in named if value not in there]
            if code is kind.own_code:
                self._waiting += unknown
            else:
                self._refuse_unknown(unknown)
        self._refuse_standing([line for line in lines if line.current is None])
        for line in lines:
            self._refuse_lasting(line)

    def finish(self) -> None:
        """Refuse what refers to a row of the same file that did not come."""
        self._refuse_unknown(one for one in self._waiting if self._seen.place_of(str((one[2],))) is None)

    def close(self) -> None:
        """Forget the rows."""
        self._seen.close()

    def _once(self, line: Line) -> None:
        key = str(self._key(line))
        place = f"{line.sheet}!{line.number}" if line.sheet else str(line.number)
        first = self._seen.place_of(key)
        if first is None:
            self._seen.add(key, place)
        else:
            self._faults.of(line, self._kind.key_column, _("the same stands in row {row} already").format(row=first))

    def _refuse_standing(self, lines: Sequence[Line]) -> None:
        if self._kind.standing is None:
            return
        keys = [self._key(line) for line in lines]
        there_already = standing(self._session, self._kind.standing, keys)
        for line, key in zip(lines, keys, strict=True):
            if key in there_already:
                reason = _("it exists already; leave the row out or correct it")
                if self._kind.update is not None:
                    reason = _("it exists already; leave the row out, correct it, or have what exists updated")
                self._faults.of(line, self._kind.key_column, reason)

    def _refuse_lasting(self, line: Line) -> None:
        if line.current is None or self._kind.update is None:
            return
        lasting = self._kind.update.differing(line.record, line.current) - self._kind.update.change.model_fields.keys()
        for name in sorted(lasting):
            reason = _("it is {value} and stays so, since other records are kept by it; leave the cell as it was")
            self._faults.of(line, name, reason.format(value=getattr(line.current, name)))

    def _key(self, line: Line) -> tuple[Any, ...]:
        return tuple(getattr(line.record, name) for name in self._kind.key)

    def _refuse_unknown(self, found: Iterable[tuple[Line, str, str]]) -> None:
        for line, path, value in found:
            reason = _("{value} does not exist; add it first or correct it").format(value=value)
            self._faults.of(line, path, reason)
