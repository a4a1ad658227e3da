"""Questions to the desk: what is read is left alone while the running plan answers, outside any transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property, partial
from uuid import UUID

from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.dispatch.crew.engagements import Sitting
from fieldops.dispatch.queries import OpenJob
from fieldops.dispatch.service import job_to_read
from fieldops.finance.categories import Category
from fieldops.finance.rates.queries import load_rates
from fieldops.planning.costing import money
from fieldops.planning.desk.kept import KeptAnswer, KeptOption, KeptSeat
from fieldops.planning.desk.models import DeskAnswer
from fieldops.planning.desk.money import effects
from fieldops.planning.desk.parts import Supplied, freight_held, freight_of, reservations, supplied
from fieldops.planning.desk.queries import desk_time, names_of, spot_of
from fieldops.planning.desk.question import Asked, asked_of, open_to_ask
from fieldops.planning.desk.ranking import become, ranked
from fieldops.planning.desk.rules import ANSWER_HOLDS, FORGOTTEN
from fieldops.planning.desk.running import DESKS, Desk
from fieldops.planning.desk.schemas import (
    OptionOut,
    PartOffer,
    PartSource,
    PartSupply,
    RecommendationOut,
    RecommendationQuestion,
)
from fieldops.planning.desk.telling import Told
from fieldops.planning.desk.tours import tours_changed
from fieldops.planning.schemas import TravelOut
from inventory.kernel.actor import Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, unit_of_work
from inventory.kernel.scope import unscoped
from optimizer.dispatch.live.answers import Option


@dataclass(frozen=True)
class Case:
    """What is known of a question before the running plan is asked."""

    told: Told
    parts: list[Supplied]
    freight: Mapping[str, Mapping[Category, Decimal]]
    crews: Mapping[str, Sequence[Sitting]]
    now: datetime

    def seats(self, number: str) -> list[KeptSeat]:
        """Return who sits on a job now."""
        return [
            KeptSeat(job=number, technician=one.person, seat=one.seat, starts_at=one.starts_at, ends_at=one.ends_at)
            for one in self.crews[number]
        ]

    @property
    def desk(self) -> Desk:
        """The desk that is asked."""
        return self.told.desk

    @property
    def asked(self) -> Asked:
        """The jobs that it is asked about."""
        return self.told.asked

    @cached_property
    def versions(self) -> dict[str, int]:
        """The versions of jobs that the answer is made from."""
        known = (*self.desk.snapshot.jobs, *self.asked.open.values())
        return {job.number: job.version for job in known}

    def time_zone(self, number: str) -> str:
        """The time zone of the place of a job."""
        return self.desk.snapshot.sites[self.asked.open[number].place].time_zone

    @property
    def travel(self) -> TravelOut:
        """Where the travel times of the answer come from."""
        ways = self.desk.snapshot.ways
        return TravelOut.of(ways.notice, ways.flights)

    @property
    def age_s(self) -> float:
        """How old the running plan is, in seconds."""
        return round((self.now - self.desk.made_at).total_seconds(), 3)


def recommend(
    engine: Engine, actor: Actor, number: str, question: RecommendationQuestion, clock: Clock
) -> RecommendationOut:
    """Return the best ways to do jobs on the plan in force, and keep them to be taken for some minutes.

    Raises NotFound for an unknown job, Forbidden for one of a region that is not the actor's, Conflict where no plan is
    in force, and for a job that nobody can be planned for: under way, crewed, outside the plan's days.
    """
    case = read_case(engine, actor, [number, *question.others], clock, holds=ANSWER_HOLDS)
    found, desk = ranked(case.desk, case.asked, question), case.desk
    with reading(engine, actor) as session:
        options = list(kept_options(session, actor, case, found.options))
    return RecommendationOut(
        key=keep(engine, actor, case, number, options, clock),
        job=number,
        plan=desk.plan,
        age_s=case.age_s,
        unfit=list(desk.unfit),
        time_zone=case.time_zone(number),
        travel=case.travel,
        expires_at=case.now + ANSWER_HOLDS,
        parts=[_told_part(one, {job.number for job in desk.snapshot.jobs}) for one in case.parts],
        options=[one.told for one in options],
        leaving=money(found.leaving),
        refused=case.told.refused(found.refused),
    )


def keep(engine: Engine, actor: Actor, case: Case, number: str, options: Sequence[KeptOption], clock: Clock) -> UUID:
    """Keep an answer about a job to be taken for some minutes, and return its key."""
    key = uuid7()
    row = {
        "id": key,
        "job_id": case.asked.open[number].work.key,
        "plan_id": case.desk.plan_id,
        "made_by": actor.id,
        "made_at": case.now,
        "expires_at": case.now + ANSWER_HOLDS,
        "document": kept_answer(case, actor, number, options).model_dump(mode="json"),
    }
    unit_of_work(engine, actor, partial(_keep, row=row, forgotten=case.now - FORGOTTEN), clock=clock)
    return key


def kept_answer(case: Case, actor: Actor, number: str, options: Sequence[KeptOption]) -> KeptAnswer:
    """Return an answer with what it depends on: jobs as they were when it was made, and the plan's rows of them.

    Of jobs of regions that are not the actor's it is only told that there are such.
    """
    desk, asked = case.desk, case.asked
    jobs = {job.number: job for job in desk.snapshot.jobs} | dict(asked.open)
    names = set(asked.open)
    for option in options:
        mine = {line.job for line in option.lines} | {*option.gone, *asked.open}
        region_of = {name: desk.snapshot.sites[jobs[name].place].region for name in mine}
        option.regions = sorted(set(region_of.values()))
        hidden = {name for name, region in region_of.items() if not actor.scope.holds_region(region)}
        if hidden:
            option.told = option.told.without(hidden, sorted({region_of[name] for name in hidden}))
        names |= mine
    return KeptAnswer(
        plan=desk.plan,
        region=desk.snapshot.sites[asked.open[number].place].region,
        currency=desk.snapshot.currency,
        plan_date=desk.snapshot.plan_date,
        asked=sorted(asked.open),
        versions={name: jobs[name].version for name in sorted(names)},
        rows={name: list(desk.rows.get(name, ())) for name in names},
        options=list(options),
    )


def read_case(
    engine: Engine,
    actor: Actor,
    numbers: Sequence[str],
    clock: Clock,
    *,
    anew: bool = False,
    out: bool = False,
    holds: timedelta = timedelta(),
) -> Case:
    """Read what a question needs, and take up the running plan where it is not kept.

    With `anew` the jobs are asked about as if nobody sat on them, with `out` they are only taken out. They begin no
    earlier than when what is told `holds` no more. Raises as `recommend` does.
    """
    asked = list(dict.fromkeys(numbers))
    with reading(engine, actor) as session:
        for number in asked:
            job_to_read(session, number)
        spots = [spot_of(session, number) for number in asked]
        for spot in spots:
            actor.require_region(spot.region)
        now = desk_time(session, clock)
    desk = DESKS.of(engine, spots[0], now)
    with reading(engine, actor) as session:
        jobs = open_to_ask(session, desk, asked)
        names = names_of(session, desk.area.people)
        foreseen = {job.number for job in jobs if job.number in desk.ready}
        parts = supplied(session, [job for job in jobs if job.number not in foreseen and not out], now)
        rates, snapshot = load_rates(session), desk.snapshot
        ready = {job.number: _ready(desk, job, parts) for job in jobs if job.parts}
        with unscoped(session):  # who is lent to a job is of another region, and so is what the plan holds there
            held = freight_held(session, desk.plan_id, rates, snapshot.currency, snapshot.plan_date)
            if out:
                known = Asked({job.number: job for job in jobs}, (), {}, (), (), desk.without(asked))
            else:
                known = asked_of(session, desk, jobs, ready, now + holds, anew=anew)
    freight = {
        number: freight_of(number, parts, rates, snapshot.currency, snapshot.plan_date)
        for number in {one.job for one in parts}
    }
    return Case(Told(desk, known, ready, names, held), parts, freight, {job.number: job.crew for job in jobs}, now)


def _ready(desk: Desk, job: OpenJob, parts: Sequence[Supplied]) -> datetime | None:
    if job.number in desk.ready:
        return desk.ready[job.number]
    times = [one.ready_at for one in parts if one.job == job.number]
    there = [at for at in times if at is not None]
    return max(there) if there and len(there) == len(times) else None


def kept_options(
    session: Session, actor: Actor, case: Case, found: Sequence[Option], *, judged: bool = True
) -> Iterator[KeptOption]:
    """Yield what is told of options and what is written when one is taken; with what the control says if `judged`."""
    told, desk = case.told, case.desk
    whole = {category: sum((one[category] for one in case.freight.values()), Decimal(0)) for category in _WAYS}
    changes = [told.change(option, whole) for option in found]
    billed = [told.bills(change, case.freight) for change in changes]
    if judged and found and actor.may("budget.read"):
        day, currency = desk.snapshot.plan_date, desk.snapshot.currency
        budgets = effects(session, actor, desk.plan_id, billed, currency, day)
    else:
        budgets = [[] for _option in found]
    for index, (option, change, bills, budget) in enumerate(zip(found, changes, billed, budgets, strict=True), 1):
        displaced, moved = become(option, case.asked.open)
        out = OptionOut(
            option=index,
            seats=told.seats(option.places, change.new),
            displaced=told.moved(displaced),
            moved=told.moved(moved),
            cost=told.cost(change.terms),
            budget=budget,
        )
        starts = {place.job: case.desk.at(place.start_s) for place in reversed(option.places)}
        yield KeptOption(
            told=out,
            lines=change.lines,
            seats=[KeptSeat.told(one) for one in out.seats],
            gone=change.gone,
            bills=bills,
            tours=tours_changed(case.desk, option.plan),
            reservations=[
                wanted
                for number, job in case.asked.open.items()
                for wanted in reservations(job, case.parts, starts[number])
            ],
        )


_WAYS = (Category.FREIGHT, Category.EXPEDITE)


def _keep(session: Session, row: Mapping[str, object], forgotten: datetime) -> None:
    """Keep an answer, and forget those that nobody took which were over before then: nobody asks for them any more."""
    session.execute(delete(DeskAnswer).where(DeskAnswer.expires_at < forgotten, DeskAnswer.taken_at.is_(None)))
    session.add(DeskAnswer(**row))
    session.flush()


def _told_part(one: Supplied, known: Collection[str]) -> PartSupply:
    """Return how a part comes as it is told; of the jobs that count on it, those that are known."""
    return PartSupply(
        job=one.job,
        part=one.part,
        quantity=one.quantity,
        ready_at=one.ready_at,
        short=one.short,
        sources=[
            PartSource(
                part=picked.source.part,
                place=picked.source.place or "",
                quantity=picked.quantity,
                arrives=picked.source.arrives,
                freight=picked.freight,
                currency=picked.source.currency,
            )
            for picked in one.picked
        ],
        offers=[
            PartOffer(
                part=offer.part,
                needs_grant_of=offer.needs_grant_of or "",
                arrives=offer.arrives,
                at_least=offer.at_least,
                at_most=offer.at_most,
            )
            for offer in one.offers
        ],
        counted_on=[job for job in one.counted_on if job in known],
    )
