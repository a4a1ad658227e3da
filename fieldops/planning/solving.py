"""Solve a snapshot: parts for the jobs, technicians for the jobs, then stock for the rest. No database, no clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.costing import assignment_lines, order_lines
from fieldops.planning.problems import AreaProblem, StockProblem, area_problem, stock_problem
from fieldops.planning.rules import SEARCH_ITERATIONS
from fieldops.planning.snapshot import Snapshot
from inventory.kernel.errors import DomainError
from inventory.kernel.texts import gettext as _
from inventory.planning.service import OrderLine
from optimizer.dispatch.check import check as check_dispatch
from optimizer.dispatch.model import Plan as DispatchPlan
from optimizer.dispatch.solve import solve as solve_dispatch
from optimizer.replenishment.check import check as check_stock
from optimizer.replenishment.model import Plan as StockPlan
from optimizer.replenishment.model import ready_times
from optimizer.replenishment.solve import solve as solve_stock
from optimizer.run import Limit, Progress, ShouldStop, never_stop

Report = Callable[[str, int, int], None]
"""Told the stage, how much of it is done and how much there is."""


class Stopped(DomainError):
    """The user stopped the plan."""

    status = 409


@dataclass(frozen=True, slots=True)
class Solved:
    """A solved snapshot.

    `wished` is the stock plan for every open job, `stock` the one for the jobs that the schedule took, at the starts
    that it gave them; the orders are those of `stock`.
    """

    snapshot: Snapshot
    seed: int
    deterministic: bool
    areas: list[tuple[AreaProblem, DispatchPlan]]
    wished: tuple[StockProblem, StockPlan]
    stock: tuple[StockProblem, StockPlan]
    assignments: list[AssignmentLine]
    orders: list[OrderLine]


def solve_snapshot(
    snapshot: Snapshot,
    *,
    limit: Limit | None,
    seed: int,
    should_stop: ShouldStop = never_stop,
    report: Report = lambda _stage, _done, _total: None,
) -> Solved:
    """Plan the snapshot's jobs and stock. `limit` is the work of the whole dispatch; None chooses it by size.

    Raises Stopped when `should_stop` came true on the way, and AssertionError when a checker refuses a plan.
    """
    wished = _solve_stock(stock_problem(snapshot), seed, should_stop, report)
    ready = _ready(*wished)
    areas: list[tuple[AreaProblem, DispatchPlan]] = []
    names = snapshot.areas()
    for done, name in enumerate(names):
        report(_("Scheduling technicians"), done, len(names))
        area = area_problem(snapshot, name, ready)
        plan = solve_dispatch(
            area.problem, limit=_share(limit, area, len(snapshot.jobs)), seed=seed, should_stop=should_stop
        )
        _refuse_stopped(should_stop)
        _accept(f"dispatch of {name}", check_dispatch(area.problem, plan))
        areas.append((area, plan))
    report(_("Scheduling technicians"), len(names), len(names))
    assignments = [line for area, plan in areas for line in assignment_lines(area, plan, ready, snapshot.currency)]
    promised = {line.job: line.starts_at for line in assignments}
    stock = _solve_stock(stock_problem(snapshot, promised), seed, should_stop, report)
    _accept("promised parts", [line for line in stock[1].unmet if line.job is not None])
    return Solved(
        snapshot=snapshot,
        seed=seed,
        deterministic=limit is None or limit.deterministic,
        areas=areas,
        wished=wished,
        stock=stock,
        assignments=assignments,
        orders=order_lines(*stock, snapshot.currency),
    )


def _solve_stock(
    stock: StockProblem, seed: int, should_stop: ShouldStop, report: Report
) -> tuple[StockProblem, StockPlan]:
    total = len(stock.problem.parts)

    def on_progress(progress: Progress) -> None:
        report(_("Allocating parts"), min(progress.iteration, total), total)

    # The flows are exact and quick: they are never cut short, so that every promised part is kept.
    plan = solve_stock(
        stock.problem,
        limit=Limit(iterations=max(total, 1)),
        seed=seed,
        should_stop=should_stop,
        on_progress=on_progress,
    )
    _refuse_stopped(should_stop)
    _accept("stock plan", check_stock(stock.problem, plan))
    return stock, plan


def _ready(stock: StockProblem, plan: StockPlan) -> dict[str, datetime | None]:
    return {
        job: None if ready_s is None else stock.start + timedelta(seconds=ready_s)
        for job, ready_s in ready_times(stock.problem, plan).items()
    }


def _share(limit: Limit | None, area: AreaProblem, jobs: int) -> Limit:
    own = len(area.problem.jobs)
    if limit is None:
        return Limit(iterations=SEARCH_ITERATIONS)
    if limit.seconds is None:
        return limit
    return Limit(seconds=max(limit.seconds * own / max(jobs, 1), 0.1))


def _refuse_stopped(should_stop: ShouldStop) -> None:
    if should_stop():
        raise Stopped(_("Stopped; nothing was changed"), code="stopped")


def _accept(what: str, violations: object) -> None:
    if violations:
        raise AssertionError(f"the checker refuses the {what}: {violations}")
