"""`fieldops travel`: where travel times come from, and whether the table service answers."""

from __future__ import annotations

from typing import Annotated

import typer

from fieldops.terminal import print_json, ready_engine
from inventory.kernel.texts import gettext as _

app = typer.Typer(help=_("Travel times."), no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON object and nothing else."))]


@app.callback()
def _root() -> None:
    pass


@app.command(
    help=_("Ask the table service for one way, and say where travel times come from; exit status 1 on failure.")
)
def check(as_json: Json = False) -> None:
    from fieldops.dispatch.travel.sources import configured
    from fieldops.planning.travel_check import check_travel
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.engine import reading
    from inventory.network.queries import sites

    with reading(ready_engine(), SYSTEM) as session:
        places = sites(session)
    told = check_travel(configured(), places)
    if as_json:
        print_json(told.model_dump(mode="json"))
    else:
        typer.echo(told.as_text())
    raise typer.Exit(0 if told.fault is None else 1)
