"""A running plan held in memory: where new jobs go, which appointment can be promised, what a move does. No full solve.

A question is answered from the plan as it is: the other jobs keep their technicians and their order, but for those that
are displaced. Tours that change are timed as the engine sets them; all others stay to the second.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from optimizer.dispatch.able import Able
from optimizer.dispatch.building.fixed import settled
from optimizer.dispatch.building.reading import left_out_of, routes_of
from optimizer.dispatch.building.state import Built, built
from optimizer.dispatch.building.taking import Held, misfits
from optimizer.dispatch.check import check
from optimizer.dispatch.explain import refusal, refusals
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.live.answers import Option, Recommendation, Refused, Slot, Verdict
from optimizer.dispatch.live.ledger import Ledger
from optimizer.dispatch.live.moves import Move, judged
from optimizer.dispatch.live.trials import Trials
from optimizer.dispatch.model import Precedence, Problem, Together
from optimizer.dispatch.obstacles import Obstacle, Survey
from optimizer.dispatch.plan import Plan, Route
from optimizer.dispatch.pricing import cheapest_outcome, price
from optimizer.dispatch.technicians import Window
from optimizer.dispatch.violations import UnsoundPlan
from optimizer.run import Reason

DISPLACED_MAX = 2
"""More jobs than this are not displaced for a new one."""


def timed(problem: Problem, plan: Plan) -> Plan:
    """Return the plan of the same tours as the engine times them, priced. Raises ValueError if they do not fit."""
    held = Held(settled(built(problem)), plan.routes)
    routes = routes_of(held.one, held.data, held.state, held.view)
    whole = replace(plan, routes=routes, left_out=left_out_of(held.one, held.view))
    terms = price(problem, whole)
    return replace(whole, objective=math.fsum(terms.values()), cost_by_term=terms)


def unfit(problem: Problem, plan: Plan) -> list[tuple[str, int]]:
    """Return the tours of a plan, by technician and shift, that do not fit the problem as it is by now."""
    return misfits(settled(built(problem)), plan.routes)


class RunningPlan:
    """A plan that is being carried out. Not for several threads at once."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        """Take up a plan; O(technicians x jobs). Raises ValueError if it does not fit the problem."""
        self.able = Able(problem.technicians)
        self._hold(settled(built(problem)), plan)

    @property
    def problem(self) -> Problem:
        """The problem, with the jobs that were taken."""
        return self.ledger.problem

    @property
    def plan(self) -> Plan:
        """The plan as it is now."""
        return self.ledger.plan

    def _hold(self, one: Built, plan: Plan) -> None:
        self.held, self.ledger = Held(one, plan.routes), Ledger(one.problem, plan)

    def recommend(
        self,
        *jobs: Job,
        most: int = 5,
        displaced_max: int = 0,
        precedence: Sequence[Precedence] = (),
        together: Sequence[Together] = (),
    ) -> Recommendation:
        """Return the best `most` ways to do new jobs, all of them or none, cheapest first.

        Several jobs may be tied to each other by `precedence` and `together`. Each option has another technician or
        shift for the first seat of the job that fits the fewest, or displaces more jobs and is cheaper for it: at most
        `displaced_max` (0 to 2), never one that is pinned. They are put back, or left out, where that costs least. A
        job that the plan leaves out may be asked for again. A kernel scan for each tour and each job displaced; for
        two, for each pair on a tour. Raises ValueError for a job that has begun, or is planned, or that the problem
        cannot hold, and for other numbers.
        """
        if not jobs or most < 1 or not 0 <= displaced_max <= DISPLACED_MAX:
            raise ValueError(f"ask for jobs, at least one option, and at most {DISPLACED_MAX} jobs displaced")
        trials = Trials(self.held, self.ledger, jobs, precedence, together)
        found = [trials.option(trial) for trial in trials.cheapest(most, displaced_max)]
        options = sorted((one for one in found if one is not None), key=lambda one: one.extra_cost)
        leaving = sum(cheapest_outcome(job)[1] for job in jobs)
        return Recommendation(tuple(options), leaving, tuple(self._refused(trials)))

    def appointments(self, job: Job, windows: Sequence[Window]) -> tuple[Slot, ...]:
        """Return for each window what it costs at least to begin a new job within it, in place of its own windows.

        Where nobody can, `reasons` say why: `outside_shifts` where nobody is on duty then. The option of a slot can be
        taken: the job then has that window. Raises ValueError as `recommend` does.
        """
        asked = [replace(job, number=f"{job.number} #{at}", windows=(window,)) for at, window in enumerate(windows)]
        trials = Trials(self.held, self.ledger, asked)
        survey = Survey(trials.held)
        found = [self._slot(trials, survey, one, window) for one, window in zip(asked, windows, strict=True)]
        return tuple(
            slot if slot.option is None else replace(slot, option=_named(slot.option, one, job.number, asked))
            for slot, one in zip(found, asked, strict=True)
        )

    def judge(self, move: Move) -> Verdict:
        """Return which rules a move would break and what it would cost; the plan stays as it is.

        The whole plan is checked, in linear time. Raises ValueError for a job, technician or stop that is not there.
        """
        return judged(self.held, self.ledger, move)

    def take(self, option: Option) -> Plan:
        """Return the plan with an option, which is the running plan from then on.

        Raises ValueError if the plan has changed since the option was told, UnsoundPlan if it breaks a rule.
        """
        if option.base is not self.plan:
            raise ValueError("the plan has changed since this option was told; ask again")
        wrong = check(option.problem, option.plan)
        if wrong:
            raise UnsoundPlan("; ".join(f"{one.code} {one.where}" for one in wrong[:5]))
        self._hold(option.arrays or settled(built(option.problem)), option.plan)
        return option.plan

    def _slot(self, trials: Trials, survey: Survey, job: Job, window: Window) -> Slot:
        index = next(at for at, one in enumerate(trials.held.one.problem.jobs) if one.number == job.number)
        only = np.array([index], dtype=np.int64)
        for trial in trials.cheapest(1, jobs=only):
            option = trials.option(trial, only)
            if option is not None:
                return Slot(window, option)
        reasons: list[Reason] = []
        for seat in range(len(job.seats)):
            who = np.flatnonzero(self.able.of(job, seat).able)
            found = survey.look(int(trials.held.one.data.job_ops_at[index]) + seat, who)
            reasons += refusals(self.able, job, seat, found)
        return Slot(window, reasons=tuple(reasons) or (Reason("no_crew"),))

    def _refused(self, trials: Trials) -> Iterator[Refused]:
        survey, one = Survey(trials.held), trials.held.one
        for index in trials.jobs.tolist():
            job = one.problem.jobs[index]
            for seat in range(len(job.seats)):
                sorted_ = self.able.of(job, seat)
                found = survey.look(int(one.data.job_ops_at[index]) + seat, np.flatnonzero(sorted_.able))
                asked = (sorted_.lacking | sorted_.barred | sorted_.able) & (found.what != Obstacle.PRICE)
                for who in np.flatnonzero(asked).tolist():
                    reason = refusal(self.able, job, seat, sorted_, found, who)
                    if reason is not None:
                        yield Refused(job.number, seat, self.problem.technicians[who].code, reason)


def _named(option: Option, job: Job, number: str, asked: Collection[Job]) -> Option:
    """Return the option for one of the jobs that were asked about as if it were the only one, with its own number."""
    others = {one.number for one in asked}

    def named(route: Route) -> Route:
        if all(stop.name != job.number for stop in route.stops):
            return route
        stops = (replace(stop, name=number) if stop.name == job.number else stop for stop in route.stops)
        return replace(route, stops=tuple(stops))

    left = tuple(one for one in option.plan.left_out if one.job not in others)
    jobs = (one for one in option.problem.jobs if one.number not in others)
    return replace(
        option,
        places=tuple(replace(place, job=number) for place in option.places),
        problem=replace(option.problem, jobs=(*jobs, replace(job, number=number))),
        plan=replace(option.plan, routes=tuple(named(route) for route in option.plan.routes), left_out=left),
        arrays=None,
    )
