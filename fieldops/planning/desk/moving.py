"""Single moves on the plan in force: what one breaks and costs, and making it. A job is assigned, moved, unassigned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import Sitting
from fieldops.dispatch.crew.service import refuse_kept
from fieldops.dispatch.seats import against
from fieldops.dispatch.service import job_to_read
from fieldops.finance.control.plans import PlanRef
from fieldops.planning.desk.asking import Case, kept_answer, read_case
from fieldops.planning.desk.kept import KeptOption, KeptSeat
from fieldops.planning.desk.parts import reservations, reserved_for
from fieldops.planning.desk.ranking import become, ranked
from fieldops.planning.desk.rules import START_GRACE
from fieldops.planning.desk.schemas import (
    BrokenRule,
    MoveQuestion,
    MoveVerdict,
    NamedSeat,
    NewMove,
    OptionOut,
    RecommendationQuestion,
    TakenOut,
)
from fieldops.planning.desk.service import change
from fieldops.planning.desk.telling import Change
from fieldops.planning.desk.tours import tours_changed
from fieldops.planning.desk.words import broken_rule
from fieldops.planning.problems import HORIZON_S
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.texts import gettext as _
from optimizer.dispatch.live.answers import Option
from optimizer.dispatch.live.moves import Move


class MoveRefused(Conflict):
    """A move breaks rules; `details` name each, by its code."""

    def __init__(self, text: str, code: str, rules: Iterable[BrokenRule]) -> None:
        super().__init__(text, code=code)
        self.details = [(one.code, one.text) for one in rules]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A move as the running plan and the one decision see it."""

    case: Case
    option: Option
    change: Change
    verdict: MoveVerdict


def check_move(engine: Engine, actor: Actor, number: str, question: MoveQuestion, clock: Clock) -> MoveVerdict:
    """Return which rules it would break if these people did a job from then on, and its cost; nothing changes.

    What the one decision refuses is hard, and so is what the plan cannot hold. Raises as `recommend` does, and Invalid
    where a seat that the plan gives has nobody, or somebody who is not of the area, for a seat too many, and for a
    start that is past or beyond the plan.
    """
    return _judged(read_case(engine, actor, [number], clock, anew=True), engine, actor, number, question).verdict


def move(
    engine: Engine, session: Session, actor: Actor, number: str, wanted: NewMove, version: int, clock: Clock
) -> TakenOut:
    """Let these people do a job from then on: seats, parts, money and the plan in force change together.

    The plan is asked before `session` writes anything. Raises Stale for another version of the job, MoveRefused for
    hard rules, and for those that warn where no reason is told, Conflict for a job that is locked, AnswerRefused for
    what was changed meanwhile, and as `check_move` does.
    """
    _require(engine, actor, number, version)
    case = read_case(engine, actor, [number], clock, anew=True)
    judged = _judged(case, engine, actor, number, wanted)
    _refuse(judged.verdict, wanted.reason)
    seats = [KeptSeat.told(one) for one in judged.verdict.seats]
    stand = case.seats(number)
    told, starts = judged.verdict, case.desk.at(judged.option.places[0].start_s)
    displaced, moved = (case.told.moved(some) for some in become(judged.option, [number]))
    option = KeptOption(
        told=OptionOut(option=1, seats=told.seats, displaced=displaced, moved=moved, cost=told.cost, budget=[]),
        lines=judged.change.lines,
        gone=judged.change.gone,
        bills=case.told.bills(judged.change, case.freight),
        tours=tours_changed(case.desk, judged.option.plan),
        reservations=reservations(case.asked.open[number], case.parts, starts),
        seats=seats,
        leaves=[] if all(one in seats for one in stand) else stand,
    )
    return _write(session, actor, number, case, option, version, wanted.reason)


