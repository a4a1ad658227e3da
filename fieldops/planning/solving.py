"""Solve a snapshot: parts for the jobs, technicians for the jobs, then stock for the rest. No database, no clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.costing import assignment_lines, order_lines
from fieldops.planning.locks import BrokenLock, broken_locks
from fieldops.planning.problems import AreaProblem, area_problem
from fieldops.planning.rules import SEARCH_ITERATIONS
from fieldops.planning.running import begun_with
from fieldops.planning.snapshot import Snapshot
from fieldops.planning.stock_problem import StockProblem, stock_problem
from inventory.kernel.errors import DomainError
from inventory.kernel.texts import gettext as _
from inventory.planning.service import OrderLine
from optimizer.dispatch.doable import doable
from optimizer.dispatch.explain import explained
from optimizer.dispatch.plan import Plan as DispatchPlan
from optimizer.dispatch.prepare import is_prepared, prepare
from optimizer.dispatch.solve import solve as solve_dispatch
from optimizer.replenishment.check import check as check_stock
from optimizer.replenishment.model import Plan as StockPlan
from optimizer.replenishment.model import ready_times
from optimizer.replenishment.solve import solve as solve_stock
from optimizer.run import Limit, Progress, Reason, ShouldStop, never_stop

AGAIN = 0.5
"""How much of the work of a schedule a second look may take."""

Report = Callable[[str, int, int], None]
"""Told the stage, how much of it is done and how much there is."""


class Stopped(DomainError):
    """The user stopped the plan."""

    status = 409


@dataclass(frozen=True, slots=True)
class Incumbent:
    """The schedule so far: the assignments of the `done` of `total` areas that are finished.

    `objective` counts the area under way, too; the search proves no bound on it.
    """

    objective: float
    done: int
    total: int
    assignments: tuple[AssignmentLine, ...]


OnIncumbent = Callable[[Incumbent], None]
"""Told each better schedule."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Pieces of a part that a job, or the target of the place where it is None, cannot get, and why."""

    job: str | None
    part: str
    place: str
    quantity: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Solved:
    """A solved snapshot.

    `missing` are the parts that jobs cannot get; `stock` is the stock plan for the jobs that the schedule took, at the
    starts that it gave them, and the orders are its own. `stock_seconds` is the time of all stock plans on the way.
    """

    snapshot: Snapshot
    seed: int
    deterministic: bool
    areas: list[tuple[AreaProblem, DispatchPlan]]
    missing: list[Missing]
    stock: tuple[StockProblem, StockPlan]
    stock_seconds: float
    assignments: list[AssignmentLine]
    orders: list[OrderLine]
    broken_locks: list[BrokenLock]


def solve_snapshot(
    snapshot: Snapshot,
    *,
    limit: Limit | None,
    seed: int,
    should_stop: ShouldStop = never_stop,
    report: Report = lambda _stage, _done, _total: None,
    incumbent: OnIncumbent = lambda _found: None,
) -> Solved:
    """Plan the snapshot's jobs and stock. `limit` counts search rounds in each area, or seconds over all of them.

    Raises Stopped when `should_stop` came true on the way, and UnsoundPlan or AssertionError when a checker refuses a
    plan.
    """
    if not is_prepared():
        report(_("Preparing the planner, once after installation: about a minute"), 0, 1)
        prepare()
        report(_("Preparing the planner, once after installation: about a minute"), 1, 1)
    ready, missing, seconds = _allocate(snapshot, seed, should_stop, report)
    areas: list[tuple[AreaProblem, DispatchPlan]] = []
    broken: list[BrokenLock] = []
    assignments: list[AssignmentLine] = []
    names = snapshot.areas()
    for done, name in enumerate(names):
        report(_("Scheduling technicians"), done, len(names))
        found = Incumbent(sum(plan.objective for _area, plan in areas), done, len(names), tuple(assignments))
        search = _Search(snapshot, ready, limit, seed, should_stop, partial(_told_incumbent, found, incumbent))
        area, plan = search.of(name)
        areas.append((area, explained(area.problem, plan)))
        broken += broken_locks(snapshot, area, plan, ready)
        assignments += assignment_lines(area, plan, ready, snapshot.currency)
        incumbent(Incumbent(found.objective + plan.objective, done + 1, len(names), tuple(assignments)))
    report(_("Scheduling technicians"), len(names), len(names))
    promised = work_starts(assignments)
    stock = _solve_stock(stock_problem(snapshot, promised=promised), seed, should_stop, report)
    _accept("promised parts", [line for line in stock[1].unmet if line.job is not None])
    return Solved(
        snapshot=snapshot,
        seed=seed,
        deterministic=limit is None or limit.deterministic,
        areas=areas,
        missing=missing,
        stock=stock,
        stock_seconds=seconds + stock[1].seconds,
        assignments=assignments,
        orders=order_lines(*stock, snapshot.currency),
        broken_locks=broken,
    )


