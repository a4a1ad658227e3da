"""`fieldops plan stock-targets`: what to hold where, for a sum of money."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldops.commands.plans import Json, TimeLimit, amount_told
from fieldops.terminal import print_json, progress, ready_engine, stop_on_interrupt, wrong_option
from inventory.kernel.texts import gettext as _

if TYPE_CHECKING:
    from inventory.planning.stock_plans.schemas import TargetPlanOut
    from inventory.planning.stock_plans.simulation_schemas import SimulationOut


def stock_targets(
    budget: Annotated[
        str,
        typer.Option("--budget", metavar="X", help=_("Money for pieces beyond those that are owned.")),
    ],
    capital_budget: Annotated[
        str | None, typer.Option("--capital-budget", metavar="Y", help=_("Of its own for parts that are repaired."))
    ] = None,
    region: Annotated[str | None, typer.Option("--region", metavar="R", help=_("Plan this region only."))] = None,
    assumed_days: Annotated[
        int,
        typer.Option("--assumed-days", min=1, max=1_000, metavar="D", help=_("Days to assume for unknown times.")),
    ] = 30,
    keep_below: Annotated[
        str, typer.Option("--keep-below", metavar="X", help=_("Leave targets whose change is worth less money."))
    ] = "0",
    order_cost: Annotated[
        str,
        typer.Option("--order-cost", metavar="X", help=_("What an order of used-up parts costs, for any quantity.")),
    ] = "0",
    holding_share: Annotated[
        float,
        typer.Option(
            "--holding-share", metavar="S", help=_("Share of its price that a piece on the shelf costs a year.")
        ),
    ] = 0.2,
    goal: Annotated[
        str,
        typer.Option(
            "--goal", metavar="waiting|fill|availability", help=_("What to make the least; default: waiting.")
        ),
    ] = "waiting",
    floor: Annotated[
        list[str] | None,
        typer.Option(
            "--floor",
            metavar="REGION:ESSENTIALITY:SHARE",
            help=_("Least share served at once, as SEA::0.9 or :NO_GO:0.95; may be repeated."),
        ),
    ] = None,
    simulate: Annotated[
        int, typer.Option("--simulate", metavar="N", min=0, max=200, help=_("Then simulate the N worst parts."))
    ] = 0,
    time_limit: TimeLimit = None,
    iterations: Annotated[
        int | None,
        typer.Option("--iterations", min=1, metavar="N", help=_("Curves of parts to look at; default: all.")),
    ] = None,
    as_json: Json = False,
) -> None:
    from pydantic import ValidationError

    from fieldops import __version__
    from fieldops.fleet.utilisation.exposure import FleetExposure
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock
    from inventory.planning.stock_plans.making import make_target_plan
    from inventory.planning.stock_plans.requests import TargetRequest
    from inventory.planning.stock_plans.schemas import MakeTargets
    from inventory.planning.stock_plans.simulating import simulate_plan
    from inventory.planning.stock_plans.simulation_schemas import Simulate

    if time_limit is not None and iterations is not None:
        raise typer.BadParameter(_("give --time-limit or --iterations, not both"))
    money = amount_told(budget)
    if money is None:
        raise typer.BadParameter(
            _("{option} takes an amount such as 25000.00, not {text}").format(option="--budget", text=budget)
        )
    terms: dict[str, Any] = {"goal": goal, "floors": [_floor_told(one) for one in floor or ()]}
    try:
        wanted = MakeTargets(
            budget=money,
            capital_budget=amount_told(capital_budget, "--capital-budget"),
            region=region,
            assumed_days=assumed_days,
            keep_below=amount_told(keep_below, "--keep-below") or Decimal(0),
            order_cost=amount_told(order_cost, "--order-cost") or Decimal(0),
            holding_share=Decimal(str(holding_share)),
            iterations=iterations,
            seconds=time_limit,
            **terms,
        )
    except ValidationError as wrong:
        raise wrong_option(wrong) from None
    engine = ready_engine()
    with progress() as report, stop_on_interrupt() as should_stop:
        plan = make_target_plan(
            engine,
            SYSTEM,
            TargetRequest(wanted, __version__),
            FleetExposure(),
            clock=system_clock,
            should_stop=should_stop,
            report=report,
        )
        if simulate:
            simulated = simulate_plan(
                engine,
                SYSTEM,
                plan.number,
                Simulate(count=simulate),
                FleetExposure(),
                clock=system_clock,
                should_stop=should_stop,
                report=report,
            )
            plan = plan.model_copy(update={"simulation": simulated})
    if as_json:
        print_json(plan.model_dump(mode="json") | {"plan": plan.number})
    else:
        _show(plan)


def _floor_told(text: str) -> dict[str, str | None]:
    """Return a floor as it is asked for; raises BadParameter for what is none."""
    told = text.split(":")
    if len(told) != 3:
        raise typer.BadParameter(
            _("--floor takes REGION:ESSENTIALITY:SHARE, as SEA::0.9, not {text}").format(text=text)
        )
    region, essentiality, share = (one.strip() for one in told)
    return {"region": region or None, "essentiality": essentiality.upper() or None, "share": share}


def _show(plan: TargetPlanOut) -> None:
    from fieldops.web.pages.target_words import target_words
    from fieldops.web.templating import money

    words = target_words()
    typer.echo(
        _("{plan}: {changing} targets change, of {planned} lines of {parts} parts").format(
            plan=plan.number, changing=plan.changing, planned=plan.planned, parts=plan.parts
        )
    )
    for one in plan.spending:
        typer.echo(
            _("{budget}: {spent} of {available} {currency}").format(
                budget=words[one.budget], spent=money(one.spent), available=money(one.available), currency=plan.currency
            )
        )
    if plan.ordering and plan.ordering.order_cost:
        typer.echo(
            _("orders: {count} a year for {ordering} {currency}, stock between them {holding} {currency}").format(
                count=round(plan.ordering.orders_a_year, 1),
                ordering=money(plan.ordering.ordering_cost),
                holding=money(plan.ordering.holding_cost),
                currency=plan.currency,
            )
        )
    for load in plan.benches:
        days = "–" if load.wait_days is None else round(load.wait_days, 2)
        typer.echo(
            _("benches at {place} {chapter}: {share} in use, {days} days of waiting").format(
                place=load.place, chapter=load.chapter, share=f"{load.utilisation:.0%}", days=days
            )
        )
    for of_region in plan.regions:
        typer.echo(
            _("{region}: {before} pieces waited for before, {after} after").format(
                region=of_region.region,
                before=round(of_region.before.waiting, 3),
                after=round(of_region.after.waiting, 3),
            )
        )
    for fleet in plan.fleets:
        typer.echo(
            _("{fleet} at {place}: {before} of the aircraft miss no part before, {after} after").format(
                fleet=fleet.aircraft_type,
                place=fleet.place,
                before=f"{fleet.availability_before:.1%}",
                after=f"{fleet.availability_after:.1%}",
            )
        )
    for reached in plan.floors:
        typer.echo(
            _("floor {region}:{essentiality}:{share}: {reached} reached, {met}; costs {money} {currency}").format(
                region=reached.region or "",
                essentiality=reached.essentiality or "",
                share=reached.share,
                reached=round(reached.reached, 4),
                met=_("met") if reached.met else _("not met"),
                money=money(reached.costs),
                currency=plan.currency,
            )
        )
    for way in plan.way_out:
        typer.echo(
            _("{budget}: {money} {currency} would meet all floors").format(
                budget=way.budget, money=money(way.money), currency=plan.currency
            )
        )
    if plan.simulation is not None:
        _show_simulation(plan.simulation, words)
    for note in plan.notes:
        typer.echo(_("{reason}: {lines} lines").format(reason=words[note.reason], lines=note.lines))
    typer.echo(_("gap to the best that can be: {gap}").format(gap=f"{plan.gap or 0:.2e}"))
    if plan.stopped_early:
        typer.echo(
            _("The limit ended the search early: parts that it did not get to hold too little; give it more"), err=True
        )


def _show_simulation(told: SimulationOut, words: dict[str, str]) -> None:
    typer.echo(
        _(
            "simulated: {simulated} ± {width} wait, weighted, {planned} by the plan; {agreeing} of {compared} agree"
        ).format(
            simulated=round(told.simulated, 4),
            width=round(told.half_width, 4),
            planned=round(told.planned, 4),
            agreeing=told.agreeing,
            compared=told.compared,
        )
    )
    for one in told.lines:
        if one.causes:
            typer.echo(
                _("{part} at {place}: {planned} planned, {simulated} ± {width} simulated; {causes}").format(
                    part=one.part,
                    place=one.place,
                    planned=round(one.planned, 3),
                    simulated=round(one.simulated, 3),
                    width=round(one.half_width, 3),
                    causes=", ".join(words[effect.cause] for effect in one.causes),
                )
            )
