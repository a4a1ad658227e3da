"""Events over the database: once, in any order, nothing lost; what they book, and what is taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.service import assign, unassign
from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent
from fieldops.dispatch.execution.office import dispatch, office_step
from fieldops.dispatch.execution.resolving import resolve
from fieldops.dispatch.execution.schemas import EventDecision, EventOutcome, NewEvent, Standing
from fieldops.dispatch.execution.service import record_events
from fieldops.dispatch.models import Job
from fieldops.dispatch.service import add_jobs, job_to_change
from fieldops.equipment.models import Tool, ToolBooking
from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.control.models import BudgetActual
from fieldops.settings import sqlite_url
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import Technician
from inventory.catalogue.models import Part
from inventory.cores.models import ObligationState, RemovedUnit
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor, Scope
from inventory.kernel.engine import open_engine, reading, writing
from inventory.kernel.errors import Conflict
from inventory.ledger.models import StockBalance, StockMove
from inventory.ledger.proof import disagreements
from tests.hangar import MORNING, brake_job, load_hangar
from tests.statements import statements

MECH = Actor("mech", permissions=frozenset({"dispatch.execute"}), scope=Scope(regions=frozenset({"SEA"})))
OFFICE = Actor("office", permissions=ALL_PERMISSIONS, scope=Scope(regions=frozenset({"SEA"})))
LATER = MORNING + timedelta(hours=9)
BULBS = {"part": "BULB-9", "lot": "LOT-9", "condition": "new", "quantity": "2", "origin": "VTE"}


def event(number: int, kind: str, minutes: float, **told: Any) -> NewEvent:
    """An event of the job, so many minutes after the morning began."""
    at = MORNING + timedelta(minutes=minutes)
    return NewEvent.model_validate(
        {"id": UUID(int=number), "job": "H-1", "kind": kind, "happened_at": at, "sequence": number} | told
    )


def work(number: int, start: float, end: float, **told: Any) -> NewEvent:
    """Work from a minute to another."""
    span = {"start": MORNING + timedelta(minutes=start), "end": MORNING + timedelta(minutes=end)}
    return event(number, "labour", end, work=span, **told)


DAY = (
    event(1, "accept", -30),
    event(2, "arrive", 0),
    work(3, 0, 60),
    event(4, "pause", 61, reason="waits for the part"),
    event(5, "resume", 90),
    event(6, "part_issued", 91, issue=BULBS),
    work(7, 90, 390),
    work(8, 390, 630),  # beyond eight hours of the day: overtime
    event(9, "finish", 640),
    event(10, "finish", 641),  # twice: waits
    event(11, "part_issued", 645, issue=BULBS | {"quantity": "99"}),  # so many there are not: waits
)
"""A mechanic's day, as the device kept it."""


@contextmanager
def at(engine: Engine, now: datetime, actor: Actor = OFFICE) -> Iterator[Session]:
    """A unit of work at an instant."""
    with writing(engine, actor, clock=lambda: now) as session:
        yield session


def send_off(engine: Engine) -> None:
    """Add the job and send its crew off, two hours before."""
    now = MORNING - timedelta(hours=2)
    with at(engine, now) as session:
        add_jobs(session, OFFICE, [brake_job()])
    for person, seat in (("MECH", Seat.MECHANIC), ("INSP", Seat.INDEPENDENT_INSPECTOR)):
        with at(engine, now) as session:
            job = job_to_change(session, "H-1")
            assign(session, OFFICE, job, seat, person, (MORNING, MORNING + timedelta(hours=2)), now)
    with at(engine, now) as session:
        version = session.scalars(select(Job.version).where(Job.number == "H-1")).one()
        _job, verdict = dispatch(session, OFFICE, "H-1", now, now.date(), version=version)
        assert verdict is not None
        assert verdict.held


def tell(engine: Engine, *events: NewEvent, actor: Actor = MECH, now: datetime = LATER) -> list[EventOutcome]:
    """Send events."""
    with at(engine, now + timedelta(hours=2), actor) as session:
        return record_events(session, actor, events, now + timedelta(hours=2))


@dataclass(frozen=True)
class Outcome:
    """What came of the day: the state, what waits, stock, money."""

    state: JobState
    waiting: tuple[tuple[UUID, str], ...]
    bulbs: Decimal
    spent: Decimal
    line: Decimal
    committed: Decimal
    tools: int
    owed: int


