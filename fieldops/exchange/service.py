"""Use cases of files: take a file in, all rows or none; write every record of a kind to a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.exchange.columns import as_row, values_at
from fieldops.exchange.existing import Existing
from fieldops.exchange.faults import translated
from fieldops.exchange.kinds import Kind
from fieldops.exchange.reading import Checker, Faults, Line, Reader, Report
from fieldops.exchange.schemas import ImportReport
from fieldops.locale.storing import REFUSALS, why
from integrations.files.files import write_table
from inventory.kernel.actor import Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, unit_of_work
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.routes import Access
from inventory.kernel.texts import gettext as _

REFUSED_MAX = 1_000
"""How many rows that only their use case refuses are looked for; each takes several attempts."""

Counts = Counter[str]
"""How many rows are added, changed and unchanged."""


class _Undone(Exception):
    """Nothing of the transaction shall be kept but what it found."""

    def __init__(self, found: tuple[Counts, Faults]) -> None:
        super().__init__()
        self.found = found


def no_report(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody how far it is."""


def _require(actor: Actor, access: Access) -> None:
    if access.permission is not None:
        actor.require(access.permission)


def import_file(
    engine: Engine,
    actor: Actor,
    kind: Kind,
    path: Path,
    *,
    clock: Clock,
    dry_run: bool,
    existing: Existing = Existing.REFUSE,
    report: Report = no_report,
) -> ImportReport:
    """Take in the rows of a file, all or none; `dry_run` does the same and keeps nothing of it.

    Rows are checked first, without a lock; those without a fault are then applied in one transaction, which is kept
    only where no row has a fault. Raises Invalid for a file that cannot be read and a kind that no file updates,
    Forbidden without the permission and for a row of another region.
    """
    _require(actor, kind.writing)
    if existing is Existing.UPDATE and kind.update is None and kind.standing is not None:
        raise Invalid(
            _("Files only add {kind}, and update none; leave out the rows that exist").format(kind=kind.name),
            code="no_update",
            field="existing",
        )
    if existing is Existing.UPDATE and kind.replace is not None:
        kind = replace(kind, apply=kind.replace)
    faults = Faults()
    reader = Reader(kind, path, existing, faults, report)
    with reading(engine, actor) as session, closing(Checker(session, kind, faults)) as checker:
        for lines in reader.portions(session, _("Checking rows")):
            checker.check(lines)
        checker.finish()
    rows = reader.rows  # the next pass may end before the last one
    counts = Counts()
    if not faults.count or not kind.own_paths:  # where rows refer to each other, one at fault would have others refused
        counts, refused = _apply_all(engine, actor, reader, clock=clock, dry_run=dry_run)
        faults.merge(refused)
    return ImportReport(
        kind=kind.name,
        file=path.name,
        encoding=reader.encoding,
        rows=rows,
        ok=rows - len(faults.rows),
        added=counts["added"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        bad=reader.in_order(),
        bad_count=faults.count,
        applied=not dry_run and not faults.count,
    )


def _apply_all(engine: Engine, actor: Actor, reader: Reader, *, clock: Clock, dry_run: bool) -> tuple[Counts, Faults]:
    def work(session: Session) -> tuple[Counts, Faults]:
        counts, refused = Counts(), Faults()  # anew with each attempt at the transaction
        for lines in reader.portions(session, _("Trying rows") if dry_run else _("Applying rows")):
            counts += _apply(session, actor, reader.kind, _referred_first(reader.kind, lines), refused, clock)
            session.expunge_all()
            if refused.count >= REFUSED_MAX:
                break
        if dry_run or refused.count or reader.faults.count:
            raise _Undone((counts, refused))
        return counts, refused

    try:
        return unit_of_work(engine, actor, work, clock=clock)
    except _Undone as undone:
        return undone.found


def _apply(session: Session, actor: Actor, kind: Kind, lines: Sequence[Line], faults: Faults, clock: Clock) -> Counts:
    """Apply rows; those that their use case refuses are reported and left out, so that all others are tried as well.

    What is refused together is tried again by halves: n rows with k faults take about n log k, not n k.
    """
    if faults.count >= REFUSED_MAX:
        return Counts()
    try:
        with session.begin_nested():
            return _take(session, actor, kind, lines, clock)
    except (Conflict, Invalid, NotFound) as refusal:  # not what ends the whole import, such as Ctrl-C
        column, reason = kind.column_of(refusal.field or ""), refusal.message
    except REFUSALS as refusal:
        column, reason = "", why(refusal)
    if len(lines) == 1:
        faults.of(lines[0], column, reason)
        return Counts()
    middle = len(lines) // 2
    first = _apply(session, actor, kind, lines[:middle], faults, clock)
    return first + _apply(session, actor, kind, lines[middle:], faults, clock)


def _take(session: Session, actor: Actor, kind: Kind, lines: Sequence[Line], clock: Clock) -> Counts:
    """Add what is new of rows and change what differs from the record that is there."""
    new = [line.record for line in lines if line.current is None]
    told = kind.apply(session, actor, new, clock()) if new else None
    if isinstance(told, Counter):
        return Counts(told)
    changes = {}
    if kind.update is not None:
        for line in lines:
            if line.current is not None and (names := kind.update.differing(line.record, line.current)):
                changes[getattr(line.record, kind.key_column)] = kind.update.changing(line.record, names)
        if changes:
            kind.update.apply(session, actor, changes)
    same = len(lines) - len(new) - len(changes)
    if kind.standing is None:  # a row takes the place of what was there
        return Counts(changed=len(new))
    return Counts(added=len(new), changed=len(changes), unchanged=same)


def _referred_first(kind: Kind, lines: list[Line]) -> list[Line]:
    """Return rows that refer to each other so that those referred to come first: their halves are tried, too."""
    if not kind.own_paths:
        return lines
    by_code = {getattr(line.record, kind.key_column): line for line in lines}
    sorter = TopologicalSorter(
        {
            code: [value for path in kind.own_paths for value in values_at(line.record, path) if value in by_code]
            for code, line in by_code.items()
        }
    )
    with suppress(CycleError):  # which the use case refuses; what is in no circle comes out all the same
        sorter.prepare()
    ordered = []
    while ready := sorter.get_ready():
        ordered += [by_code.pop(code) for code in ready]
        sorter.done(*ready)
    return ordered + list(by_code.values())


def export_file(engine: Engine, actor: Actor, kind: Kind, path: Path, *, replace: bool = False) -> int:
    """Write every record of a kind that the actor sees to a file, and return how many there are.

    Raises Invalid for a file that exists, unless it is to be replaced, or cannot be written.
    """
    _require(actor, kind.reading)
    if path.exists() and not replace:
        raise Invalid(
            _("{file} exists already; choose another name, or replace it with --force").format(file=path),
            code="file_exists",
            field="file",
        )
    columns = kind.columns
    with reading(engine, actor) as session, translated(path):
        rows = (as_row(record, columns) for record in kind.read(session))
        return write_table(path, kind.name, [column.name for column in columns], rows)
