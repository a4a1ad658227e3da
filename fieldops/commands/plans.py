"""`fieldops plan dispatch|compare|publish|withdraw|rolling|undo`: plans that are kept before they come into force."""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - options are called date
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldops.terminal import print_json, progress, ready_engine, stop_on_interrupt
from inventory.kernel.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from fieldops.finance.control.plans import Override
    from fieldops.planning.models import DayPlan
    from fieldops.planning.schemas import DayPlanOut
    from inventory.kernel.actor import Actor
    from optimizer.run import Limit

Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON object and nothing else."))]
Day = Annotated[
    datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], metavar="D", help=_("Date, as in 2026-03-02."))
]
Region = Annotated[str | None, typer.Option("--region", metavar="R", help=_("Plan this region only."))]
TimeLimit = Annotated[
    float | None,
    typer.Option("--time-limit", min=0.1, metavar="S", help=_("Seconds of search; the result is not repeatable.")),
]
Iterations = Annotated[
    int | None,
    typer.Option("--iterations", min=1, metavar="N", help=_("Search steps per area; the result is repeatable.")),
]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, metavar="S", help=_("Seed of the random choices."))]
Budget = Annotated[str | None, typer.Option(metavar="X", help=_("Reserve at most this much money in all."))]
AogOverride = Annotated[str | None, typer.Option(metavar="USER", help=_("Who lets AOG pass beyond its budget lines."))]
Why = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help=_("Why the override is given; it is recorded."))
]
Freeze = Annotated[
    int | None,
    typer.Option("--freeze", min=0, max=10_080, metavar="MIN", help=_("Leave as it is what begins so soon.")),
]
Apply = Annotated[bool, typer.Option("--apply", help=_("Put the plan in force at once, if that can be."))]
Plan = Annotated[str, typer.Argument(metavar="PLAN", help=_("Number of the plan, as P-000001."))]


def commands() -> dict[str, tuple[Callable[..., Any], str]]:
    """Return the commands by name, with what each does."""
    return {
        "dispatch": (dispatch, _("Plan the technicians anew from the plan in force, and keep the plan.")),
        "compare": (compare, _("Say what a plan does otherwise than another, or than what is in force.")),
        "publish": (publish_plan, _("Put a plan in force that was kept, if all that it stands on is as it was.")),
        "withdraw": (withdraw_plan, _("Give a plan up that was kept: it cannot be put in force any more.")),
        "rolling": (rolling, _("Show or say how the plan of a region is made anew on what disturbs it.")),
        "undo": (undo_plan, _("Put back in force what was so before a plan.")),
    }


def dispatch(
    region: Region = None,
    date: Day = None,
    time_limit: TimeLimit = None,
    iterations: Iterations = None,
    seed: Seed = 0,
    budget: Budget = None,
    aog_override: AogOverride = None,
    reason: Why = None,
    freeze: Freeze = None,
    apply: Apply = False,
    as_json: Json = False,
) -> None:
    from fieldops.planning.models import PlanMode
    from fieldops.planning.service import PlanRequest, plan_date_of
    from fieldops.planning.versions.ending import Terms, end
    from fieldops.planning.versions.making import make_dispatch_plan
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock

    limit, cap, override = limit_told(time_limit, iterations), amount_told(budget), override_told(aog_override, reason)
    engine = ready_engine()
    day = day_of(date) or plan_date_of(engine, system_clock)
    span = None if freeze is None else timedelta(minutes=freeze)
    request = PlanRequest(day, region=region, limit=limit, seed=seed, cap=cap, override=override, freeze=span)
    with progress() as report, stop_on_interrupt() as should_stop:
        plan = make_dispatch_plan(engine, SYSTEM, request, clock=system_clock, should_stop=should_stop, report=report)
    told = end(engine, SYSTEM, plan, Terms(PlanMode.APPLY if apply else PlanMode.PROPOSE), system_clock)
    if as_json:
        print_json(plan.model_dump(mode="json") | told)
        return
    show_plan(plan, as_json)
    if told["why"] is not None:
        typer.echo(_("It is not in force: {why}").format(why=told["why"]["text"]))
    typer.echo(_("What is otherwise? fieldops plan compare {plan}").format(plan=plan.plan))
    if told["ending"] == "proposed":
        typer.echo(_("Put it in force:   fieldops plan publish {plan}").format(plan=plan.plan))


