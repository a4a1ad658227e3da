"""The commands that ask the plan in force: where a job goes, which appointment holds, whether a move is possible."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from fieldops.terminal import print_json, ready_engine
from inventory.kernel.texts import gettext as _

if TYPE_CHECKING:
    from sqlalchemy import Engine

Number = Annotated[str, typer.Argument(metavar="JOB", help=_("Number of a job."))]
AsJson = Annotated[bool, typer.Option("--json", help=_("Print one JSON object and nothing else."))]
Take = Annotated[
    int | None,
    typer.Option("--take", min=1, max=48, metavar="N", help=_("Take this one of the answer.")),
]
Key = Annotated[
    UUID | None,
    typer.Option("--key", metavar="KEY", help=_("Take it of the answer that was told with this key.")),
]


def recommend(
    job: Number,
    displaced: Annotated[
        int, typer.Option("--displaced", min=0, max=2, metavar="N", help=_("How many other jobs may be displaced."))
    ] = 0,
    most: Annotated[int, typer.Option("--most", min=1, max=10, metavar="N", help=_("How many ways to tell."))] = 5,
    take: Take = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Tell the best ways to do a job, cheapest first; one of them can be taken for some minutes."""
    from fieldops.commands.desk_text import held_until, option_lines, part_lines
    from fieldops.planning.desk.asking import recommend as ask
    from fieldops.planning.desk.schemas import RecommendationQuestion
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock

    if key is not None and take is None:
        raise typer.BadParameter(_("--key says of which answer one is taken; give --take, too"))
    engine = ready_engine()
    if take is not None and key is not None:
        _take(engine, job, key, take, as_json=as_json)
        return
    question = RecommendationQuestion(most=most, displaced_max=displaced)
    told = ask(engine, SYSTEM, job, question, system_clock)
    if take is not None:
        _take(engine, job, told.key, take, as_json=as_json)
        return
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    zone = told.time_zone
    for line in part_lines(told.parts, zone):
        typer.echo(line)
    for option in told.options:
        typer.echo("\n".join(option_lines(option, zone)))
    if not told.options:
        typer.echo(_("Nobody can do job {job} on plan {plan}:").format(job=job, plan=told.plan))
    for one in told.refused:
        typer.echo(f"  {one.technician} {one.name}: " + "; ".join(reason.text for reason in one.reasons))
    for unfit in told.unfit:
        typer.echo(_("Job {job} does not fit any more where the plan has it.").format(job=unfit))
    typer.echo(told.travel.text)
    typer.echo(held_until(told.expires_at, zone, told.age_s))
    if told.options:
        typer.echo(_("Take one: fieldops recommend {job} --take N --key {key}").format(job=job, key=told.key))


def appointments(
    job: Number,
    day: Annotated[
        datetime, typer.Option("--day", formats=["%Y-%m-%d"], metavar="D", help=_("The day, at the place of the job."))
    ],
    length: Annotated[
        int, typer.Option("--length", min=30, max=1440, metavar="MIN", help=_("How long each window is, in minutes."))
    ] = 120,
    take: Take = None,
    as_json: AsJson = False,
) -> None:
    """Tell which appointments of a day can be promised for a job, at which cost; one can be taken."""
    from fieldops.commands.desk_text import appointment_lines, held_until
    from fieldops.planning.desk.appointing import appointments as ask
    from fieldops.planning.desk.appointment_schemas import AppointmentQuestion
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock

    engine = ready_engine()
    question = AppointmentQuestion(day=date(day.year, day.month, day.day), length_min=length)
    told = ask(engine, SYSTEM, job, question, system_clock)
    if take is not None:
        if told.key is None:
            raise typer.BadParameter(_("no appointment of that day can be promised, so none can be taken"))
        _take(engine, job, told.key, take, as_json=as_json)
        return
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    for one in told.appointments:
        typer.echo("\n".join(appointment_lines(one, told.time_zone)))
    typer.echo(told.travel.text)
    typer.echo(held_until(told.expires_at, told.time_zone, told.age_s))
    if told.key is not None:
        typer.echo(_("Take one: fieldops recommend {job} --take N --key {key}").format(job=job, key=told.key))


def check_move(
    job: Number,
    start: Annotated[str, typer.Option("--start", metavar="TIME", help=_("When the work begins, ISO 8601 with zone."))],
    crew: Annotated[
        list[str], typer.Option("--seat", metavar="SEAT=WHO", help=_("Who takes a seat: mechanic=T-0014. Repeat it."))
    ],
    as_json: AsJson = False,
) -> None:
    """Tell which rules it would break if these people did a job from then on, and its cost; nothing is changed."""
    from pydantic import ValidationError

    from fieldops.commands.desk_text import becomes, person, price
    from fieldops.planning.desk.moving import check_move as ask
    from fieldops.planning.desk.schemas import MoveQuestion
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock

    named = [dict(zip(("seat", "technician"), one.partition("=")[::2], strict=True)) for one in crew]
    try:
        question = MoveQuestion.model_validate({"start": start, "crew": named})
    except ValidationError as fault:
        if any(one["loc"][:1] == ("start",) for one in fault.errors()):
            raise typer.BadParameter(
                _("--start takes a time with its zone such as 2026-03-02T08:00Z, not {text}").format(text=start)
            ) from None
        raise typer.BadParameter(
            _("--seat takes a seat and who takes it such as mechanic=T-0014, not {text}").format(text=", ".join(crew))
        ) from None
    told = ask(ready_engine(), SYSTEM, job, question, system_clock)
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    typer.echo(_("Possible.") if told.possible else _("Not possible."))
    for rule in told.rules:
        typer.echo(f"  {rule.text}" if rule.hard else _("  {text} (it only warns)").format(text=rule.text))
    for seat in told.seats:
        typer.echo(f"  {person(seat, told.time_zone)}")
    for moved in told.moved:
        typer.echo(f"  {becomes(moved, told.time_zone)}")
    typer.echo(f"  {price(told.cost)}")


def _take(engine: Engine, job: str, key: UUID, option: int, *, as_json: bool) -> None:
    from fieldops.commands.desk_text import option_lines
    from fieldops.planning.desk.queries import desk_time, spot_of
    from fieldops.planning.desk.service import take
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock
    from inventory.kernel.engine import writing

    with writing(engine, SYSTEM, clock=system_clock) as session:
        taken = take(session, SYSTEM, job, key, option, desk_time(session, system_clock))
        zone = spot_of(session, job).time_zone
    if as_json:
        print_json(taken.model_dump(mode="json"))
        return
    typer.echo(_("Taken on plan {plan}:").format(plan=taken.plan))
    typer.echo("\n".join(option_lines(taken.taken, zone)))