def outcome(engine: Engine) -> Outcome:
    """Read what came of the day; the ledgers add up."""
    with reading(engine, SYSTEM) as session:
        assert list(disagreements(session)) == []
        waiting = select(QuarantinedEvent.id, QuarantinedEvent.reason).where(QuarantinedEvent.state == Decision.OPEN)
        bulbs = (
            select(func.sum(StockBalance.quantity))
            .join(Part, Part.id == StockBalance.part_id)
            .where(Part.part_number == "BULB-9", StockBalance.is_virtual.is_(False))
        )
        return Outcome(
            state=session.scalars(select(Job.state).where(Job.number == "H-1")).one(),
            waiting=tuple(sorted((key, reason) for key, reason in session.execute(waiting))),
            bulbs=Decimal(session.scalar(bulbs) or 0),
            spent=Decimal(session.scalar(select(func.sum(BudgetActual.amount))) or 0),
            line=Decimal(session.scalar(select(func.sum(BudgetLine.actual))) or 0),
            committed=Decimal(session.scalar(select(func.sum(BudgetLine.committed))) or 0),
            tools=session.scalar(select(func.count()).where(ToolBooking.released_at.is_(None))) or 0,
            owed=session.scalar(select(func.count()).where(RemovedUnit.state == ObligationState.OPEN)) or 0,
        )


@pytest.fixture
def sent(any_engine: Engine) -> Engine:
    """The job with its crew on the way."""
    load_hangar(any_engine)
    send_off(any_engine)
    return any_engine


def in_orders(engine: Engine, tmp_path: Path, events: Sequence[NewEvent]) -> Outcome:
    """Send events in several orders and portions, some of them twice, and return what all of these come to."""
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    found = []
    for seed in range(6):
        rng = Random(seed)
        file = tmp_path / f"{seed}.db"
        copyfile(str(engine.url.database), file)
        other = open_engine(sqlite_url(file))
        left = list(events) if seed == 0 else rng.sample(events, len(events))
        while left:
            portion = [left.pop(0) for _one in range(min(len(left), rng.randint(1, 5)))]
            told = tell(other, *portion)
            assert [one.id for one in told] == [one.id for one in portion]
            if rng.random() < 0.5:
                assert {one.standing for one in tell(other, *portion)} == {Standing.KNOWN}
        found.append(outcome(other))
        other.dispose()
    assert set(found) == {found[0]}
    return found[0]


def test_the_same_events_in_any_order_and_portions_come_to_the_same(engine: Engine, tmp_path: Path) -> None:
    load_hangar(engine)
    send_off(engine)
    found = in_orders(engine, tmp_path, DAY)
    assert found.state is JobState.DONE
    assert {reason for _key, reason in found.waiting} == {"not_allowed", "too_little_stock"}
    # 8 h at 20, 2 h at 30, and two bulbs at 45
    assert found.spent == found.line == Decimal(8 * 20 + 2 * 30 + 90)
    assert (found.committed, found.tools) == (Decimal(0), 1)


TURNS = (
    event(1, "accept", -110),
    work(2, -100, -70),
    event(3, "depart", -60),
    event(4, "decline", -50, reason="too late by then: it is on its way"),
    event(5, "no_access", -40, reason="the gate is shut"),
    event(6, "resume", -30),
    work(7, -65, -35),
    event(8, "part_issued", -34, issue=BULBS),
    event(
        9,
        "unit_removed",
        -33,
        removal={"part": "BRAKE-1", "serial": "OLD-1", "kind": "exchange_core", "reason": "burnt out"},
    ),
)
"""A way to the job on which it is declined, as long as the departure has not come in."""


@pytest.mark.parametrize(("gone", "state", "left"), [(True, JobState.ON_SITE, 60), (False, JobState.PLANNED, 0)])
def test_tools_and_money_follow_the_state_whatever_the_order(
    engine: Engine, tmp_path: Path, gone: bool, state: JobState, left: int
) -> None:
    load_hangar(engine)
    send_off(engine)
    events = [one for one in TURNS if gone or one.kind not in (EventKind.DEPART, EventKind.NO_ACCESS)]
    found = in_orders(engine, tmp_path, events)
    # two people for 2 h at 20, and two bulbs at 45, less an hour of work and the bulbs
    assert (found.state, found.committed, found.tools) == (state, Decimal(left), int(gone))
    assert found.spent == found.line == Decimal(110 if gone else 10)
    assert (found.bulbs, found.owed) == (Decimal(8 if gone else 10), int(gone))