def take_out(
    engine: Engine, session: Session, actor: Actor, number: str, reason: str | None, version: int, clock: Clock
) -> TakenOut:
    """Take a job out of the plan in force: its seats, parts and money are given back; the next plan takes it up.

    Raises Stale for another version of the job, Conflict for a job that is locked, that has no place, or that others
    in the plan wait for, AnswerRefused for what was changed meanwhile.
    """
    _require(engine, actor, number, version)
    case = read_case(engine, actor, [number], clock, out=True)
    desk, told = case.desk, case.told
    if number not in desk.rows and not case.crews[number]:
        raise Conflict(
            _("Job {job} has no place in plan {plan}; assign it first").format(job=number, plan=desk.plan),
            code="job_not_in_plan",
        )
    waiting = sorted(one.number for one in desk.snapshot.jobs if number in one.after and one.number in desk.rows)
    if waiting:
        raise Conflict(
            _("{others} come after job {job} in the plan; take them out first").format(
                others=", ".join(waiting), job=number
            ),
            code="others_wait",
        )
    after = case.asked.running
    without = Option((), {}, (), (), after.problem, after.plan, desk.running.plan, None)
    what = told.change(without, {}, (number,))
    with reading(engine, actor) as reader:
        parts = reserved_for(reader, number)
    out = OptionOut(option=1, seats=[], displaced=[], moved=[], cost=told.cost(what.terms), budget=[])
    option = KeptOption(
        told=out,
        lines=what.lines,
        gone=what.gone,
        bills=told.bills(what, {}),
        tours=tours_changed(desk, after.plan),
        seats=[],
        leaves=case.seats(number),
        releases=parts,
    )
    return _write(session, actor, number, case, option, version, reason)


def way_out(engine: Engine, actor: Actor, number: str, clock: Clock) -> list[tuple[str, str]]:
    """Return the cheapest way to do a job that cannot be kept where it is, as it is told; with one other displaced."""
    case = read_case(engine, actor, [number], clock, anew=True)
    found = ranked(case.desk, case.asked, RecommendationQuestion(most=1, displaced_max=1)).options
    if not found:
        return [("way_out", _("Nobody else can do job {job} on plan {plan}").format(job=number, plan=case.desk.plan))]
    what, seats = case.told.change(found[0], case.freight.get(number, {})), case.told.seats(found[0].places)
    cost = case.told.cost(what.terms)
    text = _("The cheapest way out: {technicians} from {start}, for {amount} {currency} more").format(
        technicians=", ".join(dict.fromkeys(one.technician for one in seats)),
        start=f"{min(one.start for one in seats):%Y-%m-%d %H:%MZ}",
        amount=f"{cost.total:,.2f}",
        currency=cost.currency,
    )
    return [("way_out", text)]


def _require(engine: Engine, actor: Actor, number: str, version: int) -> None:
    """Refuse at once what would be refused in the end: another version, a job that is locked."""
    with reading(engine, actor) as session:
        job = job_to_read(session, number)
        require_version(job.version, version)
        refuse_kept(job)


def _write(
    session: Session,
    actor: Actor,
    number: str,
    case: Case,
    option: KeptOption,
    version: int,
    reason: str | None,
) -> TakenOut:
    kept = kept_answer(case, actor, number, [option])
    plan = PlanRef(case.desk.plan_id, case.desk.plan)
    return change(session, actor, number, plan, kept, case.now, version=version, reason=reason)


def _refuse(verdict: MoveVerdict, reason: str | None) -> None:
    hard = [one for one in verdict.rules if one.hard]
    told = {"job": verdict.job, "rules": "; ".join(one.text for one in hard or verdict.rules)}
    if hard:
        raise MoveRefused(
            _("Job {job} cannot go there: {rules}. Choose others or another time").format(**told), "move_refused", hard
        )
    if verdict.rules and reason is None:
        raise MoveRefused(
            _("Job {job} goes there only with a reason: {rules}. Say why").format(**told),
            "reason_needed",
            verdict.rules,
        )


