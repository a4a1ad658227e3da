"""Use cases of files: take a file in, all rows or none; write every record of a kind to a file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.exchange.columns import as_row
from fieldops.exchange.faults import translated
from fieldops.exchange.kinds import Kind
from fieldops.exchange.reading import Checker, Faults, Line, Reader, Report
from fieldops.exchange.schemas import ImportReport
from integrations.files.files import write_table
from inventory.kernel.actor import Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, unit_of_work
from inventory.kernel.errors import Conflict, DomainError, Invalid, NotFound
from inventory.kernel.routes import Access
from inventory.kernel.texts import gettext as _

REFUSED_MAX = 20
"""How many rows that only their use case refuses are looked for; each takes many attempts."""


class _Undone(Exception):
    """Nothing of the transaction shall be kept."""


def no_report(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody how far it is."""


def _require(actor: Actor, access: Access) -> None:
    if access.permission is not None:
        actor.require(access.permission)


def import_file(
    engine: Engine, actor: Actor, kind: Kind, path: Path, *, clock: Clock, dry_run: bool, report: Report = no_report
) -> ImportReport:
    """Take in the rows of a file, all or none; `dry_run` does the same and keeps nothing of it.

    Rows are checked first, without a lock; only where they are faultless are they applied, in one transaction. Raises
    Invalid for a file that cannot be read, Forbidden without the permission and for a row of another region.
    """
    _require(actor, kind.writing)
    faults = Faults()
    reader = Reader(kind, path, faults, report)
    with reading(engine, actor) as session, closing(Checker(session, kind, faults)) as checker:
        for lines in reader.portions(_("Checking rows")):
            checker.check(lines)
        checker.finish()
    rows = reader.rows
    if not faults.count:
        _apply_all(engine, actor, reader, clock=clock, dry_run=dry_run)
    return ImportReport(
        kind=kind.name,
        file=path.name,
        encoding=reader.encoding,
        rows=rows,
        ok=rows - len(faults.rows),
        bad=faults.bad,
        bad_count=faults.count,
        applied=not dry_run and not faults.count,
    )


def _apply_all(engine: Engine, actor: Actor, reader: Reader, *, clock: Clock, dry_run: bool) -> None:
    def work(session: Session) -> None:
        for lines in reader.portions(_("Trying rows") if dry_run else _("Applying rows")):
            _apply(session, actor, reader.kind, lines, reader.faults, clock)
            session.expunge_all()
            if reader.faults.count >= REFUSED_MAX:
                break
        if dry_run or reader.faults.count:
            raise _Undone

    with suppress(_Undone):
        unit_of_work(engine, actor, work, clock=clock)


def _apply(session: Session, actor: Actor, kind: Kind, lines: Sequence[Line], faults: Faults, clock: Clock) -> None:
    """Apply rows; one that its use case refuses is reported and left out, so that those after it are tried as well."""

    def refusal_of(some: Sequence[Line], *, keep: bool) -> DomainError | None:
        try:
            with session.begin_nested():
                kind.apply(session, actor, [line.record for line in some], clock())
                if not keep:
                    raise _Undone
        except _Undone:
            pass
        except (Conflict, Invalid, NotFound) as refusal:  # not what ends the whole import, such as Ctrl-C
            return refusal
        return None

    while lines and faults.count < REFUSED_MAX:
        refusal = refusal_of(lines, keep=True)
        if refusal is None:
            return
        fine, refused = 0, len(lines)
        while refused - fine > 1:
            middle = (fine + refused) // 2
            sooner = refusal_of(lines[:middle], keep=False)
            if sooner is None:
                fine = middle
            else:
                refused, refusal = middle, sooner
        faults.of(lines[fine], refusal.field or "", refusal.message)
        if fine:
            refusal_of(lines[:fine], keep=True)
        lines = lines[refused:]


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
