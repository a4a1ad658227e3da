"""What is asked of a running plan: jobs as they stand in the database now, as new jobs of its problem."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from fieldops.dispatch.eligibility import Failing, Inputs, Permissions, Rules, judgements
from fieldops.dispatch.queries import OpenJob, open_jobs
from fieldops.planning.crews import CrewWanted
from fieldops.planning.desk.running import Desk
from fieldops.planning.problems import HORIZON_S, area_problem, on_two_systems
from fieldops.workforce.kinds import Seat
from fieldops.workforce.rest import Span
from fieldops.workforce.rules import without
from inventory.kernel.errors import Conflict
from inventory.kernel.texts import gettext as _
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.live.running import RunningPlan
from optimizer.dispatch.model import Precedence, Together
from optimizer.dispatch.plan import StopKind


@dataclass(frozen=True, slots=True)
class Asked:
    """Jobs that are asked about, with their crews, and the running plan without them.

    `inputs` are what was read of them and of the people of the area, to judge who may take their seats.
    """

    open: Mapping[str, OpenJob]
    jobs: tuple[Job, ...]
    crews: Mapping[str, CrewWanted]
    precedence: tuple[Precedence, ...]
    together: tuple[Together, ...]
    running: RunningPlan
    failing: Failing = field(default_factory=dict)
    inputs: Inputs | None = None

    def kept_from(self, number: str, seat: int) -> dict[Seat, Rules]:
        """Return the rules that keep people from a seat of a job, by its kinds."""
        known = self.failing.get(number, {})
        kinds = self.crews[number].posts[seat].seats if number in self.crews else ()
        return {kind: known.get(kind, ()) for kind in kinds}


def open_to_ask(session: Session, desk: Desk, numbers: Sequence[str]) -> list[OpenJob]:
    """Return jobs that can be asked about: planned still, of the area and the days of the plan. Raises Conflict."""
    ends = desk.area.start + timedelta(seconds=HORIZON_S)
    found = {job.number: job for job in open_jobs(session, ends, numbers)}
    for number in numbers:
        job = found.get(number)
        if job is None or job.window_end < desk.area.start:
            raise Conflict(
                _(
                    "Job {job} is not planned within the days of plan {plan}; recall it, or give it a window there"
                ).format(job=number, plan=desk.plan),
                code="job_not_open",
            )
        if desk.snapshot.sites[job.place].area != desk.area.area:
            raise Conflict(
                _("Job {job} is in another area than the others; ask about it alone").format(job=number),
                code="other_area",
            )
    return [found[number] for number in sorted(numbers)]


def asked_of(
    session: Session,
    desk: Desk,
    jobs: Sequence[OpenJob],
    ready: Mapping[str, datetime | None],
    now: datetime,
    *,
    anew: bool = False,
) -> Asked:
    """Return jobs as the running plan takes them up; `ready` says when their parts are there (None: never).

    With `anew` nobody sits on them.

    Who may take their seats is judged now, for them alone. Raises Conflict for a job whose crew is complete, and for
    one that comes after a job which is not planned with it.
    """
    numbers = {job.number for job in jobs}
    released = {job.number: _released(desk, job, numbers) for job in jobs}
    alone = [replace(job, after=tuple(one for one in job.after if one in numbers)) for job in jobs]
    alone = [replace(job, crew=()) for job in alone] if anew else alone
    within = (min(desk.snapshot.area_starts.values()), desk.area.start + timedelta(seconds=HORIZON_S, days=1))
    people = sorted(desk.area.people)  # nobody else is sent
    judged = judgements(session, [job.work for job in alone], people, within, anew=anew, now=now)
    snapshot = replace(
        desk.snapshot,
        jobs=alone,
        permitted=_beside(_waiting(desk, numbers), judged.permitted),
        failing=judged.failing,
        engaged=judged.engaged,
    )
    area = area_problem(snapshot, desk.area.area, ready, (), _barred(desk, alone))
    for number, crew in area.crews.items():
        if crew.given is not None or not crew.posts:
            raise Conflict(
                _("Every seat of job {job} is given; take somebody out first").format(job=number), code="job_has_crew"
            )
    shared = desk.area.problem.shared_tools.keys()
    now_s = desk.seconds(now)
    return Asked(
        open={job.number: job for job in alone},
        jobs=tuple(
            replace(
                job,
                release_s=max(job.release_s, now_s, released[job.number], 0.0),
                shared_tools=job.shared_tools & shared,
            )
            for job in area.problem.jobs
        ),
        crews=area.crews,
        precedence=area.problem.precedence,
        together=area.problem.together,
        running=desk.without(sorted(numbers)),
        failing=judged.failing,
        inputs=judged.inputs,
    )


def _waiting(desk: Desk, asked: Collection[str]) -> dict[str, list[Span]]:
    """Return when people are on jobs of the plan that do not fit there any more: theirs until these are asked about."""
    found: defaultdict[str, list[Span]] = defaultdict(list)
    for one in desk.seats:
        if one.job in desk.unfit and one.job not in asked:
            found[one.technician].append((one.starts_at, one.ends_at))
    return found


def _beside(busy: Mapping[str, Sequence[Span]], permitted: Permissions) -> Permissions:
    """Return who may take which seat when, but for when they are busy."""
    if not busy:
        return permitted
    return {
        job: {
            seat: {
                who: left
                for who, spans in people.items()
                if (left := tuple(without(spans, busy[who])) if who in busy else spans)
            }
            for seat, people in seats.items()
        }
        for job, seats in permitted.items()
    }


def _released(desk: Desk, job: OpenJob, asked: Collection[str]) -> float:
    """Return when the jobs of the plan that come before a job are done, in seconds."""
    ends_s = {
        stop.name: stop.end_s
        for route in desk.running.plan.routes
        for stop in route.stops
        if stop.kind is StopKind.JOB and stop.name in job.after
    }
    for before in job.after:
        if before not in asked and before not in ends_s:
            raise Conflict(
                _("Job {job} comes after job {before}, which is not in the plan; ask about both together").format(
                    job=job.number, before=before
                ),
                code="waits_for_other",
            )
    return max((end_s for number, end_s in ends_s.items() if number not in asked), default=0.0)


def _barred(desk: Desk, jobs: Sequence[OpenJob]) -> set[tuple[str, str]]:
    """Return (job, who works on the same task of another system of its aircraft in the plan)."""
    critical = [job for job in jobs if job.work.critical is not None]
    if not critical:
        return set()
    numbers = {job.number for job in critical}
    planned = [job for job in desk.snapshot.jobs if job.number in desk.area.jobs and job.number not in numbers]
    other = {
        one.number: {pair.number for pair in planned if any(True for _both in on_two_systems([one, pair]))}
        for one in critical
    }
    return {
        (number, route.technician)
        for route in desk.running.plan.routes
        for stop in route.stops
        for number, apart in other.items()
        if stop.kind is StopKind.JOB and stop.name in apart and desk.area.crews[stop.name].posts[stop.seat].works
    }
