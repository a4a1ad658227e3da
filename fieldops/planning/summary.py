"""The day plan on a terminal."""

from __future__ import annotations

from decimal import Decimal

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fieldops.planning.models import PlanKind, PlanStatus
from fieldops.planning.schemas import CostOut, DayPlanOut
from inventory.kernel.texts import gettext as _
from optimizer.run import Status

ROWS_MAX = 12
"""Longer lists are cut, with a word on how many more there are."""


def summary(plan: DayPlanOut) -> RenderableType:
    """Return what a dispatcher, a stock planner and a controller each want to see first."""
    parts: list[RenderableType] = [_head(plan), _decisions(plan)]
    if plan.dispatch.unassigned:
        parts.append(_unassigned(plan))
    if plan.travel is not None:
        parts.append(Text(plan.travel.text))
    if plan.kind is PlanKind.DAY:
        parts.append(money_of(plan))
    else:
        parts.append(Text(_("Nothing is reserved for it yet; what fits the budget is when it comes into force.")))
    return Group(*parts)


def money_of(plan: DayPlanOut) -> RenderableType:
    """Return what a plan in force draws on, and what is held; and that it breaks a rule where it does."""
    parts: list[RenderableType] = [_budget(plan)]
    if plan.budget.held:
        parts.append(_held(plan))
    if plan.dispatch.status is Status.INFEASIBLE:
        parts.append(
            Text(_("Not all that was given or fixed can be kept: see the jobs that nobody does."), style="red")
        )
    return Group(*parts)


def state_name(status: PlanStatus) -> str:
    """Return what a plan is in a region, as it is called."""
    return {
        PlanStatus.PROPOSED: _("proposed"),
        PlanStatus.CURRENT: _("in force"),
        PlanStatus.SUPERSEDED: _("followed by another"),
        PlanStatus.WITHDRAWN: _("withdrawn"),
        PlanStatus.EXPIRED: _("expired"),
    }[status]


def _head(plan: DayPlanOut) -> Text:
    network = plan.network
    texts = {
        PlanKind.DAY: _(
            "Day plan {plan} for {date}: {regions} regions, {places} places, {technicians} technicians, {jobs} jobs"
        ),
        PlanKind.DISPATCH: _(
            "Plan of dispatch {plan} for {date}, not in force yet: {regions} regions, {places} places, "
            "{technicians} technicians, {jobs} jobs"
        ),
    }
    return Text(
        texts[plan.kind].format(
            plan=plan.plan,
            date=plan.date,
            regions=len(plan.regions),
            places=network.places,
            technicians=network.technicians,
            jobs=network.jobs,
        ),
        style="bold",
    )


def _decisions(plan: DayPlanOut) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=_("Decided"), title_justify="left")
    for heading in (_("What"), _("Done"), _("Not done"), _("Status"), _("Cost")):
        table.add_column(heading)
    dispatch, stock = plan.dispatch, plan.replenishment
    table.add_row(
        _("Jobs"),
        _("{assigned} assigned, {late} of them late").format(assigned=dispatch.assigned, late=dispatch.late),
        str(len(dispatch.unassigned)),
        dispatch.status,
        _cost(dispatch.cost),
    )
    table.add_row(
        _("Spares"),
        _("{orders} transfers and purchases").format(orders=stock.orders),
        _("{count} needs unmet").format(count=len(stock.unmet)),
        stock.status,
        _cost(stock.cost),
    )
    return table


def _unassigned(plan: DayPlanOut) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=_("Jobs without a technician"), title_justify="left")
    table.add_column(_("Job"))
    table.add_column(_("Why"))
    for job in plan.dispatch.unassigned[:ROWS_MAX]:
        table.add_row(job.job, "; ".join(reason.text for reason in job.reasons))
    return _cut(table, len(plan.dispatch.unassigned))


def _budget(plan: DayPlanOut) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=_("Budget lines that this plan draws on"), title_justify="left")
    table.add_column(_("Line"))
    for heading in (_("Budget"), _("Actual"), _("Committed"), _("Reserved"), _("Available")):
        table.add_column(heading, justify="right")
    lines = [line for line in plan.budget.lines if line.reserved]
    for line in lines[: 3 * ROWS_MAX]:
        amounts = (line.budget, line.actual, line.committed, line.reserved, line.available)
        tight = line.available * 20 < line.budget
        table.add_row(
            f"{line.region} {line.category} {line.currency}",
            *(_money(amount) for amount in amounts),
            style="yellow" if tight else None,
        )
    return _cut(table, len(lines), 3 * ROWS_MAX)


def _held(plan: DayPlanOut) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=_("Held for approval: the money is not there"), title_justify="left")
    for heading in (_("Document"), _("Priority"), _("Line")):
        table.add_column(heading)
    for heading in (_("Amount"), _("Short by")):
        table.add_column(heading, justify="right")
    table.add_column(_("Who may approve"), overflow="fold")
    for held in plan.budget.held[:ROWS_MAX]:
        table.add_row(
            f"{held.kind} {held.document}",
            held.priority,
            f"{held.region} {held.category} {held.currency}",
            _money(held.amount),
            _money(held.shortfall),
            held.approver_role.replace("_", " "),
        )
    return _cut(table, len(plan.budget.held))


def _cut(table: Table, rows: int, rows_max: int = ROWS_MAX) -> Table:
    if rows > rows_max:
        table.caption = _("and {count} more; --json shows all").format(count=rows - rows_max)
        table.caption_justify = "left"
    return table


def _cost(cost: CostOut) -> str:
    terms = ", ".join(f"{term} {_money(amount)}" for term, amount in cost.by_term.items())
    return f"{cost.currency} {_money(cost.total)} ({terms})"


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"