def rolling(
    region: Annotated[str, typer.Argument(metavar="REGION", help=_("Code of the region."))],
    enabled: Annotated[
        bool | None, typer.Option("--on/--off", help=_("Have its plan made anew on what disturbs it, or not."))
    ] = None,
    freeze: Freeze = None,
    apply: Annotated[
        bool | None, typer.Option("--apply/--propose", help=_("Put what comes out in force, or only propose it."))
    ] = None,
    as_json: Json = False,
) -> None:
    from fieldops.planning.models import PlanMode
    from fieldops.planning.rolling.queries import rolling_plan
    from fieldops.planning.rolling.schemas import RollingPlan
    from fieldops.planning.rolling.service import set_rolling_plan
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock
    from inventory.kernel.engine import writing

    mode = None if apply is None else PlanMode.APPLY if apply else PlanMode.PROPOSE
    given = {"enabled": enabled, "freeze_minutes": freeze, "mode": mode}
    changes = {name: value for name, value in given.items() if value is not None}
    with writing(ready_engine(), SYSTEM, clock=system_clock) as session:
        told = rolling_plan(session, region)
        if changes:
            wanted = told.model_dump(exclude={"region", "version"}) | changes
            told = set_rolling_plan(session, SYSTEM, region, RollingPlan.model_validate(wanted), told.version)
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    for name, value in told.model_dump(mode="json").items():
        typer.echo(f"{name}: {value}")


def limit_told(time_limit: float | None, iterations: int | None) -> Limit | None:
    """Return the work limit that options name, None for the usual one; raises BadParameter for both at once."""
    from fieldops.planning.operation import limit_of

    if time_limit is not None and iterations is not None:
        raise typer.BadParameter(_("give --time-limit or --iterations, not both"))
    return limit_of(iterations, time_limit)


def amount_told(text: str | None, option: str = "--budget") -> Decimal | None:
    """Return the amount of an option; raises BadParameter for what is none."""
    from pydantic import TypeAdapter, ValidationError

    from inventory.kernel.fields import Price

    try:
        return None if text is None else TypeAdapter[Decimal](Price).validate_python(text)
    except ValidationError:
        raise typer.BadParameter(
            _("{option} takes an amount such as 25000.00, not {text}").format(option=option, text=text)
        ) from None


def override_told(user: str | None, reason: str | None) -> Override | None:
    """Return the override that options name; raises BadParameter for one of them alone."""
    from fieldops.finance.control.plans import Override

    if (user is None) != (reason is None):
        raise typer.BadParameter(_("--aog-override and --reason belong together"))
    return None if user is None or reason is None else Override(user, reason)


def compare(
    plan: Plan,
    other: Annotated[str | None, typer.Argument(metavar="OTHER", help=_("Number of the plan before."))] = None,
    as_json: Json = False,
) -> None:
    from fieldops.planning.versions.queries import difference
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.engine import reading

    with reading(ready_engine(), SYSTEM) as session:
        told = difference(session, plan, other)
    if as_json:
        print_json(told.model_dump(mode="json"))
    else:
        typer.echo(told.as_text())


def publish_plan(plan: Plan, as_json: Json = False) -> None:
    from fieldops.planning.versions.service import publish

    _change_plan(publish, plan, as_json)


def withdraw_plan(plan: Plan, as_json: Json = False) -> None:
    from fieldops.planning.versions.service import withdraw

    _change_plan(withdraw, plan, as_json)


def undo_plan(plan: Plan, as_json: Json = False) -> None:
    from fieldops.planning.versions.service import undo

    _change_plan(undo, plan, as_json)


def _change_plan(change: Callable[[Session, Actor, str], DayPlan], number: str, as_json: bool) -> None:
    from rich.console import Console

    from fieldops.planning.queries import summary_of
    from fieldops.planning.schemas import DayPlanOut
    from fieldops.planning.summary import money_of, state_name
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock
    from inventory.kernel.engine import writing

    with writing(ready_engine(), SYSTEM, clock=system_clock) as session:
        plan = change(session, SYSTEM, number)
        told, whole = summary_of(session, plan), DayPlanOut.model_validate(plan.document)
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    for one in told.states:
        typer.echo(f"{told.plan} {one.region}: {state_name(one.status)}")
    if told.current_in:
        Console().print(money_of(whole))


def show_plan(plan: DayPlanOut, as_json: bool) -> None:
    """Print a plan, as JSON or for a person."""
    from rich.console import Console

    from fieldops.planning.summary import summary

    if as_json:
        print_json(plan.model_dump(mode="json"))
    else:
        Console().print(summary(plan))


def day_of(instant: datetime | None) -> Date | None:
    """Return the day of an option; raises BadParameter for one that no plan can be for."""
    from inventory.kernel.fields import FIRST_DAY, LAST_DAY

    if instant is None:
        return None
    if not FIRST_DAY <= instant.date() <= LAST_DAY:
        raise typer.BadParameter(_("--date must lie between {first} and {last}").format(first=FIRST_DAY, last=LAST_DAY))
    return instant.date()
