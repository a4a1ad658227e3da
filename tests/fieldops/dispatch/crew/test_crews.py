"""Who may take a seat of a job, asked through `assign`: every rule of the one decision, and two dispatchers at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.service import CrewRefused, assign, unassign
from fieldops.dispatch.demands import works_of
from fieldops.dispatch.eligibility import judgements
from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent
from fieldops.dispatch.execution.office import office_step
from fieldops.dispatch.models import Job
from fieldops.dispatch.rights_schemas import SeatQuestion
from fieldops.dispatch.schemas import SeatNeed
from fieldops.dispatch.seats import answer
from fieldops.dispatch.service import add_jobs, job_to_change
from fieldops.fleet.models import Aircraft
from fieldops.workforce.kinds import AbsenceKind, CertificateKind, Seat
from fieldops.workforce.models import Experience, HeldQualification, Shift, Technician
from fieldops.workforce.releasing.models import AccessRule, OrganisationApproval, RestRule
from fieldops.workforce.roster.models import Absence
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Invalid, NotFound
from inventory.network.models import Place
from tests.hangar import MORNING, brake_job, load_hangar
from tests.statements import statements

NOW = MORNING - timedelta(hours=2)
SPAN = (MORNING, MORNING + timedelta(hours=2))
Change = Callable[[Session], object]


@pytest.fixture
def hangar(any_engine: Engine) -> Engine:
    """Two brakes of one aircraft to be replaced at the same time of day."""
    load_hangar(any_engine)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        seats = tuple(SeatNeed(seat=seat) for seat in Seat)
        days = {"window_end": MORNING + timedelta(days=2), "due_at": MORNING + timedelta(days=2)}
        add_jobs(session, SYSTEM, [brake_job(seats=seats), brake_job("H-2", system="RH", seats=seats, **days)])
    return any_engine


def sit(
    engine: Engine, person: str, seat: Seat, *, job: str = "H-1", hours: int = 0, actor: Actor = SYSTEM
) -> tuple[str, ...]:
    """Try to give somebody a seat, and return the codes of the rules that refuse it."""
    shift = timedelta(hours=hours)
    try:
        with writing(engine, actor, clock=lambda: NOW) as session:
            assign(session, actor, job_to_change(session, job), seat, person, (SPAN[0] + shift, SPAN[1] + shift), NOW)
    except CrewRefused as refused:
        return tuple(sorted({about.rpartition(".")[2] for about, _text in refused.details}))
    return ()


def change(engine: Engine, do: Change) -> None:
    """Change something of the world."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        do(session)


def expire(code: str, person: str) -> Change:
    """A paper ends the day before the job."""

    def do(session: Session) -> None:
        who = select(Technician.id).where(Technician.code == person).scalar_subquery()
        session.execute(
            update(HeldQualification)
            .where(HeldQualification.technician_id == who, HeldQualification.qualification_code == code)
            .values(valid_until=date(2026, 3, 2))
        )

    return do


def lose(code: str, person: str) -> Change:
    """A paper was never held."""

    def do(session: Session) -> None:
        who = select(Technician.id).where(Technician.code == person).scalar_subquery()
        session.execute(
            delete(HeldQualification).where(
                HeldQualification.technician_id == who, HeldQualification.qualification_code == code
            )
        )

    return do


def away(person: str) -> Change:
    """Somebody is on leave."""

    def do(session: Session) -> None:
        key = session.scalars(select(Technician.id).where(Technician.code == person)).one()
        start, end = SPAN[0] - timedelta(days=1), SPAN[1] + timedelta(days=1)
        session.add(Absence(technician_id=key, kind=AbsenceKind.LEAVE, starts_at=start, ends_at=end))

    return do


def told_as(registration: str) -> Change:
    """The job is of another aircraft."""
    return lambda session: session.execute(update(Job).values(aircraft=registration, aircraft_id=None))


def of_registry(authority: str) -> Change:
    """The aircraft is registered elsewhere."""
    return lambda session: session.execute(update(Aircraft).values(authority=authority))