@dataclass(frozen=True, slots=True)
class _Search:
    """How the schedule of an area is looked for."""

    snapshot: Snapshot
    ready: Mapping[str, datetime | None]
    limit: Limit | None
    seed: int
    should_stop: ShouldStop
    tell: Callable[[Progress], None]

    def of(self, name: str) -> tuple[AreaProblem, DispatchPlan]:
        """Return the best schedule: jobs that find no two to work and to sign are tried once more with one for both.

        Where somebody works on two jobs that need two people, the second is planned anew without that person.
        """
        barred: set[tuple[str, str]] = set()
        area = area_problem(self.snapshot, name, self.ready)
        plan = self._solve(area, 1.0, begun_with(area, self.snapshot.running))
        fewer = {one.job for one in plan.left_out if area.crews[one.job].could_be_fewer}
        while fewer or area.both(plan):
            barred |= area.both(plan)
            area = area_problem(self.snapshot, name, self.ready, fewer, barred)
            plan = self._solve(area, AGAIN, plan)
            if not area.both(plan):
                break
        return area, plan

    def _solve(self, area: AreaProblem, share: float, start: DispatchPlan | None) -> DispatchPlan:
        plan = solve_dispatch(
            area.problem,
            limit=_share(self.limit, area, len(self.snapshot.jobs), share),
            seed=self.seed,
            should_stop=self.should_stop,
            on_progress=self.tell,
            start=start,
        )
        _refuse_stopped(self.should_stop)
        return plan


def work_starts(assignments: Iterable[AssignmentLine]) -> dict[str, datetime]:
    """Return {job: when the first of its crew begins}."""
    starts: dict[str, datetime] = {}
    for line in assignments:
        starts[line.job] = min(line.starts_at, starts.get(line.job, line.starts_at))
    return starts


def _told_incumbent(before: Incumbent, incumbent: OnIncumbent, progress: Progress) -> None:
    incumbent(replace(before, objective=before.objective + progress.objective))


def _allocate(
    snapshot: Snapshot, seed: int, should_stop: ShouldStop, report: Report
) -> tuple[dict[str, datetime | None], list[Missing], float]:
    """Return when the parts of each job can be there (None: never), what is missing, and the seconds that it took.

    Only jobs that somebody could do ask for parts. A job that misses a part gives back what it holds of the others,
    and the rest is allocated anew, so that no piece is kept for a job that cannot be done.
    """
    wanting = {job.number for job in snapshot.jobs if job.parts}
    asking = _doable(snapshot, wanting)
    # whose people cannot come could be given to others: then its parts are there
    given = [replace(job, crew=()) for job in snapshot.jobs if job.crew and job.number in wanting - asking]
    asking |= _doable(replace(snapshot, jobs=given), wanting) if given else set()
    missing: list[Missing] = []
    seconds = 0.0
    while True:
        stock, plan = _solve_stock(stock_problem(snapshot, asking=asking), seed, should_stop, report)
        seconds += plan.seconds
        unmet = _missing(stock, plan)
        holding = {order.serves_job for order in plan.orders} | {line.job for line in plan.local}
        back = {one.job for one in unmet} & holding
        missing += [one for one in unmet if one.job in back or not back]
        if not back:
            break
        asking -= back
    never: dict[str, datetime | None] = {one.job: None for one in missing if one.job is not None}
    return _ready(stock, plan) | never, missing, seconds


def _doable(snapshot: Snapshot, wanting: Collection[str]) -> set[str]:
    areas = (area_problem(snapshot, name, {}).problem for name in snapshot.areas())
    return {number for area in areas for number in doable(area, wanting)}


def _missing(stock: StockProblem, plan: StockPlan) -> list[Missing]:
    problem = stock.problem
    return [
        Missing(line.job, problem.parts[line.part].number, problem.places[line.place], line.quantity_each, line.reasons)
        for line in plan.unmet
        if line.job is not None
    ]


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


def _share(limit: Limit | None, area: AreaProblem, jobs: int, share: float) -> Limit:
    if limit is None or limit.seconds is None:
        rounds = SEARCH_ITERATIONS if limit is None or limit.iterations is None else limit.iterations
        return Limit(iterations=max(1, round(rounds * share)))
    own = len(area.problem.jobs) / max(jobs, 1)
    return Limit(seconds=max(limit.seconds * own * share / (1 + AGAIN), 0.1))


def _refuse_stopped(should_stop: ShouldStop) -> None:
    if should_stop():
        raise Stopped(_("Stopped; the plan was not made, and nothing of it is kept"), code="stopped")


def _accept(what: str, violations: object) -> None:
    if violations:
        raise AssertionError(f"the checker refuses the {what}: {violations}")
