"""`fieldops audit`: prove that nobody changed the past, and take the trail out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fieldops.terminal import print_json, ready_engine
from inventory.kernel.texts import gettext as _

app = typer.Typer(help=_("The audit trail and its chain."), no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON object and nothing else."))]


@app.command(help=_("Recompute the chain of the audit trail; exit status 1 if anybody changed the past."))
def verify(
    as_json: Json = False,
    head: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            help=_("An earlier export: shows that nothing of it was cut off or made anew since."),
        ),
    ] = None,
) -> None:
    from fieldops.audit import queries
    from fieldops.audit.export import head_in
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.engine import reading

    known = None
    if head is not None:
        with head.open(encoding="utf-8", errors="replace") as lines:
            known = head_in(lines)
    with reading(ready_engine(), SYSTEM) as session:
        verdict = queries.verify(session, known)
    if as_json:
        print_json(verdict.model_dump(mode="json"))
    else:
        typer.echo(verdict.as_text())
    raise typer.Exit(0 if verdict.sound else 1)


@app.command(help=_("Write the audit trail to a file: one JSON object a line, the head of the chain last."))
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help=_("The file to write."))],
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="D", help=_("Only from this date on (UTC), as in 2026-03-02.")),
    ] = None,
    as_json: Json = False,
) -> None:
    from fieldops.audit.export import as_json_lines, head_in
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.errors import Invalid

    engine = ready_engine()
    unfinished = file.with_name(f"{file.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8") as target:
            target.writelines(as_json_lines(engine, SYSTEM, None if since is None else since.replace(tzinfo=UTC)))
        unfinished.replace(file)
    except OSError as why:
        raise Invalid(
            _("{file} cannot be written ({why}); choose another file").format(file=file, why=why.strerror),
            code="cannot_write",
            field="file",
        ) from None
    with file.open(encoding="utf-8") as lines:
        head = head_in(lines)
    told = {"file": str(file), "head": None if head is None else head.model_dump()}
    if as_json:
        print_json(told)
    else:
        typer.echo(_("The audit trail is in {file}; keep it where nobody of this server can write.").format(**told))
