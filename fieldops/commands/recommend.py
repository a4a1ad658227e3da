"""The command that asks where a job goes on the plan in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from fieldops.terminal import print_json, ready_engine
from inventory.kernel.texts import gettext as _

if TYPE_CHECKING:
    from fieldops.planning.desk.schemas import OptionOut


def recommend(
    job: Annotated[str, typer.Argument(metavar="JOB", help=_("Number of a job."))],
    displaced: Annotated[
        int, typer.Option("--displaced", min=0, max=2, metavar="N", help=_("How many other jobs may be displaced."))
    ] = 0,
    most: Annotated[int, typer.Option("--most", min=1, max=10, metavar="N", help=_("How many ways to tell."))] = 5,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON object and nothing else."))] = False,
) -> None:
    """Tell the best ways to do a job, cheapest first; one can be taken through the API for some minutes."""
    from fieldops.planning.desk.asking import recommend as ask
    from fieldops.planning.desk.schemas import RecommendationQuestion
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock

    question = RecommendationQuestion(most=most, displaced_max=displaced)
    told = ask(ready_engine(), SYSTEM, job, question, system_clock)
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    for option in told.options:
        typer.echo(_told(option))
    if not told.options:
        typer.echo(_("Nobody can do job {job} on plan {plan}:").format(job=job, plan=told.plan))
    for one in told.refused:
        typer.echo(f"  {one.technician} {one.name}: " + "; ".join(reason.text for reason in one.reasons))


def _told(option: OptionOut) -> str:
    crew = ", ".join(f"{one.technician} {one.name} ({one.start:%Y-%m-%d %H:%M} UTC)" for one in option.seats)
    lines = [
        _("{option}. {crew}: costs {amount:,.2f} {currency} more").format(
            option=option.option, crew=crew, amount=option.cost.total, currency=option.cost.currency
        )
    ]
    lines += [
        _("   job {job} goes to {technicians} from {start:%Y-%m-%d %H:%M} UTC").format(
            job=one.job, technicians=", ".join(one.technicians), start=one.start
        )
        if one.start
        else _("   job {job} is left out").format(job=one.job)
        for one in (*option.displaced, *option.moved)
    ]
    return "\n".join(lines)
