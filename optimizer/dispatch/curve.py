"""What more or less money for travel, overtime, nights and call-outs buys: a plan for each budget."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan
from optimizer.dispatch.pricing import crews, spent
from optimizer.dispatch.solve import solve
from optimizer.dispatch.violations import exceeds
from optimizer.run import Limit, OnProgress, Progress, ShouldStop, never_stop, no_progress


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A budget by region (money), and what it buys.

    `cost` is the plan's objective in money, `lateness_s` the seconds by which jobs end after they are due, added up,
    `unserved` the number of jobs that no technician does, whatever becomes of them. `spent` is by region what the
    plan takes of the budget.
    """

    budgets: Mapping[str, float]
    spent: Mapping[str, float]
    cost: float
    lateness_s: float
    unserved: int
    plan: Plan


def cost_curve(
    problem: Problem,
    money_points: Sequence[Mapping[str, float]],
    *,
    limit: Limit,
    seed: int = 0,
    threads: int = 1,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = no_progress,
) -> tuple[CurvePoint, ...]:
    """Return a point for each budget, in the order in which they are given.

    Each of `money_points` names the money of some regions; the others keep theirs of the problem. Raises ValueError for
    a region of no technician. `limit` is for each
    point. They are solved from little money to much, each from the plan of the one before, and a point takes the best
    plan of all that its money suffices for: so more money never gives a worse plan. Better is first to leave out fewer
    jobs that must be done, then to cost less. Where `should_stop` ends the work, points not yet reached are missing.
    """
    began, rounds = time.monotonic(), 0
    budgets = [{**problem.budgets, **money} for money in money_points]
    plans: list[Plan] = []
    reached: list[int] = []

    def report(progress: Progress) -> None:
        on_progress(replace(progress, iteration=rounds + progress.iteration, seconds=time.monotonic() - began))

    for index in sorted(range(len(budgets)), key=lambda number: sum(budgets[number].values())):
        if reached and should_stop():
            break
        own = replace(problem, budgets=budgets[index])
        start = min((plan for plan in plans if _suffices(own, plan)), key=lambda plan: worth(own, plan), default=None)
        plans.append(
            solve(
                own,
                limit=limit,
                seed=seed,
                threads=threads,
                should_stop=should_stop,
                on_progress=report,
                start=start,
            )
        )
        reached.append(index)
        rounds += limit.iterations or 0
    return tuple(_point(replace(problem, budgets=budgets[index]), plans) for index in sorted(reached))


def _suffices(problem: Problem, plan: Plan) -> bool:
    """Say whether the budgets of a problem suffice for a plan."""
    money = spent(problem, plan)
    return not any(exceeds(money[region], budget) for region, budget in problem.budgets.items())


def worth(problem: Problem, plan: Plan) -> tuple[int, float]:
    """Return what a plan is compared by, less is better: jobs left out that must be done, then money."""
    must = {job.number for job in problem.jobs if job.mandatory or job.pin is not None}
    return sum(one.job in must for one in plan.left_out), plan.objective


def _point(problem: Problem, plans: Sequence[Plan]) -> CurvePoint:
    plan = min((plan for plan in plans if _suffices(problem, plan)), key=lambda plan: worth(problem, plan))
    done = crews({job.number: job for job in problem.jobs}, plan.routes).values()
    late_s = sum(max(0.0, crew.end_s - crew.job.due_s) for crew in done)
    return CurvePoint(problem.budgets, spent(problem, plan), plan.objective, late_s, len(plan.left_out), plan)