def asked_at(kind: CertificateKind, **where: str) -> Change:
    """Who works there, all from another country, must hold a paper."""
    rule = {"code": "ASKED", "kinds": [kind], "security_level": 0, "source": "tests", "edition": "1"}
    rule |= {"place": where.get("place"), "country": where.get("country"), "starts_on": date(2025, 1, 1)}

    def do(session: Session) -> None:
        session.execute(update(Technician).values(home_country="CN"))
        session.add(AccessRule(**rule))

    return do


def sits(person: str, seat: Seat, job: str, start: float, end: float, *, task: bool = True) -> Change:
    """Somebody has a seat already, from an hour to another after the morning."""

    def do(session: Session) -> None:
        if not task:
            session.execute(delete(Shift))
            session.execute(update(Job).values(task=None))
        session.add(
            Assignment(
                job_id=session.scalars(select(Job.id).where(Job.number == job)).one(),
                technician_id=session.scalars(select(Technician.id).where(Technician.code == person)).one(),
                seat=seat,
                starts_at=MORNING + timedelta(hours=start),
                ends_at=MORNING + timedelta(hours=end),
                made_by="tests",
                made_at=NOW,
            )
        )

    return do


SIGN, INSPECT, MECHANIC = Seat.RELEASE_SIGNATORY, Seat.INDEPENDENT_INSPECTOR, Seat.MECHANIC
REFUSED: tuple[tuple[str, str, Seat, Change, str], ...] = (
    ("licence expired", "SIGN", SIGN, expire("CCAR-66", "SIGN"), "licence_expired"),
    ("licence missing", "SIGN", SIGN, lose("CCAR-66", "SIGN"), "licence_missing"),
    ("rating expired", "SIGN", SIGN, expire("MA60", "SIGN"), "type_rating_expired"),
    ("rating missing", "SIGN", SIGN, lose("MA60", "SIGN"), "type_rating_missing"),
    ("authorisation expired", "SIGN", SIGN, expire("CRS-LINE", "SIGN"), "authorisation_expired"),
    ("authorisation missing", "SIGN", SIGN, lose("CRS-LINE", "SIGN"), "authorisation_missing"),
    ("training expired", "SIGN", SIGN, expire("HUMAN_FACTORS", "SIGN"), "training_expired"),
    ("training missing", "SIGN", SIGN, lose("CONTINUATION", "SIGN"), "training_missing"),
    ("inspector's rating expired", "INSP", INSPECT, expire("MA60", "INSP"), "type_rating_expired"),
    ("inspector's authorisation missing", "INSP", INSPECT, lose("CRS-INSP", "INSP"), "authorisation_missing"),
    ("another scope", "INSP", SIGN, lambda _session: None, "authorisation_scope"),
    ("wrong registry", "SIGN", SIGN, of_registry("EASA"), "wrong_registry"),
    ("a registry without rules", "SIGN", SIGN, of_registry("ANAC"), "no_release_rule"),
    ("no experience", "SIGN", SIGN, lambda session: session.execute(delete(Experience)), "recency"),
    ("no approval", "SIGN", SIGN, lambda s: s.execute(delete(OrganisationApproval)), "organisation_approval"),
    ("who advises never signs", "ADVISE", SIGN, lambda _session: None, "advisory_never_signs"),
    ("who advises never inspects", "ADVISE", INSPECT, lambda _session: None, "advisory_never_signs"),
    ("a trainee alone", "LEARN", Seat.TRAINEE, lambda _session: None, "trainee_alone"),
    ("on leave", "MECH", MECHANIC, away("MECH"), "absent"),
    ("of another region", "T-1", MECHANIC, lambda _session: None, "other_region"),
    ("no airside pass", "MECH", MECHANIC, asked_at(CertificateKind.AIRSIDE_PASS, place="VTE"), "airside_pass_missing"),
    ("no visa", "MECH", MECHANIC, asked_at(CertificateKind.VISA, country="LA"), "visa_missing"),
    ("no work permit", "SIGN", SIGN, asked_at(CertificateKind.WORK_PERMIT, country="LA"), "work_permit_missing"),
    ("no rest", "MECH", MECHANIC, sits("MECH", MECHANIC, "H-2", -21, -10, task=False), "rest_too_short"),
    ("both engines", "MECH", MECHANIC, sits("MECH", MECHANIC, "H-2", 3, 5), "both_systems"),
    ("own inspection", "INSP", INSPECT, sits("INSP", MECHANIC, "H-1", 0, 2), "own_inspection"),
    ("own work", "INSP", MECHANIC, sits("INSP", INSPECT, "H-1", 0, 2), "own_inspection"),
    ("an aircraft that is not in the fleet", "SIGN", SIGN, told_as("B-NEW"), "aircraft_unknown"),
    ("an inspector of no known aircraft", "INSP", INSPECT, told_as("B-NEW"), "aircraft_unknown"),
)