def _judged(case: Case, engine: Engine, actor: Actor, number: str, question: MoveQuestion) -> _Judged:
    told, desk = case.told, case.desk
    (job,) = case.asked.jobs
    _refuse_outside(case, question.start)
    people = _crew(case, number, question.crew)
    with desk.lock:
        found = case.asked.running.judge(Move(job, people, desk.seconds(question.start)))
    if any(not isfinite(one.start_s) for one in found.option.places):
        raise Invalid(
            _(
                "Nobody of {people} can begin it within the plan's days after {start}; name others, or an earlier start"
            ).format(people=", ".join(people), start=f"{question.start:%Y-%m-%d %H:%MZ}"),
            code="start_outside_plan",
            field="start",
        )
    what = told.change(found.option, case.freight.get(number, {}))
    seats = told.seats(found.option.places, what.new)
    rules = [broken_rule(one) for one in found.broken]
    rules += _not_kept(question.start, min(one.start for one in seats))
    with reading(engine, actor) as session:
        crew = [Sitting(one.technician, one.seat, one.start, one.end) for one in seats]
        rules += [
            BrokenRule(code=why.code, text=f"{one.person}: {why.text}", hard=why.hard)
            for one, why in against(session, number, crew, case.asked.inputs)
        ]
    verdict = MoveVerdict(
        job=number,
        plan=desk.plan,
        age_s=case.age_s,
        unfit=list(desk.unfit),
        time_zone=case.time_zone(number),
        travel=case.travel,
        possible=not any(one.hard for one in rules),
        rules=rules,
        seats=seats,
        moved=told.moved(one for one in found.option.moved if one.job != number),
        cost=told.cost(what.terms),
    )
    return _Judged(case, found.option, what, verdict)


def _refuse_outside(case: Case, start: datetime) -> None:
    ends = case.desk.area.start + timedelta(seconds=HORIZON_S)
    if not case.now - START_GRACE <= start <= ends:
        raise Invalid(
            _("The plan can begin it from now on, {now}, until {ends}; give a start between").format(
                now=f"{case.now:%Y-%m-%d %H:%MZ}", ends=f"{ends:%Y-%m-%d %H:%MZ}"
            ),
            code="start_outside_plan",
            field="start",
        )


def _not_kept(wanted: datetime, starts: datetime) -> list[BrokenRule]:
    """Return that the job begins only later than wanted, if it does: as soon as these people can."""
    late = starts - wanted
    if late < START_GRACE:
        return []
    text = _("these people can begin it at {start} at the earliest").format(start=f"{starts:%Y-%m-%d %H:%MZ}")
    return [BrokenRule(code="start_later", text=text, hard=True, misses_by=late.total_seconds())]


def _crew(case: Case, number: str, named: Sequence[NamedSeat]) -> tuple[str, ...]:
    """Return who takes each post of a job: who is named for most of its seats, those of many seats first.

    Raises Invalid for a seat that nobody, or one more than there are, is named for.
    """
    posts, left = case.asked.crews[number].posts, list(named)
    found: dict[int, str] = {}
    for at in sorted(range(len(posts)), key=lambda one: -len(posts[one].seats)):
        seats = posts[at].seats
        counts = Counter(one.technician for one in left if one.seat in seats)
        if not counts:
            raise Invalid(
                _("Nobody is named for seat {seat} of job {job}; name somebody").format(seat=seats[0], job=number),
                code="seat_without_person",
                field="crew",
            )
        found[at] = max(counts, key=lambda one: counts[one])
        for seat in seats:
            mine = next((one for one in left if (one.seat, one.technician) == (seat, found[at])), None)
            if mine is not None:
                left.remove(mine)
    if left:
        raise Invalid(
            _("Job {job} has no seat {seat} left for {technician}; leave him out").format(
                job=number, seat=left[0].seat, technician=left[0].technician
            ),
            code="seat_not_wanted",
            field="crew",
        )
    elsewhere = sorted(
        {who for who in found.values() if who not in case.desk.area.people or who not in case.told.names}
    )
    if elsewhere:
        raise Invalid(
            _("Technician {technician} is not of area {area}; name somebody who is").format(
                technician=elsewhere[0], area=case.desk.area.area
            ),
            code="technician_elsewhere",
            field="crew",
        )
    return tuple(found[at] for at in range(len(posts)))
