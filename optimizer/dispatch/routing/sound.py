"""From drafted tours to a plan that the checker has nothing against: where it has, jobs are left out one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from optimizer.dispatch.check import check, price
from optimizer.dispatch.plan import LeftOut, Missed, Plan, Route, StopKind
from optimizer.dispatch.pricing import cheapest_outcome
from optimizer.dispatch.routing.stated import Statement
from optimizer.dispatch.routing.timing import timed
from optimizer.dispatch.routing.tours import Draft
from optimizer.dispatch.violations import UnsoundPlan, Violation
from optimizer.run import Status


def sound_plan(stated: Statement, drafts: Sequence[Draft]) -> Plan:
    """Return the plan of these tours, less the cheapest of the jobs that stand in the way.

    So it is with budgets that overtime or nights exceed, and with breaks that would interrupt a way. Where no job is
    left to blame it is appointments, the last first, and they are told as missed.
    """
    while True:
        drafts = [draft for draft in drafts if draft.nodes]
        routes = timed(stated, drafts)
        if routes is None:
            wrong, suspects = [], _late(stated, drafts)
        else:
            plan = _plan(stated, routes, _dates(stated, drafts))
            wrong = check(stated.problem, plan)
            if not wrong:
                return plan
            suspects = _named(stated, wrong[0], _jobs(stated, drafts))
        suspects = suspects or _dates(stated, drafts)
        if not suspects:
            raise UnsoundPlan("; ".join(f"{one.code} {one.where}" for one in wrong[:5]) or "no times for the tours")
        gone = _with_those_after(stated, min(suspects, key=lambda job: _worth(stated, job)))
        nodes = [number for number, node in enumerate(stated.nodes) if stated.ops[node.op].job in gone]
        drafts = [draft.without(nodes) for draft in drafts]


def _plan(stated: Statement, routes: Iterable[Route], kept: set[int]) -> Plan:
    """Return the plan of routes in which some appointments are kept."""
    problem = stated.problem
    order = {person.code: index for index, person in enumerate(problem.technicians)}
    routes = tuple(sorted(routes, key=lambda route: (order[route.technician], route.shift)))
    done = {stop.name for route in routes for stop in route.stops if stop.kind is StopKind.JOB}
    out = [job for job in problem.jobs if job.number not in done]
    missed = tuple(
        Missed(problem.technicians[op.person].code, op.appointment.name, op.appointment.start_s, told)
        for op in stated.ops
        if op.appointment is not None and op.job not in kept
        for told in (stated.contradicting.get(op.job, ()),)
    )
    fails = bool(missed) or any(job.mandatory or job.pin is not None for job in out)
    status = Status.INFEASIBLE if fails else Status.FEASIBLE
    left_out = tuple(LeftOut(job.number, *cheapest_outcome(job)) for job in out)
    plan = Plan(status, 0.0, None, None, 0.0, routes, left_out, missed=missed)
    terms = price(problem, plan)
    return replace(plan, objective=sum(terms.values()), cost_by_term=terms)


def _jobs(stated: Statement, drafts: Iterable[Draft]) -> set[int]:
    """Return the jobs of tours, without appointments."""
    return {job for job in _done(stated, drafts) if job < len(stated.problem.jobs)}


def _dates(stated: Statement, drafts: Iterable[Draft]) -> set[int]:
    """Return the appointments of tours, numbered behind the jobs."""
    return {job for job in _done(stated, drafts) if job >= len(stated.problem.jobs)}


def _done(stated: Statement, drafts: Iterable[Draft]) -> set[int]:
    return {stated.ops[stated.nodes[node].op].job for draft in drafts for node in draft.nodes}


def _late(stated: Statement, drafts: Sequence[Draft]) -> set[int]:
    """Return what to blame: jobs of the first tour that cannot be kept by itself, or its appointments if these alone
    cannot; or else all jobs that are tied to others.
    """
    for draft in drafts:
        if timed(stated, [draft]) is None:
            jobs = _jobs(stated, [draft])
            alone = draft.without([node for node in draft.nodes if stated.ops[stated.nodes[node].op].job in jobs])
            return jobs if not alone.nodes or timed(stated, [alone]) is not None else _dates(stated, [alone])
    problem, done = stated.problem, _jobs(stated, drafts)
    ends = {name for tie in problem.precedence for name in (tie.before, tie.after)}
    tied = {job for job in done if len(problem.jobs[job].seats) > 1 or problem.jobs[job].number in ends}
    return tied or done


def _named(stated: Statement, wrong: Violation, done: set[int]) -> set[int]:
    """Return the done jobs that a violation names, or else all."""
    told = f" {wrong.where} "
    return {job for job in done if f" {stated.problem.jobs[job].number} " in told} or done


def _worth(stated: Statement, number: int) -> tuple[int, float, int]:
    """Return what is left out first: jobs that need not be done, the cheapest; then others; the last appointments."""
    if number >= len(stated.problem.jobs):
        return 2, 0.0, -number
    job = stated.problem.jobs[number]
    return job.mandatory or job.pin is not None, cheapest_outcome(job)[1], number


def _with_those_after(stated: Statement, number: int) -> set[int]:
    """Return a job and all that are not done without it."""
    numbers = {job.number: index for index, job in enumerate(stated.problem.jobs)}
    gone, size = {number}, 0
    while size < len(gone):
        size = len(gone)
        gone |= {numbers[tie.after] for tie in stated.problem.precedence if numbers[tie.before] in gone}
    return gone
