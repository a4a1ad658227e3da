"""Figures of a plan in daily use: how soon a new job has its places, and what planning anew leaves as it was.

`recommend_ms_*` are for the five best places of one new job, with the reasons of all who cannot, on a running plan of
100 technicians and 1,000 jobs; `eject_ms_*` with one other job displaced. They count all from the question to the
answer, the plan being held; `*_cpu_ms_*` is processor time. `replan_kept_share` is the share of the untouched jobs,
not yet begun, that keep technician and start within a quarter of an hour when a day of 120 technicians and 600 jobs is
planned anew after 20 events; `replan_cost_ratio` what that plan costs without the price of changes, beside the one
that is made in as many rounds without such a price.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from benchmarks.dispatch.worlds import HOUR, region
from benchmarks.report import Result, percentile
from fieldops.planning.problems import change_cost
from optimizer.dispatch.jobs import Job, PinKind
from optimizer.dispatch.live.events import (
    Event,
    JobCancelled,
    JobExtended,
    NewJob,
    NobodyMet,
    PartUnserviceable,
    TechnicianIll,
    TravelDelayed,
    happened,
)
from optimizer.dispatch.live.replanning import replan
from optimizer.dispatch.live.running import RunningPlan
from optimizer.dispatch.model import ChangeCost, Problem
from optimizer.dispatch.plan import Plan, StopKind
from optimizer.dispatch.solve import solve
from optimizer.run import Limit

ASKED = (100, 1_000)
NEW, NEW_QUICK = 200, 20
DAY = (120, 600)
NOW_S = 4 * HOUR
CHANGE = change_cost()
"""As the product plans."""
KEPT_S = 900.0
ASKED_ROUNDS, DAY_ROUNDS, REPLAN_ROUNDS = 5_000, 60_000, 5_000
"""Rounds of search, so that the plans do not depend on what else the machine does. The day has been planned for long
before, as over night: else what a search without a price goes on to improve has nothing to do with the events."""
QUICK_SHARE = 0.1


def measure(seed: int, threads: int, *, quick: bool) -> list[Result]:
    """Return the figures; `quick` asks for a tenth of the new jobs and plans in a tenth of the rounds."""
    share = QUICK_SHARE if quick else 1.0
    return [*_asked(seed, threads, share), *_replanned(seed, threads, share)]


def _asked(seed: int, threads: int, share: float) -> Iterator[Result]:
    technicians, jobs = ASKED
    whole = region(seed, technicians, jobs + NEW)
    problem, new = replace(whole, jobs=whole.jobs[:jobs]), whole.jobs[jobs:][: max(NEW_QUICK, round(NEW * share))]
    plan = solve(problem, limit=Limit(iterations=round(ASKED_ROUNDS * share)), seed=seed, threads=threads)
    running = RunningPlan(problem, plan)
    case = f"{technicians} technicians, {jobs} jobs"
    for name, displaced in (("recommend", 0), ("eject", 1)):
        running.recommend(new[0], displaced_max=displaced)  # compiled
        taken = [_timed(lambda one=job, most=displaced: running.recommend(one, displaced_max=most)) for job in new]
        wall, cpu = zip(*taken, strict=True)
        for share_ in (50, 99):
            yield Result(case, f"{name}_ms_p{share_}", percentile(wall, share_ / 100), "ms")
            yield Result(case, f"{name}_cpu_ms_p{share_}", percentile(cpu, share_ / 100), "ms")


def _timed(ask: Callable[[], object]) -> tuple[float, float]:
    """Return the milliseconds that a question takes: of the clock, and of the processor."""
    began, spent = time.perf_counter(), time.process_time()
    ask()
    cpu_ms = 1000 * (time.process_time() - spent)
    return 1000 * (time.perf_counter() - began), cpu_ms


def _replanned(seed: int, threads: int, share: float) -> Iterator[Result]:
    technicians, jobs = DAY
    whole = replace(region(seed, technicians, jobs + 5), change=CHANGE)
    problem, new = replace(whole, jobs=whole.jobs[:jobs]), whole.jobs[jobs:]
    plan = solve(problem, limit=Limit(iterations=round(DAY_ROUNDS * share)), seed=seed, threads=threads)
    events = list(day_events(problem, plan, new, Random(seed)))  # noqa: S311 - repeatable on purpose
    left, running = happened(problem, plan, NOW_S, events)
    limit = Limit(iterations=round(REPLAN_ROUNDS * share))
    began, spent = time.perf_counter(), time.process_time()
    stable = replan(left, running, limit=limit, seed=seed, threads=threads)
    cpu_s, took_s = time.process_time() - spent, time.perf_counter() - began
    free = replan(replace(left, change=ChangeCost()), running, limit=limit, seed=seed, threads=threads)
    untouched = _untouched(left, running, events)
    case = f"{technicians} technicians, {jobs} jobs, {len(events)} events"
    yield Result(case, "replan_kept_share", _kept(untouched, running, stable.plan), "")
    yield Result(case, "replan_kept_share_free", _kept(untouched, running, free.plan), "")
    cost = stable.plan.objective - stable.plan.cost_by_term["plan_change"]
    yield Result(case, "replan_cost_ratio", cost / free.plan.objective, "", "without a price", free.plan.objective)
    yield Result(case, "replan_s", took_s, "s")
    yield Result(case, "replan_cpu_s", cpu_s, "s")


def day_events(problem: Problem, plan: Plan, new: Sequence[Job], rng: Random) -> Iterator[Event]:
    """Yield twenty events of a day at `NOW_S`, drawn from what is under way and what is still to come."""
    left, _ = happened(problem, plan, NOW_S)
    at_work = [
        job.number
        for job in left.jobs
        if job.pin is not None and job.pin.kind is PinKind.STARTED and (job.pin.start_s or 0.0) <= NOW_S
    ]
    rng.shuffle(at_work)
    open_ = [job for job in left.jobs if job.pin is None and job.running is not None]
    rng.shuffle(open_)
    for number in at_work[:5]:
        yield JobExtended(number, rng.uniform(0.25, 1.0) * HOUR)
    for number in at_work[5:7]:
        yield NobodyMet(number)
    busy = {who for job in left.jobs if job.number in at_work and job.running for who in job.running.technicians}
    idle = sorted({person.code for person in problem.technicians} - busy)
    rng.shuffle(idle)
    yield from (TravelDelayed(code, rng.uniform(0.25, 1.0) * HOUR) for code in idle[:3])
    yield TechnicianIll(idle[3], NOW_S)
    fed = [job for job in open_ if job.parts]
    for job in fed[:2]:
        yield PartUnserviceable(job.number, job.parts[0].parts[0], NOW_S + 2 * HOUR)
    plain = [job for job in open_ if job not in fed]
    yield from (JobCancelled(job.number) for job in plain[:2])
    yield from (NewJob(job) for job in new)


def _untouched(left: Problem, running: Plan, events: Sequence[Event]) -> list[str]:
    """Return the jobs that are still to begin, and that no event is about."""
    about = {event.job if isinstance(event.job, str) else event.job.number for event in events if hasattr(event, "job")}
    planned = _starts(running)
    return [job.number for job in left.jobs if job.pin is None and job.number in planned and job.number not in about]


def _kept(numbers: Sequence[str], before: Plan, after: Plan) -> float:
    was, now = _starts(before), _starts(after)
    kept = [
        number in now and now[number][0] == was[number][0] and abs(now[number][1] - was[number][1]) <= KEPT_S
        for number in numbers
    ]
    return sum(kept) / len(kept)


def _starts(plan: Plan) -> dict[str, tuple[str, float]]:
    return {
        stop.name: (route.technician, stop.start_s)
        for route in plan.routes
        for stop in route.stops
        if stop.kind is StopKind.JOB
    }
