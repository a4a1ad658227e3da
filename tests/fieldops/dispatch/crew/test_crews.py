"""Who may take a seat of a job, asked through `assign`: every rule of the one decision, and two dispatchers at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.service import CrewRefused, assign, unassign
from fieldops.dispatch.execution.models import JobEvent
from fieldops.dispatch.models import Job
from fieldops.dispatch.rights_schemas import SeatQuestion
from fieldops.dispatch.schemas import SeatNeed
from fieldops.dispatch.seats import answer
from fieldops.dispatch.service import add_jobs, job_to_change
from fieldops.fleet.models import Aircraft
from fieldops.workforce.kinds import AbsenceKind, Seat
from fieldops.workforce.models import Experience, HeldQualification, Shift, Technician
from fieldops.workforce.releasing.models import OrganisationApproval
from fieldops.workforce.roster.models import Absence
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, NotFound
from tests.hangar import MORNING, brake_job, load_hangar

NOW = MORNING - timedelta(hours=2)
SPAN = (MORNING, MORNING + timedelta(hours=2))
Change = Callable[[Session], object]


@pytest.fixture
def hangar(any_engine: Engine) -> Engine:
    """Two brakes of one aircraft to be replaced at the same time of day."""
    load_hangar(any_engine)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        seats = tuple(SeatNeed(seat=seat) for seat in Seat)
        add_jobs(session, SYSTEM, [brake_job(seats=seats), brake_job("H-2", system="RH", seats=seats)])
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


def of_registry(authority: str) -> Change:
    """The aircraft is registered elsewhere."""
    return lambda session: session.execute(update(Aircraft).values(authority=authority))


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
)


@pytest.mark.parametrize(
    ("person", "seat", "do", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_rule_that_stands_against_it_refuses_the_seat(
    hangar: Engine, person: str, seat: Seat, do: Change, code: str
) -> None:
    change(hangar, do)
    found = sit(hangar, person, seat)
    assert code in found
    with reading(hangar, SYSTEM) as session:
        assert session.scalars(select(Assignment.id)).all() == []
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
        unassign(session, SYSTEM, job, key, NOW + timedelta(minutes=1))
    with writing(hangar, SYSTEM, clock=lambda: NOW) as session, pytest.raises(NotFound):
        unassign(session, SYSTEM, job_to_change(session, "H-1"), key, NOW)
    assert sit(hangar, "T-2", MECHANIC) == ()


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
