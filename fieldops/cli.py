"""The command line. Heavy libraries are imported inside the commands that need them, so that help is instant."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from fieldops import __version__
from fieldops.commands.audit import app as audit_app
from fieldops.commands.exchange import export_table, import_table
from fieldops.commands.plans import (
    AogOverride,
    Budget,
    Day,
    Iterations,
    Json,
    Region,
    Seed,
    TimeLimit,
    Why,
    amount_told,
    day_of,
    limit_told,
    override_told,
    show_plan,
)
from fieldops.commands.plans import commands as plan_commands
from fieldops.commands.recommend import appointments, check_move, recommend
from fieldops.commands.stock_targets import stock_targets
from fieldops.commands.travel import app as travel_app
from fieldops.commands.user import app as user_app
from fieldops.commands.worker import worker
from fieldops.compiled import keep_compiled
from fieldops.terminal import (
    collect_rarely,
    one_line_errors,
    print_json,
    progress,
    ready_engine,
    refuse_on_interrupt,
    stop_on_interrupt,
)
from inventory.kernel.texts import gettext as _

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from fieldops.planning.schemas import DayPlanOut
    from fieldops.planning.service import PlanRequest

app = typer.Typer(
    name="fieldops",
    help=_("Technician dispatch, spares and budget decided in one explained plan."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
plan_app = typer.Typer(help=_("Make plans."), no_args_is_help=True)
erp_app = typer.Typer(help=_("The bridge to the ERP."), no_args_is_help=True)
app.add_typer(plan_app, name="plan")
app.add_typer(erp_app, name="erp")
app.add_typer(user_app, name="user")
app.add_typer(audit_app, name="audit")
app.add_typer(travel_app, name="travel")
app.command(help=_("Execute long work and fire the schedules; on as many machines as there is work for."))(worker)
for _name, (_run, _told) in plan_commands().items():
    plan_app.command(_name, help=_told)(_run)
plan_app.command("stock-targets", help=_("Plan which parts to hold where for a sum of money, and keep the plan."))(
    stock_targets
)
app.command(help=_("Say where a job goes best on the plan in force, and why not to others."))(recommend)
app.command(help=_("Say which appointments of a day can be promised for a job."))(appointments)
app.command("check-move", help=_("Say which rules it would break if these people did a job then."))(check_move)
app.command("import", help=_("Take in a table from a CSV or Excel file: all rows or none."))(import_table)
app.command("export", help=_("Write a table to a CSV or Excel file."))(export_table)


class Scale(StrEnum):
    """The sizes of the demonstration."""

    SMALL = "small"
    REGION = "region"
    NETWORK = "network"


def main() -> None:
    """Run the command line; exit status 0 done, 1 could not be done, 2 wrong usage."""
    collect_rarely()
    keep_compiled()
    with one_line_errors():
        refuse_on_interrupt()
        app(prog_name="fieldops")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fieldops {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=_("Print the version and leave."))
    ] = False,
) -> None:
    pass


@app.command(help=_("Load the demonstration network into the database, and plan its day."))
def demo(
    scale: Annotated[Scale, typer.Option(help=_("Size of the network."))] = Scale.SMALL,
    seed: Seed = 0,
    date: Day = None,
    as_json: Json = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help=_("Do not start the server afterwards."))] = False,
) -> None:
    from fieldops.demo.build import DEMO_START, build_demo
    from fieldops.demo.load_field import told
    from fieldops.planning.service import PlanRequest
    from fieldops.settings import load_settings
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.engine import open_engine, reading

    start = day_of(date) or DEMO_START
    engine = open_engine(load_settings().database_url)
    with progress() as report:
        build_demo(engine, scale.value, seed, start, report)
    plan = _make_plan(engine, PlanRequest(plan_date=start, seed=seed))
    show_plan(plan, as_json)
    if not as_json:
        with reading(engine, SYSTEM) as session:
            typer.echo(told(session))
        _say_what_next(plan)
    if not no_serve:
        _serve(engine, None, None)


@app.command(help=_("Start the API, the web page and a worker."))
def serve(
    host: Annotated[str | None, typer.Option(help=_("Address to listen on; default: this machine only."))] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help=_("Port to listen on."))] = None,
) -> None:
    _serve(ready_engine(), host, port)


def _serve(engine: Engine, host: str | None, port: int | None) -> None:
    from fieldops.serving import run
    from fieldops.settings import load_settings

    settings = load_settings()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the server ends by itself on Ctrl-C
    run(engine, settings, host if host is not None else settings.host, port if port is not None else settings.port)


@app.command(help=_("Create the database, or bring it up to this version."))
def migrate() -> None:
    from fieldops.migrations import upgrade
    from fieldops.settings import load_settings
    from inventory.kernel.engine import open_engine

    upgrade(open_engine(load_settings().database_url))
    typer.echo(_("The database is up to date."))


@app.command(help=_("Make the balances of stock anew from its moves, where check finds that they differ."))
def rebuild() -> None:
    from fieldops.checking import rebuild_stock

    cells = rebuild_stock(ready_engine(), datetime.now(UTC))
    typer.echo(_("{count} balances were made anew from the moves.").format(count=cells))


@app.command(help=_("Prove that the ledgers of stock and money add up."))
def check(as_json: Json = False) -> None:
    from fieldops.checking import check_ledgers

    result = check_ledgers(ready_engine())
    if as_json:
        print_json(result.as_json())
    else:
        typer.echo(result.as_text())
    raise typer.Exit(0 if result.sound else 1)


@plan_app.command("day", help=_("Plan technicians, spares and budget of the week from a day on, and put it in force."))
def plan_day(
    region: Region = None,
    date: Day = None,
    time_limit: TimeLimit = None,
    iterations: Iterations = None,
    seed: Seed = 0,
    budget: Budget = None,
    duration_percentile: Annotated[
        int, typer.Option(min=50, max=95, metavar="P", help=_("Jobs with a task last as long as P of 100 stay below."))
    ] = 50,
    aog_override: AogOverride = None,
    reason: Why = None,
    as_json: Json = False,
) -> None:
    from fieldops.planning.service import PlanRequest, plan_date_of
    from inventory.kernel.clock import system_clock

    limit, cap, override = limit_told(time_limit, iterations), amount_told(budget), override_told(aog_override, reason)
    engine = ready_engine()
    plan_date = day_of(date) or plan_date_of(engine, system_clock)
    request = PlanRequest(
        plan_date,
        region=region,
        limit=limit,
        seed=seed,
        cap=cap,
        override=override,
        percentile=duration_percentile,
    )
    show_plan(_make_plan(engine, request), as_json)


def _make_plan(engine: Engine, request: PlanRequest) -> DayPlanOut:
    from fieldops.planning.service import make_day_plan
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock

    with progress() as report, stop_on_interrupt() as should_stop:
        return make_day_plan(engine, SYSTEM, request, clock=system_clock, should_stop=should_stop, report=report)


def _say_what_next(plan: DayPlanOut) -> None:
    job = plan.dispatch.assignments[0].job if plan.dispatch.assignments else None
    if job is not None:
        typer.echo(_("Why this technician?   fieldops explain {plan} --job {job}").format(plan=plan.plan, job=job))
    typer.echo(_("See it in the browser: fieldops serve   (in the checkout: make serve)"))


@app.command(help=_("Say why a plan decided so, and why not the next best."))
def explain(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help=_("Number of the plan, as P-000001."))],
    job: Annotated[str | None, typer.Option(metavar="J", help=_("Number of a job."))] = None,
    part: Annotated[str | None, typer.Option(metavar="P", help=_("A part number."))] = None,
    as_json: Json = False,
) -> None:
    from fieldops.planning.explaining import explain_job, explain_part
    from inventory.kernel.actor import SYSTEM

    if (job is None) == (part is None):
        raise typer.BadParameter(_("give --job or --part"))
    engine = ready_engine()
    told = explain_job(engine, SYSTEM, plan, job) if job is not None else explain_part(engine, SYSTEM, plan, part or "")
    if as_json:
        print_json(told.model_dump(mode="json"))
    else:
        typer.echo(told.as_text())


@erp_app.command("status", help=_("Say whether the bridge is configured, and what waits."))
def erp_status(as_json: Json = False) -> None:
    from fieldops.erp.service import bridge_status
    from fieldops.settings import load_settings

    status = bridge_status(ready_engine(), load_settings())
    if as_json:
        print_json(status.model_dump(mode="json"))
    else:
        typer.echo(status.as_text())


@erp_app.command("sync", help=_("Send what waits to the ERP."))
def erp_sync(
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Only show what would be sent."))] = False,
    as_json: Json = False,
) -> None:
    from fieldops.erp.service import synchronise
    from fieldops.settings import load_settings
    from inventory.kernel.clock import system_clock

    result = synchronise(ready_engine(), load_settings(), dry_run=dry_run, clock=system_clock)
    if as_json:
        print_json(result.model_dump(mode="json"))
    else:
        typer.echo(result.as_text())
    raise typer.Exit(0 if result.failed == 0 else 1)