def test_what_was_booked_is_taken_back_when_the_event_is_discarded(sent: Engine) -> None:
    tell(sent, *DAY)
    with at(sent, LATER) as session:
        job = session.scalars(select(Job).where(Job.number == "H-1")).one()
        row = session.get_one(JobEvent, UUID(int=6))
        session.add(
            QuarantinedEvent(
                id=row.id,
                job="H-1",
                place_id=job.place_id,
                event={},
                recorded_by="mech",
                recorded_at=LATER,
                reason="doubted",
                detail="a person doubts it",
                state=Decision.OPEN,
            )
        )
    with at(sent, LATER + timedelta(hours=3)) as session:
        decision = EventDecision(apply=False, note="never taken")
        resolve(session, OFFICE, UUID(int=6), decision, LATER + timedelta(hours=3), version=1)
    after = outcome(sent)
    assert after.spent == Decimal(8 * 20 + 2 * 30)
    with reading(sent, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(StockMove).where(StockMove.reverses.is_not(None))) == 1


def test_an_event_that_still_does_not_fit_cannot_be_applied(sent: Engine) -> None:
    tell(sent, *DAY)
    wanted = EventDecision(apply=True, note="please")
    with at(sent, LATER) as session, pytest.raises(Conflict, match="does not fit still"):
        resolve(session, OFFICE, UUID(int=10), wanted, LATER, version=1)
    with reading(sent, SYSTEM) as session:
        assert session.get_one(QuarantinedEvent, UUID(int=10)).state is Decision.OPEN


def test_an_event_of_an_unknown_job_is_applied_to_the_right_one(sent: Engine) -> None:
    tell(sent, *DAY[:2])
    (lost,) = tell(sent, work(20, 0, 60, job="H-l"))
    assert (lost.standing, lost.reason) == (Standing.QUARANTINED, "unknown_job")
    with at(sent, LATER + timedelta(hours=3)) as session:
        wanted = EventDecision(apply=True, job="H-1", note="a mistyped number")
        resolve(session, OFFICE, UUID(int=20), wanted, LATER + timedelta(hours=3), version=1)
    assert outcome(sent).spent == Decimal(20)


def test_work_that_overlaps_other_work_waits(sent: Engine) -> None:
    tell(sent, *DAY[:3])
    (double,) = tell(sent, work(21, 30, 90))
    assert (double.standing, double.reason) == (Standing.QUARANTINED, "work_overlaps")


def test_work_that_costs_less_than_a_cent_is_taken_with_the_rest(sent: Engine) -> None:
    told = tell(sent, *DAY[:2], work(3, 0, 60), work(4, 61, 61 + 0.4 / 60), work(7, 90, 150))
    assert {one.standing for one in told} == {Standing.APPLIED}
    assert outcome(sent).spent == Decimal(40)


def test_each_hour_of_a_long_batch_costs_as_much_as_of_a_short_one(engine: Engine) -> None:
    load_hangar(engine)
    send_off(engine)
    tell(engine, *DAY[:2])
    counts = []
    for first, count in ((0, 10), (100, 50)):
        batch = [work(1_000 + first + one, first + one, first + one + 1) for one in range(count)]
        with statements(engine) as seen:
            assert {one.standing for one in tell(engine, *batch)} == {Standing.APPLIED}
        counts.append(len(seen))
    assert (counts[1] - counts[0]) / 40 < 25


def test_nobody_tells_of_others_without_the_right_to_it(sent: Engine) -> None:
    (foreign,) = tell(sent, event(22, "accept", -20, technician="INSP"))
    assert (foreign.standing, foreign.reason) == (Standing.QUARANTINED, "unknown_technician")
    for number, kind in enumerate(("inspect", "release", "close_advisory")):
        wanted = event(40 + number, kind, 0, technician="INSP", approval="D.4001", operator_release="OP/1")
        (signed,) = tell(sent, wanted, actor=OFFICE)
        assert signed.standing is Standing.QUARANTINED
        with at(sent, LATER) as session, pytest.raises(Conflict, match="cannot sign for INSP"):
            resolve(session, OFFICE, wanted.id, EventDecision(apply=True, note="by phone"), LATER, version=1)
    (stranger,) = tell(sent, event(23, "accept", -20), actor=OFFICE)
    assert stranger.standing is Standing.QUARANTINED
    (told,) = tell(sent, event(24, "accept", -20, technician="MECH"), actor=OFFICE)
    assert told.standing is Standing.APPLIED


