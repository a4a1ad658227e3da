"""What of the plan in force a new one leaves as it is, since it begins soon; and locks that no plan can keep. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.problems import HORIZON_S, AreaProblem
from fieldops.planning.running import as_told, begun_with, fitting, standing
from fieldops.planning.snapshot import Freeze, Snapshot
from inventory.kernel.errors import Conflict
from inventory.kernel.texts import gettext as _
from optimizer.dispatch.explain import explained
from optimizer.dispatch.jobs import Pin, PinKind
from optimizer.dispatch.live.events import happened
from optimizer.dispatch.live.replanning import Conflict as LostLock
from optimizer.dispatch.live.replanning import conflicts
from optimizer.dispatch.plan import Plan
from optimizer.dispatch.technicians import Window
from optimizer.run import Status


@dataclass(frozen=True, slots=True)
class Frozen:
    """An area with what begins soon pinned, the plan to begin the search with, and the locks that cannot be kept."""

    area: AreaProblem
    plan: Plan | None
    lost: tuple[LostLock, ...] = ()


def kept_by_one(snapshot: Snapshot) -> set[str]:
    """Return the jobs that begin soon on which one person has two seats, as the plan in force has it."""
    if snapshot.freeze is None:
        return set()
    return {
        number
        for number, lines in snapshot.running.items()
        if len({line.technician for line in lines}) < len(lines) and _is_soon(lines, snapshot.freeze)
    }


def frozen(snapshot: Snapshot, area: AreaProblem) -> Frozen:
    """Freeze what of the plan in force begins soon in an area, and let the rest begin no earlier than now.

    What was to have begun, and has not, is planned anew. Raises Conflict where the plan in force does not fit the data
    any more.
    """
    freeze = snapshot.freeze
    if freeze is None or freeze.until < area.start or freeze.now >= area.start + timedelta(seconds=HORIZON_S):
        return Frozen(area, begun_with(area, snapshot.running))
    told = [
        line
        for number, crew in snapshot.running.items()
        if number in area.jobs and (_begins(crew) >= max(freeze.now, area.start) or area.crews[number].given)
        for line in crew
    ]
    lines, _gone = fitting(area, list(standing(area, told, snapshot.currency)))
    now_s = max(0.0, (freeze.now - area.start).total_seconds())
    freeze_s = (freeze.until - area.start).total_seconds() - now_s
    try:
        problem, plan = happened(area.problem, as_told(area, lines), now_s, freeze_s=freeze_s)
    except ValueError as why:
        raise Conflict(
            _("The plan in force does not fit the data of area {area} any more ({why}); make a day plan").format(
                area=area.area, why=why
            ),
            code="plan_stale",
        ) from None
    kept = {line.job for line in lines}
    gone = {
        number: snapshot.running[number]
        for number in sorted({line.job for line in told} - kept)
        if _is_soon(snapshot.running[number], freeze)
    }
    area = replace(area, problem=problem)
    return Frozen(area, plan, tuple(_lost(area, plan, gone, now_s + freeze_s)))


def _lost(
    area: AreaProblem, plan: Plan, gone: dict[str, Sequence[AssignmentLine]], until_s: float
) -> Iterator[LostLock]:
    """Yield why jobs that begin soon cannot stay where they are, and what is the cheapest for each, all else kept."""
    pins = {number: pin for number, lines in gone.items() if (pin := _pin(area, number, lines)) is not None}
    if not pins:
        return
    jobs = tuple(replace(job, pin=pins.get(job.number, job.pin)) for job in area.problem.jobs)
    # who has it could still do it some other day: what is to be told is why not when it was to be
    then = tuple(
        replace(job, windows=(Window(pins[job.number].start_s or 0.0, until_s),)) if job.number in pins else job
        for job in jobs
    )
    infeasible = replace(plan, status=Status.INFEASIBLE)
    reasons = {one.job: one.reasons for one in explained(replace(area.problem, jobs=then), infeasible).left_out}
    for lock in conflicts(replace(area.problem, jobs=jobs), infeasible):
        yield replace(lock, reasons=reasons[lock.job])


def _pin(area: AreaProblem, number: str, lines: Sequence[AssignmentLine]) -> Pin | None:
    """Return what would keep a job where the plan in force has it; None where it has other seats or people by now."""
    told = {line.position: line.technician for line in lines}
    posts = area.crews[number].posts
    people = tuple(told.get(post.positions[0], "") for post in posts)
    if len(set(people)) < len(people) or not area.people.keys() >= set(people):
        return None
    return Pin(PinKind.SEQUENCED, people, (_begins(lines) - area.start).total_seconds())


def _begins(lines: Sequence[AssignmentLine]) -> datetime:
    return min(line.starts_at for line in lines)


def _is_soon(lines: Sequence[AssignmentLine], freeze: Freeze) -> bool:
    return freeze.now <= _begins(lines) <= freeze.until
