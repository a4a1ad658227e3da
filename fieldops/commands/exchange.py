"""`fieldops import` and `fieldops export`: tables as CSV and Excel files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldops.exchange.existing import Existing
from fieldops.terminal import print_json, progress, ready_engine
from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import ngettext

if TYPE_CHECKING:
    from fieldops.exchange.schemas import ImportReport

SHOWN_MAX = 20
"""How many bad rows are shown on a terminal; --json lists more."""

KindName = Annotated[str, typer.Argument(metavar="KIND", help=_("The table, such as parts; a wrong one lists all."))]
File = Annotated[Path, typer.Argument(metavar="FILE", help=_("A file that ends in .csv or .xlsx."))]
Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON object and nothing else."))]


def import_table(
    kind: KindName,
    file: File,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Try everything and keep nothing."))] = False,
    existing: Annotated[
        Existing, typer.Option(help=_("What becomes of rows whose record is there already."))
    ] = Existing.REFUSE,
    as_json: Json = False,
) -> None:
    from fieldops.exchange.service import import_file
    from fieldops.exchange.tables import kind_named
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock

    table = kind_named(kind)
    with progress() as report:
        told = import_file(
            ready_engine(),
            SYSTEM,
            table,
            file,
            clock=system_clock,
            dry_run=dry_run,
            existing=existing,
            report=report,
        )
    if as_json:
        print_json(told.model_dump(mode="json"))
    else:
        _show(told)
    if told.bad_count:
        count = ngettext("{count} fault; nothing was changed", "{count} faults; nothing was changed", told.bad_count)
        sys.stderr.write(f"fieldops: {count.format(count=told.bad_count)}\n")
        raise typer.Exit(1)


def export_table(
    kind: KindName,
    file: File,
    force: Annotated[bool, typer.Option("--force", help=_("Replace the file if it exists."))] = False,
    as_json: Json = False,
) -> None:
    from fieldops.exchange.service import export_file
    from fieldops.exchange.tables import kind_named
    from inventory.kernel.actor import SYSTEM

    table = kind_named(kind)
    rows = export_file(ready_engine(), SYSTEM, table, file, replace=force)
    if as_json:
        print_json({"kind": table.name, "file": str(file), "rows": rows})
    else:
        typer.echo(
            ngettext("{count} row is in {file}.", "{count} rows are in {file}.", rows).format(count=rows, file=file)
        )


def _show(told: ImportReport) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if told.encoding == "GB18030":
        typer.echo(_("{file} is not UTF-8; it was read as GB18030.").format(file=told.file))
    if not told.bad_count:
        said = _("Imported: {added} added, {changed} changed, {unchanged} as they were.")
        if not told.applied:
            said = _("Nothing is wrong: {added} to add, {changed} to change, {unchanged} as they are; a trial.")
        typer.echo(said.format(**told.model_dump()))
        return
    table = Table(_("sheet"), _("row"), _("column"), _("value"), _("reason"))
    for one in told.bad[:SHOWN_MAX]:
        # texts of a file, not markup of ours
        table.add_row(*map(Text, (one.sheet, str(one.row), one.column, one.value[:40], one.reason)))
    Console().print(table)
    if told.bad_count > SHOWN_MAX:
        typer.echo(_("There are more; --json lists them."))