def test_a_job_gives_back_its_money_and_its_tools_when_it_is_recalled(sent: Engine) -> None:
    with at(sent, MORNING) as session:
        version = session.scalars(select(Job.version).where(Job.number == "H-1")).one()
        kind, why = EventKind.RECALL, "the aircraft left"
        job = office_step(session, OFFICE, "H-1", kind, why, MORNING, version=version)
        assert job.state is JobState.PLANNED
    with reading(sent, SYSTEM) as session:
        assert session.scalar(select(func.sum(BudgetLine.committed))) == 0


def test_a_wrong_part_pauses_the_job_and_what_is_left_follows_it(sent: Engine) -> None:
    told = tell(
        sent,
        *DAY[:2],
        event(30, "wrong_part", 10, part="BRAKE-1", reason="another dash number"),
        event(31, "follow_up", 11, title="Fit the right brake"),
    )
    assert {one.standing for one in told} == {Standing.APPLIED}
    with reading(sent, SYSTEM) as session:
        jobs = {one.number: one for one in session.scalars(select(Job).where(Job.number.like("H-1%")))}
    following = jobs.pop("H-1-00001F")
    assert jobs["H-1"].state is JobState.PAUSED
    assert (following.title, following.state, following.aircraft) == ("Fit the right brake", JobState.PLANNED, "RDPL-1")
    assert (following.release_level, following.data_revision) == ("line", "17")


def test_a_job_that_is_declined_is_planned_again(sent: Engine) -> None:
    (told,) = tell(sent, event(32, "decline", -30, reason="ill"))
    assert told.standing is Standing.APPLIED
    found = outcome(sent)
    assert (found.state, found.committed, found.tools) == (JobState.PLANNED, Decimal(0), 0)


def recall(engine: Engine, at_minute: float) -> None:
    """The office takes the job back."""
    now = MORNING + timedelta(minutes=at_minute)
    with at(engine, now) as session:
        version = session.scalars(select(Job.version).where(Job.number == "H-1")).one()
        office_step(session, OFFICE, "H-1", EventKind.RECALL, "another aircraft first", now, version=version)


def test_a_recall_stands_against_what_comes_in_late(engine: Engine, tmp_path: Path) -> None:
    load_hangar(engine)
    send_off(engine)
    recall(engine, -20)
    late = (event(1, "accept", -60), work(2, -50, -40), event(3, "arrive", -35), work(4, -34, -30))
    found = in_orders(engine, tmp_path, late)
    assert (found.state, found.committed, found.tools) == (JobState.PLANNED, Decimal(0), 0)
    assert found.waiting == ((late[2].id, "behind_office"),)
    assert found.spent.quantize(Decimal("0.01")) == Decimal("4.67")  # fourteen minutes of work, which was done


@pytest.mark.parametrize("sent_again", [True, False])
def test_what_somebody_did_who_was_taken_off_is_applied_as_it_was(sent: Engine, sent_again: bool) -> None:
    tell(sent, event(1, "accept", -60), now=MORNING - timedelta(hours=2, minutes=50))
    recall(sent, -40)
    now = MORNING - timedelta(minutes=30)
    with at(sent, now) as session:
        mine = select(Assignment.id).join(Technician, Technician.id == Assignment.technician_id)
        key = session.scalars(mine.where(Technician.code == "MECH")).one()
        unassign(session, OFFICE, job_to_change(session, "H-1"), [key], now)
    if sent_again:
        with at(sent, now) as session:
            span = (MORNING, MORNING + timedelta(hours=2))
            assign(session, OFFICE, job_to_change(session, "H-1"), Seat.MECHANIC, "T-2", span, now)
        with at(sent, now) as session:
            version = session.scalars(select(Job.version).where(Job.number == "H-1")).one()
            dispatch(session, OFFICE, "H-1", now, now.date(), version=version)
    journey = {"start": MORNING - timedelta(minutes=50), "end": MORNING - timedelta(minutes=35), "km": "4"}
    used = event(4, "part_issued", -18, issue=BULBS)
    told = tell(sent, work(2, -30, -20), event(3, "travel", -19, journey=journey), used)
    assert [one.reason for one in told] == ["not_in_crew"] * 3
    before = outcome(sent)
    for one in told:
        with at(sent, LATER) as session:
            version = session.get_one(QuarantinedEvent, one.id).version
            decision = EventDecision(apply=True, note="he had not heard of it")
            assert resolve(session, OFFICE, one.id, decision, LATER, version=version).state is Decision.APPLIED
    after = outcome(sent)
    assert (after.waiting, after.state, before.bulbs - after.bulbs) == ((), before.state, Decimal(2))
    assert after.spent > before.spent