@pytest.mark.parametrize(
    ("person", "seat", "do", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_rule_that_stands_against_it_refuses_the_seat(
    hangar: Engine, person: str, seat: Seat, do: Change, code: str
) -> None:
    change(hangar, do)
    with reading(hangar, SYSTEM) as session:
        before = session.scalars(select(Assignment.id)).all()
    found = sit(hangar, person, seat)
    assert code in found
    with reading(hangar, SYSTEM) as session:
        assert session.scalars(select(Assignment.id)).all() == before
        assert session.scalars(select(JobEvent.id)).all() == []
        question = SeatQuestion(technician=person, job="H-1", seat=seat, starts_at=SPAN[0], ends_at=SPAN[1])
        told = answer(session, question)
    assert not told.permitted  # the question and the act are judged alike
    assert {one.code for one in told.failing if one.hard} == set(found)


def test_a_whole_crew_sits_down_and_a_trainee_beside_a_mechanic(hangar: Engine) -> None:
    crew = (
        ("MECH", MECHANIC),
        ("LEARN", Seat.TRAINEE),
        ("INSP", INSPECT),
        ("SIGN", SIGN),
        ("ADVISE", Seat.ADVISORY_ENGINEER),
    )
    assert [sit(hangar, person, seat) for person, seat in crew] == [()] * 5
    with pytest.raises(Conflict, match="is taken"):
        sit(hangar, "T-2", MECHANIC)


def test_nobody_inspects_own_work_in_whatever_order_they_sit_down(hangar: Engine) -> None:
    assert sit(hangar, "INSP", MECHANIC) == ()
    assert "own_inspection" in sit(hangar, "INSP", INSPECT)
    assert sit(hangar, "INSP", INSPECT, job="H-2", hours=3) == ()
    assert "own_inspection" in sit(hangar, "INSP", MECHANIC, job="H-2", hours=3)


def test_nobody_does_the_same_critical_task_on_both_systems(hangar: Engine) -> None:
    assert sit(hangar, "MECH", MECHANIC) == ()
    assert sit(hangar, "MECH", MECHANIC, job="H-2", hours=3) == ("both_systems",)
    assert sit(hangar, "T-2", MECHANIC, job="H-2", hours=3) == ()


def test_nobody_is_in_two_places_and_rest_is_kept(hangar: Engine) -> None:
    change(hangar, lambda session: session.execute(update(Job).values(task=None)))
    assert sit(hangar, "MECH", MECHANIC) == ()
    assert "overlap" in sit(hangar, "MECH", MECHANIC, job="H-2", hours=1)
    tired = sit(hangar, "MECH", MECHANIC, job="H-2", hours=13)
    assert set(tired) & {"rest_too_short", "night_rest_too_short", "duty_too_long"}
    change(hangar, lambda session: session.execute(delete(Shift)))
    assert sit(hangar, "MECH", MECHANIC, job="H-2", hours=24) == ()  # off duty only warns


def test_a_seat_that_is_taken_away_is_free_again(hangar: Engine) -> None:
    assert sit(hangar, "MECH", MECHANIC) == ()
    with writing(hangar, SYSTEM, clock=lambda: NOW + timedelta(minutes=1)) as session:
        job = job_to_change(session, "H-1")
        key = session.scalars(select(Assignment.id)).one()
        unassign(session, SYSTEM, job, [key], NOW + timedelta(minutes=1))
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session, pytest.raises(NotFound):
        unassign(session, SYSTEM, job_to_change(session, "H-1"), [key], NOW)
    assert sit(hangar, "T-2", MECHANIC) == ()


def over(engine: Engine, kind: EventKind, at: datetime) -> None:
    """Let the office cancel or close the first job."""
    with writing(engine, SYSTEM, clock=lambda: at) as session:
        if kind is EventKind.CLOSE:  # as if the field had told of the work
            told = {"recorded_by": "x", "device": "", "told": {}, "happened_at": at, "recorded_at": at}
            key = session.scalars(select(Job.id).where(Job.number == "H-1")).one()
            session.add(JobEvent(id=UUID(int=9), job_id=key, kind=kind, **told))
            session.execute(update(Job).where(Job.number == "H-1").values(state=JobState.CLOSED))
            return
        version = session.scalars(select(Job.version).where(Job.number == "H-1")).one()
        office_step(session, SYSTEM, "H-1", kind, "not needed", at, version=version)


def test_a_cancelled_job_keeps_nobody_from_anything(hangar: Engine) -> None:
    assert sit(hangar, "MECH", MECHANIC) == ()
    assert set(sit(hangar, "MECH", MECHANIC, job="H-2")) == {"both_systems", "overlap"}
    over(hangar, EventKind.CANCEL, NOW)
    with reading(hangar, SYSTEM) as session:
        works = works_of(session, Job.number == "H-2")
        judged = judgements(session, works, ["MECH"], SPAN)
    assert judged.permitted["H-2"][MECHANIC] == {"MECH": (SPAN,)}
    assert sit(hangar, "MECH", MECHANIC, job="H-2") == ()


def test_a_closed_job_keeps_its_crew_until_it_was_closed_and_its_task_was_done(hangar: Engine) -> None:
    assert sit(hangar, "MECH", MECHANIC) == ()
    over(hangar, EventKind.CLOSE, MORNING + timedelta(hours=1))
    assert set(sit(hangar, "MECH", MECHANIC, job="H-2", hours=1)) == {"both_systems"}
    change(hangar, lambda session: session.execute(update(Job).values(task=None)))
    assert set(sit(hangar, "MECH", MECHANIC, job="H-2")) == {"overlap"}
    assert sit(hangar, "MECH", MECHANIC, job="H-2", hours=1) == ()


def far_away(session: Session) -> None:
    """The first job is two hours and a half by road from the base of the mechanic; neither is a critical task."""
    session.execute(update(Place).where(Place.code == "UTH").values(latitude=17.988 - 1.037, longitude=102.563))
    key = session.scalars(select(Place.id).where(Place.code == "UTH")).one()
    session.execute(update(Job).values(task=None))
    session.execute(update(Job).where(Job.number == "H-1").values(place_id=key))


@pytest.mark.parametrize("first", ["H-1", "H-2"])
def test_the_way_to_a_job_counts_as_work(hangar: Engine, first: str) -> None:
    change(hangar, far_away)
    evening, morning = ("H-1", 8), ("H-2", 23)  # from 17 to 19 o'clock, and at 8 o'clock the next day
    (one, hours), (other, later) = (evening, morning) if first == "H-1" else (morning, evening)
    assert sit(hangar, "MECH", MECHANIC, job=one, hours=hours) == ()
    assert set(sit(hangar, "MECH", MECHANIC, job=other, hours=later)) - {"off_duty"} == {"rest_too_short"}
    change(hangar, lambda session: session.execute(update(RestRule).values(travel_counts=False)))
    assert sit(hangar, "MECH", MECHANIC, job=other, hours=later) == ()


def test_what_people_do_elsewhere_takes_no_more_queries_for_more_of_it(hangar: Engine) -> None:
    def count() -> int:
        asked = SeatQuestion(technician="MECH", job="H-1", seat=MECHANIC, starts_at=SPAN[0])
        with statements(hangar) as made, reading(hangar, SYSTEM) as session:
            answer(session, asked)
        return len(made)

    change(hangar, sits("MECH", MECHANIC, "H-2", 5, 6, task=False))
    few = count()
    change(hangar, far_away)
    for hour in (30, 50, 70):
        change(hangar, sits("MECH", MECHANIC, "H-2", hour, hour + 1, task=False))
    assert count() == few


def test_who_cannot_be_home_within_the_duty_stays_the_night(hangar: Engine) -> None:
    change(hangar, far_away)
    assert sit(hangar, "MECH", MECHANIC, hours=8) == ()  # home at half past nine would make 13.5 hours since eight


@pytest.mark.parametrize(("kind", "name"), [("labour", "work"), ("travel", "journey")])
def test_what_was_booked_counts_as_work_whatever_became_of_the_job(hangar: Engine, kind: str, name: str) -> None:
    start, end = MORNING + timedelta(hours=9), MORNING + timedelta(hours=14)
    told = {name: {"start": start.isoformat(), "end": end.isoformat()}}
    waits = {"job": "H-1", "event": {}, "recorded_by": "x", "recorded_at": end, "reason": "x", "detail": "x"}

    def booked(session: Session) -> None:
        session.execute(update(Job).values(task=None))
        job = session.scalars(select(Job.id).where(Job.number == "H-1")).one()
        who = session.scalars(select(Technician.id).where(Technician.code == "MECH")).one()
        envelope = {"happened_at": end, "recorded_at": end, "recorded_by": "x", "technician_id": who, "told": told}
        session.add(JobEvent(id=UUID(int=7), job_id=job, kind=EventKind(kind), person="MECH", device="", **envelope))
        session.execute(update(Job).where(Job.number == "H-1").values(state=JobState.CLOSED))

    change(hangar, booked)
    change(hangar, lambda session: session.add(QuarantinedEvent(id=UUID(int=7), state=Decision.OPEN, **waits)))
    with reading(hangar, SYSTEM) as session:
        asked = SeatQuestion(technician="MECH", job="H-2", seat=MECHANIC, starts_at=MORNING + timedelta(hours=23))
        assert answer(session, asked).permitted  # what waits is not booked
    change(hangar, lambda session: session.execute(delete(QuarantinedEvent)))
    assert "rest_too_short" in sit(hangar, "MECH", MECHANIC, job="H-2", hours=23)


def test_one_sees_and_assigns_ones_own_people_only(hangar: Engine) -> None:
    own = Actor("own", permissions=ALL_PERMISSIONS, scope=Scope(regions=frozenset({"SEA"})))
    other = Actor("other", permissions=ALL_PERMISSIONS, scope=Scope(regions=frozenset({"CN"})))
    with pytest.raises(NotFound):
        sit(hangar, "T-1", MECHANIC, actor=own)
    with pytest.raises(DomainError):
        sit(hangar, "T-1", MECHANIC, actor=other)
    assert sit(hangar, "MECH", MECHANIC, actor=own) == ()


def test_who_changes_an_old_version_is_told(hangar: Engine) -> None:
    with reading(hangar, SYSTEM) as session:
        before = session.scalars(select(Job.version).where(Job.number == "H-1")).one()
    assert sit(hangar, "MECH", MECHANIC) == ()
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session, pytest.raises(DomainError, match="version"):
        job_to_change(session, "H-1", before)


@pytest.mark.parametrize(
    ("seat", "start", "end", "now", "code"),
    [
        (MECHANIC, -1, 1, NOW, "seat_outside_window"),
        (MECHANIC, 9, 11, NOW, "seat_outside_window"),
        (MECHANIC, 8, 10.5, NOW, "seat_outside_window"),
        (MECHANIC, 0, 1.5, NOW, "seat_too_short"),
        (MECHANIC, 0, 2, MORNING + timedelta(hours=2), "seat_past"),
        (SIGN, 9.5, 10, NOW, None),
        (INSPECT, 2, 2.5, NOW, None),
        (INSPECT, 9.5, 11, NOW, "seat_outside_window"),
        (MECHANIC, 8, 10, NOW, None),
        (MECHANIC, 0, 2, MORNING + timedelta(hours=1), None),
    ],
)
def test_a_seat_lies_within_the_window_ahead_and_is_long_enough(
    hangar: Engine, seat: Seat, start: float, end: float, now: datetime, code: str | None
) -> None:
    change(hangar, lambda session: session.execute(delete(Shift)))
    person = {MECHANIC: "MECH", SIGN: "SIGN", INSPECT: "INSP"}[seat]
    span = (MORNING + timedelta(hours=start), MORNING + timedelta(hours=end))
    with writing(hangar, SYSTEM, clock=lambda: now) as session:
        job = job_to_change(session, "H-1")
        if code is None:
            assert assign(session, SYSTEM, job, seat, person, span, now).starts_at == span[0]
            return
        with pytest.raises(Invalid) as refused:
            assign(session, SYSTEM, job, seat, person, span, now)
    assert refused.value.code == code


def test_a_job_under_way_takes_a_helper_for_the_rest_of_it(hangar: Engine) -> None:
    change(hangar, lambda session: session.execute(update(Job).values(state=JobState.ON_SITE)))
    change(hangar, lambda session: session.execute(update(Job).values(window_start=NOW, window_end=NOW)))
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        span = (MORNING + timedelta(hours=1), MORNING + timedelta(hours=2))
        assign(session, SYSTEM, job_to_change(session, "H-1"), MECHANIC, "MECH", span, NOW)


def stand_up(engine: Engine, person: str) -> None:
    """Take the seat of somebody away."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        job = job_to_change(session, "H-1")
        mine = select(Assignment.id).join(Technician, Technician.id == Assignment.technician_id)
        unassign(session, SYSTEM, job, [session.scalars(mine.where(Technician.code == person)).one()], NOW)


def test_nobody_leaves_a_trainee_alone(hangar: Engine) -> None:
    assert [sit(hangar, "MECH", MECHANIC), sit(hangar, "LEARN", Seat.TRAINEE)] == [(), ()]
    with pytest.raises(CrewRefused, match="never alone"):
        stand_up(hangar, "MECH")
    stand_up(hangar, "LEARN")
    stand_up(hangar, "MECH")


def test_who_works_alone_on_a_job_that_is_dispatched_stays(hangar: Engine) -> None:
    assert [sit(hangar, "MECH", MECHANIC), sit(hangar, "SIGN", SIGN)] == [(), ()]
    change(hangar, lambda session: session.execute(update(Job).values(state=JobState.DISPATCHED)))
    with pytest.raises(Conflict, match="recall the job first"):
        stand_up(hangar, "MECH")
    stand_up(hangar, "SIGN")


def test_what_the_job_asks_for_is_asked_of_its_typed_seats_too(hangar: Engine) -> None:
    seats = (SeatNeed(seat=MECHANIC, qualifications=("B1",)), SeatNeed(seat=SIGN))
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        add_jobs(session, SYSTEM, [brake_job("H-3", seats=seats, qualifications=("CONTINUATION",))])
    assert sit(hangar, "MECH", MECHANIC, job="H-3") == ("qualification_missing",)


def test_a_signatory_who_works_without_a_mechanic_does_not_do_both_engines(hangar: Engine) -> None:
    seats = (SeatNeed(seat=SIGN),)
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session:
        jobs = [brake_job("H-3", system="3", seats=seats), brake_job("H-4", system="4", seats=seats)]
        add_jobs(session, SYSTEM, jobs)
    assert sit(hangar, "SIGN", SIGN, job="H-3") == ()
    assert sit(hangar, "SIGN", SIGN, job="H-4", hours=3) == ("both_systems",)
    assert sit(hangar, "SIGN", SIGN, job="H-1", hours=5) == ()  # a mechanic does the work there
