"""Signatures over the database: judged at the instant that counts, and undone by nothing late."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy import event as hooks
from sqlalchemy.orm import Session

from fieldops.dispatch.cards import job_card, release_certificate
from fieldops.dispatch.crew.queries import Case, case_of
from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent, ReleaseCertificate
from fieldops.dispatch.execution.queries import certificate_page
from fieldops.dispatch.execution.resolving import resolve
from fieldops.dispatch.execution.schemas import EventDecision, Standing
from fieldops.dispatch.models import Job
from fieldops.dispatch.service import job_to_change
from fieldops.finance.control.models import BudgetActual
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import HeldQualification, Technician
from inventory.cores.models import ObligationState, RemovedUnit
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading
from inventory.kernel.errors import Conflict
from tests.fieldops.dispatch.execution.test_events import LATER, OFFICE, at, event, send_off, tell, work
from tests.hangar import APPROVAL, MORNING, load_hangar

SEA = Scope(regions=frozenset({"SEA"}))
INSP = Actor("insp", permissions=frozenset({"dispatch.execute"}), scope=SEA)
SIGN = Actor("sign", permissions=frozenset({"dispatch.execute"}), scope=SEA)
WORK = (event(1, "accept", -30), event(2, "arrive", 0), work(3, 0, 60), event(9, "finish", 120))
INSPECTED = event(50, "inspect", 130)
REMOVAL = {"part": "BRAKE-1", "serial": "OLD-1", "kind": "exchange_core", "reason": "worn"}


def released(number: int = 51, minutes: float = 140, **told: Any) -> Any:
    """The release of the job."""
    return event(number, "release", minutes, approval=APPROVAL, **told)


@pytest.fixture
def signing(any_engine: Engine) -> Engine:
    """The job with its crew on the way, its signatory among them."""
    load_hangar(any_engine)
    send_off(any_engine)
    now = MORNING - timedelta(hours=1)
    with at(any_engine, now) as session:
        span = (MORNING, MORNING + timedelta(hours=3))
        assign(session, OFFICE, job_to_change(session, "H-1"), Seat.RELEASE_SIGNATORY, "SIGN", span, now)
    return any_engine


def state(engine: Engine) -> JobState:
    """Return how far the job is."""
    with reading(engine, SYSTEM) as session:
        return session.scalars(select(Job.state).where(Job.number == "H-1")).one()


def decide(engine: Engine, number: int, **wanted: Any) -> QuarantinedEvent:
    """Decide about an event that waits."""
    now = LATER + timedelta(hours=3)
    with at(engine, now) as session:
        version = session.get_one(QuarantinedEvent, UUID(int=number)).version
        decision = EventDecision.model_validate({"apply": True, "note": "looked at"} | wanted)
        return resolve(session, OFFICE, UUID(int=number), decision, now, version=version)


def doubt(engine: Engine, number: int) -> None:
    """Let an event that is in force wait for a person."""
    with at(engine, LATER) as session:
        row = session.get_one(JobEvent, UUID(int=number))
        place = session.scalars(select(Job.place_id).where(Job.id == row.job_id)).one()
        told = {"job": "H-1", "place_id": place, "event": {}, "recorded_by": "mech", "recorded_at": LATER}
        session.add(QuarantinedEvent(id=row.id, **told, reason="doubted", detail="doubted", state=Decision.OPEN))


def test_a_late_event_undoes_neither_a_signature_nor_a_close(signing: Engine) -> None:
    tell(signing, *WORK)
    tell(signing, INSPECTED, actor=INSP)
    tell(signing, released(), actor=SIGN)
    assert state(signing) is JobState.RELEASED
    late = (work(60, 70, 80, sequence=None), event(61, "reject", 125, reason="dirty", sequence=None))
    told = tell(signing, *late, actor=INSP)
    assert {(one.standing, one.reason) for one in told} == {(Standing.QUARANTINED, "behind_signature")}
    (fine,) = tell(signing, work(62, 70, 110, sequence=None))
    assert fine.standing is Standing.APPLIED
    assert state(signing) is JobState.RELEASED
    with pytest.raises(Conflict, match="would undo"):
        decide(signing, 61)
    assert state(signing) is JobState.RELEASED


def test_a_signature_is_judged_at_the_instant_to_which_it_is_corrected(signing: Engine) -> None:
    with at(signing, MORNING) as session:
        who = select(Technician.id).where(Technician.code == "SIGN").scalar_subquery()
        ended = update(HeldQualification).where(
            HeldQualification.technician_id == who, HeldQualification.qualification_code == "CRS-LINE"
        )
        session.execute(ended.values(valid_until=date(2026, 3, 4)))
    tell(signing, *WORK)
    tell(signing, INSPECTED, actor=INSP)
    far = released(minutes=24 * 60 * 2)
    (told,) = tell(signing, far, actor=SIGN)
    assert told.reason == "in_future"
    with pytest.raises(Conflict, match="might not sign"):
        decide(signing, 51, happened_at=MORNING + timedelta(days=2))
    moment = MORNING + timedelta(minutes=150)
    decide(signing, 51, happened_at=moment)
    assert state(signing) is JobState.RELEASED
    with reading(signing, SYSTEM) as session:
        assert session.scalars(select(ReleaseCertificate.released_at)).one() == moment
        (signed,) = [one for one in job_card(session, "H-1").signatures if one.step == EventKind.RELEASE]
        assert signed.signed_at == moment


def test_a_right_that_is_missing_at_the_corrected_instant_refuses(signing: Engine) -> None:
    with at(signing, MORNING) as session:
        who = select(Technician.id).where(Technician.code == "SIGN").scalar_subquery()
        begun = update(HeldQualification).where(
            HeldQualification.technician_id == who, HeldQualification.qualification_code == "CRS-LINE"
        )
        session.execute(begun.values(valid_from=date(2026, 3, 4)))
    tell(signing, *WORK)
    tell(signing, INSPECTED, actor=INSP)
    tell(signing, released(minutes=24 * 60 * 2), actor=SIGN)
    with pytest.raises(Conflict, match="might not sign"):
        decide(signing, 51, happened_at=MORNING + timedelta(minutes=150))
    assert state(signing) is JobState.INSPECTED


def test_what_a_discarded_event_left_is_taken_back(signing: Engine) -> None:
    with_unit = (event(5, "unit_removed", 65, removal=REMOVAL), event(6, "follow_up", 66, title="Fit it again"))
    tell(signing, with_unit[0], with_unit[1])
    tell(signing, released(), actor=SIGN)
    tell(signing, INSPECTED, actor=INSP)
    tell(signing, *WORK)  # what waited fits now
    assert state(signing) is JobState.RELEASED
    with reading(signing, SYSTEM) as session:
        (certificate,) = certificate_page(session, job="H-1", limit=5)
        assert certificate.withdrawn_at is None
        assert release_certificate(session, certificate.number).card.certificate == certificate.number
        assert session.scalars(select(Job.state).where(Job.number == "H-1-000006")).one() is JobState.PLANNED
        assert session.scalars(select(RemovedUnit.state)).one() is ObligationState.OPEN
    doubt(signing, 5)
    for number in (51, 6, 5):
        decide(signing, number, apply=False)
    assert state(signing) is JobState.INSPECTED
    with reading(signing, SYSTEM) as session:
        sheet = release_certificate(session, certificate.number)
        assert (sheet.withdrawn_at, sheet.card.certificate) == (LATER + timedelta(hours=3), None)
        assert session.scalars(select(Job.state).where(Job.number == "H-1-000006")).one() is JobState.CLOSED
        owed = session.scalars(select(RemovedUnit)).one()
        assert (owed.state, owed.closed_by) == (ObligationState.CLOSED, "office")
        assert "Reversed" in (owed.note or "")


def test_a_certificate_is_withdrawn_when_its_release_is_not_in_force_any_more(signing: Engine) -> None:
    tell(signing, released(), actor=SIGN)
    tell(signing, INSPECTED, actor=INSP)
    tell(signing, *WORK)
    decide(signing, 50, apply=False)  # without its inspection the release waits
    assert state(signing) is JobState.DONE
    with reading(signing, SYSTEM) as session:
        assert session.scalars(select(ReleaseCertificate.withdrawn_at)).one() == LATER + timedelta(hours=3)
    tell(signing, event(52, "inspect", 131, sequence=None), actor=INSP)
    assert state(signing) is JobState.RELEASED
    with reading(signing, SYSTEM) as session:
        assert session.scalars(select(ReleaseCertificate.withdrawn_at)).one() is None


def test_a_bad_removal_waits_and_the_rest_of_the_batch_stands(signing: Engine) -> None:
    bad = event(5, "unit_removed", 65, removal=REMOVAL | {"part": "NONE-1"})
    nowhere = event(6, "unit_removed", 66, removal=REMOVAL | {"place": "NOWHERE", "serial": "OLD-2"})
    good = event(7, "unit_removed", 67, removal=REMOVAL)
    told = tell(signing, *WORK, bad, nowhere, good)
    assert [one.standing for one in told if one.id in (bad.id, nowhere.id)] == [Standing.QUARANTINED] * 2
    with reading(signing, SYSTEM) as session:
        assert session.scalars(select(RemovedUnit.serial)).all() == ["OLD-1"]
        assert session.scalar(select(func.count()).select_from(BudgetActual)) == 1


def test_a_corrected_time_is_that_of_what_is_booked(signing: Engine) -> None:
    tell(signing, *WORK[:2], event(5, "unit_removed", 24 * 60 * 2, removal=REMOVAL))
    moment = MORNING + timedelta(minutes=65)
    decide(signing, 5, happened_at=moment)
    with reading(signing, SYSTEM) as session:
        owed = session.scalars(select(RemovedUnit)).one()
        assert (owed.removed_at, owed.due_on) == (moment, moment.date() + timedelta(days=30))


def test_work_is_posted_on_its_own_day_at_the_place_and_never_twice(signing: Engine) -> None:
    tell(signing, *WORK[:2])
    late = MORNING + timedelta(days=40)
    reported = event(
        70, "labour", 24 * 60 * 39, sequence=None, work={"start": MORNING, "end": MORNING + timedelta(hours=1)}
    )
    (first,) = tell(signing, reported, now=late)
    assert first.standing is Standing.APPLIED
    (second,) = tell(signing, work(71, 30, 90, sequence=None), now=late)
    assert (second.standing, second.reason) == (Standing.QUARANTINED, "work_overlaps")
    (night,) = tell(signing, work(72, 15.5 * 60, 16 * 60, sequence=None), now=late)  # 00:30 of Wednesday in Vientiane
    assert night.standing is Standing.APPLIED
    with reading(signing, SYSTEM) as session:
        days = session.scalars(select(BudgetActual.day).order_by(BudgetActual.day)).all()
    assert days == [date(2026, 3, 3), date(2026, 3, 4)]


def test_work_before_the_dispatch_and_in_the_future_waits(signing: Engine) -> None:
    tell(signing, *WORK[:2])
    early, ahead = work(70, -180, -100, sequence=None), work(71, 100, 800, sequence=None)
    ahead = ahead.model_copy(update={"happened_at": MORNING + timedelta(minutes=200)})
    early = early.model_copy(update={"happened_at": MORNING + timedelta(minutes=1)})
    told = tell(signing, early, ahead)
    assert [one.reason for one in told] == ["before_dispatch", "in_future"]


def test_events_are_taken_in_with_a_fixed_number_of_queries(signing: Engine) -> None:
    tell(signing, *WORK[:2])
    counts = []
    for batch in ((work(100, 1, 2),), tuple(work(101 + number, 3 + number, 3.5 + number) for number in range(12))):
        asked: list[str] = []

        def count(_c: Any, _cursor: Any, statement: str, *_rest: Any, seen: list[str] = asked) -> None:
            seen.append(statement)

        hooks.listen(signing, "before_cursor_execute", count)
        told = tell(signing, *batch)
        hooks.remove(signing, "before_cursor_execute", count)
        assert {one.standing for one in told} == {Standing.APPLIED}
        counts.append(sum("FROM technician" in one for one in asked))
    few, many = counts
    assert many - few <= 11 * 2  # what an hour costs is looked up for each, the person is not


def test_what_stands_against_signatures_is_loaded_once_a_job(signing: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def counted(session: Session, job: Job, *more: Any) -> Case:
        loaded.append(job.number)
        return case_of(session, job, *more)

    monkeypatch.setattr("fieldops.dispatch.execution.service.case_of", counted)
    tell(signing, *WORK)
    assert loaded == []
    told = tell(signing, *(event(200 + number, "inspect", 130 + number) for number in range(5)), actor=INSP)
    assert len(loaded) == 1
    assert [one.standing for one in told] == [Standing.APPLIED] + [Standing.QUARANTINED] * 4