def test_nobody_who_never_had_a_seat_has_anything_applied(sent: Engine) -> None:
    (told,) = tell(sent, work(2, 0, 10, technician="T-2"), actor=OFFICE)
    with at(sent, LATER) as session, pytest.raises(Conflict) as refusal:
        resolve(session, OFFICE, told.id, EventDecision(apply=True, note="try"), LATER, version=1)
    assert refusal.value.code == "not_in_crew"


def test_the_office_steps_after_all_that_it_saw_also_by_a_fast_clock(sent: Engine) -> None:
    now = MORNING - timedelta(hours=2)
    told = tell(sent, event(1, "accept", 1), event(2, "arrive", 2), event(3, "finish", 3), now=now)
    assert {one.standing for one in told} == {Standing.APPLIED}
    with pytest.raises(Conflict, match="is done; recall is not possible"):
        recall(sent, 0)
    assert outcome(sent).state is JobState.DONE


def test_what_the_office_stepped_from_is_not_discarded(sent: Engine) -> None:
    soon = MORNING - timedelta(hours=2, minutes=35)
    tell(sent, event(1, "accept", -60), event(2, "arrive", -50), event(3, "pause", -40, reason="rain"), now=soon)
    recall(sent, -20)
    with at(sent, LATER) as session:
        row = session.get_one(JobEvent, UUID(int=3))
        told = {"job": "H-1", "event": {}, "recorded_by": "mech", "recorded_at": LATER, "detail": "it did not rain"}
        place = session.scalars(select(Job.place_id).where(Job.number == "H-1")).one()
        session.add(QuarantinedEvent(id=row.id, place_id=place, reason="doubted", state=Decision.OPEN, **told))
    with at(sent, LATER) as session, pytest.raises(Conflict, match="took the step recall"):
        resolve(session, OFFICE, UUID(int=3), EventDecision(apply=False, note="dry"), LATER, version=1)


@pytest.mark.parametrize("clear", [True, False])
def test_a_job_on_its_way_after_all_keeps_what_there_is_left(sent: Engine, clear: bool) -> None:
    tell(sent, event(1, "accept", -60), event(3, "decline", -40, reason="ill"))
    if not clear:
        with at(sent, LATER) as session:
            session.execute(update(Tool).values(out_of_service=True))
            session.execute(update(BudgetLine).values(frozen=True))
    tell(sent, event(2, "depart", -50))
    found = outcome(sent)
    assert found.state is JobState.TRAVELLING
    assert (found.committed, found.tools) == ((Decimal(170), 1) if clear else (Decimal(0), 0))


def test_what_a_job_costs_counts_on_the_day_of_its_place(any_engine: Engine) -> None:
    load_hangar(any_engine)
    send_off(any_engine)
    night = 16.5 * 60  # 01:30 on Wednesday in Vientiane, still Tuesday in UTC
    journey = {"start": MORNING + timedelta(minutes=night - 60), "end": MORNING + timedelta(minutes=night)}
    told = tell(
        any_engine,
        event(1, "accept", -60),
        event(2, "travel", night, journey=journey),
        event(3, "arrive", night + 1),
        work(4, night + 1, night + 61),
        event(5, "part_issued", night + 62, issue=BULBS),
        now=LATER + timedelta(hours=10),
    )
    assert {(one.standing, one.detail) for one in told} == {(Standing.APPLIED, None)}
    with reading(any_engine, SYSTEM) as session:
        days = dict(session.execute(select(BudgetActual.item, BudgetActual.day)).all())
    assert days == dict.fromkeys(("labour/USD", "travel/USD", "parts/USD"), date(2026, 3, 4))


def test_the_way_to_a_job_is_paid_with_its_fares(sent: Engine) -> None:
    journey = {"start": MORNING - timedelta(hours=1), "end": MORNING, "km": "40"}
    journey |= {"fares": [{"what": "ferry", "amount": "12.50", "currency": "USD"}]}
    (told,) = tell(sent, event(33, "travel", 0, journey=journey))
    assert (told.standing, told.detail) == (Standing.APPLIED, None)
    with reading(sent, SYSTEM) as session:
        (spent,) = session.scalars(select(BudgetActual)).all()
    assert (spent.amount, spent.item, spent.document) == (Decimal("32.50"), "travel/USD", "H-1")
